"""Where mails go and how long each step may take, as values."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from publisher.delivery.transport import Stage

_BLOCK = 65536


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long is waited at each stage, in seconds of a clock that nobody sets (RFC 5321, section 4.5.3.2).

    Each is for a whole reply, however it is dripped, not for one read.
    """

    #: To look the relay up and reach it; the RFC names none.
    connect: float = 60
    #: From there to the end of AUTH, all steps together.
    opening: float = 300
    #: For the greeting, and each reply to EHLO, STARTTLS, AUTH, MAIL, RCPT and RSET.
    command: float = 300
    #: For the reply to DATA.
    data: float = 120
    #: For the relay to take 64 KiB of a message.
    block: float = 180
    #: For the reply to the final dot: giving up early makes copies.
    dot: float = 600
    #: After so long without a mail a connection takes leave, before the relay ends it.
    idle: float = 30
    #: For all that is said in leaving.
    leave: float = 3
    #: The first pause before a relay that could not be reached is tried again; it doubles with each failure …
    pause: float = 1
    #: … up to this.
    longest_pause: float = 60

    def at(self, stage: Stage, size: int = 0) -> float:
        """Return how long is waited at a stage.

        Args:
            stage: what is waited for.
            size: how many bytes are to leave before; for BODY.
        """
        if stage is Stage.BODY:
            return self.block * (1 + size // _BLOCK)
        return {Stage.CONNECT: self.connect, Stage.DATA: self.data, Stage.DOT: self.dot}.get(stage, self.command)


@dataclass(frozen=True, slots=True)
class Relay:
    """A server that takes mails, and how to speak to it."""

    #: Its host; or the path of a socket, which starts with a slash.
    host: str
    port: int
    #: How this machine names itself.
    hello: str
    #: "tls" from the first byte, "starttls" before anything is told, or "none".
    security: Literal["starttls", "tls", "none"] = "starttls"
    #: LHLO instead of EHLO (RFC 2033).
    lmtp: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    #: Certificates (PEM) to trust instead of the system's.
    ca: Path | None = None

    def __str__(self) -> str:
        return self.host if self.host.startswith("/") else f"{self.host}:{self.port}"
