"""Makes support.json: `python -m publisher.check.clients.distil caniemail.json`, the file of the npm package caniemail.

Only facts are taken: which feature works in which client, and of which day that is. See NOTICE before taking more.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publisher.files import put

TABLE = Path(__file__).with_name("support.json")
#: How much of a feature works: yes, almost, no, unknown; and where nobody has looked.
DEGREES = "yanu"
UNTESTED = "-"


def distil(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the date of the data, its clients, and for each feature one letter a client, in their order.

    Versions of a client stand in the file from the oldest to the newest, and the last one counts. They must not be
    sorted as text: "2016" would come after "16.80", and much of what is known of Outlook for macOS be ten years old.

    Args:
        document: `data/caniemail.json`.

    Raises:
        ValueError: a value begins with no known degree.
    """
    features = {feature["slug"]: dict(_newest(feature["stats"])) for feature in document["data"]}
    clients = sorted({client for verdicts in features.values() for client in verdicts})
    return {
        "date": document["last_update_date"][:10],
        "clients": clients,
        "features": {
            slug: "".join(verdicts.get(client, UNTESTED) for client in clients)
            for slug, verdicts in sorted(features.items())
        },
    }


def _newest(stats: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[tuple[str, str]]:
    found = []
    for family, platforms in stats.items():
        for platform, versions in platforms.items():
            if versions:
                degree = list(versions.values())[-1][:1]
                if degree not in DEGREES or not degree:
                    raise ValueError(f"{family}/{platform}: {degree!r} is no degree of support")
                found.append((f"{family}/{platform}", degree))
    return found


def written(table: Mapping[str, Any]) -> bytes:
    """Return the table as the bytes of its file: one line a feature, so that two versions can be compared."""
    return (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    put(TABLE, written(distil(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
