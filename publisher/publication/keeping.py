"""The façade's part that opens the database and its keys, for all commands alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.config.secrets import read_secret
from publisher.config.settings import Settings
from publisher.delivery.lost import expect_none_lost, noted

if TYPE_CHECKING:
    from publisher.errors import Problem
    from publisher.newsletter import PastIssue
    from publisher.store import Store
    from publisher.store.keys import Keys


class Keeping:
    """What is kept of a publication's readers; a base of `Delivering`."""

    __slots__ = ()

    folder: Path
    settings: Settings

    @contextmanager
    def _known(self) -> "Iterator[Store | None]":
        """Give the database if there is one."""
        from publisher.store import StoreMissing

        try:
            store = self._store(create=False)
        except StoreMissing:
            yield None
            return
        with store:
            yield store

    def _past_issues(self, newsletter: str) -> "tuple[tuple[PastIssue, ...], tuple[Problem, ...]]":
        """Return the issues that left, as the ledger has them, and what is wrong with it; none without a database."""
        if "://" not in (place := self._place()) and not Path(place).exists() and not noted(self.folder):
            return (), ()  # and nothing that is slow to load is loaded
        from publisher.delivery.known import past_issues

        with self._known() as store:
            if store is None:
                return (), ()
            with store.reading() as connection:
                return past_issues(connection, newsletter)

    def _keys(self, *, create: bool = True) -> "Keys":
        """Return the publication's keys; of a database that is there, `_store` sees first that they are its own.

        Args:
            create: makes them where there are none.

        Raises:
            KeysRefused: they cannot be used, or there are none and `create` is False.
        """
        from publisher.store.keys import open_keys

        return open_keys(self.folder, self.settings.state.keys, create=create)

    def _place(self) -> str:
        """Return the file of the database, or the server's address; the settings let no password into it."""
        kind, _, path = self.settings.state.url.partition(":///")
        return str(self.folder / path) if kind == "sqlite" else self.settings.state.url

    def _store(self, *, create: bool = True) -> "Store":
        """Open the database that the settings name.

        Args:
            create: makes it where there is none, and its keys with it.

        Raises:
            StoreError: it cannot be used; `StoreMissing`: there is none, and `create` is False.
            DatabaseLost: there is none, though there was one.
            KeysRefused: its keys are missing, or are not its own.
            SecretMissing: its password is not where the settings say.
        """
        from publisher.store import StoreMissing, open_store
        from publisher.store.keys import expect_keys

        state = self.settings.state
        password = read_secret(state.password, self.folder, "state.password") if state.password else ""
        try:
            store = open_store(state.url, self.folder, password=password, create=create and not noted(self.folder))
        except StoreMissing:
            expect_none_lost(self._place(), self.folder)
            raise
        try:
            expect_keys(store, self.folder, state.keys, create=create)
        except BaseException:
            store.close()
            raise
        return store
