"""What differs from reader to reader: tokens in the bundle that the sending part replaces for each of them.

Addresses are addresses themselves, so that no step on the way changes them; `.invalid` never resolves (RFC 6761 §6.4).
"""

import re

#: The reader's own unsubscribe address.
UNSUBSCRIBE = "https://unsubscribe.invalid/@@UNSUBSCRIBE@@"
#: The reader's own page of preferences.
PREFERENCES = "https://preferences.invalid/@@PREFERENCES@@"
#: The reader's mail address.
ADDRESS = "@@ADDRESS@@"
#: The reader's name; empty for most.
NAME = "@@NAME@@"

SLOTS = (UNSUBSCRIBE, PREFERENCES, ADDRESS, NAME)
#: What stands between the signs of each.
NAMES = tuple(slot.rpartition("/")[2].strip("@") for slot in SLOTS)
#: Finds what could be read as one of them, in more signs than it needs, too; its name is the one group.
TOKEN = re.compile(f"@@+({'|'.join(NAMES)})@@+")
#: Finds each of them, as its one group.
SLOT = re.compile(f"({'|'.join(map(re.escape, SLOTS))})")


def disarmed(url: str) -> str:
    """Return an address that leads to the same place, and in which no slot stands."""
    return TOKEN.sub(lambda found: found[0].replace("@", "%40"), url)
