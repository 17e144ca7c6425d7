"""Which articles make the next issue, and what it is called: a decision on values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from publisher.article import Article
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import PublicationSettings
from publisher.errors import UsageError
from publisher.newsletter.schedule import Period, period
from publisher.newsletter.wording import one_line, shortened, unseen

# About what inboxes show of a subject, and of the preview line after it.
_SUBJECT_LENGTH = 70
_PREHEADER_LENGTH = 90


@dataclass(frozen=True, slots=True)
class PastIssue:
    """An issue that has a bundle, as far as the next one needs to know it."""

    key: str
    number: int
    article_ids: tuple[str, ...]
    #: Articles published before were left out.
    since: datetime
    sent: bool
    date: datetime
    subject: str
    preheader: str
    #: Which of `subject` and `preheader` are the author's own words.
    given: tuple[str, ...]
    #: Title and address of each article, in the order of `article_ids`.
    articles: tuple[tuple[str, str], ...]
    #: SHA-256 of the bundle's files, hexadecimal, by their names; the manifest is not among them.
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """What the author says of an issue; None leaves as it is what was said before, and empty takes it back."""

    subject: str | None = None
    preheader: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One number of a newsletter: a frozen list of articles, a subject, a period."""

    #: Name of the newsletter, as in the configuration.
    newsletter: str
    #: Title of the newsletter, as readers see it.
    title: str
    #: Key of its period.
    key: str
    #: Counts from 1.
    number: int
    #: Holds the number, where it is not the author's own: mail programs hide what follows a mail of the same subject.
    subject: str
    #: What inboxes show after the subject.
    preheader: str
    #: In the catalogue's order, newest first.
    articles: tuple[Article, ...]
    #: Articles published before were left out.
    since: datetime
    period: Period
    #: Which of `subject` and `preheader` are the author's own words.
    given: tuple[str, ...] = ()

    @property
    def date(self) -> datetime:
        """Return the issue's date: its period's start or, where later, its newest article's; no clock is in it."""
        moments = [article.published for article in self.articles if article.published]
        return max([self.period.start, *moments], key=datetime.timestamp).astimezone(self.period.start.tzinfo)


def newsletter_title(newsletter: NewsletterSettings, publication: PublicationSettings) -> str:
    """Return what readers know the newsletter as: of its title, the publication's and its name, the first that is seen."""
    titles = (one_line(title) for title in (newsletter.title or "", publication.title))
    return next((title for title in titles if not unseen(title)), newsletter.name)


def next_issue(
    articles: Sequence[Article],
    past: Sequence[PastIssue],
    newsletter: NewsletterSettings,
    publication: PublicationSettings,
    zone: ZoneInfo,
    now: datetime,
    *,
    since: datetime | None = None,
    only: Collection[str] = (),
    wording: Wording = Wording(),
    whole: Callable[[Article], Article] = lambda article: article,
) -> Issue | None:
    """Decide what the newsletter's next issue holds.

    It belongs to the period that contains `now` or, if that period's issue was sent, to the following one. Making an
    issue of the same period again replaces it. An article is in one issue only, except where the author names it.

    Args:
        articles: the catalogue, in its order.
        past: the newsletter's issues so far, in any order.
        newsletter: whose issue it is.
        publication: names the newsletter where it has no title.
        zone: of the schedule and of the issue's date.
        now: later articles are not taken.
        since: the earliest publication taken. Where absent: as for the first issue, which reaches back to the
            beginning of the period before its own, so that what comes late with an older date is still taken and the old archive never is.
        only: ids of exactly the articles to take, whether they are in other issues or not.
        wording: subject and preheader in the author's own words.
        whole: brings an article that is `unread` its content.

    Returns:
        The issue, or None where there is nothing new.

    Raises:
        UsageError: an id in `only` is not in the catalogue.
    """
    current = _open_period(newsletter.schedule, zone, now, past)
    since = since or _first_since(past) or _before(current, newsletter.schedule, zone)
    used = {id_ for issue in past if issue.key != current.key for id_ in issue.article_ids}
    chosen = tuple(map(whole, _named(articles, only) if only else _new(articles, used, since, now)))
    if not chosen:
        return None
    title, number = newsletter_title(newsletter, publication), _number(current.key, past)
    own = _own_words(wording, next((issue for issue in past if issue.key == current.key), None))
    return Issue(
        newsletter=newsletter.name,
        title=title,
        key=current.key,
        number=number,
        subject=own.get("subject") or _subject(title, number, chosen[0]),
        preheader=own.get("preheader") or _preheader(chosen),
        articles=chosen,
        since=since,
        period=current,
        given=tuple(own),
    )


def _own_words(wording: Wording, before: PastIssue | None) -> dict[str, str]:
    """Return what the author says of the issue, now or when it was made before: cron, making it again, says nothing."""
    own = {}
    for name in ("subject", "preheader"):
        said: str | None = getattr(wording, name)
        if said is None and before and name in before.given:
            said = getattr(before, name)
        if said and (words := one_line(said)):
            own[name] = words
    return own


def _open_period(schedule: str, zone: ZoneInfo, now: datetime, past: Sequence[PastIssue]) -> Period:
    sent = {issue.key for issue in past if issue.sent}
    current = period(schedule, zone, now)
    while current.key in sent:
        current = period(schedule, zone, current.end)
    return current


def _before(current: Period, schedule: str, zone: ZoneInfo) -> datetime:
    """Return the beginning of the period before: the same on each day of the current one."""
    return period(schedule, zone, current.start - timedelta(seconds=1)).start


def _first_since(past: Sequence[PastIssue]) -> datetime | None:
    return min(past, key=lambda issue: issue.number).since if past else None


def _number(key: str, past: Sequence[PastIssue]) -> int:
    known = {issue.key: issue.number for issue in past}
    return known.get(key) or max(known.values(), default=0) + 1


def _new(articles: Sequence[Article], used: Collection[str], since: datetime, now: datetime) -> tuple[Article, ...]:
    return tuple(
        article
        for article in articles
        if article.id not in used and article.published is not None and since <= article.published <= now
    )


def _named(articles: Sequence[Article], only: Collection[str]) -> tuple[Article, ...]:
    known = [article.id for article in articles]
    unknown = sorted(set(only) - set(known))
    if unknown:
        raise UsageError("\n".join(_unknown(id_, known) for id_ in unknown))
    return tuple(article for article in articles if article.id in only)


def _unknown(wanted: str, known: Sequence[str]) -> str:
    close = get_close_matches(wanted, known, n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(close)}" if close else "list the ids with: publisher articles --json"
    return f"no published article has the id {wanted}; {hint}"


def _subject(title: str, number: int, first: Article) -> str:
    heading = f"{title} #{number}"
    room = _SUBJECT_LENGTH - len(heading) - len(": ")
    headline = one_line(first.title)
    # A stump of a title says less than none; a long name of the newsletter leaves room for no more.
    return f"{heading}: {shortened(headline, room)}" if room >= min(20, len(headline)) else heading


def _preheader(articles: Sequence[Article]) -> str:
    """Repeat what the mail shows, beyond the title in the subject: providers ask senders to hide nothing."""
    first, *others = articles
    words = [one_line(article.title) for article in others] or [one_line(first.summary or first.title)]
    return shortened(" · ".join(words), _PREHEADER_LENGTH)
