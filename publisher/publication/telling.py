"""What was told already: who runs every few minutes shall not say the same all day long."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER, put, read_file

_TOLD = f"{STATE_FOLDER}/told.json"
#: After this time the same is news again.
_REPEATED = timedelta(hours=24)
_LARGEST = 1_000_000


def news(folder: Path, messages: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Return the messages that were not told in the last 24 hours, and remember that they are told now.

    What is not a message this time is forgotten: should it come back, it is news. Kept in a file beside the database,
    which may be what the messages are about; where the file cannot be read or written, everything is news.

    Args:
        folder: the publication's.
        messages: all that there is to tell.
        now: the clock.
    """
    known = _read(folder / _TOLD)
    found, kept = [], {}
    for message in dict.fromkeys(messages):
        digest = sha256(message.encode("utf-8", "surrogatepass")).hexdigest()
        before = known.get(digest)
        fresh = before is None or not timedelta(0) <= now - before < _REPEATED
        found += [message] if fresh else []
        kept[digest] = now if before is None or fresh else before
    if kept != known:
        said = {digest: at.astimezone(UTC).isoformat() for digest, at in sorted(kept.items())}
        with suppress(SurroundingsError):
            put(folder / _TOLD, f"{json.dumps(said, indent=1)}\n".encode())
    return tuple(found)


def _read(path: Path) -> dict[str, datetime]:
    try:
        said = json.loads(read_file(path, _LARGEST))
        known = {str(digest): datetime.fromisoformat(at) for digest, at in said.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {digest: at for digest, at in known.items() if at.utcoffset() is not None}
