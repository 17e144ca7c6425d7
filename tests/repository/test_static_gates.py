"""What makes programs unsafe is in no module of ours but where it is meant, and in no package that is pinned."""

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.repository.test_pins import FILES, PROJECT, pins

ROOT = Path(__file__).resolve().parents[2]
#: Where a check of ruff's S rules, which are those of bandit, is silenced; the reason stands beside it.
MEANT = Counter(
    {
        ("delivery/doctor/endpoint.py", "S105"): 1,  # a token that is nobody's
        ("delivery/doctor/machine.py", "S603"): 1,  # crontab -l
        ("delivery/transports/sendmail.py", "S603"): 1,  # the program that the author's settings name
        ("processes.py", "S301"): 2,  # what our own process wrote
        ("publication/screenshots.py", "S603"): 1,  # the browser
        ("templating.py", "S704"): 1,  # the one door for sanitised HTML
    }
)
#: Modules that run or believe what they are given, were found unsafe, or write mails that break; and who may use them.
BANNED = {
    "bleach": (),
    "dill": (),
    "email.mime": (),
    "lxml.html.clean": (),
    "lxml_html_clean": (),
    "marshal": (),
    "pickle": ("processes.py",),
    "random": (),
    "shelve": (),
    "telnetlib": (),
    "xml": ("check/xmlfeed/tree.py",),  # expat, told what to refuse
}
CALLS = {
    "eval",
    "exec",
    "__import__",
    "compile",
    "system",
    "popen",
    "mktemp",
    "unsafe_load",
    "full_load",
    "set_debuglevel",
}
#: By package, the first version without a fault that was published, and that fault.
FLOORS = {
    "aiosmtpd": "1.4.5",  # CVE-2024-27305
    "cryptography": "42.0.4",  # CVE-2024-26130
    "feedgen": "0.9",  # CVE-2020-5227
    "idna": "3.7",  # CVE-2024-3651
    "jinja2": "3.1.6",  # CVE-2025-27516
    "lxml": "4.6.5",  # CVE-2021-43818
    "pillow": "10.3",  # CVE-2024-28219
    "python-multipart": "0.0.18",  # CVE-2024-53981
    "pyyaml": "5.4",  # CVE-2020-14343
    "starlette": "0.40",  # CVE-2024-47874
}
NEVER_PINNED = {"bleach", "lxml-html-clean", "pycrypto"}


def silenced(folder: Path) -> Counter[tuple[str, str]]:
    """Return where S rules find something, whether or not they were told to be silent."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "S", "--ignore", "S101"]
    options = ["--ignore-noqa", "--no-cache", "--output-format", "json", "--exit-zero", str(folder)]
    done = subprocess.run([*command, *options], capture_output=True, check=True)
    return Counter(
        (Path(one["filename"]).relative_to(folder).as_posix(), one["code"]) for one in json.loads(done.stdout)
    )


def banned(name: str, source: str) -> Iterator[str]:
    """Name what a module has no use for."""
    for node in ast.walk(ast.parse(source)):
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        yield from {
            ban for ban, may in BANNED.items() for one in modules if f"{one}.".startswith(f"{ban}.") and name not in may
        }
        if isinstance(node, ast.Call):
            yield from _called(node)


def _called(node: ast.Call) -> Iterator[str]:
    called = node.func
    word = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    if word in CALLS and not (word == "compile" and isinstance(called, ast.Attribute)):  # re.compile
        yield word
    for keyword in node.keywords:
        given = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if (keyword.arg, given) in (("shell", True), ("autoescape", False), ("verify", False)):
            yield f"{keyword.arg}={given!r}"


def below(floors: dict[str, str], pinned: dict[str, Requirement]) -> list[str]:
    """Name what is pinned in a version with a known fault, or not to be pinned at all."""
    old = [
        name
        for name, pin in pinned.items()
        for one in pin.specifier
        if name in floors and not SpecifierSet(f">={floors[name]}").contains(one.version)
    ]
    return [*old, *sorted(NEVER_PINNED & pinned.keys())]


def test_checks_of_safety_are_silenced_where_that_is_meant_and_nowhere_else() -> None:
    assert silenced(ROOT / "publisher") == MEANT


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess; subprocess.run('ls', shell=True)  # noqa: S602, S607",
        "import yaml; yaml.load('a')  # noqa: S506",
        "from tempfile import mktemp; mktemp()  # noqa: S306",
        "def f(c, n): c.execute(f'SELECT * FROM t WHERE n = {n}')  # noqa: S608",
    ],
)
def test_a_planted_risk_would_be_noticed(tmp_path: Path, line: str) -> None:
    (tmp_path / "attic.py").write_text(f"{line}\n", encoding="utf-8")
    assert silenced(tmp_path)


def test_banned_names_are_in_no_module() -> None:
    folder = ROOT / "publisher"
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    assert [(name, word) for name, text in files.items() for word in banned(name, text)] == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from email.mime.text import MIMEText",
        "from lxml.html import clean",
        "import xml.etree.ElementTree",
        "eval('1')",
        "os.system('ls')",
        "run('ls', shell=True)",
        "Environment(autoescape=False)",
        "smtp.set_debuglevel(1)",
    ],
)
def test_a_banned_name_would_be_noticed(line: str) -> None:
    assert list(banned("attic.py", line))


@pytest.mark.parametrize("kind", FILES)
def test_nothing_is_pinned_that_has_a_known_fault(kind: str) -> None:
    assert below(FLOORS, pins(kind)) == []


def test_the_oldest_templates_and_feeds_that_are_allowed_have_no_known_fault() -> None:
    declared = {one.name: one for one in map(Requirement, PROJECT["project"]["dependencies"])}
    lowest = {name: min(one.version for one in declared[name].specifier) for name in ("jinja2", "feedgen", "lxml")}
    assert below(FLOORS, {name: Requirement(f"{name}=={version}") for name, version in lowest.items()}) == []


@pytest.mark.parametrize("pin", ["jinja2==3.1.5", "feedgen==0.8.0", "bleach==6.2.0", "lxml-html-clean==0.4.1"])
def test_an_old_pin_would_be_noticed(pin: str) -> None:
    planted = Requirement(pin)
    assert below(FLOORS, {planted.name: planted})
