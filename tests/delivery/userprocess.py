"""The program as a process that is forked, once right and in several wrong ways: what tests of mistakes call."""

import ctypes
import os
import resource
import shutil
import sqlite3
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import closing, redirect_stdout
from io import StringIO
from pathlib import Path

from tests.delivery.mailroom import ARTICLE, config

#: The issue's week begins.
MONDAY = "2026-11-23T08:05:00Z"
READERS = tuple(f"{name}@reader.example" for name in ("ada", "ben", "eva"))
PASSWORD = "correct-horse-battery"


def rehearse(folder: str) -> None:
    """Make a publication with readers and an issue, and send that of a copy, so that children find all of it loaded."""
    site, copy = Path(folder), Path(folder).with_name("copy")
    (site / "articles").mkdir(parents=True)
    for name in ("west", "east"):
        (site / "articles" / f"{name}.md").write_text(ARTICLE.format(name=name), encoding="utf-8")
    (site / "publisher.toml").write_text(config("sqlite:///.publisher/state.db"), encoding="utf-8")
    _call(site, "issue", "weekly")
    _call(site, "subscribers", "add", *READERS)
    shutil.copytree(site, copy)
    for arguments in (("plan", "weekly"), ("send", "weekly"), ("run",), ("status",)):
        _call(copy, *arguments)


def _call(folder: Path, *arguments: str) -> None:
    from publisher.cli import main

    with redirect_stdout(StringIO()):  # the fork server's own answers go there
        main(["-C", str(folder), "--as-of", MONDAY, *arguments], prog_name="publisher", standalone_mode=False)


def command(
    folder: str,
    arguments: Sequence[str],
    out: str,
    err: str,
    *,
    environment: Mapping[str, str],
    largest: int,
    patience: float,
    planted: str,
) -> None:
    """Be `publisher` for one command, as an account without special rights; its words go into files.

    Args:
        folder: the publication's.
        arguments: behind `publisher -C FOLDER`.
        out: file that gets what goes to standard output.
        err: file that gets what goes to standard error.
        environment: variables that are set.
        largest: no file grows beyond that, in bytes; 0 for no limit.
        patience: for how many seconds a relay or a database is waited for.
        planted: what is wrong with the program: a function of this module; empty for nothing.
    """
    for descriptor, name in ((1, out), (2, err)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    # Names of relays are asked of nobody who is slow to answer.
    os.environ.update({"NO_COLOR": "1", "RES_OPTIONS": "timeout:1 attempts:1", **environment})
    _drop_rights()
    _be_impatient(patience)
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    if planted:
        getattr(sys.modules[__name__], planted)(Path(folder))
    from publisher.cli import main

    try:
        main(["-C", folder, *arguments], prog_name="publisher")
    except Exception:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _drop_rights() -> None:
    """Give up what root may beyond others: without capabilities, modes of files hold for it, too (capset(2), version 3)."""
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def _be_impatient(seconds: float) -> None:
    from publisher.delivery.smtp import client
    from publisher.delivery.smtp.relay import Deadlines
    from publisher.store import sqlite

    sqlite.PATIENCE = seconds
    short = Deadlines(connect=seconds, opening=seconds, command=seconds)
    vars(client).update(Deadlines=lambda: short)


def let_errors_through(_folder: Path) -> None:
    """Be a program that shows tracebacks."""
    import click

    from publisher.cli.session import Program

    del Program.invoke
    assert Program.invoke is click.Group.invoke


def lose_a_reader(folder: Path) -> None:
    """Be a program that forgets somebody."""
    with closing(sqlite3.connect(folder / ".publisher" / "state.db")) as base:
        base.execute("DELETE FROM subscription WHERE id = 1")
        base.commit()


def end_well_always(_folder: Path) -> None:
    """Be a program whose exit status says nothing."""
    from publisher.errors import PublisherError

    PublisherError.exit_status = 0


def say_nothing(_folder: Path) -> None:
    """Be a program that fails without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def name_a_reader(_folder: Path) -> None:
    """Be a program that tells addresses to whoever reads its log."""
    sys.stderr.write(f"while looking at {READERS[0]}: ")


def tell_the_password(_folder: Path) -> None:
    """Be a program that tells secrets."""
    sys.stderr.write(f"password {PASSWORD}: ")


def ramble(_folder: Path) -> None:
    """Be a program that says more than one thing."""
    sys.stderr.write("Something went wrong.\n\n")


def send_twice(_folder: Path) -> None:
    """Be a program by which everybody gets two mails."""
    from publisher.delivery.transport import Mail, Outcome
    from publisher.delivery.transports.files import MaildirTransport

    once = MaildirTransport.deliver

    def twice(self: MaildirTransport, mail: Mail) -> Outcome:
        done = once(self, mail)
        for path in (self._folder / "new").glob("*.publisher"):
            shutil.copy(path, path.with_suffix(".again"))
        return done

    MaildirTransport.deliver = twice  # type: ignore[method-assign]


def send_to_nobody(_folder: Path) -> None:
    """Be a program that writes down as sent what never leaves."""
    from publisher.delivery.transport import Mail, Outcome, Stage, Verdict
    from publisher.delivery.transports.files import MaildirTransport

    def deliver(self: MaildirTransport, mail: Mail) -> Outcome:
        return Outcome(Verdict.SENT, Stage.DOT, f"written to {self._folder}: {mail.token}")

    MaildirTransport.deliver = deliver  # type: ignore[method-assign]
