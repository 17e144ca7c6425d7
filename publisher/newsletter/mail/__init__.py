"""An issue as a mail: the only code that writes header fields and MIME parts.

Python's `email` package glues encoded-words, encodes addresses, folds URIs apart and draws its boundaries by lot; here
the same issue gives the same bytes, and a further reader costs no more than putting a few values between them.
"""

from publisher.newsletter.mail.addresses import AddressNeedsSmtputf8, ReaderRefused
from publisher.newsletter.mail.message import Envelope, message
from publisher.newsletter.mail.mime import Attachment
from publisher.newsletter.mail.reader import Reader
from publisher.newsletter.mail.skeleton import BrokenMessage, Filled, Skeleton, Slot

__all__ = [
    "AddressNeedsSmtputf8",
    "Attachment",
    "BrokenMessage",
    "Envelope",
    "Filled",
    "Reader",
    "ReaderRefused",
    "Skeleton",
    "Slot",
    "message",
]
