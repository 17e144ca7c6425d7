"""Freezing an issue: from here on it is fixed what leaves, to whom, and on which terms; all of it in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from publisher.check import check_bundle
from publisher.config.settings import Settings
from publisher.delivery import ledger
from publisher.delivery.planning import Conditions, Plan, Tags, candidates, has_interests, subject_of
from publisher.delivery.rates import expected_seconds
from publisher.delivery.states import IssueState
from publisher.delivery.terms import Terms, expect_set_up
from publisher.errors import PublisherError, Severity, SurroundingsError, UsageError
from publisher.files import put, read_file
from publisher.newsletter.manifest import MANIFEST, SENT, Manifest, Unreadable, manifest_fault, read
from publisher.store import Store
from publisher.store.tables import issue, issue_article

_EML = "issue.eml"


class BundleRefused(PublisherError):
    """A bundle must not leave: it is not what was made, or the check found an error in it."""


class PlanChanged(PublisherError):
    """What would be sent, or to whom, is not what the plan said."""

    def __init__(self, wanted: str, found: str, name: str) -> None:
        super().__init__(
            f"the plan {wanted} does not hold any more; nothing was sent; look at the new one, {found}, with: "
            f"publisher plan {name}"
        )


class AnotherPlan(PublisherError):
    """An issue is on its way by another plan than the one that was wanted."""

    def __init__(self, wanted: str, found: str, name: str) -> None:
        super().__init__(
            f"{name} was begun by the plan {found}, and not by {wanted}; nothing was sent; go on with it without --plan"
        )


class ArticleAgain(PublisherError):
    """An article was in another issue of the newsletter."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle of which every byte is as it was made."""

    newsletter: str
    key: str
    #: Its folder, relative to the publication's, with forward slashes.
    place: str
    path: Path
    manifest: Manifest
    #: manifest.json, as it is.
    data: bytes
    #: issue.eml, as it is.
    eml: bytes

    @property
    def name(self) -> str:
        """Return what it is called on the command line."""
        return f"{self.newsletter}/{self.key}"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the manifest, which has those of all files."""
        return sha256(self.data).hexdigest()


def read_bundle(folder: Path, place: str, newsletter: str) -> Bundle:
    """Read a bundle and see that no byte of it was changed.

    Args:
        folder: the publication's.
        place: the bundle's folder, relative to it.
        newsletter: whose issue it is.

    Raises:
        BundleRefused: it is not the one that was made.
        SurroundingsError: it cannot be read.
    """
    path = folder / place
    try:
        data = read_file(path / MANIFEST)
        if fault := manifest_fault(data):
            raise BundleRefused(f"{place}/{MANIFEST}: {fault}; make the issue again")
        manifest = read(data)
        for name, digest in manifest.files.items():
            if sha256(read_file(path / name)).hexdigest() != digest:
                raise BundleRefused(f"{place}/{name}: was changed after it was made; make the issue again")
        eml = read_file(path / _EML)
    except Unreadable as error:
        raise BundleRefused(f"{place}/{MANIFEST}: {error}; make the issue again") from None
    except FileNotFoundError as error:
        raise BundleRefused(f"{place}: has no {Path(error.filename).name} any more; make the issue again") from None
    except OSError as error:
        raise SurroundingsError(f"{place}: cannot be read: {error.strerror or error}") from error
    if manifest.key != path.name or json.loads(data).get("newsletter") != newsletter:
        raise BundleRefused(f"{place}: holds an issue that belongs into another folder; put it back there")
    return Bundle(newsletter, manifest.key, place, path, manifest, data, eml)


def expect_passing(bundle: Bundle, settings: Settings) -> None:
    """See that the check finds no error in a bundle.

    Raises:
        BundleRefused: it does; the message has them all.
    """
    problems = [finding.problem for finding in check_bundle(bundle.path, settings.check)]
    errors = [str(problem) for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise BundleRefused("\n".join([f"{bundle.place}: the check found errors; nothing was sent", *errors]))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of an issue that is to be frozen."""

    #: The hash that the plan must have; empty for any.
    plan: str = ""
    #: Articles may be in it that were in another issue: the author named them.
    again: bool = False


def plan_of(
    connection: Connection,
    bundle: Bundle,
    terms: Terms,
    settings: Settings,
    now: datetime,
    tags: Tags,
    *,
    named: int = 0,
) -> Plan:
    """Return who would get an issue and who would not; nothing is changed.

    Args:
        connection: one whose snapshot stays.
        bundle: of the issue.
        terms: on which it would leave.
        settings: the publication's.
        now: the clock.
        tags: of articles.
        named: how many addresses of each reason are named.
    """
    plan, conditions = _begin(connection, bundle, terms, settings, now, tags)
    for page in candidates(connection, conditions):
        for one in page:
            plan.add(one, name=named, domains=_by_domain(settings))
    _expect_seconds(plan, settings, now)
    return plan


def freeze(
    store: Store, bundle: Bundle, terms: Terms, settings: Settings, now: datetime, *, tags: Tags, wish: Wish
) -> tuple[int, Plan]:
    """Write an issue and all its deliveries down; return its number and the plan it follows.

    Args:
        store: the database.
        bundle: of the issue; read and checked.
        terms: on which it leaves.
        settings: the publication's.
        now: the clock.
        tags: of articles.
        wish: what somebody wants beside.

    Raises:
        PlanChanged: it is not the plan that was wanted.
        ArticleAgain: an article was in another issue.
        StoreError: the database refuses; nothing was written.
    """
    with store.writing() as connection:
        store.stand_still(connection)
        number = _insert_issue(connection, bundle, terms, now)
        _insert_articles(connection, bundle, number, again=wish.again)
        plan, conditions = _begin(connection, bundle, terms, settings, now, tags)
        for page in candidates(connection, conditions):
            for one in page:
                plan.add(one, domains=_by_domain(settings))
            ledger.freeze(connection, number, [(one.id, one.address, one.name) for one in page if one.reason is None])
        if wish.plan and wish.plan != plan.hash:
            raise PlanChanged(wish.plan, plan.hash, bundle.name)
        _expect_seconds(plan, settings, now)
        _complete(connection, number, plan, settings, now)
    return number, plan


def _begin(
    connection: Connection, bundle: Bundle, terms: Terms, settings: Settings, now: datetime, tags: Tags
) -> tuple[Plan, Conditions]:
    known = None
    if has_interests(connection, bundle.newsletter):
        known = tags([article.id for article in bundle.manifest.articles])
    delivery, _ = expect_set_up(settings)
    # The same mails to the same people, but another way: that is another plan.
    plan = Plan(subject_of(bundle.newsletter, bundle.key, bundle.digest, {**terms.dump(), "url": delivery.url}))
    return plan, Conditions(bundle.newsletter, now, settings.zone, known)


def _by_domain(settings: Settings) -> bool:
    return settings.delivery is not None and bool(settings.delivery.domain_rates)


def _expect_seconds(plan: Plan, settings: Settings, now: datetime) -> None:
    delivery, _ = expect_set_up(settings)
    plan.seconds = expected_seconds(delivery, plan.included, plan.domains, settings.zone, now)


def _insert_issue(connection: Connection, bundle: Bundle, terms: Terms, now: datetime) -> int:
    values = {
        "newsletter": bundle.newsletter,
        "key": bundle.key,
        "number": bundle.manifest.number,
        "manifest": bundle.data.decode("utf-8", "surrogatepass"),
        "digest": bundle.digest,
        "bundle": bundle.place,
        "state": IssueState.SENDING.value,
        "terms": terms.dump(),
        "candidates": 0,
        "excluded": {},
        "frozen_at": now,
        "expires_at": now,
    }
    key = connection.execute(insert(issue).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _insert_articles(connection: Connection, bundle: Bundle, number: int, *, again: bool) -> None:
    ids = list(dict.fromkeys(article.id for article in bundle.manifest.articles))
    known = _others(connection, bundle.newsletter, ids)
    if known and not again:
        title = next(article.title for article in bundle.manifest.articles if article.id in known)
        key = next(known[article.id] for article in bundle.manifest.articles if article.id in known)
        raise ArticleAgain(
            f'{bundle.name}: "{title}" was in the issue {key} already; make the issue again, or send it all the same with: '
            f"publisher send {bundle.name} --again"
        )
    rows = [{"newsletter": bundle.newsletter, "article_id": one, "issue_id": number} for one in ids if one not in known]
    if rows:
        connection.execute(insert(issue_article), rows)


def _others(connection: Connection, newsletter: str, ids: Sequence[str]) -> dict[str, str]:
    """Return in which issue articles were, by their ids."""
    found = connection.execute(
        select(issue_article.c.article_id, issue.c.key)
        .join(issue, issue.c.id == issue_article.c.issue_id)
        .where(issue_article.c.newsletter == newsletter, issue_article.c.article_id.in_(ids))
    )
    return dict(found.all())


def _complete(connection: Connection, number: int, plan: Plan, settings: Settings, now: datetime) -> None:
    delivery, _ = expect_set_up(settings)
    lasts = timedelta(seconds=plan.seconds, hours=delivery.retry_hours)
    excluded = {reason.value: people for reason, people in plan.excluded.items()}
    # The equation that holds from now on: whoever was counted gets a mail or has a reason.
    assert plan.candidates == plan.included + sum(excluded.values())
    values = {
        "plan": plan.hash,
        "candidates": plan.candidates,
        "excluded": excluded,
        "expires_at": now + lasts,
    }
    connection.execute(update(issue).where(issue.c.id == number).values(**values))


def note_sent(bundle: Path, state: str, frozen_at: datetime) -> None:
    """Write into a bundle's folder that its issue leaves or has left: nobody makes it again.

    Args:
        bundle: its folder.
        state: a value of `IssueState`.
        frozen_at: since when it is fixed.

    Raises:
        SurroundingsError: the disk refuses.
    """
    said = {"state": state, "frozen_at": f"{frozen_at:%Y-%m-%dT%H:%M:%SZ}"}
    put(bundle / SENT, f"{json.dumps(said, indent=2)}\n".encode())


def expect_unknown(bundle: Bundle) -> None:
    """See that a bundle that the ledger does not know has not left.

    Raises:
        UsageError: it has.
    """
    if (bundle.path / SENT).exists():
        raise UsageError(
            f"{bundle.place}/{SENT}: says that this issue left, but the database knows nothing of it; put the newer database "
            f"back, or, to send it to everybody (again), remove {bundle.place}/{SENT}"
        )
