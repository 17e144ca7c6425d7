"""The façade's part that sends: what becomes of issues once they are made. Each command is one method."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from publisher.catalogue import Catalogue
from publisher.publication.keeping import Keeping
from publisher.publication.watching import Watch, unwatched

if TYPE_CHECKING:
    from publisher.audience.bounces import BounceReport, Taken
    from publisher.delivery.atwork import AtWork
    from publisher.delivery.doctor.examination import Examination
    from publisher.delivery.history import Fate
    from publisher.delivery.loop import Stop, Tally
    from publisher.delivery.planning import Tags
    from publisher.delivery.sending import Order, SendReport
    from publisher.delivery.transport import Mail, Outcome, Transport
    from publisher.publication.asking import Outbox
    from publisher.publication.clock import Reading
    from publisher.publication.running import Commands, RunReport
    from publisher.publication.scheduling import NextDates
    from publisher.publication.sending import Planned
    from publisher.publication.status import IssueStanding, StatusReport
    from publisher.publication.subscribers import Subscribers


class Delivering(Keeping):
    """What a publication does with readers and their mails; a base of `Publication`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def articles(self, now: datetime, *, texts: bool = True, watch: Watch = unwatched) -> Catalogue:
            """Return what is published: `Publication.articles`."""

    @property
    def subscribers(self) -> "Subscribers":
        """Return the audience: add, import, export, list, remove, erase."""
        from publisher.publication.subscribers import Subscribers

        return Subscribers(self)

    def run(
        self,
        clock: Callable[[], datetime],
        reading: "Reading | None" = None,
        *,
        force: bool = False,
        restored: bool = False,
        stop: "Stop | None" = None,
        watch: Watch = unwatched,
    ) -> "RunReport":
        """Do whatever is due, unless another run is at work: build, tell the hub, make and send issues, take bounces.

        Args:
            clock: gives the time, which passes while mails are sent.
            reading: of the clock at the beginning, beside one that nobody can set.
            force: believes the clock, whatever it says.
            restored: accepts a database from a backup: what is open waits for a person.
            stop: somebody's wish to end.
            watch: sees long work.
        """
        from publisher.delivery.sending import Order
        from publisher.publication.clock import Reading
        from publisher.publication.cron import run_alone

        return run_alone(
            cast("Commands", self),
            self._store if self.settings.newsletters else None,
            clock,
            reading or Reading(clock()),
            lambda work, name: self.send_in(work, name, order=Order(expire=True), stop=stop, watch=watch),
            bounces=(lambda: self.bounces((), clock())) if self.settings.bounces.path else None,
            letters=(lambda: self._send_letters(clock)) if self.settings.web and self.settings.delivery else None,
            stopped=lambda: stop is not None and stop.wanted,
            force=force,
            restored=restored,
        )

    def status(self, now: datetime, *, issues: int = 5) -> "StatusReport":
        """Return how the last issues went, what waits, and what is due next.

        Args:
            now: the clock.
            issues: how many are told, of all newsletters together.

        Raises:
            StoreError: the database cannot be read.
        """
        from publisher.publication.status import status_report

        with self._known() as store:
            return status_report(store, self.settings, now, issues)

    @contextmanager
    def fates(self, issue: str, states: Collection[str] = ()) -> "Iterator[tuple[IssueStanding, Iterator[Fate]]]":
        """Give how one issue went, and what became of each of its mails, some hundreds in memory at a time.

        Args:
            issue: `weekly` for its latest issue, `weekly/2026-W48`, or the bundle's folder.
            states: only mails in these states; all where empty.

        Raises:
            UsageError: no such issue was sent.
            StoreError: the database cannot be read.
        """
        from publisher.publication.status import fates_of, find_issue, standing_of

        with self._known() as store:
            found = find_issue(store, issue)
            assert store is not None  # it has the issue
            yield standing_of(store, found), fates_of(store, found, states)

    def schedule(self, now: datetime, *, count: int = 3) -> "tuple[NextDates, ...]":
        """Return the next dates of each newsletter.

        Raises:
            UsageError: a schedule has no dates around that time.
        """
        from publisher.publication.scheduling import next_dates

        return next_dates(self.settings, now, count)

    def bounces(
        self,
        paths: Iterable[Path],
        now: datetime,
        *,
        dry_run: bool = False,
        each: "Callable[[Taken], None]" = lambda _: None,
    ) -> "BounceReport":
        """Read what came back, and change subscriptions accordingly.

        Args:
            paths: Maildirs and mbox files; none for the one that the settings name.
            now: the clock.
            dry_run: changes nothing.
            each: is told of each mail.

        Raises:
            UsageError: there is no mailbox, or none is named.
            SurroundingsError: a mailbox or the database cannot be used.
        """
        from publisher.audience.bounces import take_bounces
        from publisher.errors import UsageError

        settings = self.settings.bounces
        mailboxes = tuple(paths) or ((self.folder / settings.path,) if settings.path else ())
        if not mailboxes:
            raise UsageError(
                "no mailbox is named; give a Maildir or an mbox, or set path in [bounces] of publisher.toml"
            )
        with self._store(create=not dry_run) as store:
            keys = self._keys(create=not dry_run)
            return take_bounces(store, keys, mailboxes, now, soft_limit=settings.soft_limit, dry_run=dry_run, each=each)

    def doctor(
        self, now: datetime, *, offline: bool = False, zone: Path | None = None, message: Path | None = None
    ) -> "Examination":
        """Look at all that could keep mails from arriving: settings, relay, DNS, public pages, this machine.

        Nothing is sent, and nothing is changed.

        Args:
            now: the clock.
            offline: opens no connection and asks no name server.
            zone: a zone file that answers instead of name servers.
            message: a delivered mail, which is judged, too.

        Raises:
            UsageError: the zone file or the mail cannot be read.
        """
        from publisher.delivery.doctor.examination import Wanted, examine

        wanted = Wanted(offline, zone, message)
        return examine(self.folder, self.settings, lambda: self._store(create=False), now, wanted)

    def dns_records(self) -> tuple[str, ...]:
        """Return the DNS records that the publication's mails need, as lines of a zone file (RFC 1035)."""
        from publisher.delivery.doctor.examination import records

        return records(self.folder, self.settings)

    def _send_letters(self, clock: Callable[[], datetime]) -> None:
        with self.outbox() as outbox:
            outbox.send(clock)

    @contextmanager
    def outbox(self) -> "Iterator[Outbox]":
        """Give the letters that ask people to confirm, with the database that they wait in.

        Raises:
            NotSetUp: the settings do not say how mail leaves, or where the public pages are.
            StoreError: the database cannot be used.
        """
        from publisher.delivery.terms import expect_set_up
        from publisher.publication.asking import Outbox

        expect_set_up(self.settings)
        with self._store() as store:
            yield Outbox(store, self._keys(), self.folder, self.settings)

    def plan(self, issue: str, now: datetime, *, named: int = 100, watch: Watch = unwatched) -> "Planned":
        """Return who would get an issue and who would not, by reason; nothing changes.

        Args:
            issue: `weekly` for the only one that is not sent, `weekly/2026-W48`, or the bundle's folder.
            now: the clock.
            named: how many addresses of each reason are named.
            watch: sees long work.

        Raises:
            UsageError: there is no such issue, or it is on its way already.
            PublisherError: it must not leave.
            StoreError: the database cannot be read.
        """
        from publisher.publication.sending import plan_issue

        tags = self._tags(now, watch)
        with self._store(create=False) as store:
            keys = self._keys(create=False)
            return plan_issue(self.folder, self.settings, store, keys, issue, now=now, tags=tags, named=named)

    def send(
        self,
        issue: str,
        clock: Callable[[], datetime],
        *,
        plan: str = "",
        again: bool = False,
        order: "Order | None" = None,
        force: bool = False,
        restored: bool = False,
        stop: "Stop | None" = None,
        progress: "Callable[[Tally, int], object]" = lambda _tally, _total: None,
        transport: "Callable[[], Transport] | None" = None,
        watch: Watch = unwatched,
    ) -> "SendReport":
        """Send an issue, or go on with it: after a crash, a signal or a relay's refusal, the same call again.

        Args:
            issue: as in `plan`.
            clock: gives the time, which passes while mails are sent.
            plan: its hash, which must still hold; empty for any.
            again: sends articles that were in another issue.
            order: what is wanted of an issue that is on its way; nothing where None.
            force: believes the clock, whatever it says.
            restored: accepts a database from a backup: what is open waits for a person.
            stop: somebody's wish to end.
            progress: is told how far it is, and of how many.
            transport: carries mails away; that of the settings where None.
            watch: sees long work.

        Raises:
            AnotherRun: another run is at work.
            UsageError: there is no such issue, or the settings do not say how mail leaves.
            PublisherError: it must not leave, or cannot.
        """
        from publisher.delivery.atwork import at_work

        with (
            self._store(create=False) as store,
            at_work(store, self.folder, clock, restored=restored, force=force) as work,
        ):
            return self.send_in(
                work,
                issue,
                plan=plan,
                again=again,
                order=order,
                stop=stop,
                progress=progress,
                transport=transport,
                watch=watch,
            )

    def report(self, issue: str) -> None:
        """Write the page that tells how an issue went, `report.html`, into its bundle's folder, unless that is gone.

        Args:
            issue: such as `weekly/2026-W48`.

        Raises:
            BrokenTemplateError: a template of the publication has a mistake.
            SurroundingsError: database or disk refuse.
        """
        from publisher.publication.reporting import accounts, write_report

        with self._store(create=False) as store:
            for account in accounts(store, issue):
                write_report(self.folder, self.settings, account)

    def send_in(
        self,
        work: "AtWork",
        issue: str,
        *,
        plan: str = "",
        again: bool = False,
        order: "Order | None" = None,
        stop: "Stop | None" = None,
        progress: "Callable[[Tally, int], object]" = lambda _tally, _total: None,
        transport: "Callable[[], Transport] | None" = None,
        watch: Watch = unwatched,
    ) -> "SendReport":
        """Do what `send` does in a run that holds the lock; the arguments are its."""
        from publisher.delivery.freezing import Wish
        from publisher.delivery.sending import Order
        from publisher.publication.sending import office_of, send_issue

        office = office_of(self.folder, self.settings, self._keys(), stop=stop, progress=progress, transport=transport)
        tags = self._tags(work.clock(), watch)
        return send_issue(work, office, issue, tags=tags, wish=Wish(plan, again), order=order or Order())

    def send_test(
        self,
        issue: str,
        addresses: Sequence[str],
        now: datetime,
        *,
        transport: "Callable[[], Transport] | None" = None,
    ) -> "list[tuple[Mail, Outcome]]":
        """Send an issue, marked as a test, to some addresses; the ledger hears nothing of it, so it may be repeated.

        Raises:
            UsageError: there is no such issue, or the settings do not say how mail leaves.
            ReaderRefused: an address takes no mail.
            TransportRefused: nothing can leave now.
        """
        from publisher.publication.sending import office_of, send_test
        from publisher.store.keys import KEYS, Keys

        # Nobody is behind the links of a test, and nothing is kept of it.
        known = self.settings.state.keys is not None or os.path.lexists(self.folder / KEYS)
        keys = self._keys() if known else Keys.new()
        office = office_of(self.folder, self.settings, keys, transport=transport)
        return send_test(self.folder, self.settings, office, issue, addresses, now)

    def _tags(self, now: datetime, watch: Watch) -> "Tags":
        """Return what finds the tags of articles; articles are read when it is first asked."""

        def tags(ids: Sequence[str]) -> frozenset[str] | None:
            known = {article.id: article.tags for article in self.articles(now, texts=False, watch=watch).articles}
            if not set(ids) <= known.keys():
                return None  # of an article that is gone nobody knows whom it interests
            return frozenset(tag.casefold() for one in ids for tag in known[one])

        return tags
