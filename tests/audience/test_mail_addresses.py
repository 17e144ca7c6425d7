"""Which addresses are any, and which two are the same."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.audience import addresses
from publisher.audience.addresses import AddressRefused, key_of, parse_address, parse_domain

_ATOMS = st.text("abzAZ019!#$%&'*+-/=?^_`{|}~.", min_size=1, max_size=70)
_LABELS = st.text("abzAZ019-", min_size=1, max_size=66) | st.sampled_from(
    ["example", "test", "localhost", "invalid", "arpa", "onion", "local", "xn--bcher-kva", "ab--cd", "xn--", "1", "c0m"]
)
_PLAIN = st.builds(lambda local, labels: f"{local}@{'.'.join(labels)}", _ATOMS, st.lists(_LABELS, max_size=5))


def _oracle(text: str) -> str | None:
    """Return what email-validator makes of an address: the local part, and the domain in ASCII."""
    try:
        valid = validate_email(text.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{valid.local_part}@{(valid.ascii_domain or '').lower()}"


def _ours(text: str) -> str | None:
    try:
        return parse_address(text).text
    except AddressRefused:
        return None


def check_agreement(text: str) -> None:
    """Demand that the quick way and email-validator say the same."""
    assert _ours(text) == _oracle(text)


@given(_PLAIN | st.text(max_size=40) | st.emails())
@example("a@b.co")
@example("a@b.c")
@example("a@b.c0")
@example("a@b.co\n")
@example("a@xn--bcher-kva.example")
@example("a@ab--cd.example")
@example("a@x.TEST")
@example("a@x.local")
@example("a@test.example")
@example("a" * 64 + "@b.co")
@example("a" * 65 + "@b.co")
@example("a@" + "b" * 63 + ".co")
@example("a@" + "b" * 64 + ".co")
@example("a@" + ".".join(["b" * 60] * 4) + ".co")
@example("a@" + ".".join(["b" * 61] * 4) + ".co")
@example(".a@b.co")
@example("a.@b.co")
@example("a..b@b.co")
@example('"a"@b.co')
@example("a@[192.0.2.1]")
@example("Ann <a@b.co>")
@example("jörg@bücher.example")
@example("jo\u0308rg@b.co")
@example("a@b.co\u202e")
@example("")
def test_the_quick_way_agrees_with_email_validator(text: str) -> None:
    check_agreement(text)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [(r"\S+@\S+", "a@@b.co"), (r"(?P<local>\w+)@(?P<domain>[\w.-]+)", "a@x.test")],
)
def test_a_quick_way_that_is_too_quick_is_noticed(monkeypatch: pytest.MonkeyPatch, wrong: str, text: str) -> None:
    import re

    monkeypatch.setattr(addresses, "_PLAIN", re.compile(wrong.replace(r"\S+@\S+", r"(?P<local>\S+)@(?P<domain>\S+)")))
    with pytest.raises(AssertionError):
        check_agreement(text)


def test_plain_addresses_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(_: str) -> None:
        pytest.fail("the library was asked")

    monkeypatch.setattr(addresses, "_examined", unwanted)
    assert parse_address(" Ann.Example+letters@Mail.Reader.EXAMPLE\n") == (
        "Ann.Example+letters@mail.reader.example",
        "ann.example+letters@mail.reader.example",
        "mail.reader.example",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Reader.example", "ann@reader.example"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
        ("JÖRG@reader.example", "jo\u0308rg@reader.example"),
    ],
)
def test_addresses_with_one_key_are_the_same(one: str, other: str) -> None:
    assert parse_address(one).key == parse_address(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann@reader.example", "an.n@reader.example"), ("ann@reader.example", "ann+x@reader.example")],
)
def test_no_providers_own_rules_are_guessed(one: str, other: str) -> None:
    assert parse_address(one).key != parse_address(other).key


@given(_PLAIN | st.builds(lambda local: f"{local}@reader.example", st.text(min_size=1, max_size=20)))
def test_an_address_that_was_read_is_read_again_as_the_same(text: str) -> None:
    try:
        first = parse_address(text)
    except AddressRefused:
        return
    again = parse_address(first.text)
    assert again == first
    assert key_of(first.text) == first.key
    assert first.text.endswith(f"@{first.domain}")
    assert first.domain.isascii()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty text is no mail address"),
        ("nobody", "nobody is no mail address: an email address must have an @-sign"),
        ("a@b", "it should have a period|should have a period"),
        ("x" * 2000, "it has 2000 characters"),
        ("ö" * 40 + "@b.co", "too long"),
    ],
)
def test_what_is_refused_is_named_with_its_reason(text: str, words: str) -> None:
    with pytest.raises(AddressRefused, match=words) as caught:
        parse_address(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Reader.example", "reader.example"),
        ("@reader.example", "reader.example"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_domains_are_read_in_any_form(text: str, domain: str) -> None:
    assert parse_domain(text) == domain


@pytest.mark.parametrize("text", ["", "@", "a..b", "x" * 70 + ".example"])
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="is no domain"):
        parse_domain(text)
