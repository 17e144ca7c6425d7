"""One conversation with a hub: who is told, when it is tried again, and what an answer means.

The Recommendation leaves open how a publisher notifies its hub (https://www.w3.org/TR/websub/#publishing). Hubs take
the form of PubSubHubbub 0.3 §7.1, some by `hub.url` and some by `hub.topic`
(https://github.com/w3c-social/social-web-protocols/issues/47), so both are sent.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from publisher.websub.patience import Patience
from publisher.websub.wire import Refused, Reply, Unreachable, Wire

#: Stands where the time was over before a topic's turn.
LATE = "there was no time left for it"
#: Client errors that pass (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4); all others stay what they are.
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ping."""

    topic: str
    #: Why the hub was not told, as a clause about the hub; empty where it was.
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try means for the next."""

    #: As in `Outcome`.
    failure: str = ""
    #: Whether another try may help.
    again: bool = False
    #: For how many seconds the hub is better left alone; None where other topics may follow at once.
    rest: float | None = None


def ping(hub: str, topics: Sequence[str], now: datetime, patience: Patience) -> tuple[Outcome, ...]:
    """Tell a hub that feeds changed. Nothing the hub does, or fails to do, is raised.

    All topics are tried in rounds. A hub that does not answer, or asks for a rest, gets it at once; an error of one
    topic does not hold up the others.

    Args:
        hub: its address, http or https; certificates are verified.
        topics: the feeds' own addresses (their `self` links), each once.
        now: what a Retry-After that names a date is compared with.

    Returns:
        One outcome a topic, in the order of the topics.
    """
    failures = dict.fromkeys(topics, LATE)
    with closing(_Line(hub, now, patience)) as line:
        waiting, rest = _round(line, tuple(failures), failures)
        for pause in patience.rests:
            if not waiting or not line.rest(max(pause, rest)):
                break
            waiting, rest = _round(line, waiting, failures)
    return tuple(Outcome(topic, failure) for topic, failure in failures.items())


def _round(line: "_Line", topics: Sequence[str], failures: dict[str, str]) -> tuple[list[str], float]:
    """Try each topic once; return those to try again, the failed ones last, and the seconds the hub asks to rest."""
    again: list[str] = []
    for position, topic in enumerate(topics):
        if line.left() <= 0:
            return [*topics[position:], *again], 0.0
        answer = line.tell(topic)
        failures[topic] = answer.failure
        if answer.again:
            again.append(topic)
        if answer.rest is not None:
            return [*topics[position + 1 :], *again], answer.rest
    return again, 0.0


class _Line:
    """The way to the hub, and the time that is left."""

    def __init__(self, hub: str, now: datetime, patience: Patience) -> None:
        self._hub = hub
        self._now = now
        self._patience = patience
        self._until = patience.clock() + patience.total
        self._wire = Wire(hub, patience.step)

    def left(self) -> float:
        """Return how many seconds are left."""
        return self._until - self._patience.clock()

    def rest(self, seconds: float) -> bool:
        """Let seconds pass, unless no time would be left after them."""
        self.close()
        if seconds >= self.left():
            return False
        self._patience.sleep(seconds)
        return True

    def close(self) -> None:
        """Hang up; the next topic is told over a new connection."""
        self._wire.close()

    def tell(self, topic: str) -> Answer:
        """Tell the hub of one topic."""
        form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
        try:
            reply = self._wire.post(form, min(self._patience.ping, self.left()))
        except Refused as error:
            return Answer(str(error))
        except Unreachable as error:
            self._wire = Wire(self._hub, self._patience.step)
            return Answer(str(error), again=True, rest=0.0)
        return meaning(reply, self._now)


def meaning(reply: Reply, now: datetime) -> Answer:
    """Return what a reply means for the next try."""
    if 200 <= reply.status < 300:
        return Answer()
    failure = f"it answered {reply.status} {reply.phrase}".rstrip()
    if reply.status < 500 and reply.status not in _PASSING:
        return Answer(failure)
    rest = seconds_of(reply.retry_after, now)
    return Answer(failure, again=True, rest=0.0 if rest is None and reply.status == 429 else rest)


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """Return a Retry-After in seconds, 0 for a time that has passed; None where it is neither number nor date."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
