"""From the name of an issue to its mails: which bundle is meant, who gets it, what carries it away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.config.secrets import read_secret
from publisher.config.settings import Settings
from publisher.delivery.atwork import AtWork
from publisher.delivery.freezing import (
    AnotherPlan,
    Bundle,
    Wish,
    expect_passing,
    expect_unknown,
    freeze,
    note_sent,
    plan_of,
    read_bundle,
)
from publisher.delivery.known import Known, known_issue, known_issues
from publisher.delivery.loop import Stop, Tally
from publisher.delivery.planning import Plan, Tags
from publisher.delivery.sending import Office, Order, SendReport, send
from publisher.delivery.states import UNFINISHED, IssueState
from publisher.delivery.terms import Mailing, expect_set_up, read_signers, terms_of
from publisher.delivery.transport import Mail, Outcome, Transport
from publisher.delivery.transports import open_transport
from publisher.delivery.trial import NO_ISSUE, marked, send_trials, trial_mails
from publisher.errors import UsageError
from publisher.files import exclusive
from publisher.newsletter.manifest import MANIFEST, SENT
from publisher.publication.folders import ISSUES_FOLDER
from publisher.store import Store
from publisher.store.keys import Keys

_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Target:
    """An issue that is meant."""

    newsletter: str
    key: str
    #: What the ledger knows of it; None before its readers are frozen.
    known: Known | None = None

    @property
    def name(self) -> str:
        """Return what it is called on the command line."""
        return f"{self.newsletter}/{self.key}"

    @property
    def place(self) -> str:
        """Return its bundle's folder, relative to the publication's."""
        return self.known.bundle if self.known else f"{ISSUES_FOLDER}/{self.name}"


def find_target(folder: Path, settings: Settings, store: Store | None, name: str, *, sent: bool = False) -> Target:
    """Return the issue that a name means.

    Args:
        folder: the publication's.
        settings: the publication's.
        store: the database; None where there is none.
        name: `weekly` for the only issue that is not sent, `weekly/2026-W48`, or the bundle's folder.
        sent: takes the newsletter's latest issue where none waits to be sent.

    Raises:
        UsageError: there is no such issue, or there are several; the message lists them.
    """
    newsletter, _, key = _without_folders(folder, name).partition("/")
    settings.newsletter(newsletter)
    if not key:
        return _only_unsent(folder, store, newsletter, sent=sent)
    known = None
    if store is not None:
        with store.reading() as connection:
            known = known_issue(connection, newsletter, key)
    if known is None and not (folder / ISSUES_FOLDER / newsletter / key / MANIFEST).is_file():
        raise UsageError(f"{newsletter} has no issue {key}; {_listed(_there(folder, store, newsletter), newsletter)}")
    return Target(newsletter, key, known)


def _without_folders(folder: Path, name: str) -> str:
    """Return NEWSLETTER/KEY of a bundle's folder, however it is written; anything else as it is."""
    home = (folder / ISSUES_FOLDER).resolve()
    for path in (Path(name).resolve(), (folder / name).resolve()):
        if path.is_relative_to(home) and len(path.relative_to(home).parts) == 2:
            return path.relative_to(home).as_posix()
    return name.rstrip("/")


def _only_unsent(folder: Path, store: Store | None, newsletter: str, *, sent: bool) -> Target:
    there = _there(folder, store, newsletter)
    unsent = [target for target, waits in there.items() if waits]
    if len(unsent) == 1:
        return unsent[0]
    if unsent:
        names = ", ".join(target.name for target in unsent)
        raise UsageError(f"{newsletter} has several issues that are not sent; choose one: {names}")
    if sent and there:
        return next(iter(there))
    raise UsageError(f"{newsletter} has no issue that waits to be sent; {_listed(there, newsletter)}")


def _there(folder: Path, store: Store | None, newsletter: str) -> dict[Target, bool]:
    """Return the newsletter's issues, the newest first, and whether something of them is still to be sent."""
    known: dict[str, Known] = {}
    if store is not None:
        with store.reading() as connection:
            known = {one.key: one for one in known_issues(connection, newsletter)}
    paths = (folder / ISSUES_FOLDER / newsletter).glob(f"*/{MANIFEST}")
    found = {path.parent.name: not (path.parent / SENT).exists() for path in paths}
    waits = {**found, **{key: one.state in UNFINISHED for key, one in known.items()}}
    return {Target(newsletter, key, known.get(key)): waits[key] for key in sorted(waits, reverse=True)}


def _listed(there: dict[Target, bool], newsletter: str) -> str:
    if not there:
        return f"make one with: publisher issue {newsletter}"
    names = [f"{target.name}{'' if waits else f' ({_fate(target)})'}" for target, waits in there.items()]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"there is {', '.join(names[:_MOST_LISTED])}{more}; make the next one with: publisher issue {newsletter}"


def _fate(target: Target) -> str:
    """Return what became of an issue of which nothing is to be sent any more."""
    return "sent" if target.known is None or target.known.state is IssueState.DONE else target.known.state.value


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and whose."""

    name: str
    subject: str
    plan: Plan


def plan_issue(
    folder: Path,
    settings: Settings,
    store: Store,
    keys: Keys,
    name: str,
    *,
    now: datetime,
    tags: Tags,
    named: int,
) -> Planned:
    """Return who would get an issue and who would not; nothing is changed.

    Raises:
        UsageError: there is no such issue, or it is on its way already.
        BundleRefused: it must not leave.
    """
    target = find_target(folder, settings, store, name)
    if target.known is not None:
        words = {IssueState.SENDING: "is on its way already", IssueState.PAUSED: "is on its way, and paused"}
        state = words.get(target.known.state, f"is {target.known.state.value} already")
        raise UsageError(f"{target.name}: {state}; look at it with: publisher status {target.name}")
    bundle = _ready(folder, settings, target)
    terms = terms_of(settings, settings.newsletter(target.newsletter), keys, read_signers(settings, folder))
    with store.reading() as connection:
        plan = plan_of(connection, bundle, terms, settings, now, tags=tags, named=named)
    return Planned(target.name, bundle.manifest.subject, plan)


def _ready(folder: Path, settings: Settings, target: Target) -> Bundle:
    expect_set_up(settings)
    bundle = read_bundle(folder, target.place, target.newsletter)
    expect_unknown(bundle)
    expect_passing(bundle, settings)
    return bundle


def office_of(
    folder: Path,
    settings: Settings,
    keys: Keys,
    *,
    stop: Stop | None = None,
    progress: Callable[[Tally, int], object] = lambda _tally, _total: None,
    transport: Callable[[], Transport] | None = None,
) -> Office:
    """Return what sending takes.

    Args:
        folder: the publication's.
        settings: the publication's.
        keys: the publication's.
        stop: somebody's wish to end.
        progress: is told how far it is, and of how many.
        transport: carries mails away; that of the settings where None.

    Raises:
        NotSetUp: the settings do not say how mail leaves.
    """
    expect_set_up(settings)
    return Office(settings, keys, transport or (lambda: _transport(folder, settings)), stop or Stop(), progress)


def _transport(folder: Path, settings: Settings) -> Transport:
    delivery, _ = expect_set_up(settings)
    return open_transport(delivery, _password(folder, settings), folder, delivery.hello or settings.host)


def _password(folder: Path, settings: Settings) -> str:
    delivery, _ = expect_set_up(settings)
    return read_secret(delivery.password, folder, "delivery.password") if delivery.password else ""


def send_issue(run: AtWork, office: Office, name: str, *, tags: Tags, wish: Wish, order: Order) -> SendReport:
    """Send an issue, or go on with it; its readers are frozen the first time.

    Args:
        run: which holds the lock. `publisher.files.exclusive` must not be held.
        office: what sending takes.
        name: of the issue.
        tags: of articles.
        wish: what is wanted where its readers are not frozen yet.
        order: what is wanted of one that is on its way.

    Raises:
        UsageError: there is no such issue.
        AnotherPlan: it is on its way by another plan.
        PublisherError: it must not leave, or cannot.
    """
    folder, settings = run.folder, office.settings
    target = find_target(folder, settings, run.store, name)
    if target.known is not None:
        if wish.plan and wish.plan != target.known.plan:
            raise AnotherPlan(wish.plan, target.known.plan, target.name)
        return send(run, office, target.known.id, order)
    _password(folder, settings)  # one that is missing is told before anything is begun
    with exclusive(folder):  # nobody makes the issue again meanwhile
        now, bundle = run.clock(), _ready(folder, settings, target)
        terms = terms_of(settings, settings.newsletter(target.newsletter), office.keys, read_signers(settings, folder))
        number, _ = freeze(run.store, bundle, terms, settings, now, tags=tags, wish=wish)
        note_sent(bundle.path, IssueState.SENDING.value, now)
    return send(run, office, number, order)


def send_test(
    folder: Path, settings: Settings, office: Office, name: str, addresses: Sequence[str], now: datetime
) -> list[tuple[Mail, Outcome]]:
    """Send an issue, marked as a test, to some addresses; the ledger hears nothing of it.

    Raises:
        UsageError: there is no such issue.
        ReaderRefused: an address takes no mail.
        TransportRefused: nothing can leave now.
    """
    target = find_target(folder, settings, None, name, sent=True)
    bundle = read_bundle(folder, target.place, target.newsletter)
    signers = read_signers(settings, folder)
    terms = terms_of(settings, settings.newsletter(target.newsletter), office.keys, signers)
    mailing = Mailing(
        marked(bundle.eml),
        f"{bundle.place}/issue.eml",
        bundle.newsletter,
        NO_ISSUE,
        terms,
        keys=office.keys,
        signers=signers,
    )
    transport = office.transport()
    try:
        features = transport.open()
        done = send_trials(transport, trial_mails(mailing, addresses, now, smtputf8=features.smtputf8))
        transport.finish()
    finally:
        transport.close()
    return done
