"""A socket and the conversation on it: what the kernel takes, what it does not, and when something is late."""

import socket
import time
from collections.abc import Iterator

import pytest

from publisher.delivery.smtp.connecting import Connected
from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.smtp.relay import Deadlines
from publisher.delivery.smtp.wire import Wire
from publisher.delivery.transport import Answered, Asked, Free, Verdict
from tests.delivery.smtp.driving import mail

DEADLINES = Deadlines(command=10, data=20, block=30, dot=40, idle=50)
ENVELOPE = b"MAIL FROM:<bounce@notes.example>\r\nRCPT TO:<reader1@mail.example>\r\nDATA\r\n"
TAKEN = b"250 ok\r\n250 ok\r\n354 go\r\n"


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def wire_on(ours: socket.socket, *, pipelining: bool = True) -> Wire:
    abilities = Abilities(pipelining=pipelining)
    return Wire(Connected(ours, abilities), Conversation(0, abilities), DEADLINES)


def asked(wire: Wire, theirs: socket.socket, data: bytes = b"a\r\n") -> None:
    """Bring it to where a mail's body is waited for."""
    wire.conversation.propose(mail(1, data))
    wire.write()
    assert theirs.recv(4096) == ENVELOPE
    theirs.sendall(TAKEN)
    wire.read()
    assert wire.conversation.asking


def test_nothing_to_read_and_nothing_to_write_changes_nothing(sockets: tuple[socket.socket, socket.socket]) -> None:
    wire = wire_on(sockets[0])
    assert not wire.blocked
    assert wire.deadline - time.monotonic() == pytest.approx(DEADLINES.idle, abs=5)
    wire.read()
    wire.write()
    assert (wire.conversation.over, wire.conversation.events, wire.blocked) == ("", [], False)
    assert wire.descriptor == sockets[0].fileno()


def test_the_end_of_a_connection_is_told(sockets: tuple[socket.socket, socket.socket]) -> None:
    wire = wire_on(sockets[0])
    sockets[1].close()
    wire.read()
    assert wire.conversation.over == "the relay closed the connection"


def test_a_connection_that_breaks_is_told_in_the_systems_words(sockets: tuple[socket.socket, socket.socket]) -> None:
    wire = wire_on(sockets[0])
    sockets[1].send(b"2")
    sockets[0].shutdown(socket.SHUT_WR)
    sockets[1].close()
    wire.conversation.propose(mail())
    wire.write()
    assert wire.conversation.over == "connection lost: Broken pipe"
    (answer,) = wire.conversation.events
    assert isinstance(answer, Answered)
    assert answer.outcome.verdict is Verdict.DEFERRED


def test_a_broken_connection_without_anything_to_write_is_left_to_the_next_read(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    wire = wire_on(sockets[0])
    sockets[1].close()
    wire.write()
    assert wire.conversation.over == ""


def test_a_kernel_that_takes_a_part_is_asked_again(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    wire = wire_on(ours)
    large = b"x" * 400_000 + b"\r\n"
    asked(wire, theirs, large)
    wire.conversation.dispatch(None)
    wire.write()
    blocked = [wire.blocked]
    left = wire.conversation.unsent
    assert 0 < left < len(large)
    wire.write()
    assert wire.conversation.unsent == left
    blocked.append(wire.blocked)
    theirs.setblocking(False)
    got = b""
    while wire.conversation.unsent:
        got += theirs.recv(65536)
        wire.write()
    assert [*blocked, wire.blocked] == [True, True, False]
    while len(got) < len(large) + 3:
        got += theirs.recv(65536)
    assert got == large + b".\r\n"


def test_each_stage_has_its_deadline_and_only_progress_moves_it(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    wire = wire_on(ours, pipelining=False)
    wire.watch(1000)
    assert wire.deadline == 1050
    wire.watch(2000)  # nothing is waited for, so nothing is late
    assert (wire.deadline, bool(wire.conversation.over)) == (1050, False)
    wire.conversation.propose(mail(1, b"a\r\n"))
    for patience, now in ((10, 1000), (10, 1100), (20, 1200)):
        wire.write()
        wire.watch(now)
        wire.watch(now + patience - 1)
        assert wire.deadline == now + patience
        theirs.sendall(b"354 go\r\n" if patience == 20 else b"250 ok\r\n")
        wire.read()
    wire.conversation.dispatch(None)
    wire.watch(1300)
    assert wire.deadline == 1330
    wire.write()
    wire.watch(1310)
    assert wire.deadline == 1350
    over = []
    for late in (1349.9, 1350.0):
        wire.watch(late)
        over.append(wire.conversation.over)
    assert over == ["", "no answer in time"]
    answer = wire.conversation.events[-1]
    assert isinstance(answer, Answered)
    assert answer.outcome.verdict is Verdict.UNCERTAIN


def test_a_large_body_has_more_time_than_a_small_one(sockets: tuple[socket.socket, socket.socket]) -> None:
    wire = wire_on(sockets[0])
    asked(wire, sockets[1], b"x" * 200_000 + b"\r\n")
    wire.conversation.dispatch(None)
    wire.watch(1000)
    assert wire.deadline == 1000 + 30 * 4


def test_a_mail_goes_over_it_from_the_first_word_to_the_last(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    wire = wire_on(ours)
    asked(wire, theirs)
    wire.conversation.dispatch(None)
    wire.write()
    assert theirs.recv(4096) == b"a\r\n.\r\n"
    theirs.sendall(b"250 taken\r\n")
    wire.read()
    assert [type(event) for event in wire.conversation.events] == [Asked, Answered, Free]
    wire.close()
    assert theirs.recv(1) == b""


def test_what_was_read_behind_the_end_is_left_alone(sockets: tuple[socket.socket, socket.socket]) -> None:
    wire = wire_on(sockets[0])
    wire.conversation.lost("over")
    sockets[1].send(b"250 ok\r\n")
    wire.read()
    assert sockets[0].recv(10) == b"250 ok\r\n"
