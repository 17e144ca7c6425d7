"""DMARC (RFC 9989): what a domain tells receivers to do with mails that only pretend to come from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.delivery.doctor.answers import Lookup, Standing, tags, txt_line
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning

RULE, ALIGNMENT = "dns.dmarc", "dns.alignment"
#: Names with more labels are not asked for, beside the first (§4.10).
_MOST_LABELS = 7
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Policy:
    """What receivers find for a domain."""

    #: Of a domain and those above it, the one that is registered (§4.10.2).
    organisation: str
    #: Where the record that counts stands, without `_dmarc.`; empty where there is none.
    place: str = ""
    said: tuple[tuple[str, str], ...] = ()
    #: Names that have several records, which count as none.
    doubled: tuple[str, ...] = ()
    #: Why the DNS was not asked, or gave no answer; empty where it did.
    silent: str = ""

    def tag(self, name: str, default: str = "") -> str:
        """Return what the record says, in lower case."""
        return dict(self.said).get(name, default).lower()


def discover(domain: str, lookup: Lookup) -> Policy:
    """Walk up from a domain, as receivers do, and return what counts for it."""
    found: list[tuple[str, dict[str, str]]] = []
    doubled = []
    for name in _walk(domain):
        answer = lookup(f"_dmarc.{name}", "TXT")
        if answer.is_silent and not found and (answer.standing is Standing.FAILED or name == domain):
            return Policy(_organisation(domain, found), silent=answer.reason)
        records = [value for value in answer.values if _is_policy(value)]
        if len(records) > 1:
            doubled.append(name)
        elif records:
            found.append((name, tags(records[0])))
            if found[-1][1].get("psd") in ("n", "y"):
                break
    organisation = _organisation(domain, found)
    counts = [(name, said) for name, said in found if name in (domain, organisation)]
    counts = counts or [(name, said) for name, said in found if said.get("psd") == "y"]
    place, said = counts[0] if counts else ("", {})
    return Policy(organisation, place, tuple(said.items()), tuple(doubled))


def _is_policy(value: str) -> bool:
    name, _, version = value.partition(";")[0].partition("=")
    return (name.strip(), version.strip()) == ("v", "DMARC1")


def _walk(domain: str) -> Iterator[str]:
    yield domain
    labels = domain.split(".")[1:][-_MOST_LABELS:]
    for start in range(len(labels)):
        yield ".".join(labels[start:])


def _organisation(domain: str, found: list[tuple[str, dict[str, str]]]) -> str:
    for name, said in found:
        if said.get("psd") == "n":
            return name
        if said.get("psd") == "y" and name != domain:
            return ".".join(domain.split(".")[-name.count(".") - 2 :])
    return found[-1][0] if found else domain


def proposed(domain: str) -> str:
    """Return a first record for a domain, as a line of a zone file."""
    return txt_line(f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")


def dmarc_findings(domain: str, policy: Policy, lookup: Lookup) -> Iterator[Finding]:
    """Judge what counts for a domain.

    Args:
        domain: that of the address readers see.
        policy: as `discover` gave it.
        lookup: asks whether another domain takes its reports.
    """
    for name in policy.doubled:
        yield error(RULE, f"_dmarc.{name} has several DMARC records, which count as none", "leave one")
    if policy.silent:
        yield note(RULE, f"the DMARC record of {domain} was not seen: {policy.silent}")
    elif not policy.place:
        if not policy.doubled:
            line = proposed(domain)
            cure = f"add a TXT record: {line.partition(' IN TXT ')[2]}"
            yield error(RULE, f"_dmarc.{domain} has no DMARC record", cure, line)
    else:
        found = [*_policy_faults(domain, policy), *_report_faults(policy, lookup)]
        yield from found or [ok(RULE, f"_dmarc.{policy.place} asks receivers to {_wish(domain, policy)}")]


def _wish(domain: str, policy: Policy) -> str:
    own = policy.tag("p")
    return own if policy.place == domain else policy.tag("sp", own)


def _policy_faults(domain: str, policy: Policy) -> Iterator[Finding]:
    wish = _wish(domain, policy)
    if wish not in _POLICIES:
        what = f"says p={wish[:40]}" if wish else "has no p="
        yield error(RULE, f"_dmarc.{policy.place} {what}, which is no policy", "write p=none, p=quarantine or p=reject")
    elif wish == "none":
        yield note(
            RULE,
            f"_dmarc.{policy.place} only watches (p=none): anybody may send in the name of {domain}",
            "go to p=quarantine once the reports show that all your mails are aligned",
        )
    for tag in ("adkim", "aspf"):
        if policy.tag(tag, "r") not in ("r", "s"):
            yield warning(
                RULE, f"_dmarc.{policy.place} says {tag}={policy.tag(tag)[:40]}", "write r or s, or leave it out"
            )


def _report_faults(policy: Policy, lookup: Lookup) -> Iterator[Finding]:
    addresses = [part.strip() for part in policy.tag("rua").split(",") if part.strip()]
    if not addresses:
        yield note(RULE, f"_dmarc.{policy.place} asks for no reports", "add rua=mailto: and an address of yours")
    for address in addresses:
        target = address.partition("!")[0].rpartition("@")[2]
        if not address.startswith("mailto:") or not target:
            yield warning(RULE, f"_dmarc.{policy.place} wants reports at what is no mailto: address", "correct rua=")
        elif not _is_within(target, policy.organisation):
            # Somebody else's domain has to agree (RFC 9990 §4).
            agreement = f"{policy.place}._report._dmarc.{target}"
            answer = lookup(agreement, "TXT")
            if not answer.is_silent and not any(map(_is_policy, answer.values)):
                yield warning(
                    RULE,
                    f"reports about {policy.place} do not go to {target}, which has not agreed to take them",
                    f"ask its owner for the record, or take another address for rua=: {txt_line(agreement, 'v=DMARC1')}",
                )


def _is_within(name: str, domain: str) -> bool:
    return f".{name}".endswith(f".{domain}")


@dataclass(frozen=True, slots=True)
class Passing:
    """Domains of one newsletter's mails that receivers compare."""

    #: Of the address readers see.
    domain: str
    #: Of the envelope's sender.
    return_domain: str
    #: Of the signatures.
    signing: tuple[str, ...]


def alignment_findings(passing: Passing, policy: Policy, lookup: Lookup) -> Iterator[Finding]:
    """Say whether SPF or a signature speaks for the address that readers see (RFC 9989 §4.4)."""
    signing = [one for one in passing.signing if is_aligned(one, policy, passing.domain, "adkim", lookup)]
    by_return = is_aligned(passing.return_domain, policy, passing.domain, "aspf", lookup)
    if signing and by_return:
        yield ok(ALIGNMENT, f"signature and envelope both speak for {passing.domain}")
    elif signing:
        yield ok(ALIGNMENT, f"the signature of {signing[0]} speaks for {passing.domain}")
        yield note(
            ALIGNMENT,
            f"mails of {passing.domain} have {passing.return_domain} in the envelope, so SPF does not speak for them",
            "take a return_path in [delivery] with the newsletter's own domain, if you can",
        )
    elif passing.signing:
        yield error(
            ALIGNMENT,
            f"{passing.signing[0]} signs, but does not answer for {passing.domain}",
            f"make a key of {passing.domain} and name it in [[dkim]]",
        )
    elif by_return:
        yield note(
            ALIGNMENT,
            f"SPF alone speaks for {passing.domain} as far as the settings tell; it is lost where mails are forwarded",
            "let the relay sign, or name a key in [[dkim]]",
        )
    else:
        yield warning(
            ALIGNMENT,
            f"neither a signature nor {passing.return_domain} in the envelope speaks for {passing.domain}, as far as the "
            "settings tell",
            f"name a key of {passing.domain} in [[dkim]], or prove that the relay signs: publisher doctor --message FILE.eml",
        )


def is_aligned(name: str, policy: Policy, domain: str, tag: str, lookup: Lookup) -> bool:
    """Return whether a domain speaks for another one, strictly or not, as the policy asks.

    Args:
        name: that of a signature (`d=`) or of the envelope.
        policy: of `domain`.
        domain: the one that readers see.
        tag: `adkim` or `aspf`.
        lookup: asks for the organisation of `name`.
    """
    if name == domain or policy.tag(tag) == "s":
        return name == domain
    if not _is_within(name, policy.organisation) and not _is_within(domain, name):
        return False
    # Without a record there is no organisation to compare, and nothing to fail.
    other = discover(name, lookup) if policy.place else Policy(name, silent="not asked")
    return bool(other.silent) or other.organisation == policy.organisation
