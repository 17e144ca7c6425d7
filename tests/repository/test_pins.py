"""What development and CI install is pinned, hashed, and says nothing about where it comes from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ("run", "dev")


def text(kind: str) -> str:
    return (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")


def pins(kind: str) -> dict[str, Requirement]:
    """Read the pins by name, after asserting that each line is a pin with at least one hash."""
    found: dict[str, Requirement] = {}
    for entry in re.split(r"\n(?=\S)", text(kind).strip()):
        pin, *hashes = entry.split(" \\\n")
        assert hashes, f"{pin} has no hash"
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", line) for line in hashes), entry
        requirement = Requirement(pin)
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], pin
        found[canonicalize_name(requirement.name)] = requirement
    return found


def unmet(requirements: list[str], kind: str) -> list[str]:
    """Name the requirements that no pin fulfils."""
    pinned = pins(kind)
    wanted = [Requirement(requirement) for requirement in requirements]
    return [str(one) for one in wanted if not fulfils(pinned.get(canonicalize_name(one.name)), one)]


def fulfils(pin: Requirement | None, wanted: Requirement) -> bool:
    return pin is not None and all(wanted.specifier.contains(one.version) for one in pin.specifier)


@pytest.mark.parametrize("kind", FILES)
def test_each_pin_has_one_version_and_hashes(kind: str) -> None:
    assert pins(kind)


@pytest.mark.parametrize("kind", FILES)
def test_pins_name_no_place(kind: str) -> None:
    """Neither addresses nor folders nor options that choose an index."""
    assert re.findall(r".*(?:://|@|/|--(?!hash=)).*", text(kind)) == []


@pytest.mark.parametrize("kind", FILES)
def test_pins_fulfil_the_declared_ranges(kind: str) -> None:
    """Whoever changes a range has to run `make pins`."""
    assert unmet(PROJECT["project"]["dependencies"], kind) == []
    assert unmet(PROJECT["build-system"]["requires"], kind) == []


def test_pins_of_development_fulfil_its_groups() -> None:
    groups = PROJECT["dependency-groups"]
    named = [one for group in groups.values() for one in group if isinstance(one, str)]
    assert unmet(named, "dev") == []


def test_development_runs_what_users_of_the_demo_run() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: str(pin) for name, pin in run.items()} == {name: str(dev[name]) for name in run}


def test_the_build_group_holds_what_the_build_system_requires() -> None:
    """The pins install it from there, so that builds need no network."""
    assert set(PROJECT["build-system"]["requires"]) <= set(PROJECT["dependency-groups"]["build"])
