"""The report of one issue as a page: how it went, in numbers and a picture. It names no reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from publisher.delivery.chart import Span, series, span_of
from publisher.delivery.history import STATES, IssueRecord, Share, Tally, reasons, shares, tallies
from publisher.templating import Templates

#: Name of the page in the bundle's folder; it stands in no manifest.
REPORT = "report.html"
#: Domains of fewer readers are not named.
FEWEST_READERS = 5
_MOST_DOMAINS = 20
_MOST_REASONS = 20
_COLUMNS = 60
#: Of the picture, in its own units.
_WIDTH, _HEIGHT = 600, 140
#: What the picture shows, from the ground upwards.
_DRAWN = ("sent", "deferred", "failed", "skipped")


@dataclass(frozen=True, slots=True)
class Account:
    """All that the page tells."""

    issue: IssueRecord
    tallies: tuple[Tally, ...]
    #: Why mails failed, were skipped or wait, by state.
    reasons: Mapping[str, Mapping[str, int]]
    shares: tuple[Share, ...]


def account_of(connection: Connection, issue: IssueRecord) -> Account:
    """Read what the page of an issue tells."""
    told = {state: reasons(connection, issue.id, state) for state in issue.counts if state not in {"sent", "pending"}}
    domains = shares(connection, issue.id, FEWEST_READERS, _MOST_DOMAINS)
    return Account(issue, tallies(connection, issue.id), told, domains)


def report_page(account: Account, title: str, language: str, zone: ZoneInfo, templates: Templates) -> str:
    """Render the page. The same account gives the same page: no clock is in it.

    Args:
        account: what it tells.
        title: of the newsletter.
        language: of title and subject, BCP 47.
        zone: of its times.
        templates: those in `report/`.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
    """
    issue = account.issue
    mails = sum(issue.counts.values())
    values = {
        "issue": issue,
        "title": title,
        "language": language,
        "mails": mails,
        "states": [
            (state, issue.counts[state], _share(issue.counts[state], mails))
            for state in STATES
            if state in issue.counts
        ],
        "excluded": sorted(issue.excluded.items(), key=lambda item: (-item[1], item[0])),
        "reasons": [(state, list(found.items())[:_MOST_REASONS]) for state, found in account.reasons.items() if found],
        "shares": account.shares,
        "fewest": FEWEST_READERS,
        "times": _times(issue, zone),
        "chart": _chart(account.tallies, zone),
    }
    return templates.render("report/report.html", values)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}\N{NO-BREAK SPACE}%" if whole else ""


def _times(issue: IssueRecord, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    named = (("Begun", issue.frozen_at), ("Done", issue.done_at), ("Tried until", issue.expires_at))
    return [
        (name, moment.astimezone(zone).isoformat(timespec="minutes"), _shown(moment, zone))
        for name, moment in named
        if moment and (name != "Tried until" or issue.done_at is None)
    ]


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _chart(counted: Sequence[Tally], zone: ZoneInfo) -> dict[str, Any] | None:
    """Return bars that stand on each other, column by column."""
    drawn = [tally for tally in counted if tally.state in _DRAWN]
    span = span_of(drawn, _COLUMNS)
    if span is None:
        return None
    rows = {state: series(drawn, span, state) for state in _DRAWN}
    highest = max(map(sum, zip(*rows.values(), strict=True)))
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "bars": list(_bars(rows, highest, span)),
        "states": [state for state in _DRAWN if any(rows[state])],
        "highest": highest,
        "minutes": span.step.total_seconds() // 60,
        "begin": _shown(span.begin, zone),
        "end": _shown(span.begin + span.columns * span.step, zone),
    }


def _bars(rows: Mapping[str, Sequence[int]], highest: int, span: Span) -> list[dict[str, Any]]:
    width = _WIDTH / max(span.columns, 12)
    found = []
    for column in range(span.columns):
        top = float(_HEIGHT)
        for state, values in rows.items():
            if mails := values[column]:
                height = max(1.5, mails * (_HEIGHT - 4) / highest)
                top -= height
                place = {"x": column * width + width * 0.1, "y": max(0.0, top), "width": width * 0.8, "height": height}
                found.append({"state": state, **{name: f"{value:.2f}" for name, value in place.items()}})
    return found
