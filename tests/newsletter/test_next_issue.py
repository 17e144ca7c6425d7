"""Which articles make the next issue, and what it is called."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher.article import Article, Author
from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.newsletter import Issue, PastIssue, next_issue

BERLIN = ZoneInfo("Europe/Berlin")
#: A Monday, five minutes after the newsletter is due.
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=BERLIN)


def make_article(name: str, days: float = 1, **values: Any) -> Article:
    """Return an article published some days before NOW."""
    standard: dict[str, Any] = {
        "id": f"tag:notes.example,2026:{name}",
        "title": f"About {name}",
        "url": f"https://notes.example/{name}/",
        "authors": (Author("Ada Example"),),
        "summary": f"All of {name} in a sentence.",
        "content": f"<p>All of <b>{name}</b> in a sentence.</p>",
        "published": NOW - timedelta(days=days),
    }
    return Article(**(standard | values))


def make_settings(newsletter: dict[str, Any] | None = None, **publication: Any) -> Settings:
    """Return settings of a publication with one newsletter, `weekly`."""
    return Settings.model_validate(
        {
            "publication": {
                "title": "Field Notes",
                "url": "https://notes.example/",
                "timezone": "Europe/Berlin",
                **publication,
            },
            "newsletters": [{"name": "weekly", "title": "Field Notes Weekly", **(newsletter or {})}],
        }
    )


SETTINGS = make_settings()
ARTICLES = tuple(make_article(f"day{days}", days=days) for days in range(1, 30))


def _next(
    articles: tuple[Article, ...] = ARTICLES, past: tuple[PastIssue, ...] = (), now: datetime = NOW, **options: Any
) -> Issue | None:
    settings = options.pop("settings", SETTINGS)
    return next_issue(articles, past, settings.newsletters[0], settings.publication, settings.zone, now, **options)


def _made(issue: Issue | None, *, sent: bool = False) -> PastIssue:
    assert issue is not None
    return PastIssue(
        key=issue.key,
        number=issue.number,
        article_ids=tuple(a.id for a in issue.articles),
        since=issue.since,
        sent=sent,
        date=issue.date,
        subject=issue.subject,
        preheader=issue.preheader,
        given=issue.given,
        articles=tuple((a.title, a.url) for a in issue.articles),
        files={},
    )


def _names(issue: Issue | None) -> list[str]:
    assert issue is not None
    return [article.id.rpartition(":")[2] for article in issue.articles]


def test_the_first_issue_reaches_one_period_back() -> None:
    issue = _next()
    assert issue is not None
    assert (issue.key, issue.number, issue.newsletter) == ("2026-W48", 1, "weekly")
    assert _names(issue) == ["day1", "day2", "day3", "day4", "day5", "day6", "day7"]
    assert issue.since == NOW.replace(minute=0) - timedelta(days=7)  # when the period before began


def test_later_articles_wait() -> None:
    assert _names(_next((make_article("tomorrow", days=-1), *ARTICLES[:1]))) == ["day1"]


def test_nothing_new_makes_no_issue() -> None:
    assert _next(()) is None
    assert _next(ARTICLES[7:]) is None


def test_the_same_period_is_made_again_with_its_own_articles() -> None:
    first = _next(ARTICLES[2:])
    again = _next(ARTICLES, (_made(first),), NOW + timedelta(days=3))
    assert again is not None
    assert first is not None
    assert (again.key, again.number, again.since) == (first.key, 1, first.since)
    assert _names(again) == ["day1", "day2", *_names(first)]


def test_the_next_period_takes_what_was_in_no_issue_before() -> None:
    first = _made(_next(ARTICLES[2:]), sent=True)
    second = _next(ARTICLES, (first,), NOW + timedelta(days=7))
    assert second is not None
    assert (second.key, second.number) == ("2026-W49", 2)
    assert _names(second) == ["day1", "day2"]


def test_late_articles_with_older_dates_are_still_taken_and_the_archive_never() -> None:
    first = _made(_next(ARTICLES[:3]), sent=True)
    assert _names(_next(ARTICLES, (first,), NOW + timedelta(days=7))) == ["day4", "day5", "day6", "day7"]


def test_after_sending_the_following_period_is_previewed() -> None:
    sent = _made(_next(ARTICLES[2:]), sent=True)
    early = _next(ARTICLES, (sent,), NOW + timedelta(hours=1))
    assert early is not None
    assert (early.key, early.number) == ("2026-W49", 2)
    assert early.date == early.period.start


def test_since_can_be_chosen() -> None:
    issue = _next(since=NOW - timedelta(days=2))
    assert _names(issue) == ["day1", "day2"]
    assert len(_names(_next(past=(_made(issue),), since=NOW - timedelta(days=20)))) == 20


def test_only_takes_exactly_the_articles_named_in_the_catalogues_order() -> None:
    past = (_made(_next(), sent=True),)
    issue = _next(past=past, only=["tag:notes.example,2026:day25", "tag:notes.example,2026:day2"])
    assert _names(issue) == ["day2", "day25"]


def test_an_unknown_id_is_told_with_the_ones_like_it() -> None:
    with pytest.raises(UsageError, match=r"day30; did you mean .*:day3"):
        _next(only=["tag:notes.example,2026:day30"])
    with pytest.raises(UsageError, match="list the ids with"):
        _next(only=["x"])


def test_numbers_go_on_after_the_highest() -> None:
    old = replace(_made(_next(), sent=True), key="2026-W40", number=7, article_ids=(), since=NOW - timedelta(days=60))
    past = (old,)
    issue = _next(past=past)
    assert issue is not None
    assert issue.number == 8
    assert len(issue.articles) == 29


def test_the_date_is_that_of_the_newest_article_or_of_the_period() -> None:
    monday = NOW.replace(minute=0)
    old, new = _next(ARTICLES[:1]), _next((make_article("late", days=-2),), now=NOW + timedelta(days=3))
    assert old is not None
    assert new is not None
    assert old.date == monday
    assert new.date == NOW + timedelta(days=2)


def test_a_title_that_nobody_sees_is_none() -> None:
    subjects = [
        next_issue([make_article("rivers")], (), settings.newsletters[0], settings.publication, settings.zone, NOW)
        for settings in (make_settings({"title": "\u200b"}), make_settings({"title": "\u200b"}, title="\u2060\u3164"))
    ]
    assert [issue and issue.title for issue in subjects] == ["Field Notes", "weekly"]


@pytest.mark.parametrize(
    ("newsletter", "title", "subject"),
    [
        ("Weekly", "A title", "Weekly #1: A title"),
        ("Weekly", "A\u202e\ntitle", "Weekly #1: A title"),
        ("Weekly", "word " * 20, "Weekly #1: word word word word word word word word word word word…"),
        ("A very long name for a newsletter, indeed a very, very long one", "A long title for an article", None),
    ],
)
def test_the_subject_has_number_and_first_title(newsletter: str, title: str, subject: str | None) -> None:
    settings = make_settings({"title": newsletter})
    issue = _next((make_article("a", title=title),), settings=settings)
    assert issue is not None
    assert issue.subject == (subject or f"{newsletter} #1")
    assert len(issue.subject) <= 70


def test_the_publication_names_a_newsletter_without_title() -> None:
    issue = _next(settings=make_settings({"title": None}))
    assert issue is not None
    assert issue.subject == "Field Notes #1: About day1"


def test_the_preheader_tells_what_the_subject_does_not() -> None:
    several, single = _next(ARTICLES[:3]), _next(ARTICLES[:1])
    bare = _next((make_article("bare", summary=""),))
    assert several is not None
    assert single is not None
    assert bare is not None
    assert several.preheader == "About day2 · About day3"
    assert single.preheader == "All of day1 in a sentence."
    assert bare.preheader == "About bare"


def test_an_issue_that_was_sent_ahead_of_its_time_is_never_made_again() -> None:
    this = _made(_next(ARTICLES[2:]), sent=True)
    ahead = _made(_next(ARTICLES[1:], (this,)), sent=True)
    after = _next(ARTICLES, (this, ahead))
    assert after is not None
    assert [this.key, ahead.key, after.key] == ["2026-W48", "2026-W49", "2026-W50"]
