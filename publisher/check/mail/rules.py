"""The rules for mails, their HTML, their text and bundles as a table: what each says, what cures it, how much it matters.

An error means that the mail would be broken, unreadable or embarrassing beyond doubt: it keeps an issue from being made.
A note is worth a look.
"""

from collections.abc import Mapping

from publisher.check.rule import Rule
from publisher.errors import Severity

_OWN_TEMPLATE = "compare your email/ templates with the bundled ones"
_SHORTER = 'set content = "summary" for the newsletter, or make two issues of it with --only'
_AGAIN = "make the issue again, or restore the bundle from a backup"
_WORDING = "say better words with --subject"


def _note(message: str, cure: str) -> Rule:
    return Rule(message, cure, Severity.NOTE)


_MAIL = {
    "mail.line.ending": Rule("{}", "end every line with CRLF (RFC 5321 §2.3.8)"),
    "mail.line.length": Rule("{} is longer than 998 octets", "fold or encode it (RFC 5322 §2.1.1)"),
    "mail.size": _note("the mail has {} bytes; many servers refuse more than 10,000,000", "attach fewer pictures"),
    "mail.header.size": Rule(
        "the header has {} octets, too many to be looked at", "shorten it; servers refuse it, too"
    ),
    "mail.header.syntax": Rule("the header has a line that is no field: {}", "write Name: value (RFC 5322 §2.2)"),
    "mail.header.blank": Rule("{} has a folded line of white space only", "remove the line (RFC 5322 §3.2.2)"),
    "mail.header.long": _note("{} has a line of more than 78 characters", "fold it at a blank (RFC 5322 §2.1.1)"),
    "mail.header.missing": Rule("the header has no {}", "add it (RFC 5322 §3.6)"),
    "mail.header.duplicate": Rule("the header has {} more than once", "keep one (RFC 5322 §3.6)"),
    "mail.header.control": Rule("{} has control characters or bytes beyond ASCII", "encode it (RFC 2047)"),
    "mail.word": Rule(
        "encoded-words are broken: {}", "write each in at most 75 characters, of whole ones, with a blank between"
    ),
    "mail.word.place": Rule("{} has an encoded-word where none may be", "encode text and names only (RFC 2047 §5)"),
    "mail.date": Rule("the Date {} cannot be read", "write it as Mon, 23 Nov 2026 08:00:00 +0100 (RFC 5322 §3.3)"),
    "mail.address": Rule("{} holds no valid addresses", 'write them as "Name" <local@domain> (RFC 5322 §3.4)'),
    "mail.address.length": Rule(
        "{} has an address that is too long", "use at most 64 octets before the @ and 254 in all (RFC 5321 §4.5.3.1)"
    ),
    "mail.message-id": Rule("the Message-ID {} is malformed", "write it as <unique@domain> (RFC 5322 §3.6.4)"),
    "mail.message-id.host": _note("the Message-ID names {}, a host of nobody", "use a domain of yours"),
    "mail.mime-version": Rule("the MIME-Version is {}", "write 1.0 (RFC 2045 §4)"),
    "mail.sender": Rule("From has {}", "name one sender"),
    "mail.sender.domain": Rule("From is at {}, which is no domain of the Internet", "use a domain of yours"),
    "mail.sender.service": _note(
        "From is at {}, whose policy (DMARC) refuses mails of its name from other servers", "use a domain of yours"
    ),
    "mail.sender.alignment": _note(
        "the signature is by {}, not by the domain of From", "sign with the domain of From, or DMARC fails (RFC 7489)"
    ),
    "mail.list.missing": Rule(
        "the header has no {}, and this is a mail to a list", "add it; Gmail and Yahoo ask for it (RFC 2919, RFC 8058)"
    ),
    "mail.list-id": Rule("the List-Id {} is malformed", "write it as Name <label.domain> (RFC 2919)"),
    "mail.list-unsubscribe": Rule(
        "List-Unsubscribe is wrong: {}", "write <https://…> and, if you like, , <mailto:…> (RFC 2369, RFC 8058 §3.1)"
    ),
    "mail.list-unsubscribe.post": Rule(
        "List-Unsubscribe-Post is {}", "write List-Unsubscribe=One-Click (RFC 8058 §3.1)"
    ),
    "mail.list-address": Rule("{} holds no web or mail address", "write it in angle brackets (RFC 2369 §2)"),
    "mail.auto-submitted": Rule("Auto-Submitted is {}", "write auto-generated (RFC 3834 §5.2)"),
    "mail.auto-submitted.missing": _note(
        "the header has no Auto-Submitted", "add auto-generated, or holiday notices answer it (RFC 3834 §5)"
    ),
    "mail.precedence": _note("Precedence is {}, without Auto-Submitted", "add Auto-Submitted: auto-generated"),
    "mail.parts": Rule("{}", "make it multipart/alternative, text/plain first and text/html last (RFC 2046 §5.1.4)"),
    "mail.part.type": Rule("a Content-Type is malformed: {}", "write type/subtype; name=value (RFC 2045 §5.1)"),
    "mail.nesting": Rule("{}, too many to be looked at", "make it multipart/alternative of text and HTML"),
    "mail.boundary": Rule("a boundary is wrong: {}", "use 1 to 70 characters of RFC 2046 §5.1.1"),
    "mail.boundary.open": Rule("the parts are cut off: {}", "end them with --boundary-- (RFC 2046 §5.1.1)"),
    "mail.charset": Rule("the {} part is no valid UTF-8", "write it in UTF-8 and say charset=utf-8"),
    "mail.encoding": Rule("{}", "use quoted-printable or base64 with lines of at most 76 (RFC 2045 §6)"),
    "mail.attachment.unused": _note("the picture {} is attached, and the HTML does not show it", "leave it out"),
    "mail.text.empty": Rule("the text part is empty", "give readers without HTML the same text"),
    "mail.text.unsubscribe": Rule("the text part has no unsubscribe address", _OWN_TEMPLATE),
}

_WORDS = {
    "subject.empty": Rule("the subject is empty", _WORDING),
    "subject.long": _note("the subject has {} characters; inboxes show about 70", _WORDING),
    "subject.shouting": _note("the subject {} is all in capitals", "write it as a sentence; filters count that"),
    "subject.marks": _note("the subject has {}", "leave the second mark out; filters count them"),
    "subject.spam": _note("the subject says {}, as bad mail does", _WORDING),
    "subject.reply": _note("the subject {} looks like an answer to a mail", "leave the beginning out"),
    "subject.duplicate": Rule(
        "the issue {} has the same subject; mail programs hide what looks the same", "say another with --subject"
    ),
    "preheader.missing": _note(
        "there is no preheader, so inboxes show the first words of the mail", "say one with --preheader"
    ),
    "preheader.subject": _note("the preheader {} repeats the subject", "say another with --preheader"),
    "preheader.long": _note("the preheader has {} characters; inboxes show about 90", "say less with --preheader"),
    "preheader.short": _note("the preheader {} is so short that other text follows it", "say more with --preheader"),
    "issue.placeholder": Rule(
        "a placeholder is left: {}",
        "write what it stands for; examples belong into <code>, and not into summaries",
    ),
    "issue.placeholder.perhaps": _note("{} looks like a mark of unfinished text", "finish it if it is one"),
    "issue.template": Rule(
        "code of a template is left: {}",
        "write what it stands for, in your email/ templates, in the link or with --subject",
    ),
    "issue.reader": Rule(
        "{} tells somebody who the reader is",
        "leave the reader out of addresses and styles; only the links to unsubscribe and to preferences carry one",
    ),
    "issue.template.perhaps": _note(
        "{} looks like code of a template", "mend the article if it is a leftover; in <code> it is taken for an example"
    ),
    "issue.long": _note("the mail has {} words; few people read more than 5,000", _SHORTER),
    "text.differs": _note(
        "the text part has only {} of the HTML's words", "let both say the same; filters compare them"
    ),
    "text.html": Rule("HTML is left in the text part: {}", "mend the article, or your email/ templates"),
    "text.wide": _note("a line of the text part takes {} columns", "break it before 78 columns"),
}

_HTML = {
    "html.unreadable": Rule("there is no HTML in it", "make the issue again"),
    "html.size": Rule("it has {} bytes; Gmail cuts it off beyond 100,000", _SHORTER),
    "html.size.near": _note("it has {} bytes; Gmail cuts it off beyond 100,000", _SHORTER),
    "html.style.size": Rule("its style element has {} bytes; Gmail drops it beyond 16,384", "shorten email/kept.css"),
    "html.style.unknown": _note(
        "it has more than {} characters of CSS, too many to be judged", "shorten it; Gmail drops so much of it"
    ),
    "html.doctype": Rule("it does not begin with a doctype", _OWN_TEMPLATE),
    "html.lang": Rule("it does not say its language", "add lang to its html element"),
    "html.lang.unknown": _note("{} is no language", "write a tag such as en or pt-BR (RFC 5646)"),
    "html.dir": _note("it does not say its direction", 'add dir="ltr" or dir="rtl" to its html element'),
    "html.dir.wrong": Rule("text in {} runs from left to right", 'add dir="rtl" beside its lang'),
    "html.title": Rule("it has no title", "add a title element with the subject"),
    "html.title.other": _note("its title {} is not the subject", "write the subject into the title element"),
    "html.heading.first": _note("it has {} headings <h1>", "use one, for the name of the newsletter or the letter"),
    "html.heading.skipped": _note("a level of headings is left out: {}", "use the next level"),
    "html.heading.empty": _note("the heading {} is empty", "remove it"),
    "html.table.layout": _note(
        'a table has header cells and role="presentation"', "say which it is; screen readers read such tables badly"
    ),
    "html.table.headless": _note(
        "a table has no header cells", 'add role="presentation" where it is there for layout only, else use th'
    ),
    "html.active": Rule("it has <{}>, which mail programs remove or warn of", "leave it out"),
    "html.hidden": _note("text is hidden, as in bad mail: {}", "remove it"),
    "html.contrast": Rule("text can hardly be read: {}", "choose colours that differ more"),
    "html.contrast.low": _note("text is pale: {}", "choose colours that differ more (WCAG 2.2, 1.4.3)"),
    "html.contrast.unknown": _note("there is too much of it to compare all colours", "shorten it or its styles"),
    "html.image.alt": Rule("the picture {} has no alt text", 'say what it shows, or alt="" where it is decoration'),
    "html.image.width": Rule(
        "the picture {} has no width in pixels", "add one; Outlook shows it at full size otherwise"
    ),
    "html.image.height": _note("the picture {} has no height in pixels", "add one, so that text does not jump"),
    "html.image.wide": Rule("the picture {}", "show it in at most 600, the width of a mail"),
    "html.image.tracking": Rule(
        "the picture {} is there to count readers", "remove it from your email/ templates; filters count that, too"
    ),
    "html.image.pixel": _note("the picture {} is one pixel, as for tracking", "remove it; filters count that"),
    "html.image.source": Rule("the picture {} is not on the web", "link to a PNG, JPEG or GIF with https"),
    "html.image.missing": Rule("the picture {} is not attached", "attach it under that Content-ID"),
    "html.image.insecure": _note("the picture {} is not loaded over https", "use https; many programs show no others"),
    "html.image.only": _note(
        "it says almost nothing but in pictures", "write it as text; filters and readers ask for it"
    ),
    "html.link.empty": Rule("a link leads nowhere: {}", "give it an address or remove it"),
    "html.link.relative": Rule("the link {} is relative", "write the whole address; a mail has no page to start from"),
    "html.link.scheme": Rule("the link {} is neither a web nor a mail address", "use https: or mailto:"),
    "html.link.local": _note(
        "the link {} leads to the reader's own computer", "use a public address if that is not meant"
    ),
    "html.link.insecure": _note("the link {} is not encrypted", "use https if the site has it"),
    "html.link.shortened": _note("the link {} hides where it leads", "write the real address; filters count that"),
    "html.link.number": _note("the link {} has a number for a host", "use a name; filters count that"),
    "html.link.disguised": Rule(
        "a link shows another host than its own: {}", "show the real address, or words; programs warn of fraud"
    ),
    "html.link.disguised.title": _note(
        "an article's title is an address, but of another host than its link: {}",
        "say in words what it is about; programs warn of fraud",
    ),
    "html.link.text.empty": _note("the link {} has no text", "say where it leads"),
    "html.link.text.vague": _note("a link does not say where it leads: {}", "use words that make sense alone"),
    "html.postal-address": _note(
        "no postal address stands below the articles",
        "set postal_address for the newsletter; many countries' law asks for one",
    ),
    "html.unsubscribe": Rule("it has no link to unsubscribe", _OWN_TEMPLATE),
}

_BUNDLE = {
    "bundle.manifest": Rule("the manifest {}", _AGAIN),
    "bundle.file.missing": Rule("the file is missing", _AGAIN),
    "bundle.more": Rule("of its {} files, so many break rules that the others are not told", _AGAIN),
    "bundle.file.changed": Rule("the file is not the one that was made: its hash differs", _AGAIN),
    "bundle.file.unlisted": _note("the file is not in the manifest", "remove it; what is sent must be named there"),
    "bundle.subject": Rule("the mail's subject {} is not that of the manifest", _AGAIN),
    "bundle.date": Rule("the mail's date {} is not that of the manifest", _AGAIN),
    "bundle.date.early": Rule("the mail is dated {}, before its newest article", _AGAIN),
    "bundle.part": Rule("the mail's {} part is not that file of the bundle", _AGAIN),
    "bundle.article": Rule("the article {} is missing, or out of order", _AGAIN),
    "web.title": Rule("the page has no title", _OWN_TEMPLATE),
    "web.empty": Rule("the page is empty", _OWN_TEMPLATE),
    "web.canonical": Rule("the page does not name its own address {} as canonical", _OWN_TEMPLATE),
}

RULES: Mapping[str, Rule] = _MAIL | _WORDS | _HTML | _BUNDLE
