"""Asking a real name server: a small one on loopback."""

import socket
from collections.abc import Iterator
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from publisher.delivery.doctor.answers import Answer, Kind, Standing, failed
from publisher.delivery.doctor.resolver import live, remembered

RECORDS = {
    ("notes.example.", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("notes.example.", "MX"): ["10 Mail.notes.example."],
    ("null.example.", "MX"): ["0 ."],
    ("mail.notes.example.", "A"): ["198.51.100.7"],
    ("7.100.51.198.in-addr.arpa.", "PTR"): ["mail.notes.example."],
}


def answer_to(query: dns.message.Message) -> dns.message.Message | None:
    (question,) = query.question
    name, kind = question.name.to_text().lower(), question.rdtype.name
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    if name.startswith("silent."):
        return None
    if name.startswith("broken."):
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) in RECORDS:
        reply.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, RECORDS[name, kind]))
    elif not any(name == known for known, _ in RECORDS):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """Run a name server; give its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        port = wire.getsockname()[1]

        def serve() -> None:
            while True:
                data, peer = wire.recvfrom(4096)
                if data == b"stop":
                    return
                reply = answer_to(dns.message.from_wire(data))
                if reply is not None:
                    wire.sendto(reply.to_wire(), peer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"stop", ("127.0.0.1", port))
        thread.join(5)


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("notes.example", "TXT", ("other", "v=spf1 -all")),
        ("NOTES.example.", "MX", ("10 mail.notes.example",)),
        ("null.example", "MX", ("0 ",)),
        ("mail.notes.example", "A", ("198.51.100.7",)),
        ("7.100.51.198.in-addr.arpa", "PTR", ("mail.notes.example",)),
        ("mail.notes.example", "AAAA", ()),
        ("nobody.example", "TXT", ()),
    ],
)
def test_answers_are_values(name: str, kind: Kind, values: tuple[str, ...], server: int) -> None:
    answer = live(("127.0.0.1",), server, 2)(name, kind)
    assert answer == Answer(Standing.FOUND if values else Standing.ABSENT, values)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("silent.example", "no name server answers in time"),
        ("broken.example", "the name servers refuse or fail to answer"),
        (f"{'a' * 64}.example", "that is no name the DNS can hold"),
        ("a..example", "that is no name the DNS can hold"),
    ],
)
def test_no_answer_is_a_value_with_its_reason(name: str, reason: str, server: int) -> None:
    assert live(("127.0.0.1",), server, 0.4)(name, "TXT") == failed(reason)


def test_each_question_is_asked_once_and_a_silent_server_three_times() -> None:
    asked: list[str] = []

    def silent(name: str, _kind: Kind) -> Answer:
        asked.append(name)
        return failed("silent")

    lookup = remembered(silent)
    assert {lookup(f"{number % 6}.example", "TXT").reason for number in range(12)} == {"silent"}
    assert asked == ["0.example", "1.example", "2.example"]
