"""SPF and DMARC at their edges."""

import pytest

from publisher.delivery.doctor.answers import Kind, tags, txt_line
from publisher.delivery.doctor.dmarc import Passing, alignment_findings, discover, dmarc_findings
from publisher.delivery.doctor.domain import dns_findings, needed_records
from publisher.delivery.doctor.finding import Level
from publisher.delivery.doctor.hosts import ptr_findings
from publisher.delivery.doctor.senders import Sender, Senders
from publisher.delivery.doctor.spf import proposed, read_spf, spf_findings
from tests.delivery.doctor.doctoring import Dns

TXT: Kind = "TXT"


def test_look_ups_are_counted_through_includes_and_redirects(dns: Dns) -> None:
    lookup = dns(
        {
            ("a.example", TXT): ("v=spf1 include:b.example redirect=c.example",),
            ("b.example", TXT): ("v=spf1 mx a exists:x.example -all",),
            ("c.example", TXT): ("v=spf1 ip4:198.51.100.0/24 -all",),
        }
    )
    reading = read_spf("a.example", "v=spf1 include:b.example redirect=c.example", lookup)
    assert (reading.lookups, reading.all, reading.faults) == (5, "-", [])


@pytest.mark.parametrize("number", [10, 11])
def test_ten_look_ups_are_well_and_eleven_are_not(number: int, dns: Dns) -> None:
    record = f"v=spf1 {'a:x.example ' * number}-all"
    lookup = dns({("x.example", "A"): ("198.51.100.1",), ("n.example", TXT): (record,)})
    found = list(spf_findings("n.example", lookup, (), ""))
    assert any(one.level is Level.ERROR for one in found) is (number > 10)


@pytest.mark.parametrize(
    ("end", "level"),
    [("-all", None), ("~all", None), ("?all", Level.WARNING), ("", Level.WARNING), ("+all", Level.ERROR)],
)
def test_the_end_of_a_record_counts(end: str, level: Level | None, dns: Dns) -> None:
    lookup = dns({("n.example", TXT): (f"v=spf1 ip4:198.51.100.1 {end}",)})
    levels = {one.level for one in spf_findings("n.example", lookup, (), "")} - {Level.OK}
    assert levels == ({level} if level else set())


def test_records_that_include_each_other_come_to_an_end(dns: Dns) -> None:
    lookup = dns(
        {("a.example", TXT): ("v=spf1 redirect=b.example",), ("b.example", TXT): ("v=spf1 redirect=a.example",)}
    )
    found = list(spf_findings("a.example", lookup, (), ""))
    assert any("more than the 10" in one.message for one in found)


def test_the_relay_is_covered_or_not(dns: Dns) -> None:
    lookup = dns({("n.example", TXT): ("v=spf1 ip4:8.8.8.0/24 ~all",)})
    assert any("covers" in one.message for one in spf_findings("n.example", lookup, ("8.8.8.8",), ""))
    assert any("does not name" in one.message for one in spf_findings("n.example", lookup, ("9.9.9.9",), ""))


@pytest.mark.parametrize(
    ("host", "mechanism"),
    [
        ("relay.notes.example", "a:relay.notes.example"),
        ("192.0.2.5", "ip4:192.0.2.5"),
        ("2001:db8::5", "ip6:2001:db8::5"),
        ("", "mx"),
        ("relay", "mx"),
    ],
)
def test_the_record_that_is_proposed_names_the_relay_so_that_receivers_know_it(
    host: str, mechanism: str, dns: Dns
) -> None:
    line = proposed("n.example", host)
    assert line == f'n.example. IN TXT "v=spf1 {mechanism} ~all"'
    (found,) = spf_findings("n.example", dns({}), (), host)
    assert (found.level, found.records) == (Level.ERROR, (line,))
    assert read_spf("n.example", line.split('"')[1], dns({})).faults == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "::1", "localhost", "10.1.2.3", "192.168.0.9", "fd00::1"])
def test_no_record_is_proposed_for_a_relay_whose_address_outside_is_not_seen(host: str, dns: Dns) -> None:
    (found,) = spf_findings("n.example", dns({}), (), host)
    assert (found.level, found.records, proposed("n.example", host)) == (Level.NOTE, (), "")
    senders = Senders((Sender("weekly", "a@n.example", "n.example", "n.example"),), ())
    assert not [one for one in needed_records(senders, (), host) if "v=spf1" in one]
    assert not [one for one in dns_findings(senders, (), host, dns({})) if one.id == "dns.ptr" or host in one.cure]


def test_the_organisation_is_found_by_walking_up(dns: Dns) -> None:
    lookup = dns(
        {
            ("_dmarc.notes.co.example", TXT): ("v=DMARC1; p=reject; sp=none",),
            ("_dmarc.co.example", TXT): ("v=DMARC1; psd=y; p=none",),
        }
    )
    policy = discover("news.notes.co.example", lookup)
    assert (policy.organisation, policy.place) == ("notes.co.example", "notes.co.example")
    assert any("p=none" in one.message for one in dmarc_findings("news.notes.co.example", policy, lookup))


def test_a_domain_says_that_it_is_no_part_of_those_above(dns: Dns) -> None:
    lookup = dns(
        {
            ("_dmarc.a.example", TXT): ("v=DMARC1; p=reject; psd=n",),
            ("_dmarc.example", TXT): ("v=DMARC1; p=none",),
        }
    )
    assert discover("x.a.example", lookup).organisation == "a.example"


def test_long_names_are_walked_in_eight_steps(dns: Dns) -> None:
    asked: list[str] = []
    lookup = dns({})

    def count(name: str, kind: Kind) -> object:
        asked.append(name)
        return lookup(name, kind)

    discover(".".join("abcdefghijkl"), count)  # type: ignore[arg-type]
    assert len(asked) == 8


@pytest.mark.parametrize(
    ("record", "return_domain", "signing", "level"),
    [
        ("v=DMARC1; p=reject", "notes.example", ("notes.example",), Level.OK),
        ("v=DMARC1; p=reject", "bounce.notes.example", (), Level.NOTE),
        ("v=DMARC1; p=reject; aspf=s", "bounce.notes.example", (), Level.WARNING),
        ("v=DMARC1; p=reject; adkim=s", "other.example", ("mail.notes.example",), Level.ERROR),
        ("v=DMARC1; p=reject", "other.example", ("mail.notes.example",), Level.NOTE),
        ("v=DMARC1; p=reject", "notes.example", ("other.example",), Level.ERROR),
        ("v=DMARC1; p=reject", "other.example", (), Level.WARNING),
    ],
)
def test_signature_or_envelope_has_to_speak_for_the_sender(
    record: str, return_domain: str, signing: tuple[str, ...], level: Level, dns: Dns
) -> None:
    lookup = dns({("_dmarc.notes.example", TXT): (record,)})
    policy = discover("notes.example", lookup)
    found = list(alignment_findings(Passing("notes.example", return_domain, signing), policy, lookup))
    assert found[-1].level is level


def test_reports_go_elsewhere_only_with_consent(dns: Dns) -> None:
    records: dict[tuple[str, Kind], tuple[str, ...]] = {
        ("_dmarc.notes.example", TXT): ("v=DMARC1; p=reject; rua=mailto:us@reports.example!10m",)
    }
    consent: dict[tuple[str, Kind], tuple[str, ...]] = {
        ("notes.example._report._dmarc.reports.example", TXT): ("v=DMARC1",)
    }
    for lookup, level in ((dns(records), Level.WARNING), (dns(records | consent), Level.OK)):
        found = list(dmarc_findings("notes.example", discover("notes.example", lookup), lookup))
        assert [one.level for one in found] == [level]


def test_what_nobody_knows_is_a_note(dns: Dns) -> None:
    lookup = dns({("notes.example", TXT): ("?",), ("_dmarc.notes.example", TXT): ("?",)})
    found = [*spf_findings("notes.example", lookup, (), "")]
    found += dmarc_findings("notes.example", discover("notes.example", lookup), lookup)
    assert [one.level for one in found] == [Level.NOTE, Level.NOTE]


def test_the_relays_address_leads_to_a_name_and_back(dns: Dns) -> None:
    back: dict[tuple[str, Kind], tuple[str, ...]] = {("8.8.8.8.in-addr.arpa", "PTR"): ("mail.example",)}
    forth: dict[tuple[str, Kind], tuple[str, ...]] = {("mail.example", "A"): ("8.8.8.8",)}
    assert [one.level for one in ptr_findings(["8.8.8.8"], dns(back))] == [Level.NOTE]
    assert [one.level for one in ptr_findings(["8.8.8.8"], dns(back | forth))] == [Level.OK]


def test_long_records_are_cut_into_strings() -> None:
    line = txt_line("k.example", "x" * 600)
    assert line == f'k.example. IN TXT ( "{"x" * 255}" "{"x" * 255}" "{"x" * 90}" )'
    assert tags("v=DKIM1 ; p = a; p=b; t") == {"v": "DKIM1", "p": "a"}
