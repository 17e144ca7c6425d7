"""What is left of a folder when the power fails: the system calls of a run, and from them the disk at any of its moments.

Only what was synced is sure to be there: bytes by fsync or fdatasync of their file, names by fsync of their folder. What
was not may be there or not, in any mixture, down to single sectors.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

#: Options of strace(1) that write down all that `Disk` needs, and where mails leave.
OPTIONS = (
    "-y",
    "-xx",
    "-s",
    "4194304",
    "-e",
    "trace=openat,pwrite64,write,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,sendto,sendmsg",
    "-e",
    "signal=none",
)
#: What a disk writes wholly or not at all, in bytes.
SECTOR = 512
_CALL = re.compile(r"^(?:\d+\s+)?(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+|\?)")
_UNFINISHED = re.compile(r"^(?P<pid>\d+)\s+(?P<begun>\w+\(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(?P<pid>\d+)\s+<\.\.\. \w+ resumed>(?P<rest>.*)$")
_FILE = re.compile(r"^(?:\d+|AT_FDCWD)<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that succeeded."""

    name: str
    #: Its arguments as strace shows them.
    arguments: str
    result: int

    @property
    def file(self) -> str:
        """Return the path of the file descriptor that comes first."""
        found = _FILE.match(self.arguments)
        return _decoded(found["path"]).decode() if found else ""

    @property
    def texts(self) -> list[bytes]:
        """Return the strings among the arguments."""
        return [_decoded(text) for text in _TEXT.findall(self.arguments)]

    @property
    def numbers(self) -> list[int]:
        """Return the numbers behind the last string, or behind the file."""
        behind = self.arguments.rpartition('"')[2] if '"' in self.arguments else self.arguments.partition(">")[2]
        return [int(number) for number in _NUMBER.findall(behind)]


def _decoded(text: str) -> bytes:
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), text.encode())


def calls(log: str) -> Iterator[Call]:
    """Read a log of strace, with the calls of several threads in the order in which they ended."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if unfinished := _UNFINISHED.match(line):
            begun[unfinished["pid"]] = unfinished["begun"]
            continue
        if resumed := _RESUMED.match(line):
            line = begun.pop(resumed["pid"]) + resumed["rest"]  # noqa: PLW2901 # it is the same line, in two parts
        found = _CALL.match(line)
        if found and found["result"] != "?" and int(found["result"]) >= 0:
            yield Call(found["name"], found["arguments"], int(found["result"]))


def _all() -> bool:
    return True


@dataclass(eq=False, slots=True)
class _File:
    """The bytes of a file: those that are sure, and what was done to them since."""

    synced: bytes = b""
    #: Who may read and write it; what the state folder holds is its owner's alone.
    mode: int = 0o600
    #: Where and what was written, or None and the new size.
    pending: list[tuple[int | None, bytes | int]] = field(default_factory=list)

    def sync(self) -> None:
        self.synced, self.pending = self.left(_all), []

    def left(self, kept: Callable[[], bool]) -> bytes:
        """Return what is left of it, asking for each sector that was written, and each change of size, whether it is kept."""
        content = bytearray(self.synced)
        for where, what in self.pending:
            if where is None:
                assert isinstance(what, int)
                if kept():
                    content[what:] = bytes(max(0, what - len(content)))
                continue
            assert isinstance(what, bytes)
            for start in range(0, len(what), SECTOR):
                if kept():
                    part, at = what[start : start + SECTOR], where + start
                    content.extend(bytes(max(0, at - len(content))))
                    content[at : at + len(part)] = part
        return bytes(content)


class Choice:
    """Decides what of the unsynced is kept; `share` of it, by chance."""

    def __init__(self, share: float, seed: int = 0) -> None:
        self._share = share
        self._random = Random(seed)

    def __call__(self) -> bool:
        return self._random.random() < self._share


class Disk:
    """The files below a folder, as a run changes them.

    Args:
        folder: as it was before the run, all of it synced.
    """

    def __init__(self, folder: Path) -> None:
        self._root = str(folder.resolve())
        paths = [path for path in folder.resolve().rglob("*") if path.is_file()]
        self._names = {str(path): _File(path.read_bytes(), path.stat().st_mode) for path in paths}
        self._sure = dict(self._names)

    def apply(self, call: Call) -> None:
        """Follow one system call."""
        match call.name:
            case "openat" if "O_CREAT" in call.arguments or "O_TRUNC" in call.arguments:
                self._open(call)
            case "pwrite64" if file := self._names.get(call.file):
                file.pending.append((call.numbers[-1], call.texts[0][: call.result]))
            case "write" if file := self._names.get(call.file):
                # Whoever appends or writes from the beginning does so from the end of what is there.
                file.pending.append((len(file.left(_all)), call.texts[0][: call.result]))
            case "ftruncate" if file := self._names.get(call.file):
                file.pending.append((None, call.numbers[-1]))
            case "fsync" | "fdatasync":
                self._sync(call.file)
            case "rename" | "renameat" | "renameat2":
                old, new = self._paths(call)
                self._names[new] = self._names.pop(old)
            case "unlink" | "unlinkat":
                self._names.pop(self._paths(call)[0], None)

    def _open(self, call: Call) -> None:
        path = self._path(call, call.texts[0])
        if not path.startswith(self._root):
            return
        file = self._names.setdefault(path, _File())
        if "O_TRUNC" in call.arguments:
            file.pending.append((None, 0))

    def _sync(self, path: str) -> None:
        if file := self._names.get(path):
            file.sync()
        else:
            inside = re.compile(re.escape(path) + r"/[^/]+")
            others = {name: file for name, file in self._sure.items() if not inside.fullmatch(name)}
            self._sure = others | {name: file for name, file in self._names.items() if inside.fullmatch(name)}

    def _paths(self, call: Call) -> list[str]:
        return [self._path(call, text) for text in call.texts]

    def _path(self, call: Call, text: bytes) -> str:
        """Return an absolute path; what is relative is relative to the folder that the call names."""
        path = text.decode()
        return path if path.startswith("/") else f"{call.file}/{path}"

    def cut(self, target: Path, kept: Callable[[], bool]) -> None:
        """Write down what is left when the power fails now.

        Args:
            target: a new folder.
            kept: what of the unsynced bytes is left; unsynced names are kept or not alike.
        """
        names = dict(self._sure) | {
            name: file for name, file in self._names.items() if self._sure.get(name) is not file and kept()
        }
        names = {name: file for name, file in names.items() if name in self._names or not kept()}
        for name, file in names.items():
            path = target / Path(name).relative_to(self._root)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(file.left(kept))
            path.chmod(file.mode)


def cuts(log: str, folder: Path, moments: Sequence[int]) -> Iterator[tuple[Disk, list[Call]]]:
    """Give the disk at several moments of a run.

    Args:
        log: of strace with `OPTIONS`.
        folder: a copy of what there was before the run, under the path that the run knew.
        moments: after how many calls, in rising order.

    Yields:
        The disk, and the calls up to that moment.
    """
    disk, done = Disk(folder), list(calls(log))
    before = 0
    for moment in moments:
        for call in done[before:moment]:
            disk.apply(call)
        before = moment
        yield disk, done[:moment]
