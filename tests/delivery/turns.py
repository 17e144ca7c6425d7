"""A loop whose ledger is a list of notes, and a transport that is watched: what happens turn by turn."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publisher.config.delivery import DeliverySettings
from publisher.delivery.ledger import RoomMade, Row
from publisher.delivery.loop import Loop, Means
from publisher.delivery.rates import Limits
from publisher.delivery.retry import Halt
from publisher.delivery.states import State
from publisher.delivery.transport import Mail, Outcome, Trouble
from publisher.delivery.transports.memory import Fault, MemoryTransport
from publisher.store import StoreFull
from tests.delivery.mailroom import NOW, Clock


class Notes:
    """A ledger that writes down each step: who was answered, who was refused, who is to leave."""

    issue_id = 1

    def __init__(self, readers: int) -> None:
        self.rows = [Row(one, f"r{one}@mail.example", "", 0) for one in range(1, readers + 1)]
        self.steps: list[tuple[list[int], list[int], list[int]]] = []
        self.settlements: list[Any] = []
        self.gone: set[int] = set()
        self.rates: dict[str, float] = {}
        self.full = False

    def due(self, after: int, _now: datetime, limit: int) -> list[Row]:
        return [row for row in self.rows if row.id > after][:limit]

    def step(self, armed: Any, unarmed: Any, arm: Sequence[int], rates: Any, _now: datetime) -> set[int]:
        self.steps.append(([one.key[1] for one in armed], [one.key[1] for one in unarmed], list(arm)))
        self.settlements += [*armed, *unarmed]
        self.rates |= {scope: tokens for scope, tokens, _ in rates}
        if self.full:
            raise RoomMade(StoreFull("the disk is full"))
        return set(arm) - self.gone


class Watched(MemoryTransport):
    """Notes how long it is listened to, and tells of troubles."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.rests: list[float] = []
        self.troubles: list[Outcome] = []
        self.abandoned = 0
        self.listens: Callable[[], object] = lambda: None

    def poll(self, timeout: float) -> list[Any]:
        self.rests.append(timeout)
        self.listens()
        told, self.troubles = [Trouble(outcome) for outcome in self.troubles], []
        return [*super().poll(timeout), *told]

    def abandon(self, lane: int) -> None:
        self.abandoned += 1
        super().abandon(lane)


class Trial:
    """A loop, what it works with, and which mails it made."""

    def __init__(
        self,
        readers: int = 3,
        transport: Watched | None = None,
        rate: str | None = None,
        mail: Callable[[int], object] = lambda _: None,
        **means: Any,
    ) -> None:
        self.notes = Notes(readers)
        self.transport = transport or Watched()
        self.clock = Clock()
        self.made: list[int] = []
        self._mail = mail
        settings = DeliverySettings.model_validate({"url": "maildir:out", **({"rate": rate} if rate else {})})
        limits = Limits(settings, "", ZoneInfo("UTC"), {}, NOW)
        usual: dict[str, Any] = {"until": NOW + timedelta(days=2), "limits": limits, "mail": self.mail}
        ledger: Any = self.notes
        usual |= {"ledger": ledger, "transport": self.transport, "clock": self.clock}
        self.means = Means(**{**usual, **means})
        self.loop = Loop(self.means, self.transport.open())

    def mail(self, number: int, address: str, name: str, smtputf8: bool) -> Mail:  # as the loop has it
        self.made.append(number)
        self._mail(number)
        return Mail((1, number), "letters@notes.example", address, f"{name}{smtputf8}".encode())

    def run(self) -> Halt | None:
        return self.loop.run()

    @property
    def taken(self) -> list[int]:
        return [mail.key[1] for mail in self.transport.taken]

    def states(self) -> dict[int, State]:
        return {settlement.key[1]: settlement.state for settlement in self.notes.settlements}


def faults(**by_reader: Fault | None) -> Callable[[Mail, int], Fault | None]:
    """Return what gives readers their faults, at the first attempt."""
    return lambda mail, attempt: by_reader.get(f"r{mail.key[1]}") if attempt == 1 else None
