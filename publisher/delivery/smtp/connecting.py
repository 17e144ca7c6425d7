"""From a name to a connection that takes mails: reach, greet, encrypt, log in.

smtplib knows the words of EHLO and AUTH. Its own way of reading replies is not used: it waits for each read anew, so that
a relay that drips keeps it for ever, and it gathers replies without end.
"""

import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.smtp.replies import Garbage, Reply, ReplyReader, printable
from publisher.delivery.smtp.verdicts import broken, judge
from publisher.delivery.transport import Outcome, Scope, Stage, TransportRefused, Verdict

_READ = 4096
_DIGITS = re.compile(r"[0-9]{1,15}")
_LOOPBACK = ("127.", "::1")
#: Ways to log in, the plainest first: the connection is encrypted, and relays keep passwords in ways that not each can use.
_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
_UNKNOWN_MECHANISM = 504  # RFC 4954, section 4
#: What to do where a step fails; where none is named, waiting helps, or the relay's own words say what does.
_CURES = {
    Stage.CONNECT: "see whether url in [delivery] names the relay, and whether it is up",
    Stage.TLS: "see whether url, security and ca in [delivery] are the relay's; nothing leaves without encryption",
    Stage.AUTH: "see whether username and password in [delivery] are those of the relay",
}


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection on which mails may be sent at once."""

    socket: socket.socket
    abilities: Abilities


class _Stopped(Exception):
    """The connection cannot be made; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


class _Session(smtplib.SMTP):
    """smtplib's words over a socket of ours, with replies read by our own rules."""

    def __init__(self, relay: Relay, deadlines: Deadlines) -> None:
        super().__init__(local_hostname=relay.hello)
        if relay.lmtp:
            self.ehlo_msg = "lhlo"
        self.stage = Stage.BANNER
        self._deadlines = deadlines
        self._reader = ReplyReader()
        self._waiting: list[Reply | Garbage] = []

    @property
    def connection(self) -> socket.socket:
        assert self.sock is not None, "a session is used once it is connected"
        return self.sock

    @property
    def silent(self) -> bool:
        """Whether nothing was read beyond the last reply."""
        return not (self._waiting or self._reader.begun)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply (as smtplib wants it) before the deadline of the stage, and no more than a reply may have."""
        reply = self.reply()
        return reply.code, b"\n".join(reply.lines)

    def reply(self) -> Reply:
        deadline = time.monotonic() + self._deadlines.at(self.stage)
        while not self._waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            data = self.connection.recv(_READ)
            if not data:
                raise _Stopped(broken(self.stage, "the relay closed the connection"))
            self._waiting += self._reader.feed(data)
        first = self._waiting.pop(0)
        if isinstance(first, Garbage):
            raise _Stopped(broken(self.stage, f"the relay sent {first.words}"))
        return first

    def forget(self) -> None:
        """Forget what was offered in the clear (RFC 3207, section 4.2)."""
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False


def refused(relay: Relay, outcome: Outcome) -> TransportRefused:
    """Return what is raised where a relay cannot be used: its place, what is wrong, what to do."""
    cure = _CURES.get(outcome.stage, "run this again later")
    return TransportRefused(f"{relay}: {outcome.reply}; {cure}", outcome)


def connect(relay: Relay, deadlines: Deadlines, opened: Callable[[socket.socket], object]) -> Connected:
    """Reach a relay, encrypt and log in as the settings say.

    Args:
        relay: where to, and as whom.
        deadlines: for each step.
        opened: gets each socket as soon as there is one, so that another thread can shut it when all takes too long.

    Raises:
        TransportRefused: some step failed; its outcome says which, and whether trying again later may help.
    """
    session = _Session(relay, deadlines)
    try:
        _reach(session, relay, deadlines, opened)
        _converse(session, relay, opened)
    except Exception as error:
        _discard(session)
        raise refused(relay, _outcome(session, error)) from error
    return Connected(session.connection, _abilities(session))


def _reach(session: _Session, relay: Relay, deadlines: Deadlines, opened: Callable[[socket.socket], object]) -> None:
    session.stage = Stage.CONNECT
    if relay.host.startswith("/"):
        session.sock = socket.socket(socket.AF_UNIX)
        opened(session.sock)
        session.sock.settimeout(deadlines.connect)
        session.sock.connect(relay.host)
        return
    session.sock = socket.create_connection((relay.host, relay.port), deadlines.connect)
    opened(session.sock)
    session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _converse(session: _Session, relay: Relay, opened: Callable[[socket.socket], object]) -> None:
    if relay.security == "tls":
        _encrypt(session, relay, opened)
    session.stage = Stage.BANNER
    _expect(session, session.reply())
    _hello(session, relay)
    if relay.security == "starttls":
        _start_tls(session, relay, opened)
        _hello(session, relay)
    if relay.username:
        _log_in(session, relay)
    if not session.silent:
        raise _Stopped(broken(session.stage, "the relay spoke before it was asked"))


def _expect(session: _Session, reply: Reply) -> None:
    outcome = judge(session.stage, reply)
    if outcome is not None:
        raise _Stopped(outcome)


def _hello(session: _Session, relay: Relay) -> None:
    session.stage = Stage.HELLO
    reply = Reply(*_one_line(session.ehlo()))
    if reply.code >= 500 and not relay.lmtp:  # older than EHLO (RFC 5321, section 3.2)
        reply = Reply(*_one_line(session.helo()))
    _expect(session, reply)


def _start_tls(session: _Session, relay: Relay, opened: Callable[[socket.socket], object]) -> None:
    session.stage = Stage.TLS
    if not session.has_extn("starttls"):
        raise _Stopped(broken(Stage.TLS, "the relay offers no encryption (STARTTLS); nothing is sent in the clear"))
    session.putcmd("STARTTLS")
    _expect(session, session.reply())
    if not session.silent:  # what was slipped in here would be taken for the encrypted relay's words (CVE-2011-0411)
        raise _Stopped(broken(Stage.TLS, "the relay spoke between STARTTLS and encryption; somebody may be in between"))
    _encrypt(session, relay, opened)
    session.forget()


def _encrypt(session: _Session, relay: Relay, opened: Callable[[socket.socket], object]) -> None:
    session.stage = Stage.TLS
    try:
        context = ssl.create_default_context(cafile=relay.ca)
    except (OSError, ssl.SSLError) as error:
        words = f"{relay.ca} holds no certificates that can be read: {error.strerror or error}"
        raise _Stopped(broken(Stage.TLS, words)) from error
    session.connection.settimeout(session._deadlines.at(Stage.TLS))  # noqa: SLF001 # ours
    encrypted = context.wrap_socket(session.connection, server_hostname=relay.host)
    session.sock = encrypted
    opened(encrypted)
    if encrypted.version() is None:  # Python skips the handshake where the relay has gone meanwhile
        raise _Stopped(broken(Stage.TLS, "the relay closed the connection"))


def _log_in(session: _Session, relay: Relay) -> None:
    session.stage = Stage.AUTH
    if not (isinstance(session.sock, ssl.SSLSocket) or _is_local(session.connection)):
        raise _Stopped(_refusal("a password is only told over an encrypted connection"))
    offered = session.esmtp_features.get("auth", "").upper().split()
    known = [one for one in _MECHANISMS if one in offered]
    if not offered:
        raise _Stopped(_refusal("the relay offers no login (AUTH); leave username and password out"))
    if not known:
        raise _Stopped(_refusal(f"the relay offers no login by password, but by {', '.join(offered)[:80]}"))
    while not _is_logged_in(session, relay, known.pop(0), last=not known):
        pass


def _is_logged_in(session: _Session, relay: Relay, mechanism: str, *, last: bool) -> bool:
    # smtplib would offer a refused password again in each other way, and many relays lock who is wrong a few times.
    session.esmtp_features["auth"] = mechanism
    try:
        session.login(relay.username, relay.password)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code == _UNKNOWN_MECHANISM and not last:
            return False
        code, lines = _one_line((error.smtp_code, error.smtp_error))
        _expect(session, Reply(code, tuple(_without_secrets(line, relay) for line in lines)))
        raise
    except UnicodeEncodeError as error:
        raise _Stopped(_refusal("name and password of the relay can only hold ASCII")) from error
    return True


def _without_secrets(line: bytes, relay: Relay) -> bytes:
    """Return what a relay says without the password: some say again what they were told, and their words are logged."""
    name, password = relay.username.encode(), relay.password.encode()
    plain = b64encode(b"\0" + name + b"\0" + password)
    for secret in filter(None, (plain, b64encode(password), password)):
        line = line.replace(secret, b"***")
    return line


def _refusal(words: str) -> Outcome:
    return Outcome(Verdict.DEFERRED, Stage.AUTH, words, Scope.RUN, counted=False)


def _is_local(connection: socket.socket) -> bool:
    return connection.family == socket.AF_UNIX or connection.getpeername()[0].startswith(_LOOPBACK)


def _one_line(answer: tuple[int, bytes | str]) -> tuple[int, tuple[bytes, ...]]:
    code, text = answer
    return code, tuple((text.encode() if isinstance(text, str) else text).split(b"\n"))


def _abilities(session: _Session) -> Abilities:
    offered = session.esmtp_features
    size = offered.get("size", "").strip()
    return Abilities(
        pipelining="pipelining" in offered,
        eight_bit="8bitmime" in offered,
        smtputf8="smtputf8" in offered,
        dsn="dsn" in offered,
        sizes="size" in offered,
        # Zero means that it names none (RFC 1870, section 4).
        size=(int(size) if _DIGITS.fullmatch(size) else 0) or None,
    )


def _outcome(session: _Session, error: Exception) -> Outcome:
    if isinstance(error, _Stopped):
        return error.outcome
    return broken(session.stage, printable(_words(error)))


def _words(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"the relay's certificate is not valid: {error.verify_message.rstrip('.')}"
        case TimeoutError():
            return "no answer in time"
        case socket.gaierror():
            return f"its name cannot be looked up: {error.strerror}"
        case ssl.SSLError():
            return f"encryption failed: {error.reason or error}"
        case OSError():
            return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"


def _discard(session: _Session) -> None:
    if session.sock is not None:
        session.sock.close()
