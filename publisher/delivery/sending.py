"""Sending one issue, from wherever it stands, as far as it goes: the same call begins it, and goes on after a crash."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row as Record
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from publisher.config.delivery import DeliverySettings
from publisher.config.settings import Settings
from publisher.delivery import ledger
from publisher.delivery.accounts import counts
from publisher.delivery.atwork import AtWork
from publisher.delivery.freezing import BundleRefused, note_sent, read_bundle
from publisher.delivery.loop import Loop, Means, Stop, Tally
from publisher.delivery.rates import Limits
from publisher.delivery.retry import Halt
from publisher.delivery.states import OPEN, UNFINISHED, IssueState, Policy, State
from publisher.delivery.terms import Mailing, Terms, TermsGone, read_signers
from publisher.delivery.transport import Mail, Transport
from publisher.delivery.uncertain import decide, resolve
from publisher.newsletter.mail import BrokenMessage
from publisher.store.keys import Keys
from publisher.store.tables import delivery, issue

_EXPIRED = "expired: its time passed before it could be sent"
_CANCELLED = "cancelled"
_LATE = (
    "its time ended at {end:%Y-%m-%d %H:%M} UTC, and nothing left since; give it as many hours again with --resume, or end it "
    "with --cancel"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants of an issue that is on its way."""

    #: Decides about mails that may have arrived; None leaves it to the settings.
    uncertain: Policy | None = None
    #: Goes on with an issue that is paused, and with what waits to be tried again.
    resume: bool = False
    #: Ends it: what has not left is skipped.
    cancel: bool = False
    #: At most so many mails leave now; all where None.
    limit: int | None = None
    #: Ends it where its time has passed; otherwise it waits for a person, who may have a clock that is wrong.
    expire: bool = False


@dataclass(frozen=True, slots=True)
class SendReport:
    """Where an issue stands after it was sent, or as far as that went."""

    newsletter: str
    key: str
    state: IssueState
    #: Why it is in that state, or why not everything left; empty where nothing is in the way.
    reason: str
    #: Of all its deliveries.
    counts: Mapping[State, int]
    #: Of this run.
    tally: Tally
    #: When the next mail is tried again; None where none is.
    next_at: datetime | None
    #: This run's, in seconds.
    seconds: float

    @property
    def name(self) -> str:
        """Return what the issue is called on the command line."""
        return f"{self.newsletter}/{self.key}"

    @property
    def status(self) -> int:
        """Return the exit status: 3 where something remains, failed just now, or was never delivered in its time."""
        left = self.tally.failed or any(self.counts[state] for state in OPEN)
        return 3 if left or self.state is IssueState.EXPIRED else 0


@dataclass(frozen=True, slots=True)
class Office:
    """What sending takes, beside the issue."""

    settings: Settings
    keys: Keys
    #: Opens what carries mails away.
    transport: Callable[[], Transport]
    stop: Stop = field(default_factory=Stop)
    #: Is told how far it is, and of how many.
    progress: Callable[[Tally, int], object] = lambda _tally, _total: None

    @property
    def delivery(self) -> DeliverySettings:
        """Return the settings of delivery."""
        assert self.settings.delivery is not None
        return self.settings.delivery


def send(run: AtWork, office: Office, issue_id: int, order: Order) -> SendReport:
    """Send what is due of an issue that is frozen, and settle what can be settled.

    Args:
        run: which holds the lock.
        office: what it takes.
        issue_id: of the issue.
        order: what somebody wants.

    Raises:
        TransportRefused: nothing can leave now.
        StoreError: the database refuses; nothing left after that.
        PublisherError: a key cannot be read.
    """
    began, tally, halt = time.monotonic(), Tally(), None
    frozen = _prepare(run, office, issue_id, order)
    sending = frozen.state == IssueState.SENDING.value
    if sending and run.clock() >= frozen.expires_at:
        halt = Halt(_LATE.format(end=frozen.expires_at))
    elif sending and _due(run, issue_id):
        mailing, fault = _mailing(run, office, frozen)
        if mailing is None:
            halt = Halt(fault, pause=True)
        else:
            note_sent(run.folder / frozen.bundle, frozen.state, frozen.frozen_at)
            halt, tally = _loop(run, office, frozen, mailing, order.limit)
    state, reason = _conclude(run, office, issue_id, halt)
    if (run.folder / frozen.bundle).is_dir():
        note_sent(run.folder / frozen.bundle, state.value, frozen.frozen_at)
    with run.store.reading() as connection:
        counted = counts(connection, issue_id)
        pending = (delivery.c.issue_id == issue_id) & (delivery.c.state == State.PENDING.value)
        next_at = connection.scalar(select(func.min(delivery.c.due_at)).where(pending))
    seconds = time.monotonic() - began
    return SendReport(frozen.newsletter, frozen.key, state, reason, counted, tally, next_at, seconds)


def _prepare(run: AtWork, office: Office, issue_id: int, order: Order) -> Record[Any]:
    """Carry out decisions about the issue, and those of the settings about what is uncertain; return its row."""
    now = run.clock()
    with run.store.writing() as connection:
        found = _record(connection, issue_id)
        if found.state not in {state.value for state in UNFINISHED}:
            return found
        if order.uncertain is not None:
            decide(connection, issue_id, order.uncertain, now)
        resolve(connection, issue_id, Policy(office.delivery.uncertain), now)
        if order.cancel:
            _end(connection, issue_id, IssueState.CANCELLED, _CANCELLED, now)
        elif order.resume or order.uncertain is Policy.RESEND:
            ledger.wake(connection, issue_id)
            # Whoever wants it sent, late as it is, gets as much time again.
            term = now + timedelta(hours=office.delivery.retry_hours)
            _set(
                connection,
                issue_id,
                IssueState.SENDING,
                expires_at=term if now >= found.expires_at else found.expires_at,
            )
        elif order.expire and now >= found.expires_at:
            _end(connection, issue_id, IssueState.EXPIRED, _EXPIRED, now)
        return _record(connection, issue_id)


def _end(connection: Connection, issue_id: int, state: IssueState, reason: str, now: datetime) -> None:
    doubtful = (State.UNCERTAIN, State.HELD)
    skipped = ledger.skip_open(connection, issue_id, (State.PENDING,), reason, now)
    skipped += ledger.skip_open(connection, issue_id, doubtful, f"{reason}; nobody knows whether it arrived", now)
    _set(connection, issue_id, state if skipped else IssueState.DONE, done_at=now)


def _record(connection: Connection, issue_id: int) -> Record[Any]:
    return connection.execute(select(issue).where(issue.c.id == issue_id)).one()


def _set(connection: Connection, issue_id: int, state: IssueState, reason: str = "", **values: object) -> None:
    statement = update(issue).where(issue.c.id == issue_id)
    connection.execute(statement.values(state=state.value, reason=reason, **values))


def _due(run: AtWork, issue_id: int) -> int:
    """Return how many mails of an issue are due now."""
    due = (delivery.c.issue_id == issue_id) & (delivery.c.state == State.PENDING.value)
    due &= delivery.c.due_at.is_(None) | (delivery.c.due_at <= run.clock())
    with run.store.reading() as connection:
        return connection.scalar(select(func.count()).where(due)) or 0


def _mailing(run: AtWork, office: Office, frozen: Record[Any]) -> tuple[Mailing | None, str]:
    """Return what makes the issue's mails as they were from the beginning; None, and why, where that cannot be."""
    try:
        bundle = read_bundle(run.folder, frozen.bundle, frozen.newsletter)
        if bundle.digest != frozen.digest:
            return None, f"{frozen.bundle}: is not the bundle that this issue began with; put that one back"
        mailing = Mailing(
            bundle.eml,
            f"{frozen.bundle}/issue.eml",
            frozen.newsletter,
            frozen.id,
            Terms.load(frozen.terms),
            keys=office.keys,
            signers=read_signers(office.settings, run.folder),
        )
    except (BundleRefused, BrokenMessage, TermsGone) as error:
        words = str(error).replace("make the issue again", "put back the bundle that it began with")
        return None, words
    return mailing, ""


def _loop(
    run: AtWork, office: Office, frozen: Record[Any], mailing: Mailing, limit: int | None
) -> tuple[Halt | None, Tally]:
    total = _due(run, frozen.id)
    with run.store.reading() as connection:
        stored = ledger.stored_rates(connection)
    relay = urlsplit(office.delivery.url).hostname or ""

    def mail(subscription: int, address: str, name: str, smtputf8: bool) -> Mail:
        return mailing.mail(subscription, address, name, smtputf8=smtputf8)

    transport = office.transport()
    means = Means(
        ledger.Ledger(run.store, run.folder, frozen.id, run.id),
        mail,
        transport,
        Limits(office.delivery, relay, office.settings.zone, stored, run.clock()),
        run.clock,
        frozen.expires_at,
        office.stop,
        lambda tally: office.progress(tally, total),
        limit,
    )
    try:
        loop = Loop(means, transport.open())
        # What was made until here stays, and need not be looked at each time that memory is searched for waste.
        gc.freeze()
        halt = loop.run()
        if not office.stop.at_once:
            transport.finish()
    finally:
        gc.unfreeze()
        transport.close()
    return halt, loop.tally


def _conclude(run: AtWork, office: Office, issue_id: int, halt: Halt | None) -> tuple[IssueState, str]:
    """Write down where the issue stands now."""
    now = run.clock()
    with run.store.writing() as connection:
        found = _record(connection, issue_id)
        state = IssueState(found.state)
        if state not in UNFINISHED:
            return state, found.reason
        ledger.recover(connection, now, "the run was ended while this mail was on its way")
        resolve(connection, issue_id, Policy(office.delivery.uncertain), now)
        known = counts(connection, issue_id)
        if not any(known[one] for one in OPEN):
            _set(connection, issue_id, IssueState.DONE, done_at=now)
            return IssueState.DONE, ""
        if halt is not None and halt.pause:
            _set(connection, issue_id, IssueState.PAUSED, halt.reason)
            return IssueState.PAUSED, halt.reason
        return state, halt.reason if halt else str(found.reason)
