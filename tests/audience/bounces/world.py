"""Readers, an issue that went to them, and a mailbox: what tests of bounces begin with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from publisher.audience.bounces import BounceReport, Taken, take_bounces
from publisher.audience.links import Links
from publisher.audience.status import Status
from publisher.audience.subscriptions import by_id, change, subscribe
from publisher.audience.tokens import delivery_token, leave_token
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.store.tables import delivery, issue, report
from tests.audience.bounces.samples import SAMPLES, About

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KEYS = Keys(links=("k" * 43,), addresses=b"a" * 32)


@dataclass
class World:
    """A database with readers, and a folder for mailboxes."""

    store: Store
    folder: Path

    def reader(self, address: str = "ann@reader.example", newsletter: str = "weekly") -> int:
        with self.store.writing() as connection:
            return subscribe(connection, KEYS, newsletter, address, now=NOW - timedelta(days=30)).id

    def sent(self, subscription: int, number: int = 1, address: str = "ann@reader.example") -> int:
        """Write down that an issue went to a reader two days ago; return the issue's id."""
        at = NOW - timedelta(days=2)
        with self.store.writing() as connection:
            if connection.execute(select(issue.c.id).where(issue.c.id == number)).first() is None:
                connection.execute(
                    insert(issue).values(
                        id=number,
                        newsletter="weekly",
                        key=f"2026-W{number}",
                        number=number,
                        manifest="{}",
                        digest="0" * 64,
                        bundle=f"issues/weekly/{number}",
                        state="sending",
                        terms={},
                        candidates=1,
                        excluded={},
                        frozen_at=at,
                        expires_at=at + timedelta(days=2),
                    )
                )
            connection.execute(
                insert(delivery).values(
                    issue_id=number,
                    subscription_id=subscription,
                    address=address,
                    state="sent",
                    armed_at=at,
                    done_at=at,
                )
            )
        return number

    def about(self, subscription: int, number: int = 1, address: str = "ann@reader.example") -> About:
        return About(
            delivery_token(KEYS, number, subscription),
            leave_token(KEYS, number, subscription),
            Links("", KEYS).unsubscribe("weekly", subscription).removeprefix("u/"),
            address,
        )

    def maildir(self, name: str = "bounces") -> Path:
        path = self.folder / name
        for part in ("new", "cur", "tmp"):
            (path / part).mkdir(parents=True, exist_ok=True)
        return path

    def put(self, sample: str, about: About, name: str = "") -> Path:
        """Lay a mail into the Maildir."""
        place = self.maildir() / "new" / (name or f"1.{len(list((self.maildir() / 'new').iterdir()))}.host")
        place.write_bytes(raw(sample, about))
        return place

    def take(self, *paths: Path, now: datetime = NOW, soft_limit: int = 5, dry_run: bool = False) -> BounceReport:
        return take_bounces(
            self.store, KEYS, paths or (self.maildir(),), now, soft_limit=soft_limit, dry_run=dry_run, each=self.told
        )

    def told(self, mail: Taken) -> None:
        """Hear of each mail."""

    def status(self, subscription: int) -> Status:
        with self.store.reading() as connection:
            found = by_id(connection, subscription)
        assert found is not None
        return found.status

    def reason(self, subscription: int) -> str:
        with self.store.reading() as connection:
            found = by_id(connection, subscription)
        assert found is not None
        return found.reason

    def become(self, subscription: int, status: Status, at: datetime = NOW) -> None:
        with self.store.writing() as connection:
            assert change(connection, subscription, status, "", at, own_wish=True)

    def reports(self) -> list[tuple[str, int | None, int | None]]:
        columns = (report.c.kind, report.c.issue_id, report.c.subscription_id)
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(report.c.id))]


def raw(sample: str, about: About) -> bytes:
    """Return a sample by its name."""
    return next(one for one in SAMPLES if one.name == sample).raw(about)
