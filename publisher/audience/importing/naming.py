"""What the name of a file says about the people in it."""

import re

# Mailchimp calls its files so, people who trim or rename them keep the word, and others use it, too. Looked for anywhere: a
# file that is refused without need can be renamed, a mail to somebody who left cannot be taken back.
_STOP = re.compile(
    r"(?P<unsubscribed>unsubscri|(?<![a-z])un[^a-z]{0,3}sub)"
    r"|(?P<nonsubscribed>n(?:on|ot)subscri|(?<![a-z])n(?:on|ot)[^a-z]{0,3}sub)"
    r"|(?P<cleaned>cleaned)"
    r"|(?P<other>bounced|complain|suppress|opt(?:ed)?[^a-z]{0,3}out|b(?:lock|lack)list)"
)


def kind_of(file: str) -> str:
    """Return one of Mailchimp's words, `other` for what else gets no mail, or nothing.

    Args:
        file: its name, without folders.
    """
    name = file.lower()
    if name.startswith("subscribed_"):
        return "subscribed"
    if found := _STOP.search(name):
        return str(found.lastgroup)
    return "subscribed" if "subscribed" in name else ""


def gets_no_mail(file: str) -> bool:
    """Say whether people in a file of this name have not agreed to mail, or no longer do."""
    return kind_of(file) not in ("", "subscribed")
