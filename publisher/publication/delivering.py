"""The façade's part that sends: what becomes of issues once they are made. Each command is one method."""

from pathlib import Path
from typing import TYPE_CHECKING

from publisher.config.settings import Settings

if TYPE_CHECKING:
    from publisher.store import Store
    from publisher.store.keys import Keys


class Delivering:
    """What a publication does with readers and their mails; a base of `Publication`."""

    __slots__ = ()

    folder: Path
    settings: Settings
