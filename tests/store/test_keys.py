"""The publication's keys: made once, kept to the owner, shown to nobody."""

import json
import threading
from pathlib import Path

import pytest

from publisher.store import Store
from publisher.store.keys import KEYS, Keys, KeysRefused, expect_keys, expect_own, open_keys


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    first = open_keys(tmp_path, None)
    assert open_keys(tmp_path, None) == first
    assert (tmp_path / KEYS).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / ".publisher").iterdir()] == ["keys.json"]


def test_each_publication_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert open_keys(tmp_path / "a", None) != open_keys(tmp_path / "b", None)


def test_commands_that_start_together_agree_on_keys(tmp_path: Path) -> None:
    found: list[Keys] = []
    threads = [threading.Thread(target=lambda: found.append(open_keys(tmp_path, None))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({keys.document for keys in found}) == 1
    assert len(found) == 8


def test_keys_are_in_no_representation(tmp_path: Path) -> None:
    keys = open_keys(tmp_path, None)
    assert keys.links[0] not in repr(keys)
    assert keys.addresses.hex() not in repr(keys)
    assert repr(keys.addresses) not in repr(keys)


def test_a_hash_depends_on_address_and_key() -> None:
    one, other = Keys.new(), Keys.new()
    assert one.address_hash("ann@r.example") == one.address_hash("ann@r.example")
    assert len(one.address_hash("ann@r.example")) == 64
    assert one.address_hash("ann@r.example") != one.address_hash("bob@r.example")
    assert one.address_hash("ann@r.example") != other.address_hash("ann@r.example")


def test_keys_come_from_the_environment_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys.new()
    monkeypatch.setenv("LETTER_KEYS", keys.document)
    assert open_keys(tmp_path, {"env": "LETTER_KEYS"}) == keys
    assert not (tmp_path / KEYS).exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"links": [], "addresses": "00" * 32}),
        json.dumps({"links": ["short"], "addresses": "00" * 32}),
        json.dumps({"links": ["k" * 64], "addresses": "00"}),
        json.dumps({"links": ["k" * 64], "addresses": "no hex"}),
        json.dumps({"links": "k" * 64, "addresses": "00" * 32}),
    ],
)
def test_damaged_keys_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LETTER_KEYS", text or " ")
    with pytest.raises(KeysRefused, match="is damaged; put back a backup"):
        open_keys(tmp_path, {"env": "LETTER_KEYS"})


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    open_keys(tmp_path, None)
    (tmp_path / KEYS).chmod(0o644)
    with pytest.raises(KeysRefused, match=r"^others may read .*; make it yours alone with: chmod 600 ") as caught:
        open_keys(tmp_path, None)
    assert caught.value.exit_status == 4


def test_keys_are_not_made_for_who_only_looks(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match="is missing, though the database was written with it; put back the copy"):
        open_keys(tmp_path, None, create=False)
    assert list(tmp_path.iterdir()) == []


def test_keys_are_made_together_with_their_database_and_never_again(store: Store, tmp_path: Path) -> None:
    expect_keys(store, tmp_path, None, create=False)
    assert not (tmp_path / KEYS).exists()
    expect_keys(store, tmp_path, None, create=True)
    (tmp_path / KEYS).unlink()
    for create in (False, True):
        with pytest.raises(KeysRefused, match="is missing"):
            expect_keys(store, tmp_path, None, create=create)
    assert not (tmp_path / KEYS).exists()


def test_keys_that_cannot_be_written_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", refuse)
    with pytest.raises(KeysRefused, match="cannot be written: No space left"):
        open_keys(tmp_path, None)
    assert list((tmp_path / ".publisher").iterdir()) == []


def test_a_database_is_bound_to_its_keys(store: Store) -> None:
    keys = Keys.new()
    expect_own(store, keys)
    expect_own(store, keys)
    with pytest.raises(KeysRefused, match="was written with other keys"):
        expect_own(store, Keys.new())


def test_links_may_get_new_keys_and_the_database_stays_bound(store: Store) -> None:
    old = Keys.new()
    expect_own(store, old)
    rotated = Keys((Keys.new().links[0], *old.links), old.addresses)
    expect_own(store, rotated)
    assert rotated.address_hash("ann@r.example") == old.address_hash("ann@r.example")
