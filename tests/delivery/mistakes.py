"""A small publication in which somebody makes a mistake, mends it, and does the same again: how that is seen and judged."""

import hashlib
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from publisher import Publication
from publisher.delivery.accounts import broken_invariants
from tests.crash.forkserver import ForkServer
from tests.delivery.faultserver import FaultServer
from tests.delivery.mailroom import ISSUE
from tests.delivery.userprocess import MONDAY, PASSWORD, READERS

COMMAND = "tests.delivery.userprocess:command"
REHEARSAL = "tests.delivery.userprocess:rehearse"
SEND = ("send", "weekly")
_TRACEBACK = re.compile(r"Traceback|File \".*\", line \d|^\w+(Error|Exception):", re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+-]+@reader\.example")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str


@dataclass
class Stage:
    """A publication with readers and an issue, and what it takes to call the program there."""

    folder: Path
    forks: ForkServer
    #: Closes servers and disks at the end.
    stack: ExitStack
    #: Who gets the issue.
    readers: tuple[str, ...] = READERS
    #: Who got a mail by servers of a test's own.
    taken: Callable[[], list[str]] = list
    #: As in `command`.
    environment: dict[str, str] = field(default_factory=dict)
    largest: int = 0
    patience: float = 5
    planted: str = ""
    #: What the clock says.
    at: str = MONDAY
    #: The hash of a plan that was made.
    plan: str = ""

    def run(self, *arguments: str) -> Said:
        """Run a command in a process of its own; `{site}` in it is the publication's folder, `{plan}` the plan's hash."""
        out, err = self.folder.parent / "out.txt", self.folder.parent / "err.txt"
        job: dict[str, Any] = {
            "folder": str(self.folder),
            "arguments": ["--as-of", self.at, *(one.format(site=self.folder, plan=self.plan) for one in arguments)],
            "out": str(out),
            "err": str(err),
            "environment": self.environment,
            "largest": self.largest,
            "patience": self.patience,
            "planted": self.planted,
        }
        status = self.forks.run(COMMAND, job)
        return Said(status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    @property
    def database(self) -> Path:
        return self.folder / ".publisher" / "state.db"

    @property
    def bundle(self) -> Path:
        return self.folder / "issues" / ISSUE

    def path(self, name: str) -> Path:
        """Return a path below the folder."""
        return self.folder / name

    def configure(self, old: str, new: str) -> None:
        """Change the settings."""
        path = self.path("publisher.toml")
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def deliver_by(self, port: int, *lines: str) -> None:
        """Let mails go to a relay on this machine."""
        self.configure('url = "maildir:out"', "\n".join((f'url = "smtp://127.0.0.1:{port}"', *lines)))

    def relay(self, server: FaultServer, *lines: str) -> FaultServer:
        """Let mails go to a server, until the end of the test."""
        self.stack.enter_context(server)
        self.taken = lambda: [str(mail["recipient"]) for mail in server.mails()]
        self.deliver_by(server.port, *lines)
        return server

    def got(self) -> Counter[str]:
        """Return how many mails each reader got."""
        paths = (self.folder / "out" / "new").glob("*")
        mails = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths)
        return Counter([*self.taken(), *(str(mail["Delivered-To"]) for mail in mails)])

    def kept(self) -> dict[str, object]:
        """Return what no mistake may change: the bundle, and what the database knows of people and their mails."""
        files = {path.name: _digest(path) for path in self.bundle.glob("issue.*")}
        return {**files, "manifest": _digest(self.bundle / "manifest.json"), **_rows(self.database)}


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where stages are copied from, and who plays on them."""

    made: Path
    forks: ForkServer

    @contextmanager
    def stage(self, folder: Path) -> Iterator[Stage]:
        """Give a publication of its own."""
        shutil.copytree(self.made, folder)
        with ExitStack() as stack:
            yield Stage(folder, self.forks, stack)


@contextmanager
def opened(made: Path) -> Iterator[Theatre]:
    """Make a publication with readers and an issue, and a process that has everything loaded."""
    with ForkServer() as forks:
        assert forks.warm_up(REHEARSAL, {"folder": str(made)}) == 0
        yield Theatre(made, forks)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _rows(path: Path) -> dict[str, object]:
    """Return people and what is settled of their mails; a file that cannot be read is kept as it is."""
    if not path.is_file() or not path.stat().st_size:
        return {}
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as base:
            return {
                "people": frozenset(base.execute("SELECT * FROM subscription")),
                "settled": frozenset(
                    base.execute("SELECT * FROM delivery WHERE state IN ('sent', 'failed', 'skipped')")
                ),
            }
    except sqlite3.DatabaseError:
        return {"database": _digest(path)}


def expect_one_message(
    said: Said, status: int, words: Sequence[str], *, named: bool = False, pasted: bool = False
) -> None:
    """Demand one clear message: a paragraph that names what is wrong and what to do, and the exit status.

    Args:
        said: by the command.
        status: as the contract of the command line has it.
        words: that name the place and the cure.
        named: the mistake is in an address, so that is named.
        pasted: there are lines to paste in it.
    """
    whole = said.out + said.err
    assert not _TRACEBACK.search(whole), whole
    assert said.status == status, (said.status, whole)
    paragraph = (said.err or said.out).strip()
    assert paragraph, "nothing was said"
    assert pasted or "\n\n" not in paragraph, whole
    assert all(word in whole for word in words), (words, whole)
    assert PASSWORD not in whole, whole
    assert named or not _ADDRESS.search(said.err), said.err


def expect_kept(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Demand that nothing of a publication is lost or other than it was; there may be more."""
    for name, old in before.items():
        new = after.get(name)
        lost = old - new if isinstance(old, frozenset) and isinstance(new, frozenset) else old != new
        assert not lost, f"{name}: {lost}"


def expect_delivered(stage: Stage) -> None:
    """Demand that everybody got one mail, and that the ledger says so and is sound."""
    assert stage.got() == Counter(stage.readers), stage.got()
    with Publication.load(stage.folder)._store() as store, store.reading() as connection:
        assert broken_invariants(connection) == []
        states: dict[str, int] = dict(
            connection.exec_driver_sql("SELECT state, count(*) FROM delivery GROUP BY state").all()
        )
    assert states == {"sent": len(stage.readers)}, states


#: Makes it, and mends it at the end.
Mistake = Callable[[Stage], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """A mistake, what is said of it, and how it is mended."""

    name: str
    mistake: Mistake
    status: int
    #: Name the place and the cure.
    words: tuple[str, ...]
    command: tuple[str, ...] = SEND
    #: Commands after the mending; the same again where empty.
    again: tuple[tuple[str, ...], ...] = ()
    #: One mail had left before.
    begun: bool = False
    #: As in `expect_one_message`.
    named: bool = False
    pasted: bool = False

    def __str__(self) -> str:
        return self.name


def play(stage: Stage, row: Row) -> None:
    """Make a mistake, mend it, and demand what is promised of both."""
    if row.begun:
        assert stage.run(*SEND, "--limit", "1").status == 3
    with row.mistake(stage):
        before, got = stage.kept(), stage.got()
        said = stage.run(*row.command)
        expect_one_message(said, row.status, row.words, named=row.named, pasted=row.pasted)
        expect_kept(before, stage.kept())
        assert stage.got() == got, "mails left"
    for again in row.again or (row.command,):
        said = stage.run(*again)
        assert said.status == 0, said
    if set(stage.got()) != set(stage.readers):
        said = stage.run(*SEND)
        assert said.status == 0, said
    expect_delivered(stage)


def typed(_stage: Stage) -> AbstractContextManager[object]:
    """Make no mistake but in the command itself."""
    return nullcontext()


def settings(old: str, new: str) -> Mistake:
    """Return the mistake of having something else in the settings."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        path = stage.path("publisher.toml")
        right = path.read_bytes()
        stage.configure(old, new)
        yield
        path.write_bytes(right)

    return mistake


def replaced(name: str, change: Callable[[bytes], bytes | None]) -> Mistake:
    """Return the mistake of changing a file of the publication; None removes it."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        path = stage.path(name)
        right, mode = path.read_bytes(), path.stat().st_mode
        wrong = change(right)
        if wrong is None:
            path.unlink()
        else:
            path.write_bytes(wrong)
        yield
        path.write_bytes(right)
        path.chmod(mode)

    return mistake


def moded(name: str, mode: int) -> Mistake:
    """Return the mistake of giving a file or folder a mode."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        path = stage.path(name)
        right = path.stat().st_mode
        path.chmod(mode)
        yield
        path.chmod(right)

    return mistake
