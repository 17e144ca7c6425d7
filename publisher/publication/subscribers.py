"""The audience of a publication: each command of `publisher subscribers` is one method."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from publisher.audience import erasing
from publisher.audience.addresses import Address, AddressRefused, parse_address
from publisher.audience.erasing import Erased
from publisher.audience.exporting import everything_about
from publisher.audience.importing import ImportReport, Judge, Talk, import_files
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import Subscription, SubscriptionRefused, find, stream, subscribe
from publisher.errors import Problem, PublisherError, UsageError
from publisher.markup.characters import line
from publisher.publication.watching import Watch, unwatched
from publisher.store import Store, StoreMissing, open_store
from publisher.store.keys import Keys

if TYPE_CHECKING:
    from publisher.publication.delivering import Delivering

T = TypeVar("T")
_ELSEWHERE = "sqlite:///state.db"
#: The proof of consent of who is added by hand.
BY_HAND = "added by hand"


class AudienceRefused(PublisherError):
    """Some of the people named cannot be subscribed: one line each."""


@dataclass(frozen=True, slots=True)
class Added:
    """A subscription after its person was added."""

    subscription: Subscription
    #: Whether anything changed.
    changed: bool


class Subscribers:
    """The subscribers of a publication. Times are aware; the clock is always handed in.

    Args:
        publication: whose.
    """

    def __init__(self, publication: "Delivering") -> None:
        self._publication = publication

    def add(
        self,
        addresses: Sequence[str],
        now: datetime,
        *,
        newsletter: str | None = None,
        name: str = "",
        status: Status = Status.CONFIRMED,
        language: str = "",
        cadence: Cadence = Cadence.EVERY,
        tags: Sequence[str] = (),
        again: bool = False,
    ) -> tuple[Added, ...]:
        """Subscribe people: all of them, or nobody where one cannot be.

        Args:
            addresses: of the people.
            now: the clock; the time of consent.
            newsletter: its name; the only one where None.
            name: of the person.
            status: `confirmed`, or `pending` for somebody who has not agreed yet.
            language: BCP 47; empty for the newsletter's own.
            cadence: how often, at most.
            tags: of interest; none for all articles.
            again: takes back who left or whose address bounced.

        Raises:
            UsageError: an address or the language is none, or it is not clear which newsletter is meant.
            AudienceRefused: somebody left, complained, was suppressed or erased.
            StoreError: the database cannot be used.
        """
        chosen, people = self._newsletter(newsletter), _parsed(addresses)
        if name and len(people) > 1:
            raise UsageError("a name belongs to one address; add the others by themselves")
        with self._publication._store() as store, store.writing() as connection:  # noqa: SLF001 # a part of the façade
            keys = self._publication._keys()  # noqa: SLF001

            def added(person: Address) -> Added:
                before = find(connection, chosen, person)
                after = subscribe(
                    connection,
                    keys,
                    chosen,
                    person,
                    now=now,
                    name=name,
                    status=status,
                    language=language,
                    cadence=cadence,
                    tags=tags,
                    consent_at=now if status is Status.CONFIRMED else None,
                    consent_source=BY_HAND,
                    again=again,
                )
                return Added(after, before != after)

            return tuple(_each(people, added, SubscriptionRefused, AudienceRefused))

    def list(
        self,
        *,
        newsletter: str | None = None,
        status: Status | None = None,
        tag: str | None = None,
        domain: str | None = None,
    ) -> Iterator[Subscription]:
        """Yield subscriptions in the order in which they came, in flat memory; all where nothing is given.

        Args:
            newsletter: only of this one.
            status: only those that are this.
            tag: only of people with this tag of interest, whatever its case.
            domain: only with an address there or below, in any form.

        Raises:
            UsageError: there is no such newsletter, or the domain is none.
            StoreError: the database cannot be read.
        """
        chosen = newsletter and self._newsletter(newsletter)
        try:
            store = self._publication._store(create=False)  # noqa: SLF001
        except StoreMissing:
            return
        with store:
            try:
                yield from stream(store, newsletter=chosen, status=status, tag=tag, domain=domain)
            except AddressRefused as error:
                raise UsageError(str(error)) from None

    def import_(
        self,
        paths: Sequence[Path],
        now: datetime,
        *,
        newsletter: str | None = None,
        format: str = "auto",  # noqa: A002 # as the option is called
        status: Status | None = None,
        consent: str = "",
        labels: bool = False,
        apply: bool = False,
        expected: ImportReport | None = None,
        refused: Callable[[Problem], object] = lambda _: None,
        watch: Watch = unwatched,
        named: int = 10,
    ) -> ImportReport:
        """Import files, all of them or nothing; without `apply`, only say what that would change.

        Nobody comes back who left, bounced, complained, was suppressed or erased.

        Args:
            paths: CSV and NDJSON files, and zip files of CSV files.
            now: the clock.
            newsletter: where all people go; None for what the rows say, else the only one.
            format: one of `publisher.audience.importing.NAMES`; `auto` to find it out for each file.
            status: what people become whose row does not say; None for confirmed, but in files whose name says that their
                people get no mail.
            consent: how people agreed whose row does not say.
            labels: takes labels of other programs for tags of interest.
            apply: does it.
            expected: what somebody has seen and agreed to; None for anything.
            refused: is told of each row that cannot be used.
            watch: sees batches of rows.
            named: how many rows of each kind are examples.

        Raises:
            UsageError: a file cannot be read, or there is no such newsletter.
            FileRefused: a file is no list of subscribers.
            ChangedMeanwhile: it would change something else than what somebody has agreed to.
            StoreError: the database cannot be used; nothing was imported.
        """
        settings = self._publication.settings
        names = [known.name for known in settings.newsletters]
        chosen = None if newsletter is None and names else self._newsletter(newsletter)
        only = names[0] if len(names) == 1 else None
        with self._changing(dry_run=not apply) as (store, keys):
            return import_files(
                store,
                Judge(
                    keys,
                    names,
                    chosen,
                    only,
                    (status or Status.CONFIRMED).value,
                    line(consent),
                    sure=status is not None,
                ),
                paths,
                now,
                Talk(refused, watch, named),
                format=format,
                labels=labels,
                expected=expected,
                carry_out=apply,
            )

    def everything_about(self, address: str) -> dict[str, Any]:
        """Return all that is kept of a person, as a JSON document, for somebody who asks.

        Raises:
            UsageError: it is no address.
            StoreError: the database cannot be read.
        """
        (person,) = _parsed([address])
        with self._publication._store(create=False) as store, store.reading() as connection:  # noqa: SLF001
            return everything_about(connection, self._publication._keys(create=False), person)  # noqa: SLF001

    def remove(self, addresses: Sequence[str], *, newsletter: str | None = None, dry_run: bool = False) -> int:
        """Remove subscriptions; the people may be added or imported again. What was sent to them stays known.

        Args:
            addresses: of the people.
            newsletter: only of this one; of all where None.
            dry_run: only counts.

        Returns:
            How many subscriptions there were.

        Raises:
            UsageError: an address is none, or is not subscribed: then nothing is removed.
            StoreError: the database cannot be used.
        """
        chosen = newsletter and self._newsletter(newsletter)
        people = _parsed(addresses)
        try:
            store = self._publication._store(create=False)  # noqa: SLF001
        except StoreMissing:
            raise UsageError(f"{people[0].text} is not subscribed: nobody is yet") from None
        with store, store.reading() if dry_run else store.writing() as connection:

            def removed(person: Address) -> int:
                if not (there := erasing.count(connection, person, chosen)):
                    raise UsageError(f"{person.text} is not subscribed" + (f" to {chosen}" if chosen else ""))
                return there if dry_run else erasing.remove(connection, person, chosen)

            return sum(_each(people, removed, UsageError, UsageError))

    def erase(self, addresses: Sequence[str], now: datetime, *, dry_run: bool = False) -> tuple[Erased, ...]:
        """Erase people: no byte of their address is left but a keyed hash, and no import brings them back.

        Args:
            addresses: of the people; they need not be known.
            now: the clock.
            dry_run: only counts their subscriptions.

        Returns:
            What was erased, for each address.

        Raises:
            UsageError: an address is none: then nobody is erased.
            StoreError: the database cannot be used; see `publisher.audience.erasing.erase`.
        """
        people = _parsed(addresses)
        with self._changing(dry_run=dry_run) as (store, keys):
            if dry_run:
                with store.reading() as connection:
                    return tuple(erasing.known(connection, person) for person in people)
            return tuple(erasing.erase(store, keys, person, now) for person in people)

    @contextmanager
    def _changing(self, *, dry_run: bool) -> Iterator[tuple[Store, Keys]]:
        """Give the database and its keys; a dry run makes neither: where there is none, an empty one elsewhere stands for it.

        Raises:
            StoreError: the database cannot be used.
        """
        publication = self._publication
        try:
            store = publication._store(create=not dry_run)  # noqa: SLF001
        except StoreMissing:
            with TemporaryDirectory() as elsewhere, open_store(_ELSEWHERE, Path(elsewhere)) as store:
                yield store, Keys.new()
            return
        with store:
            yield store, publication._keys(create=not dry_run)  # noqa: SLF001

    def _newsletter(self, name: str | None) -> str:
        settings = self._publication.settings
        if name is None and len(settings.newsletters) > 1:
            names = ", ".join(newsletter.name for newsletter in settings.newsletters)
            raise UsageError(f"there are several newsletters; say which with --newsletter: {names}")
        if name is None and settings.newsletters:
            return settings.newsletters[0].name
        return settings.newsletter(name or "weekly").name


def _parsed(addresses: Sequence[str]) -> list[Address]:
    """Return addresses, each once.

    Raises:
        UsageError: some are none: one line each.
    """
    found = _each(addresses, parse_address, AddressRefused, UsageError)
    return list({address.key: address for address in found}.values())


def _each(
    items: Sequence[str] | Sequence[Address],
    do: Callable[..., T],
    refused: type[PublisherError],
    all_refused: type[PublisherError],
) -> list[T]:
    """Do something with each item; tell all that were refused at once, a line each."""
    done, mistakes = [], []
    for item in items:
        try:
            done.append(do(item))
        except refused as error:
            mistakes.append(str(error))
    if mistakes:
        raise all_refused("\n".join(mistakes))
    return done
