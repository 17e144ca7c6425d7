"""The README's five minutes work as they are written, from an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


def test_every_command_of_the_readme_prints_what_it_says(tmp_path: Path) -> None:
    wanted = [
        (command.replace("/tmp/", f"{tmp_path}/"), printed)
        for command, printed in steps((ROOT / "README.md").read_text(encoding="utf-8"))
    ]
    assert len(wanted) > 10
    printed = transcript([command for command, _ in wanted], tmp_path)
    assert dict(zip([c for c, _ in wanted], printed, strict=True)) == dict(wanted)


def test_links_of_the_documentation_lead_somewhere() -> None:
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "bench").glob("*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
