"""What the pages tell to type works as it is written, from an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: File and heading of a link within the documentation.
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
#: Where in an issue something stands; it moves with the templates.
PLACE = re.compile(r"(issue\.html):\d+")


def steps(text: str) -> list[tuple[str, str]]:
    """Split console blocks into commands and what they print."""
    found: list[tuple[str, str]] = []
    for line in "".join(CONSOLE.findall(text)).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith(">"):
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def transcript(commands: list[str], folder: Path) -> list[str]:
    """Run commands in one shell, as one who types them does, and return what each prints."""
    mark = "=== next ==="
    script = "".join(f"{command}\necho '{mark}'\n" for command in commands)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SOURCE_DATE_EPOCH": "1795348800",  # 2026-11-22T12:00:00Z
        "TMPDIR": str(folder),
    }
    result = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        env=environment,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    return result.stdout.split(f"{mark}\n")[:-1]


@pytest.mark.parametrize("page", ["README.md", "docs/feeds.md", "docs/newsletters.md", "docs/subscribers.md"])
def test_every_command_prints_what_the_page_says(tmp_path: Path, page: str) -> None:
    wanted = [
        (command.replace("/tmp/", f"{tmp_path}/"), PLACE.sub(r"\1", printed))
        for command, printed in steps((ROOT / page).read_text(encoding="utf-8"))
    ]
    assert len(wanted) >= 8
    printed = [PLACE.sub(r"\1", told) for told in transcript([command for command, _ in wanted], tmp_path)]
    assert list(zip([c for c, _ in wanted], printed, strict=True)) == wanted


def pages() -> list[Path]:
    named = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return [*named, *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")]


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings, as GitHub and its like make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def lost(text: str, page: Path) -> list[str]:
    """Return the links of a page that lead to no file, or to no heading in it."""
    found = []
    for target, anchor in LINK.findall(text):
        other = page.parent / target if target else page
        if not other.exists() or (anchor and anchor not in anchors(other)):
            found.append(f"{page.name}: {target}#{anchor}")
    return found


def test_links_of_the_documentation_lead_somewhere() -> None:
    assert [link for page in pages() for link in lost(page.read_text(encoding="utf-8"), page)] == []


@pytest.mark.parametrize("link", ["[a](docs/nowhere.md)", "[a](docs/feeds.md#nowhere)", "[a](#nowhere)"])
def test_a_link_that_leads_nowhere_would_be_noticed(link: str) -> None:
    page = ROOT / "README.md"
    assert lost(link, page) != []
    assert lost("[a](docs/feeds.md#times), [b](#more), [c](https://example.com/#d)", page) == []
