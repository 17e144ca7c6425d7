"""A publication with one issue and many readers, and the process that sends it: `python -m bench.letters FOLDER`."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import insert

from bench import sites
from bench.corpus import AS_OF, posts
from bench.process import run
from publisher import Publication
from publisher.store.tables import subscription

#: Articles of the issue, so that its mail has about 30,000 bytes.
ARTICLES = 8
CONNECTIONS = 8
_PAGE = 10_000
_LETTERS = """
[[newsletters]]
name = "weekly"
content = "summary"
from = "Field Notes <letters@notes.example>"
postal_address = "Field Notes, 1 Sample Street, Exampleton"

[web]
url = "https://notes.example/letters/"

[delivery]
url = "smtp://127.0.0.1:PORT"
security = "none"
connections = CONNECTIONS
return_path = "bounce@notes.example"
"""


class Unsent(Exception):
    """Not all mails left, so the time says nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a process that sent an issue says of it."""

    count: int
    #: Seconds on the wall: reading the settings, freezing the readers, sending, closing the issue; no imports.
    wall: float
    #: Seconds of processor time in the same span.
    cpu: float
    #: Megabytes (of 2**20 bytes) at the peak of the process.
    memory: float


def lay_down(folder: Path, readers: int) -> None:
    """Make a publication, an issue of it, and readers who wait for it."""
    files = {"publisher.toml": _settings(1), **dict(map(sites.dated, posts(ARTICLES)))}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "publisher", "--quiet", "--as-of", sites.CLOCK, "issue", "weekly"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    rows = _subscriptions(readers)
    with Publication.load(folder)._store() as store, store.writing() as connection:  # noqa: SLF001 - as the commands open it
        while page := list(islice(rows, _PAGE)):
            connection.execute(insert(subscription), page)


def _settings(port: int) -> str:
    letters = _LETTERS.replace("PORT", str(port)).replace("CONNECTIONS", str(CONNECTIONS))
    return f"{sites.newest(Path())['publisher.toml']}\n{letters}"


def _subscriptions(readers: int) -> Iterator[dict[str, object]]:
    usual = {"newsletter": "weekly", "status": "confirmed", "tags": [], "created_at": AS_OF, "changed_at": AS_OF}
    for number in range(readers):
        address = f"reader-{number}@reader.example"
        yield {**usual, "address": address, "address_key": address, "name": f"Reader {number}"}


def send(made: Path, port: int) -> Sent:
    """Send the issue of a copy of a publication, in a process of its own.

    Args:
        made: by `lay_down`; it stays as it is.
        port: of the relay on this machine.

    Raises:
        Unsent: not everybody's mail left.
        Failed: the process ended with an error.
    """
    folder = made.with_name(f"{made.name}-sent")
    shutil.copytree(made, folder)
    try:
        (folder / "publisher.toml").write_text(_settings(port), encoding="utf-8")
        cost = run([sys.executable, "-m", "bench.letters", str(folder)], Path(folder), _environment())
        said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(folder)
    if said["status"]:
        raise Unsent(f"{said['sent']} mails left: {said['reason']}")
    return Sent(said["sent"], said["wall"], said["cpu"], cost.memory)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def _send_here(folder: Path) -> None:
    import publisher.publication.sending  # noqa: F401, PLC0415 - what is imported now is not counted

    start, cpu = time.perf_counter(), time.process_time()
    (bundle,) = (folder / "issues" / "weekly").iterdir()
    report = Publication.load(folder).send(
        f"weekly/{bundle.name}", lambda: AS_OF + timedelta(seconds=time.perf_counter() - start)
    )
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    said = {"sent": report.tally.sent, "status": report.status, "reason": report.reason, "wall": wall, "cpu": used}
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    _send_here(Path(sys.argv[1]))
