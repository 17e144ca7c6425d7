"""A socket that never blocks, with or without TLS, and the conversation on it."""

import ssl
import time

from publisher.delivery.smtp.connecting import Connected
from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.relay import Deadlines
from publisher.delivery.transport import Stage

_READ = 65536


class Wire:
    """Moves bytes between a socket and a conversation, and watches the deadline of what is waited for.

    Args:
        connected: a connection, which is this object's from now on.
        conversation: what is said on it.
        deadlines: for each stage.
    """

    def __init__(self, connected: Connected, conversation: Conversation, deadlines: Deadlines) -> None:
        self.conversation = conversation
        #: Whether the kernel took less than there is.
        self.blocked = False
        #: When what is waited for is late, by the monotonic clock.
        self.deadline = time.monotonic() + deadlines.idle
        self._socket = connected.socket
        self._socket.setblocking(False)
        #: For a selector.
        self.descriptor = self._socket.fileno()
        self._deadlines = deadlines
        self._waits: tuple[Stage | None, int] | None = None

    def read(self) -> None:
        """Take what has come, without waiting."""
        try:
            while not self.conversation.over:
                data = self._socket.recv(_READ)
                if not data:
                    self.conversation.lost("the relay closed the connection")
                    return
                self.conversation.receive(data)
                # TLS may hold more than the kernel does, and no selector tells.
                if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                    return
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self.conversation.lost(_words(error))

    def write(self) -> None:
        """Hand over what there is, as far as the kernel takes it.

        An error is told only where bytes were left: the last of them is the final dot's, so the mail was not sent.
        """
        conversation = self.conversation
        try:
            while conversation.unsent:
                conversation.handed(self._send(conversation.outgoing()))
            self.blocked = False
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.blocked = True
        except OSError as error:
            conversation.lost(_words(error))

    def watch(self, now: float) -> None:
        """Give up what is late; a reply, or the kernel's taking the message, starts the next deadline."""
        conversation = self.conversation
        waits = (conversation.waiting, conversation.replies)
        if waits != self._waits:
            self._waits = waits
            stage = waits[0]
            patience = self._deadlines.idle if stage is None else self._deadlines.at(stage, conversation.unsent)
            self.deadline = now + patience
        elif now >= self.deadline and waits[0] is not None:
            conversation.lost("no answer in time")

    def close(self) -> None:
        """End at once."""
        self._socket.close()

    def _send(self, pieces: list[memoryview]) -> int:
        if isinstance(self._socket, ssl.SSLSocket):
            # What is not taken has to be handed over again with the same beginning; joined pieces have that.
            return self._socket.send(b"".join(pieces))
        return self._socket.sendmsg(pieces)


def _words(error: OSError) -> str:
    return f"connection lost: {error.strerror or error}"
