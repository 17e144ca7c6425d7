"""This machine: whose files are open to whom, how much room there is, what starts the program. Gathered, then judged."""

import os
import re
import shlex
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from shutil import which
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher.config.delivery import DeliverySettings
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning
from publisher.files import STATE_FOLDER

#: Bytes below which a run may not end, and below which it will not.
_LITTLE, _NONE = 500 * 2**20, 20 * 2**20
#: Files that may still be made.
_FILES = 1000
_MEBIBYTE = 2**20
_CRONTABS = ("/etc/crontab", "/etc/cron.d")
#: When, and in files of the system as whom; behind it the command, which ends at a % that has no backslash (crontab(5)).
_CRON_LINE = re.compile(r"\s*(?:@\S+|[^\s#@=]+(?:\s+[^\s=]+){4})\s+(?P<command>(?:[^%\\]|\\.)+)")
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder that is there."""

    path: str
    #: Permission bits.
    mode: int
    owner: int
    is_link: bool
    #: What its mode should be at most.
    wanted: int


@dataclass(frozen=True, slots=True)
class Room:
    """What is free where something is written."""

    path: str
    bytes: int
    #: None where the file system sets no limit.
    files: int | None


def places(folder: Path, database: Path | None) -> tuple[Place, ...]:
    """Return what must not be open to others, as far as it is there.

    Args:
        folder: the publication's.
        database: the file of subscribers and deliveries; None on a server.
    """
    wanted = [
        (folder / "publisher.toml", 0o755),
        (folder / STATE_FOLDER, 0o700),
        (folder / STATE_FOLDER / "keys.json", 0o600),
        *([(database, 0o600)] if database else []),
    ]
    found = []
    for path, mode in wanted:
        with suppress(OSError):
            state = path.lstat()
            found.append(Place(str(path), stat.S_IMODE(state.st_mode), state.st_uid, path.is_symlink(), mode))
    return tuple(found)


def place_findings(found: tuple[Place, ...], account: int) -> Iterator[Finding]:
    """Judge who may read and write what.

    Args:
        found: what is there.
        account: number of the one that runs this.
    """
    rule, bad = "machine.permissions", False
    for place in found:
        is_private = not place.wanted & 0o077
        if is_private and place.is_link:
            bad = True
            yield error(rule, f"{place.path} is a link", "move the thing itself there")
        elif is_private and place.owner != account:
            bad = True
            yield error(rule, f"{place.path} belongs to another account", "run this as that account, cron's line too")
        elif not place.is_link and place.mode & ~place.wanted & 0o077:
            bad = True
            how = "write" if not is_private else "read"
            yield error(rule, f"others may {how} {place.path}", f"run: chmod {place.wanted:o} {place.path}")
    if found and not bad:
        yield ok(rule, "what is private is yours alone")


def rooms(folders: tuple[Path, ...]) -> tuple[Room, ...]:
    """Return what is free in folders, or in the nearest one above that exists."""
    found: dict[int, Room] = {}
    for folder in folders:
        path = next((one for one in (folder, *folder.parents) if one.is_dir()), Path("/"))
        with suppress(OSError):
            state = os.statvfs(path)
            free = Room(str(folder), state.f_bavail * state.f_frsize, state.f_favail if state.f_files else None)
            found.setdefault(path.stat().st_dev, free)
    return tuple(found.values())


def room_findings(found: tuple[Room, ...]) -> Iterator[Finding]:
    """Judge what is free."""
    rule, cure = "machine.disk", "make room: a run that cannot write stops before it sends"
    for room in found:
        if room.bytes < _NONE:
            yield error(rule, f"{room.path} has {room.bytes // _MEBIBYTE} MiB left", cure)
        elif room.bytes < _LITTLE:
            yield warning(rule, f"{room.path} has {room.bytes // _MEBIBYTE} MiB left", cure)
        elif room.files is not None and room.files < _FILES:
            yield warning(rule, f"only {room.files} more files can be made in {room.path}", "remove some files there")
        else:
            yield ok(rule, f"{room.path} has {room.bytes // _MEBIBYTE:,} MiB left")


def zone_findings(name: str) -> Iterator[Finding]:
    """Say whether the time zone is known here."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield error("machine.timezone", f"the time zone {name} is unknown here", "install the package tzdata")
    else:
        yield ok("machine.timezone", f"the time zone {name} is known")


def target_findings(delivery: DeliverySettings, folder: Path) -> Iterator[Finding]:
    """Judge where mails go that no relay takes: a program, or a folder."""
    kind, _, rest = delivery.url.partition(":")
    path = folder / rest
    rule = "machine.delivery"
    if kind == "sendmail":
        if path.is_file() and os.access(path, os.X_OK):
            yield ok(rule, f"{path} is there")
        else:
            yield error(rule, f"{path} is no program that can be run", "name another one as [delivery] url")
    elif kind in ("maildir", "folder"):
        above = next(one for one in (path, *path.parents) if one.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            yield ok(rule, f"{path} can be written")
        else:
            yield error(rule, f"{path} cannot be written", "give yourself the right to, or name another folder")


def cron_lines() -> tuple[str, ...] | None:
    """Return the lines of cron's tables that this account may see; None where there is no cron."""
    program = which("crontab")
    texts = []
    if program:
        with suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run([program, "-l"], capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
            texts.append(done.stdout.decode("utf-8", "replace"))
    for place in map(Path, _CRONTABS):
        for path in sorted(place.iterdir()) if place.is_dir() else [place]:
            with suppress(OSError):
                texts.append(path.read_text("utf-8", "replace"))
    return tuple(line for text in texts for line in text.splitlines()) if program or texts else None


def cron_findings(lines: tuple[str, ...] | None, folder: Path, *, is_needed: bool) -> Iterator[Finding]:
    """Say whether cron starts this publication's runs.

    Args:
        lines: of cron's tables; None where there is none.
        folder: the publication's.
        is_needed: something is due now and then.
    """
    if any(_runs(line, folder) for line in lines or ()):
        yield ok("machine.cron", f"cron runs publisher in {folder}")
    elif is_needed:
        cure = "see: publisher schedule --crontab, or --systemd; if a timer of systemd does, all is well"
        yield note("machine.cron", f"no line of cron's runs publisher in {folder}", cure)


def _runs(line: str, folder: Path) -> bool:
    """Say whether a line of a crontab runs a publication, as the folder that its command names or changes to."""
    found = _CRON_LINE.match(line)
    parser = shlex.shlex(found["command"].replace(r"\%", "%") if found else "", posix=True, punctuation_chars=True)
    parser.commenters, parser.whitespace_split = "", True
    try:
        words = list(parser)
    except ValueError:  # a quotation that does not end
        return False
    program = next((n for n, word in enumerate(words) if Path(word).name == "publisher"), len(words))
    places = [place for word, place in pairwise(words) if word in ("-C", "cd")]
    places += [word.removeprefix("-C") for word in words if word.startswith("-C/")]

    def same(place: str) -> bool:
        return os.path.normpath(place) == os.path.normpath(folder)

    return "run" in words[program:] and any(map(same, places))
