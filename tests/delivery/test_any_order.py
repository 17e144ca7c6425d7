"""Whatever happens in whatever order, nobody is lost, and nobody gets what they did not want or have."""

import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from publisher.audience.subscriptions import unsubscribe
from publisher.delivery.accounts import broken_invariants
from publisher.delivery.atwork import ClockBack, at_work
from publisher.delivery.epoch import RestoredBackup
from publisher.delivery.sending import Order
from publisher.delivery.states import Policy
from publisher.delivery.transport import Scope, Stage
from publisher.delivery.transports.memory import Fault, MemoryTransport, deferred, lost, refused
from publisher.errors import UsageError
from publisher.store import open_store
from tests.delivery.mailroom import Clock, Mailroom, config
from tests.delivery.mortal import Fuse, live

pytestmark = pytest.mark.uncovered

_FAULTS = (
    None,
    None,
    refused("550 5.1.1 no such user"),
    deferred("452 4.2.2 full"),
    deferred("451 4.3.0 later", Stage.DOT),
    deferred("450 not you", Stage.MAIL, Scope.ISSUE),
    lost(taken=True),
    lost(taken=False),
)
_PEOPLE = 6
_LANES = [1, 3]
_URL = "sqlite:///.publisher/state.db"


class Deliveries(RuleBasedStateMachine):
    """One issue, its readers, and all that may happen to them."""

    made: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.made, self.folder, dirs_exist_ok=True)
        (self.folder / "publisher.toml").write_text(config(_URL), encoding="utf-8")
        self.room = Mailroom(self.folder, open_store(_URL, self.folder), Clock())
        self.people = self.room.people(_PEOPLE)
        self.mark = self.room.clock.now
        #: Every mail that a relay took, and how many each reader had when they left.
        self.taken: list[tuple[int, bytes]] = []
        self.left: dict[int, int] = {}
        #: The database as it was once, and how many mails each reader had had by then.
        self.backup: tuple[bytes, Counter[int]] | None = None
        self.restored = False

    def teardown(self) -> None:
        if hasattr(self, "room"):
            self.room.store.close()
            shutil.rmtree(self.folder)

    def had(self) -> Counter[int]:
        return Counter(person for person, _ in self.taken)

    @rule(
        plan=st.lists(st.sampled_from(_FAULTS), max_size=8),
        lanes=st.sampled_from(_LANES),
        kill=st.one_of(st.just(-1), st.integers(0, 60)),
        uncertain=st.sampled_from([None, *Policy]),
        resume=st.booleans(),
    )
    def send(self, plan: list[Fault | None], lanes: int, kill: int, uncertain: Policy | None, *, resume: bool) -> None:
        faults = iter(plan)
        transport = MemoryTransport(lanes=lanes, fault=lambda _mail, _attempt: next(faults, None))
        order = Order(uncertain, resume=resume)
        try:
            live(self.room, transport, Fuse(kill), order, most=_LANES[-1])
            assert not self.restored, "a backup was put back, and nobody noticed"
        except ClockBack:
            assert self.room.clock.now < self.mark - timedelta(minutes=5)
            self.room.clock.now = self.mark
        except RestoredBackup:
            assert self.restored
            assert transport.taken == []
            with at_work(self.room.store, self.folder, self.room.clock, restored=True, force=True):
                self.restored = False
        except UsageError:  # the backup is from before the issue began
            assert self.room.states() == {}
            assert transport.taken == []
        self.mark = max(self.mark, self.room.clock.now)
        self.taken += [(mail.key[1], mail.data) for mail in transport.taken]

    @rule(number=st.integers(0, _PEOPLE - 1))
    def leave(self, number: int) -> None:
        person = self.people[number]
        with self.room.store.writing() as connection:
            unsubscribe(connection, person, self.room.clock(), "own wish")
        self.left.setdefault(person, self.had()[person])

    @rule(number=st.integers(0, _PEOPLE - 1))
    def erase(self, number: int) -> None:
        from publisher.audience.addresses import parse_address
        from publisher.audience.erasing import erase

        person = self.people[number]
        address = parse_address(f"r{number}@mail.example")
        erase(self.room.store, self.room.publication._keys(), address, self.room.clock())
        self.left.setdefault(person, self.had()[person])

    @rule(minutes=st.sampled_from([1, 6, 20, 300, 3000]))
    def wait(self, minutes: int) -> None:
        self.room.clock.on(minutes=minutes)

    @rule()
    def set_clock_back(self) -> None:
        self.room.clock.on(hours=-2)

    @rule()
    def back_up(self) -> None:
        if not self.restored:
            self.room.store.close()  # its last connection empties the log into the file
            self.backup = (self.room.path.read_bytes(), self.had())

    @precondition(lambda self: self.backup is not None)
    @rule()
    def put_back(self) -> None:
        assert self.backup is not None
        newest = int((self.folder / ".publisher/epoch").read_text(encoding="ascii") or 0) if self.has_epoch() else 0
        self.room.store.close()
        self.room.path.write_bytes(self.backup[0])
        with self.room.store.reading() as connection:
            known = int(self.room.store.meta(connection, "epoch") or 0)
        self.restored = known < newest
        self.left.clear()  # the backup does not know who left since
        self.backup = None

    def has_epoch(self) -> bool:
        return (self.folder / ".publisher/epoch").exists()

    @invariant()
    def keeps_its_promises(self) -> None:
        if not hasattr(self, "room"):
            return
        with self.room.store.reading() as connection:
            assert broken_invariants(connection) == []
            rows = connection.exec_driver_sql("SELECT subscription_id, state, resends FROM delivery").all()
        had = self.had()
        assert all(had[person] == before for person, before in self.left.items())
        assert all(len({data for one, data in self.taken if one == person}) <= 1 for person in had)
        if self.restored:
            return
        for person, state, resends in rows:
            assert had[person] <= 1 + resends or state == "held"
            assert state != "sent" or had[person] >= 1


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_whatever_happens_the_promises_hold(made: Path) -> None:
    Deliveries.made = made
    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=settings().max_examples // 2,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
