"""The repository says nothing about the machine it was written on, and holds no unfinished marks."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file is not its own finding.
HOSTS = [r"pypi\." + "org", "python" + "hosted", r"registry\." + "npmjs", r"deb\." + "debian"]
FOLDERS = [rf"(?<![\w.-])/{name}/" for name in ("work", "far" + "m", "opt/py" + "pi", "tmp/ve" + "nv", "ro" + "ot")]
MARKS = [rf"\b{name}\b" for name in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")]
FORBIDDEN = re.compile("|".join([*HOSTS, *FOLDERS, *MARKS]))


def texts() -> dict[str, str]:
    """Read each text file that is, or would be, committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    files = {name: ROOT / name for name in names if name and (ROOT / name).is_file()}
    contents = {name: path.read_bytes() for name, path in files.items()}
    return {name: data.decode(errors="replace") for name, data in contents.items() if b"\0" not in data}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone: nobody knows which files belong to it")
def test_no_file_holds_words_that_do_not_belong_here() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("word", ["/wo" + "rk/main", "https://py" + "pi.org/simple", "# TO" + "DO: later"])
def test_a_forbidden_word_would_be_found(word: str) -> None:
    assert FORBIDDEN.search(word)


@pytest.mark.parametrize("word", ["https://notes.example/work/", "/work", "../work/", "todo"])
def test_ordinary_words_are_left_alone(word: str) -> None:
    assert not FORBIDDEN.search(word)
