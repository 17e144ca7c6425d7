"""Mistakes with files: with those of people, of an issue, of bounces, of templates."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.delivery.mailroom import ISSUE
from tests.delivery.mistakes import SEND, Mistake, Stage, replaced

IMPORT = ("subscribers", "import", "{site}/people.csv", "--yes")
PEOPLE = "email,name\nfay@reader.example,Fay Example\n"


def listed(content: str | bytes, *more: str) -> Mistake:
    """Return the mistake of a wrong file of people; in the right one, Fay joins, and whoever else is named."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        path = stage.path("people.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        yield
        path.write_text(PEOPLE + "".join(f"{address},\n" for address in more), encoding="utf-8")
        stage.readers += ("fay@reader.example", *more)

    return mistake


@contextmanager
def no_list(stage: Stage) -> Iterator[None]:
    with listed("")(stage):
        stage.path("people.csv").unlink()
        yield


@contextmanager
def folder_of_lists(stage: Stage) -> Iterator[None]:
    stage.path("people.csv").mkdir()
    yield
    stage.path("people.csv").rmdir()
    with listed("")(stage):
        pass


@contextmanager
def spreadsheet(stage: Stage) -> Iterator[None]:
    with listed("")(stage):
        with zipfile.ZipFile(stage.path("people.csv"), "w") as book:
            book.writestr("xl/workbook.xml", "<workbook/>")
        yield


@contextmanager
def sent_already(stage: Stage) -> Iterator[None]:
    assert stage.run(*SEND).status == 0
    yield


@contextmanager
def planned(stage: Stage) -> Iterator[None]:
    """Make a plan, and add somebody."""
    stage.plan = json.loads(stage.run("plan", "weekly", "--json").out)["hash"]
    assert stage.run("subscribers", "add", "gus@reader.example").status == 0
    stage.readers += ("gus@reader.example",)
    yield


@contextmanager
def bundle_away(stage: Stage) -> Iterator[None]:
    stage.run("plan", "weekly")
    aside = stage.folder.parent / "aside"
    shutil.move(stage.bundle, aside)
    yield
    shutil.move(aside, stage.bundle)


@contextmanager
def broken_template(stage: Stage) -> Iterator[None]:
    path = stage.path("templates/email/digest.html")
    path.parent.mkdir(parents=True)
    path.write_text("{% if %}", encoding="utf-8")
    yield
    shutil.rmtree(stage.path("templates"))


def mbox(stage: Stage) -> Path:
    return stage.path("returned")


@contextmanager
def no_mbox(stage: Stage) -> Iterator[None]:
    yield
    mbox(stage).write_text("From MAILER-DAEMON Sun Nov 22 08:00:00 2026\nSubject: x\n\nx\n", encoding="utf-8")


@contextmanager
def odd_mbox(stage: Stage) -> Iterator[None]:
    with no_mbox(stage):
        mbox(stage).write_text("Dear diary\n", encoding="utf-8")
        yield


def without(name: str) -> Mistake:
    """Return the mistake of removing a file of the issue."""
    return replaced(f"issues/{ISSUE}/{name}", lambda _: None)


def edited(name: str, old: bytes, new: bytes) -> Mistake:
    """Return the mistake of changing a file of the issue."""
    return replaced(f"issues/{ISSUE}/{name}", lambda data: data.replace(old, new, 1))
