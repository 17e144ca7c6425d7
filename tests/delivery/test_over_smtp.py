"""Over real connections, what the ledger says is what the relay took."""

from collections import Counter
from typing import Any

import pytest

from publisher.delivery.sending import Order
from publisher.delivery.states import Policy
from tests.delivery.faultserver import Act, FaultServer, at
from tests.delivery.mailroom import Mailroom


def over(mailroom: Mailroom, port: int, connections: int) -> None:
    """Let mails go to a relay on this machine."""
    path = mailroom.folder / "publisher.toml"
    others = path.read_text(encoding="utf-8").partition("[delivery]")[0]
    relay = f'url = "smtp://127.0.0.1:{port}"\nsecurity = "none"\nconnections = {connections}\nuncertain = "resend"\n'
    path.write_text(f"{others}[delivery]\n{relay}", encoding="utf-8")


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(at("rcpt", Act(b"450 4.2.1 later"), mail=1), id="deferred"),
        pytest.param(at("data", Act(then="drop"), mail=2), id="dropped before the data"),
        pytest.param(at("dot", Act(b"", "drop"), mail=1), id="dropped after the dot"),
        pytest.param(at("mail", Act(b"421 4.3.2 closing", "drop"), mail=1), id="closing"),
    ],
)
def test_nobody_is_lost_and_copies_are_known(sqlite_mailroom: Mailroom, act: Any, connections: int) -> None:
    sqlite_mailroom.people(20)
    with FaultServer(act) as first:
        over(sqlite_mailroom, first.port, connections)
        sqlite_mailroom.publication.send("weekly", sqlite_mailroom.clock)
        taken = first.mails()
    sqlite_mailroom.expect_sound()
    with sqlite_mailroom.store.reading() as connection:
        again = connection.exec_driver_sql("SELECT address FROM delivery WHERE resends > 0").scalars().all()
    order = Order(resume=True, uncertain=Policy.RESEND)
    for _ in range(3):
        sqlite_mailroom.clock.on(minutes=20)
        with FaultServer() as second:
            over(sqlite_mailroom, second.port, connections)
            sqlite_mailroom.publication.send("weekly/2026-W48", sqlite_mailroom.clock, order=order)
            taken += second.mails()
    assert sqlite_mailroom.states() == {"sent": 20}
    counts = Counter(mail["recipient"] for mail in taken)
    assert len(counts) == 20
    assert {address for address, number in counts.items() if number > 1} <= set(again)
    assert len({mail["sha256"] for mail in taken}) == 20
    sqlite_mailroom.expect_sound()
