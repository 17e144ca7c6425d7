"""Bounces, complaints and answers in the styles of the mail systems that send them; all words and names are made up.

Each sample is a function of whom it is about, so that the same mail can come back for any delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from publisher.audience.bounces import Kind

OWN = "notes.example"


@dataclass(frozen=True)
class About:
    """Whom a sample is about."""

    #: Of the delivery.
    token: str
    #: That takes the reader off.
    leave: str
    #: Of the reader's link.
    link: str
    address: str = "ann@reader.example"

    @property
    def bounce(self) -> str:
        return f"bounce+{self.token}@{OWN}"

    @property
    def returned(self) -> str:
        """Give the header of the mail that comes back."""
        return "\n".join(
            (
                f"From: Field Notes <letters@{OWN}>",
                f"To: {self.address}",
                "Subject: Field Notes Weekly, issue 3",
                f"Message-ID: <{self.token}@{OWN}>",
                f"List-Unsubscribe: <https://{OWN}/letters/u/{self.link}>,",
                f" <mailto:unsubscribe+{self.leave}@{OWN}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            )
        )


@dataclass(frozen=True)
class Sample:
    """A mail as a mail system writes it, and what it is."""

    name: str
    kind: Kind
    make: Callable[[About], str]

    def raw(self, about: About) -> bytes:
        return self.make(about).replace("\n", "\r\n").encode()


def report(
    fields: str,
    *,
    sender: str = "Mail Delivery System <MAILER-DAEMON@mx.reader.example>",
    subject: str = "Undelivered Mail Returned to Sender",
    words: str = "Your mail could not be delivered.",
    to: str = "{bounce}",
    back: str = "text/rfc822-headers",
    extra: str = "",
    status: str = "message/delivery-status",
    about_mail: str = "Reporting-MTA: dns; mx.reader.example",
) -> Callable[[About], str]:
    """Give a report as RFC 3464 has it; `{address}` and `{bounce}` stand in its texts."""

    def make(about: About) -> str:
        def fill(text: str) -> str:
            return (
                dedent(text)
                .strip("\n")
                .format(address=about.address, bounce=about.bounce, token=about.token, leave=about.leave)
            )

        head = [
            "Return-Path: <>",
            f"From: {sender}",
            f"To: {fill(to)}",
            f"Subject: {subject}",
            *([fill(extra)] if extra else []),
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b1/x"',
        ]
        parts = [f"Content-Type: text/plain; charset=utf-8\n\n{fill(words)}\n"]
        parts.append(f"Content-Type: {status}\n\n{fill(about_mail)}\n\n{fill(fields)}\n")
        if back:
            body = "\n\nText of the letter.\n" if back == "message/rfc822" else "\n"
            parts.append(f"Content-Type: {back}\n\n{about.returned}{body}")
        return "\n".join(head) + "\n\n" + "".join(f"--=_b1/x\n{part}\n" for part in parts) + "--=_b1/x--\n"

    return make


def failed(
    status: str, said: str = "", *, who: str = "Final-Recipient: rfc822; {address}", action: str = "failed"
) -> str:
    """Give the fields of one recipient."""
    lines = [who, f"Action: {action}", f"Status: {status}"]
    return "\n".join([*lines, f"Diagnostic-Code: {said}"] if said else lines)


def plain(
    text: str,
    *,
    sender: str = "MAILER-DAEMON@mx.reader.example",
    subject: str = "failure notice",
    to: str = "{bounce}",
    extra: str = "",
    returned: bool = True,
) -> Callable[[About], str]:
    """Give a mail of text alone."""

    def make(about: About) -> str:
        def fill(words: str) -> str:
            return (
                dedent(words)
                .strip("\n")
                .format(address=about.address, bounce=about.bounce, token=about.token, leave=about.leave)
            )

        head = [f"From: {sender}", f"To: {fill(to)}", f"Subject: {fill(subject)}", *([fill(extra)] if extra else [])]
        back = f"\n\n{about.returned}\n" if returned else "\n"
        return "\n".join(head) + "\n\n" + fill(text) + back

    return make


def feedback(
    kind: str, *, redacted: bool = False, extra: str = "", returned: bool = True, to: str = "abuse@notes.example"
) -> Callable[[About], str]:
    """Give a complaint as RFC 5965 has it."""

    def make(about: About) -> str:
        back = about.returned.replace(about.address, "redacted@redacted.invalid") if redacted else about.returned
        fields = f"Feedback-Type: {kind}\nUser-Agent: Sample/1.0\nVersion: 1\n{extra}".format(
            bounce=about.bounce, token=about.token
        )
        third = f"Content-Type: message/rfc822\n\n{back}\n\nText of the letter.\n"
        parts = ["Content-Type: text/plain\n\nThis is an abuse report.\n"]
        parts += [f"Content-Type: message/feedback-report\n\n{fields}\n", *([third] if returned else [])]
        return (
            f"From: <feedback@mailhost.example>\nTo: {to}\nSubject: complaint about a mail\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=feedback-report; boundary="arf"\n\n'
            + "".join(f"--arf\n{part}\n" for part in parts)
            + "--arf--\n"
        )

    return make


EXIM = "X-Failed-Recipients: {address}\nAuto-Submitted: auto-replied"
EXIM_WORDS = """
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to all of its recipients.

      {{address}}
        {said}

    ------ This is a copy of the message's headers. ------
    """
QMAIL_WORDS = """
    Hi. This is the qmail-send program at mx.reader.example.
    I'm afraid I wasn't able to deliver your message to the following addresses.
    This is a permanent error; I've given up. Sorry it didn't work out.

    <{{address}}>:
    {said}

    --- Below this line is a copy of the message.
    """
OUTLOOK = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>"
BOTH = "Original-Recipient: rfc822;{address}\nFinal-Recipient: rfc822;{address}"

_H, _S, _I, _C, _U, _N = Kind.HARD, Kind.SOFT, Kind.IGNORED, Kind.COMPLAINT, Kind.UNSUBSCRIBE, Kind.UNREAD

SAMPLES = (
    # Postfix
    Sample("postfix unknown user", _H, report(failed("5.1.1", "smtp; 550 5.1.1 <{address}>: User unknown", who=BOTH))),
    Sample("postfix mailbox full", _S, report(failed("5.2.2", "smtp; 552 5.2.2 Mailbox full"))),
    Sample("postfix host not found", _S, report(failed("5.4.4", "X-Postfix; Host or domain name not found"))),
    Sample("postfix expired", _S, report(failed("4.4.1", "X-Postfix; connect to mx: Connection timed out"))),
    Sample("postfix delayed", _I, report(failed("4.4.1", "X-Postfix; timed out", action="delayed"))),
    Sample("postfix policy", _S, report(failed("5.7.1", "smtp; 554 5.7.1 Service unavailable; blocked"))),
    Sample("postfix undefined, reply is precise", _H, report(failed("5.0.0", "smtp; 550 5.1.1 no such user here"))),
    Sample("postfix undefined, reply is vague", _S, report(failed("5.0.0", "smtp; 550 Requested action not taken"))),
    Sample("postfix null MX", _H, report(failed("5.1.10", "X-Postfix; Domain reader.example does not accept mail"))),
    Sample("postfix sender refused", _I, report(failed("5.1.8", "smtp; 553 5.1.8 Domain of sender does not exist"))),
    Sample("postfix whole mail back", _H, report(failed("5.1.1"), back="message/rfc822")),
    Sample("postfix nothing back", _H, report(failed("5.1.1"), back="")),
    Sample("postfix without VERP", _H, report(failed("5.1.1"), to="letters@notes.example")),
    Sample("postfix envelope id only", _H,
           report(failed("5.1.1"), to="letters@notes.example", back="", about_mail="Original-Envelope-Id: {token}")),
    Sample("postfix utf-8 address", _H,
           report(failed("5.1.1", who="Final-Recipient: utf-8; {address}"), status="message/global-delivery-status",
                  back="message/global-headers")),
    # Sendmail
    Sample("sendmail unknown user", _H,
           report(failed("5.1.1", "SMTP; 550 5.1.1 <{address}>... User unknown") + "\nLast-Attempt-Date: Mon",
                  subject="Returned mail: see transcript for details")),
    Sample("sendmail bad host", _H, report(failed("5.1.2", who="Final-Recipient: RFC822; {address}"))),
    Sample("sendmail warning", _I, report(failed("4.2.0", action="delayed"), subject="Warning: could not send message")),
    Sample("sendmail relayed", _I, report(failed("2.1.9", action="relayed"))),
    Sample("sendmail delivered", _I, report(failed("2.1.5", action="delivered (to mailbox)"))),
    Sample("sendmail expanded", _I, report(failed("2.0.0", action="expanded (to multi-recipient alias)"))),
    # Exim
    Sample("exim status report", _H,
           report(failed("5.0.0", "smtp; 550 5.1.1 no such mailbox", who="Final-Recipient: rfc822;{address}"), extra=EXIM)),
    Sample("exim own form, precise", _H,
           plain(EXIM_WORDS.format(said="SMTP error from remote mail server after RCPT TO:\n        550 5.1.1 unknown user"),
                 extra=EXIM, subject="Mail delivery failed: returning message to sender")),
    Sample("exim own form, vague", _S,
           plain(EXIM_WORDS.format(said="Unrouteable address"), extra=EXIM, subject="Mail delivery failed")),
    Sample("exim own form, full", _S, plain(EXIM_WORDS.format(said="552 5.2.2 mailbox is full"), extra=EXIM)),
    # qmail
    Sample("qmail unknown user", _H, plain(QMAIL_WORDS.format(said="Sorry, no mailbox here by that name. (#5.1.1)"))),
    Sample("qmail remote reply", _S,
           plain(QMAIL_WORDS.format(said="192.0.2.7 does not like recipient.\n    Remote host said: 550 not here"))),
    Sample("qmail queue lifetime", _S,
           plain(QMAIL_WORDS.format(said="I'm not going to try again; it has been in the queue too long. (#4.4.1)"))),
    Sample("qmail full", _S, plain(QMAIL_WORDS.format(said="User is over quota. (#5.2.2)"))),
    Sample("qmail without VERP", _H,
           plain(QMAIL_WORDS.format(said="No such user. (#5.1.1)"), to="letters@notes.example")),
    # Exchange and Microsoft 365
    Sample("exchange not found", _H,
           report(failed("5.1.1", "smtp;550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"), sender=OUTLOOK,
                  subject="Undeliverable: Field Notes Weekly", back="message/rfc822")),
    Sample("365 recipient not found", _H,
           report(failed("5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"), sender=OUTLOOK)),
    Sample("365 access denied", _S, report(failed("5.4.1", "smtp;550 5.4.1 Recipient address rejected: Access denied"))),
    Sample("365 bulk sender", _S, report(failed("5.7.515", "smtp;550 5.7.515 Access denied, sending domain"))),
    Sample("365 quota", _S, report(failed("5.2.2", "smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded"))),
    Sample("365 contradiction", _S, report(failed("5.1.1", "smtp;550 5.7.1 blocked using a list"))),
    Sample("365 disabled", _H, report(failed("5.2.1", "smtp;550 5.2.1 mailbox disabled"))),
    Sample("exchange restricted group", _S, report(failed("5.7.1", "smtp;550 5.7.1 RESOLVER.RST.AuthRequired"))),
    Sample("exchange in a wrapper", _H,
           lambda about: "To: x@notes.example\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n"
           + report(failed("5.1.1"), sender=OUTLOOK)(about) + "\n--outer\nContent-Type: text/plain\n\nscanned\n--outer--\n"),
    # Gmail
    Sample("gmail not found", _H,
           report(failed("5.1.1", "smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n 550 5.1.1"),
                  sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
                  subject="Delivery Status Notification (Failure)", extra="X-Failed-Recipients: {address}")),
    Sample("gmail over quota", _S, report(failed("4.2.2", "smtp; 452-4.2.2 out of storage space"))),
    Sample("gmail disabled", _H, report(failed("5.2.1", "smtp; 550 5.2.1 The email account is disabled"))),
    Sample("gmail rate", _S, report(failed("4.2.1", "smtp; 450 4.2.1 receiving mail at a rate"))),
    Sample("gmail unauthenticated", _S, report(failed("5.7.26", "smtp; 550-5.7.26 mail is unauthenticated"))),
    Sample("gmail delay", _I, report(failed("4.7.28", action="delayed"), subject="Delivery Status Notification (Delay)")),
    # Yahoo
    Sample("yahoo unknown", _S,
           report(failed("5.0.0", "smtp; 554 delivery error: dd This user doesn't have an account"))),
    Sample("yahoo own words", _S,
           plain("Message from mail.example.\nUnable to deliver message to the following address(es).\n\n<{address}>:\n"
                 "This user doesn't have an account (ann) [0]\n\n--- Original message follows.\n",
                 subject="Failure Notice", sender="MAILER-DAEMON@yahoo.example")),
    # Amazon SES
    Sample("ses bounce", _H,
           report(failed("5.1.1", "smtp; 550 5.1.1 user unknown"), sender="MAILER-DAEMON@ses.example",
                  about_mail="Reporting-MTA: dns; a.ses.example", back="message/rfc822")),
    Sample("ses address suppressed", _S, report(failed("5.0.0", "smtp; 550 address is on a suppression list"))),
    # Others
    Sample("domino", _H,
           report(failed("5.1.1", "X-Notes; User not listed in public directory"), subject="DELIVERY FAILURE: User not listed")),
    Sample("opensmtpd says error", _H, report(failed("5.1.1", action="error"))),
    Sample("courier", _H, report(failed("5.1.1", "unknown; No such user"))),
    Sample("groupwise", _S, report(failed("5.2.3", "smtp; 550 message too large"))),
    Sample("icloud", _H, report(failed("5.1.1", "smtp;550 5.1.1 <{address}>: user does not exist"))),
    Sample("gmx", _H, report(failed("5.1.1", "smtp; 550 Requested action not taken: mailbox unavailable"))),
    Sample("powermta", _H,
           report("Original-Recipient: rfc822;{address}\nFinal-Recipient: rfc822;{address}\nAction: failed\n"
                  "Status: 5.1.1 (bad destination mailbox address)\nRemote-MTA: dns;mx\nX-PowerMTA-BounceCategory: bad-mailbox")),
    Sample("comment behind the action", _H, report(failed("5.1.1", action="Failed (permanently)"))),
    Sample("angle brackets, no type", _H, report(failed("5.1.1", who="Final-Recipient: <{address}>"))),
    Sample("address in capitals", _H, report(failed("5.1.1", who="Final-Recipient: RFC822; ANN@READER.EXAMPLE"))),
    Sample("address redacted", _H, report(failed("5.1.1", who="Final-Recipient: rfc822; redacted"))),
    Sample("forwarded elsewhere", _S, report(failed("5.1.1", who="Final-Recipient: rfc822; ann.old@other.example"))),
    Sample("forwarded, first address named", _H,
           report(failed("5.1.1", who="Original-Recipient: rfc822;{address}\nFinal-Recipient: rfc822;a@other.example"))),
    Sample("several recipients, ours among them", _H,
           report(failed("4.4.1", who="Final-Recipient: rfc822; bob@other.example") + "\n\n" + failed("5.1.1"))),
    Sample("several recipients, another one gone", _I,
           report(failed("5.1.1", who="Final-Recipient: rfc822; bob@other.example") + "\n\n"
                  + failed("2.0.0", action="relayed"))),
    Sample("an alias of two, one reached", _I,
           report(failed("5.1.1", who="Final-Recipient: rfc822; bob@other.example") + "\n\n"
                  + failed("2.0.0", who="Final-Recipient: rfc822; eve@other.example", action="delivered"))),
    Sample("mailenable's words", _S,
           plain("MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) could not be "
                 "reached:\n\n\tRecipient: [SMTP:{address}]\n\tReason: 550 mailbox unavailable\n",
                 sender='"Delivery Subsystem" <POSTMASTER@reader.example>', subject="Message Delivery Failure",
                 extra="Auto-Submitted: auto-replied")),
    Sample("words without an address", _S,
           plain("One or more of the recipients are not a valid user of the system.", sender="ndr@reader.example",
                 subject="Mail delivery failed: returning message to sender")),
    Sample("quota, as a receipt", _S,
           report("Final-Recipient: rfc822; {address}\nDisposition: automatic-action/MDN-sent-automatically; deleted",
                  status="message/disposition-notification", about_mail="Reporting-UA: mail; Dovecot",
                  subject="Automatically rejected mail", extra="Auto-Submitted: auto-replied (rejected)")),
    # What is no failure
    Sample("read receipt", _I,
           report("Final-Recipient: rfc822; {address}\nDisposition: manual-action/MDN-sent-manually; displayed",
                  status="message/disposition-notification", about_mail="Reporting-UA: mail; Sample")),
    Sample("deleted unread", _I,
           report("Disposition: manual-action/MDN-sent-manually; deleted", sender="ann@reader.example",
                  status="message/disposition-notification", about_mail="Reporting-UA: mail; Sample")),
    Sample("vacation", _I,
           plain("I am away. 550 5.1.1 is my office.", sender="ann@reader.example", subject="Away: your mail",
                 extra="Auto-Submitted: auto-replied (vacation)")),
    Sample("out of office", _I, plain("Back on Monday.", sender="ann@reader.example", subject="Out of Office: issue 3")),
    Sample("automatic reply", _I, plain("Back soon.", sender="ann@reader.example", subject="Automatic reply: issue 3")),
    Sample("challenge", _I,
           plain("Answer to prove that you are a person.", sender="ann@reader.example", subject="Please confirm",
                 extra="X-Delivery-Agent: TMDA/1.0")),
    # Complaints
    Sample("junk button", _C, feedback("abuse")),
    Sample("junk button, redacted", _C, feedback("abuse", redacted=True)),
    Sample("junk button, envelope sender alone", _C,
           feedback("abuse", extra="Original-Mail-From: <{bounce}>\n", returned=False)),
    Sample("fraud", _C, feedback("fraud")),
    Sample("opt-out", _U, feedback("opt-out")),
    Sample("not spam", _I, feedback("not-spam")),
    Sample("authentication failure", _I, feedback("auth-failure")),
    # Leaving by mail
    Sample("leave by address", _U,
           plain("", sender="ann@reader.example", to="unsubscribe+{leave}@notes.example", subject="", returned=False)),
    Sample("leave by subject", _U,
           plain("Please.", sender="ann@reader.example", to="unsubscribe@notes.example", subject="unsubscribe {leave}",
                 returned=False)),
    # What somebody should read
    Sample("a person answers", _N, plain("Great issue, thank you!", sender="ann@reader.example", subject="Re: issue 3")),
    Sample("a report that does not say", _N, report("Final-Recipient: rfc822; {address}\nStatus: 5.1.1")),
)  # fmt: skip
