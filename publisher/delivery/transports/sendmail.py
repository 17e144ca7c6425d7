"""Mails handed to a program such as /usr/sbin/sendmail, which every mail server brings."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from publisher.delivery.smtp.replies import printable
from publisher.delivery.smtp.verdicts import broken
from publisher.delivery.transport import Features, Mail, Outcome, Scope, Stage, TransportRefused, Verdict
from publisher.delivery.transports.onebyone import OneByOne

#: How long the program may take for one mail, in seconds; as long as a relay may for its answer.
PATIENCE = 600.0

# <sysexits.h>: what is wrong with this mail for ever …
_FAILED = {65: "data error", 67: "no such user", 68: "no such host"}
# … with every mail …
_BROKEN = {
    64: "usage",
    66: "no input",
    69: "unavailable",
    70: "software",
    72: "system file",
    73: "cannot create",
    78: "configuration",
}
# … and what may pass: 71 operating system, 74 input or output, 75 try again, 76 protocol, 77 permission.


class SendmailTransport(OneByOne):
    """Starts a program for each mail: `PROGRAM -i -f SENDER -- RECIPIENT`, the message on its standard input.

    Args:
        program: its path.
        patience: how long it may take for one mail, in seconds.
    """

    def __init__(self, program: Path, patience: float = PATIENCE) -> None:
        super().__init__()
        self._program = program
        self._patience = patience

    def prepare(self) -> Features:
        """Look whether there is such a program."""
        if shutil.which(self._program) is None:
            words = f"{self._program} is no program that can be run"
            outcome = Outcome(Verdict.DEFERRED, Stage.CONNECT, words, Scope.RUN, counted=False)
            raise TransportRefused(f"{words}; name one in [delivery] url, such as sendmail:/usr/sbin/sendmail", outcome)
        return Features()

    def deliver(self, mail: Mail) -> Outcome:
        """Run it; no shell is between, and no address is taken for an option."""
        if mail.sender.startswith("-"):
            return Outcome(Verdict.FAILED, Stage.MAIL, "the sender's address would be taken for an option")
        command = [str(self._program), "-i", "-f", mail.sender or "<>", "--", mail.recipient]
        # Programs take a message as files hold it, with line feeds.
        data = mail.data.replace(b"\r\n", b"\n")
        try:
            process = subprocess.Popen(  # noqa: S603 # the author's settings name the program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as error:
            return broken(Stage.CONNECT, f"{self._program}: {error.strerror or error}")
        with process:
            return self._feed(process, data)

    def _feed(self, process: subprocess.Popen[bytes], data: bytes) -> Outcome:
        try:
            said, _ = process.communicate(data, timeout=self._patience)
        except subprocess.TimeoutExpired:
            _kill(process)
            return broken(Stage.DOT, f"no answer within {self._patience:g} seconds")
        except OSError as error:
            _kill(process)
            return broken(Stage.DOT, f"{self._program}: {error.strerror or error}")
        return meaning(process.returncode, said.decode("utf-8", "replace"))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program that leads a session of its own, and those that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def meaning(status: int, said: str) -> Outcome:
    """Return what an exit status says of a mail that the program was given (<sysexits.h>).

    Args:
        status: of the process; negative where a signal ended it, so that it may have taken the mail before.
        said: what it printed.
    """
    words = printable(f"exit status {status} {said}".strip())
    if status == 0:
        return Outcome(Verdict.SENT, Stage.DOT, words)
    if status < 0:
        return Outcome(Verdict.UNCERTAIN, Stage.DOT, printable(f"ended by signal {-status} {said}".strip()))
    if status in _FAILED:
        return Outcome(Verdict.FAILED, Stage.DOT, words)
    if status in _BROKEN:
        return Outcome(Verdict.DEFERRED, Stage.DOT, words, Scope.RUN, counted=False)
    return Outcome(Verdict.DEFERRED, Stage.DOT, words)
