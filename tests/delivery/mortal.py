"""A process that ends between any two steps, as if somebody had pulled the plug: nothing of its own runs after that."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from publisher.delivery.accounts import broken_invariants
from publisher.delivery.atwork import at_work
from publisher.delivery.freezing import Wish
from publisher.delivery.sending import Order, SendReport
from publisher.delivery.transport import Event, Features, Mail
from publisher.delivery.transports.memory import MemoryTransport
from publisher.publication.sending import office_of, send_issue
from publisher.store import Store


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Fuse:
    """Ends the process at one of its steps."""

    at: int = -1
    step: int = 0
    dead: bool = False

    def tick(self) -> None:
        if self.dead:
            raise Killed
        if self.step == self.at:
            self.dead = True
            raise Killed
        self.step += 1


class MortalStore:
    """A store of a process that may end; whatever it commits keeps the invariants."""

    def __init__(self, store: Store, fuse: Fuse, lanes: int) -> None:
        self._store = store
        self._fuse = fuse
        self._lanes = lanes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def reading(self) -> Iterator[Any]:
        self._fuse.tick()
        with self._store.reading() as connection:
            yield connection

    def writing(self) -> AbstractContextManager[Any]:
        return self._kept(self._store.writing)

    def batch(self) -> AbstractContextManager[Any]:
        return self._kept(self._store.batch)

    @contextmanager
    def _kept(self, transaction: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
        self._fuse.tick()
        with transaction() as connection:
            yield connection
            self._fuse.tick()
        with self._store.reading() as connection:
            assert broken_invariants(connection, lanes=self._lanes) == []
        self._fuse.tick()


@dataclass
class MortalTransport:
    """A transport of a process that may end; what it dispatched has left all the same."""

    inner: MemoryTransport
    fuse: Fuse
    lanes: int = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = self.inner.lanes

    def _step(self, action: Callable[..., Any], *values: Any) -> Any:
        self.fuse.tick()
        done = action(*values)
        self.fuse.tick()
        return done

    def open(self) -> Features:
        features: Features = self._step(self.inner.open)
        return features

    def propose(self, lane: int, mail: Mail) -> None:
        self._step(self.inner.propose, lane, mail)

    def dispatch(self, lane: int, then: Mail | None) -> None:
        self._step(self.inner.dispatch, lane, then)

    def abandon(self, lane: int) -> None:
        self._step(self.inner.abandon, lane)

    def poll(self, timeout: float) -> list[Event]:
        events: list[Event] = self._step(self.inner.poll, timeout)
        return events

    def finish(self) -> None:
        self.inner.finish()

    def close(self) -> None:
        self.inner.close()


def live(
    mailroom: Any,
    transport: MemoryTransport,
    fuse: Fuse | None = None,
    order: Order | None = None,
    *,
    most: int = 0,
    **run: Any,
) -> SendReport | None:
    """Send as one process; None where it ended before its time.

    Args:
        mailroom: whose issue.
        transport: carries mails away.
        fuse: ends the process.
        order: what is wanted of the issue.
        most: how many connections an earlier process may have had, which died and left as many mails armed.
        run: as `at_work` has it.
    """
    fuse = fuse or Fuse()
    publication = mailroom.publication
    folder, settings = publication.folder, publication.settings
    store: Any = MortalStore(mailroom.store, fuse, max(most, transport.lanes))
    office = office_of(folder, settings, publication._keys(), transport=lambda: MortalTransport(transport, fuse))
    try:
        with at_work(store, folder, mailroom.clock, **run) as work:
            return send_issue(
                work, office, "weekly/2026-W48", tags=lambda _ids: None, wish=Wish(), order=order or Order()
            )
    except Killed:
        return None
