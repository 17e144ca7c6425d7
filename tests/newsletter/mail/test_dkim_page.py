"""The page about signatures says what is so."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.newsletter.mail import Envelope, message
from publisher.newsletter.mail.dkim import signing
from publisher.newsletter.slots import UNSUBSCRIBE

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "dkim.md").read_text(encoding="utf-8")


def test_the_example_runs_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files()
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/dkim.md", "exec"), names)
    name, record, line = capsys.readouterr().out.splitlines()
    promised = re.findall(r"^print\(.*\) +# (.*)$", PAGE, re.MULTILINE)
    assert name == promised[0]
    assert record.startswith(promised[1].removesuffix("…"))
    assert line.startswith(f"{name}. IN TXT ( ")
    assert names["mail"].count(b"DKIM-Signature: ") == 2


def write_files() -> None:
    """Write the files that the example reads."""
    envelope = Envelope(
        sender="letters@notes.example",
        reply_to="",
        subject="Weekly #1",
        date=datetime(2026, 11, 23, 8, tzinfo=UTC),
        list_id="weekly.notes.example",
        list_name="",
        key="2026-W48",
    )
    Path("issue.eml").write_bytes(message(envelope, UNSUBSCRIBE, UNSUBSCRIBE))
    for name, key in (("rsa", generate_private_key(65537, 2048)), ("ed25519", Ed25519PrivateKey.generate())):
        Path(f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_the_table_names_each_field_that_is_signed() -> None:
    rows = re.findall(r"^\| (`From.*|`Cc.*?) \| ", PAGE, re.MULTILINE)
    named = [name for row in rows for name in re.findall("`([^`]+)`", row)]
    assert set(named) == {*signing._ALWAYS, *signing._WHERE_PRESENT}
    twice = {name for name in named if named.count(name) > 1}
    assert twice == {"Reply-To"}


def test_a_key_made_as_the_page_says_is_taken(needs_program: Callable[[str], str], tmp_path: Path) -> None:
    assert needs_program("openssl")
    script = "\n".join(re.findall(r"^    ((?:openssl|chmod) .*)$", PAGE, re.MULTILINE))
    assert script.count("openssl genpkey") == 2
    run(["sh", "-e"], input=script, cwd=tmp_path, check=True, capture_output=True, encoding="utf-8")
    made = {path.name: signing.Signer("notes.example", "w", path.read_bytes()).algorithm for path in tmp_path.iterdir()}
    assert made == {"rsa.pem": "rsa-sha256", "ed25519.pem": "ed25519-sha256"}
