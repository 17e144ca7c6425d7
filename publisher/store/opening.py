"""Opening the database that the settings name, whatever state it is in."""

from pathlib import Path

from sqlalchemy import make_url

from publisher.store import postgresql, sqlite
from publisher.store.engine import Store
from publisher.store.turns import Turns
from publisher.store.upgrade import bring_up


def open_store(url: str, folder: Path, *, password: str = "", create: bool = True) -> Store:
    """Open the database of subscribers and deliveries, with its tables as this version knows them.

    Missing tables are made, and older ones upgraded: on SQLite after a backup beside the file.

    Args:
        url: as `[state] url` has it; a relative file starts at the publication's folder.
        folder: the publication's.
        password: of a server's account.
        create: makes the database where there is none.

    Raises:
        StoreMissing: there is none, and `create` is False.
        StoreNewer: a later version wrote it.
        StoreDamaged: it holds something else, or cannot be read.
        StoreLocked: another command keeps it.
        StoreError: the disk, its rights or the server are in the way.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        path = sqlite.path_of(address, folder)
        sqlite.prepare(path, create=create)
        turns = Turns(path.with_suffix(".lock"), str(path))
        store = Store(sqlite.make_engine(path, turns), str(path), path, turns)
    else:
        place = address.set(password=None).render_as_string()
        store = Store(postgresql.make_engine(address, password), place)
    try:
        bring_up(store, create=create)
    except BaseException:
        store.close()
        raise
    return store
