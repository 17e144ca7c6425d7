"""What docs/newsletters.md says of the mail and of Python is so."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from publisher import Publication
from publisher.newsletter.limits import DEEPEST, LONGEST_ADDRESS, LONGEST_CONTENT, MOST_ELEMENTS
from publisher.newsletter.slots import SLOTS
from publisher.templating import bundled

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "newsletters.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: Names of templates in the first cell of a row, or in a sentence.
TEMPLATE = re.compile(r"`(?:email/)?(_?[a-z]+\.(?:html|txt|css))`")
#: Those of a bundle.
FILES = {"issue.html", "issue.txt", "web.html"}


def first_cells(heading: str) -> list[list[str]]:
    """Return what stands in backquotes in the first cell of each row of a section's first table."""
    section = PAGE.split(f"{heading}\n", 1)[1]
    table = re.search(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", section, re.MULTILINE)
    assert table
    return [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table[1].splitlines()]


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the issue of a new publication, which is the current folder from then on."""
    publication = Publication.init(tmp_path, NOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path / publication.issue("weekly", NOW).folder


def test_the_example_for_programs_makes_a_mail(bundle: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/newsletters.md", "exec"), names)
    mail = message_from_bytes(names["mail"], policy=policy.default)
    assert mail["To"] == "Ben Example <ben@reader.example>"
    assert mail["List-Unsubscribe"] == "<https://notes.example/leave?t=abc>"
    assert bundle.is_dir()


def test_the_header_has_the_fields_of_the_table_in_their_order(bundle: Path) -> None:
    said = [name for cell in first_cells("### The mail") for name in cell]
    settings = bundle.parents[2] / "publisher.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('name = "weekly"', 'name = "weekly"\nreply_to = "ada@notes.example"'), "utf-8")
    Publication.load(settings.parent).issue("weekly", NOW)
    mail = message_from_bytes((bundle / "issue.eml").read_bytes(), policy=policy.default)
    assert mail.keys() == said


def test_the_table_of_slots_has_all_of_them() -> None:
    assert [cell[0] for cell in first_cells("## What differs from reader to reader")] == list(SLOTS)


def test_the_limits_are_those_of_the_program() -> None:
    safety = PAGE.split("## Safety\n", 1)[1]
    assert f"more than {LONGEST_CONTENT // 1024} KiB, more than {MOST_ELEMENTS:,} elements" in safety
    assert f"more than {DEEPEST}\n  elements within each other" in safety
    assert f"more than {LONGEST_ADDRESS:,} characters" in safety


def test_each_template_that_is_named_is_there_and_each_is_named() -> None:
    named = {*TEMPLATE.findall(PAGE)} - FILES
    folder = Path(__file__).resolve().parents[2] / "templates" / "email"
    there = {path.name for path in folder.iterdir() if path.is_file()}
    assert named >= there - {"web.html"} - {"_macros.txt"}
    assert [name for name in sorted(named) if not bundled().text(f"email/{name}")] == []
