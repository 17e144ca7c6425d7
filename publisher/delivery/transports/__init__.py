"""How mails leave: the transport that the settings name."""

from pathlib import Path
from urllib.parse import urlsplit

from publisher.config.delivery import DeliverySettings
from publisher.delivery.smtp.client import SmtpTransport
from publisher.delivery.smtp.relay import Relay
from publisher.delivery.transport import Transport
from publisher.delivery.transports.files import FolderTransport, MaildirTransport
from publisher.delivery.transports.sendmail import SendmailTransport

_PORTS = {"smtp": 587, "smtps": 465, "lmtp": 24}


def open_transport(settings: DeliverySettings, password: str, folder: Path, hello: str) -> Transport:
    """Return the transport that `[delivery] url` names; its `open` connects.

    Args:
        settings: `[delivery]`.
        password: of the relay, as it was read; empty for none.
        folder: the publication's, for paths that are relative.
        hello: how this machine names itself where the settings do not say.
    """
    kind, _, path = settings.url.partition(":")
    if kind == "maildir":
        return MaildirTransport(folder / path)
    if kind == "folder":
        return FolderTransport(folder / path)
    if kind == "sendmail":
        return SendmailTransport(folder / path)
    return SmtpTransport(relay_of(settings, password, folder, hello), settings.connections)


def relay_of(settings: DeliverySettings, password: str, folder: Path, hello: str) -> Relay:
    """Return the relay that the settings name; the arguments are those of `open_transport`."""
    parts = urlsplit(settings.url)
    return Relay(
        host=parts.hostname or parts.path,
        port=parts.port or _PORTS[parts.scheme],
        hello=settings.hello or hello,
        security={"smtps": "tls", "lmtp": "none"}.get(parts.scheme, settings.security),  # type: ignore[arg-type]
        lmtp=parts.scheme == "lmtp",
        username=settings.username or "",
        password=password,
        ca=None if settings.ca is None else folder / settings.ca,
    )
