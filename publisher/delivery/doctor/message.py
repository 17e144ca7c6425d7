"""One delivered mail: what the relay and the receiver made of it."""

import re
from collections.abc import Iterator
from pathlib import Path

from publisher.check.mail.addresses import Unreadable, mailboxes
from publisher.check.mail.mime import Part, read
from publisher.delivery.doctor.answers import Lookup, tags
from publisher.delivery.doctor.dmarc import discover, is_aligned
from publisher.delivery.doctor.finding import Finding, error, note, ok
from publisher.errors import UsageError
from publisher.files import read_file

#: Both must be signed, or mail programs show no button (RFC 8058 §4).
_NEEDED = ("List-Unsubscribe", "List-Unsubscribe-Post")
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_BAD = frozenset({"fail", "softfail", "permerror", "temperror", "hardfail"})
_LARGEST = 64 * 2**20


def message_findings(path: Path, lookup: Lookup) -> Iterator[Finding]:
    """Judge a mail as a receiver has it, saved with its whole header.

    Args:
        path: the file.
        lookup: asks the DNS how closely signatures must agree with the sender.

    Raises:
        UsageError: it cannot be read, or is no mail.
    """
    try:
        mail = read(read_file(path, _LARGEST))
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}") from fault
    if not mail.first("from"):
        raise UsageError(f"{path}: is no mail: it has no From; save one with its whole header")
    signatures = [tags(_joined(one)) for one in _fields(mail, "dkim-signature")]
    yield from _signature_findings(mail, signatures)
    yield from _sender_findings(mail, signatures, lookup)
    yield from _result_findings(mail)


def _fields(mail: Part, name: str) -> list[str]:
    return [field.value for field in mail.fields if field.name.lower() == name]


def _joined(value: str) -> str:
    return " ".join(value.split())


def _signature_findings(mail: Part, signatures: list[dict[str, str]]) -> Iterator[Finding]:
    rule = "message.signature"
    if not signatures:
        cure = "let the relay sign, or name a key in [[dkim]]; and save the mail as its receiver has it"
        yield error(rule, "the mail has no DKIM-Signature", cure)
    for name in _NEEDED:
        if not mail.first(name.lower()):
            yield error("message.unsubscribe", f"the mail has no {name}", "see that nothing on the way takes it out")
    if not signatures:
        return
    covers = [{one.strip().lower() for one in said.get("h", "").split(":")} for said in signatures]
    best = max(covers, key=lambda names: sum(name.lower() in names for name in _NEEDED))
    lacking = [name for name in _NEEDED if name.lower() not in best]
    if lacking:
        yield error(
            rule,
            f"no signature covers {' and '.join(lacking)}, so mail programs show no button for unsubscribing "
            "(RFC 8058 §4)",
            "have the relay sign them, too, or sign here: docs/dkim.md",
        )
    else:
        yield ok(rule, "a signature covers both unsubscribe fields")


def _sender_findings(mail: Part, signatures: list[dict[str, str]], lookup: Lookup) -> Iterator[Finding]:
    rule = "message.alignment"
    try:
        senders = mailboxes(mail.first("from"))
    except Unreadable:
        senders = []
    if len(senders) != 1:
        yield error(rule, "From does not name one address", "see what the relay made of it")
        return
    domain = senders[0].domain.lower()
    policy = discover(domain, lookup)
    names = [said.get("d", "").lower().rstrip(".") for said in signatures]
    back = _fields(mail, "return-path")
    bounce = back[0].strip("<> \t").rpartition("@")[2].lower() if back else ""
    if any(is_aligned(name, policy, domain, "adkim", lookup) for name in names if name):
        yield ok(rule, f"a signature speaks for {domain}")
    elif bounce and is_aligned(bounce, policy, domain, "aspf", lookup):
        yield note(rule, f"only the envelope ({bounce}) speaks for {domain}", "have the mails signed by that domain")
    else:
        others = ", ".join(dict.fromkeys(name for name in (*names, bounce) if name)) or "nobody"
        cure = f"have the relay sign with a key of {domain}, or sign here: docs/dkim.md"
        yield error(rule, f"From is at {domain}, but {others} answers for the mail", cure)


def _result_findings(mail: Part) -> Iterator[Finding]:
    rule = "message.results"
    fields = _fields(mail, "authentication-results")
    if not fields:
        yield note(
            rule, "the receiver wrote down no Authentication-Results", "send one to an account at a large provider"
        )
        return
    # The newest stands first; what lies below may be anybody's (RFC 8601 §5).
    found = [(one.lower(), said.lower()) for one, said in _RESULT.findall(_COMMENT.sub("", _joined(fields[0])))]
    signed = [said for one, said in found if one == "dkim"]
    for method, said in dict.fromkeys(found):
        if said in _BAD and not (method == "dkim" and "pass" in signed):
            yield error(rule, f"the receiver says {method}={said}", "look at what the doctor says of the DNS")
    if not any(said in _BAD for _, said in found):
        told = ", ".join(f"{one}={said}" for one, said in dict.fromkeys(found)) or "nothing of spf, dkim and dmarc"
        yield ok(rule, f"the receiver says {told}")
