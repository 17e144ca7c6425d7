"""What the doctor says of a domain, zone file beside expected words: zones/NAME.zone and zones/NAME.txt."""

import os
from pathlib import Path

import pytest

from publisher.delivery.doctor.answers import tags
from publisher.delivery.doctor.dkim import SigningKey
from publisher.delivery.doctor.domain import dns_findings, needed_records
from publisher.delivery.doctor.finding import Finding, Level
from publisher.delivery.doctor.resolver import zone_file
from publisher.delivery.doctor.senders import Sender, Senders
from publisher.errors import UsageError

ZONES = Path(__file__).with_name("zones")
NAMES = sorted(path.stem for path in ZONES.glob("*.zone"))
SENDERS = Senders((Sender("weekly", "letters@notes.example", "notes.example", "notes.example"),), ())
HOST = "relay.notes.example"


def found_in(text: str, signing: SigningKey, folder: Path) -> list[Finding]:
    path = folder / "some.zone"
    path.write_text(text.replace("@KEY@", tags(signing.record)["p"]), encoding="utf-8")
    return list(dns_findings(SENDERS, [signing], HOST, zone_file(path, SENDERS.domains)))


@pytest.mark.parametrize("name", NAMES)
def test_a_zone_is_judged_as_before(name: str, signing: SigningKey, tmp_path: Path) -> None:
    found = found_in((ZONES / f"{name}.zone").read_text(encoding="utf-8"), signing, tmp_path)
    records = dict.fromkeys(line for one in found for line in one.records)
    said = "".join(f"{line}\n" for line in [*map(str, found), *records])
    golden = ZONES / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


def test_a_good_zone_has_nothing_to_mend(signing: SigningKey, tmp_path: Path) -> None:
    found = found_in((ZONES / "good.zone").read_text(encoding="utf-8"), signing, tmp_path)
    assert {one.level for one in found} <= {Level.OK, Level.NOTE}


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("~all", "+all", "dns.spf"),
        ("v=spf1 ip4:198", "v=spf1 include:gone.notes.example ip4:198", "dns.spf"),
        ("v=DMARC1; p=quarantine", "v=DMARC1; p=sometimes", "dns.dmarc"),
        ("_dmarc IN", "dmarc IN", "dns.dmarc"),
        ("p=@KEY@", "p=AAAA@KEY@", "dns.dkim"),
        ("p=@KEY@", "p=", "dns.dkim"),
        ("IN CNAME keys", "IN CNAME nothing", "dns.dkim"),
        ("IN CNAME keys", "IN CNAME 2026-11._domainkey", ""),
        ("IN MX 10 mail", "IN MX 10 nowhere", "dns.mx"),
        ("IN MX 10 mail", "IN MX 0 .", "dns.mx"),
    ],
)
def test_one_mistake_in_a_good_zone_is_found(
    good: str, bad: str, rule: str, signing: SigningKey, tmp_path: Path
) -> None:
    text = (ZONES / "good.zone").read_text(encoding="utf-8")
    assert good in text
    errors = {one.id for one in found_in(text.replace(good, bad), signing, tmp_path) if one.level is Level.ERROR}
    assert errors == ({rule} if rule else set())


def test_the_proposed_records_are_what_the_doctor_wants(signing: SigningKey, tmp_path: Path) -> None:
    lines = needed_records(SENDERS, [signing], HOST)
    zone = "\n".join([*lines, "@ IN MX 10 relay", "relay IN A 198.51.100.8", ""])
    found = found_in(zone, signing, tmp_path)
    assert [str(one) for one in found if one.level in (Level.ERROR, Level.WARNING)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@ IN A nonsense\n", "about line 2: "),
        ("@ IN A 198.51.100.1\n@ IN NOSUCH x\n", "about line 2: "),
        ("$INCLUDE other\n", "about line 1: "),
    ],
)
def test_a_mistake_in_a_zone_file_is_told_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.zone"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as raised:
        zone_file(path, ("notes.example",))
    assert str(raised.value).startswith(f"{path}: is no zone file")


def test_a_zone_file_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        zone_file(tmp_path / "none.zone", ("notes.example",))
    (tmp_path / "odd.zone").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text"):
        zone_file(tmp_path / "odd.zone", ("notes.example",))
