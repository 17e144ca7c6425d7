"""How much may leave, and when: buckets that fill with time. Time is handed in, so they go on where they were left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from publisher.config.delivery import DeliverySettings, WarmUpSettings, rate_per_second

#: A bucket as it is kept: mails that may leave at once, and when that was so.
Stored = tuple[float, datetime]
_DAY = "day:"
_DOMAIN = "domain:"
# Sums of fractions miss whole numbers by a little.
_ONE = 1 - 1e-9


@dataclass(slots=True)
class Bucket:
    """Lets mails through at a steady pace; what is saved up is at most what leaves in a second."""

    per_second: float
    tokens: float
    at: datetime

    @property
    def most(self) -> float:
        """Return how many it can hold."""
        return max(1.0, self.per_second)

    @classmethod
    def full(cls, per_second: float, now: datetime) -> "Bucket":
        """Return one that nothing was taken from."""
        return cls(per_second, max(1.0, per_second), now)

    def fill(self, now: datetime) -> None:
        """Let time pass; a clock that was set back takes nothing away."""
        passed = (now - self.at).total_seconds()
        if passed > 0:
            self.tokens = min(self.most, self.tokens + passed * self.per_second)
            self.at = now

    def wait(self, now: datetime) -> float:
        """Return for how many seconds nothing can be taken; 0 for a bucket that has something."""
        self.fill(now)
        return 0.0 if self.tokens >= _ONE else (1.0 - self.tokens) / self.per_second


class Limits:
    """All rates that hold for one relay.

    Args:
        settings: of delivery.
        relay: its host, which tells its bucket from that of another one.
        zone: in which days begin.
        stored: what the last run left, by scope.
        now: the clock.
    """

    def __init__(
        self, settings: DeliverySettings, relay: str, zone: ZoneInfo, stored: Mapping[str, Stored], now: datetime
    ) -> None:
        self._domains = {name: rate_per_second(rate) for name, rate in settings.domain_rates.items()}
        self._common = {
            scope: rate_per_second(rate)
            for scope, rate in (("all", settings.rate), (f"relay:{relay}", settings.relay_rate))
            if rate
        }
        self._warm_up = settings.warm_up
        self._zone = zone
        self._buckets: dict[str, Bucket] = {}
        self._changed: set[str] = set()
        for scope, (tokens, at) in stored.items():
            if (rate := self._rate(scope)) is not None:
                self._buckets[scope] = Bucket(rate, tokens, min(at, now))

    @property
    def any(self) -> bool:
        """Say whether anything is limited."""
        return bool(self._domains or self._common or self._warm_up)

    def group(self, domain: str) -> str:
        """Return what tells mails apart that may wait for different reasons; empty where none does."""
        return domain if domain in self._domains or "*" in self._domains else ""

    def wait(self, domain: str, now: datetime) -> float:
        """Return for how many seconds no mail may go to a domain; 0 for now."""
        return max((self._bucket(scope, now).wait(now) for scope in self._scopes(domain, now)), default=0.0)

    def reason(self, now: datetime) -> str:
        """Return why nothing leaves, as a clause for people: for when everybody has to wait."""
        if self._warm_up and self._today(now) < self._warm_up.start:
            return f"nothing leaves before {self._warm_up.start}, where warm_up in [delivery] starts"
        return "the rates in [delivery] let nothing more leave for now"

    def take(self, domain: str, now: datetime) -> None:
        """Count one mail to a domain."""
        for scope in self._scopes(domain, now):
            self._bucket(scope, now).tokens -= 1.0
            self._changed.add(scope)

    def give_back(self, domain: str, now: datetime) -> None:
        """Count one mail to a domain no more: it was taken, and did not leave."""
        for scope in self._scopes(domain, now):
            bucket = self._bucket(scope, now)
            bucket.tokens = min(bucket.most, bucket.tokens + 1.0)
            self._changed.add(scope)

    @property
    def changed(self) -> bool:
        """Say whether there are `changes`."""
        return bool(self._changed)

    def changes(self) -> list[tuple[str, float, datetime]]:
        """Return the buckets that changed since this was last asked: scope, tokens, time."""
        changed, self._changed = sorted(self._changed), set()
        return [(scope, self._buckets[scope].tokens, self._buckets[scope].at) for scope in changed]

    def _scopes(self, domain: str, now: datetime) -> list[str]:
        scopes = list(self._common)
        if group := self.group(domain):
            scopes.append(f"{_DOMAIN}{group}")
        if self._warm_up and _allowance(self._warm_up, self._today(now)) is not None:
            scopes.append(f"{_DAY}{self._today(now).isoformat()}")
        return scopes

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _bucket(self, scope: str, now: datetime) -> "Bucket | _Day":
        if scope.startswith(_DAY):
            return self._day(scope, now)
        if scope not in self._buckets:
            rate = self._rate(scope)
            assert rate is not None
            self._buckets[scope] = Bucket.full(rate, now)
        return self._buckets[scope]

    def _day(self, scope: str, now: datetime) -> "_Day":
        assert self._warm_up is not None
        today = date.fromisoformat(scope.removeprefix(_DAY))
        if scope not in self._buckets:
            self._buckets[scope] = Bucket(0.0, float(_allowance(self._warm_up, today) or 0), now)
        midnight = datetime.combine(today + timedelta(days=1), time(), self._zone).astimezone(UTC)
        return _Day(self._buckets[scope], float(_allowance(self._warm_up, today) or 0), midnight)

    def _rate(self, scope: str) -> float | None:
        """Return how many mails a second a scope lets through; None where nothing limits it any more."""
        if scope.startswith(_DOMAIN):
            return self._domains.get(scope.removeprefix(_DOMAIN), self._domains.get("*"))
        return 0.0 if scope.startswith(_DAY) and self._warm_up else self._common.get(scope)


class _Day:
    """What is left of one day of a slow start."""

    def __init__(self, bucket: Bucket, most: float, midnight: datetime) -> None:
        self._bucket = bucket
        #: Of the whole day.
        self.most = most
        self._midnight = midnight

    @property
    def tokens(self) -> float:
        return self._bucket.tokens

    @tokens.setter
    def tokens(self, tokens: float) -> None:
        self._bucket.tokens = tokens

    def wait(self, now: datetime) -> float:
        return 0.0 if self._bucket.tokens >= 1 else max(1.0, (self._midnight - now).total_seconds())


def _allowance(warm_up: WarmUpSettings, day: date) -> int | None:
    """Return how many mails may leave on a day; None where nothing limits any more."""
    number = (day - warm_up.start).days
    if number < 0:
        return 0
    return warm_up.messages[number] if number < len(warm_up.messages) else None


def expected_seconds(
    settings: DeliverySettings, mails: int, domains: Mapping[str, int], zone: ZoneInfo, now: datetime
) -> float:
    """Return how long mails take to leave at the least, by the rates alone; 0 where nothing limits them.

    Args:
        settings: of delivery.
        mails: how many.
        domains: how many of them go to each domain.
        zone: in which days begin.
        now: when the first one leaves.
    """
    rates = [rate_per_second(rate) for rate in (settings.rate, settings.relay_rate) if rate]
    times = [mails / rate for rate in rates]
    default = settings.domain_rates.get("*")
    for domain, number in domains.items():
        if rate := settings.domain_rates.get(domain, default):
            times.append(number / rate_per_second(rate))
    return max([_warming(settings.warm_up, mails, zone, now), *times])


def _warming(warm_up: WarmUpSettings | None, mails: int, zone: ZoneInfo, now: datetime) -> float:
    if warm_up is None or not mails:
        return 0.0
    today = now.astimezone(zone).date()
    day = max(today, warm_up.start)
    while (allowed := _allowance(warm_up, day)) is not None and allowed < mails:
        mails -= allowed
        day += timedelta(days=1)
    if day == today:
        return 0.0
    return (datetime.combine(day, time(), zone).astimezone(UTC) - now).total_seconds()
