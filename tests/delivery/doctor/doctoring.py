"""What the fixtures of this folder give."""

from collections.abc import Callable, Mapping

from publisher.config.settings import Settings
from publisher.delivery.doctor.answers import Kind, Lookup

#: Writes publisher.toml with pairs of old and new text exchanged, and `more` behind it.
Write = Callable[..., Settings]
#: Makes a DNS of records by name and kind.
Dns = Callable[[Mapping[tuple[str, Kind], tuple[str, ...]]], Lookup]
