"""The rules for mails, their HTML and bundles as a table: what each says, what cures it, and how much it matters."""

from collections.abc import Mapping

from publisher.check.feed_rules import Rule
from publisher.errors import Severity

_OWN_TEMPLATE = "compare your email/issue.html with the bundled one"
_SHORTER = 'set content = "summary" for the newsletter, or make two issues of it with --only'

_MAIL = {
    "mail.line.ending": Rule("{}", "end every line with CRLF (RFC 5321 §2.3.8)"),
    "mail.line.length": Rule("{} is longer than 998 octets", "fold or encode it (RFC 5322 §2.1.1)"),
    "mail.header.missing": Rule("the header has no {}", "add it (RFC 5322 §3.6)"),
    "mail.header.duplicate": Rule("the header has {} more than once", "keep one (RFC 5322 §3.6)"),
    "mail.header.control": Rule("the header has control characters or bytes beyond ASCII", "encode it (RFC 2047)"),
    "mail.defect": Rule("the mail is malformed: {}", "make the issue again"),
    "mail.sender": Rule("From has {}", "name one sender"),
    "mail.parts": Rule("{}", "make it multipart/alternative, text/plain first and text/html last (RFC 2046 §5.1.4)"),
    "mail.boundary": Rule("the boundary has {} characters", "use at most 70 (RFC 2046 §5.1.1)"),
    "mail.charset": Rule("the {} part is no valid UTF-8", "write it in UTF-8 and say charset=utf-8"),
    "mail.encoding": Rule("{}", "use quoted-printable or base64 with lines of at most 76 (RFC 2045 §6)"),
    "mail.text.empty": Rule("the text part is empty", "give readers without HTML the same text"),
}

_HTML = {
    "html.unreadable": Rule("there is no HTML in it", "make the issue again"),
    "html.size": Rule("it has {} bytes; Gmail cuts it off beyond 100,000", _SHORTER),
    "html.size.near": Rule("it has {} bytes; Gmail cuts it off beyond 100,000", _SHORTER, Severity.NOTE),
    "html.style.size": Rule("its style element has {} bytes; Gmail drops it beyond 16,384", "shorten email/kept.css"),
    "html.doctype": Rule("it does not begin with a doctype", _OWN_TEMPLATE),
    "html.lang": Rule("it does not say its language", "add lang to its html element"),
    "html.active": Rule("it has <{}>, which mail programs remove or warn of", "leave it out"),
    "html.image.alt": Rule("the picture {} has no alt text", 'say what it shows, or alt="" where it is decoration'),
    "html.image.width": Rule(
        "the picture {} has no width in pixels", "add one; Outlook shows it at full size otherwise"
    ),
    "html.image.source": Rule("the picture {} is not on the web", "link to a PNG, JPEG or GIF with https"),
    "html.image.insecure": Rule(
        "the picture {} is not loaded over https", "use https; many mail programs show no others", Severity.NOTE
    ),
    "html.link.empty": Rule("a link leads nowhere: {}", "give it an address or remove it"),
    "html.link.relative": Rule("the link {} is relative", "write the whole address; a mail has no page to start from"),
    "html.link.scheme": Rule("the link {} is neither a web nor a mail address", "use https: or mailto:"),
    "html.link.local": Rule(
        "the link {} leads to the reader's own computer", "use a public address if that is not meant", Severity.NOTE
    ),
}

_BUNDLE = {
    "bundle.manifest": Rule("the manifest {}", "make the issue again, or restore the bundle from a backup"),
    "bundle.file.missing": Rule("the file is missing", "make the issue again, or restore it from a backup"),
    "bundle.file.changed": Rule(
        "the file is not the one that was made: its hash differs", "make the issue again, or restore it from a backup"
    ),
}

RULES: Mapping[str, Rule] = _MAIL | _HTML | _BUNDLE
