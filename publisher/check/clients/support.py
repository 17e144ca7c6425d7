"""Which mail program shows what: the table of support.json, and the names by which its columns are chosen."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from publisher.errors import UsageError

#: The families of a publication that chooses none: what nearly all readers use.
DEFAULT = ("gmail", "apple-mail", "outlook", "yahoo", "thunderbird")

_TABLE = Path(__file__).with_name("support.json")
#: Name to choose it by and name to show, of each family of the data.
_FAMILIES = {
    "aol": ("aol", "AOL"),
    "apple-mail": ("apple-mail", "Apple Mail"),
    "fastmail": ("fastmail", "Fastmail"),
    "free-fr": ("free", "Free.fr"),
    "gmail": ("gmail", "Gmail"),
    "gmx": ("gmx", "GMX"),
    "hey": ("hey", "HEY"),
    "ionos-1and1": ("ionos", "IONOS"),
    "laposte": ("laposte", "LaPoste.net"),
    "mail-ru": ("mail-ru", "Mail.ru"),
    "orange": ("orange", "Orange"),
    "outlook": ("outlook", "Outlook"),
    "protonmail": ("protonmail", "Proton Mail"),
    "rainloop": ("rainloop", "RainLoop"),
    "samsung-email": ("samsung", "Samsung Email"),
    "sfr": ("sfr", "SFR"),
    "t-online-de": ("t-online", "T-Online"),
    "thunderbird": ("thunderbird", "Thunderbird"),
    "web-de": ("web-de", "WEB.DE"),
    "wp-pl": ("wp-pl", "WP.pl"),
    "yahoo": ("yahoo", "Yahoo Mail"),
}
_PLATFORMS = {
    "android": ("android", "Android"),
    "desktop-webmail": ("web", "web"),
    "ios": ("ios", "iOS"),
    "macos": ("macos", "macOS"),
    "mobile-webmail": ("mobile-web", "mobile web"),
    "outlook-com": ("com", "web"),
    "windows": ("windows", "Windows"),
    "windows-mail": ("windows-mail", "Windows Mail"),
}
_OWN_NAMES = {"outlook/outlook-com": "Outlook.com", "outlook/windows-mail": "Windows Mail"}
#: Belongs to the family but is chosen by its own name only: Microsoft ended it in 2024.
_RETIRED = "outlook/windows-mail"


class UnknownClient(UsageError):
    """Somebody chose a mail program of which nothing is known."""

    def __init__(self, name: str) -> None:
        close = get_close_matches(name.lower(), known_clients(), n=1)
        hint = f"did you mean {close[0]}?" if close else f"families known here: {', '.join(_names(families=True))}"
        super().__init__(f'no mail program is called "{name}"; {hint}')
        self.name = name


@dataclass(frozen=True, slots=True)
class Client:
    """One mail program on one platform, a column of the table."""

    #: As in the data, such as `outlook/windows`.
    key: str
    #: Place of its letter in each row.
    column: int

    @property
    def family(self) -> str:
        """The first half of its key."""
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        """What readers call it, such as `Outlook (Windows)`."""
        family, _, platform = self.key.partition("/")
        return _OWN_NAMES.get(self.key) or f"{_FAMILIES[family][1]} ({_PLATFORMS[platform][1]})"

    @property
    def choice(self) -> str:
        """The name to choose it alone by, such as `outlook-windows`."""
        family, _, platform = self.key.partition("/")
        return f"{_FAMILIES[family][0]}-{_PLATFORMS[platform][0]}"


@dataclass(frozen=True, slots=True)
class Table:
    """What support.json says."""

    #: Day on which the data was last updated, such as `2026-05-13`.
    date: str
    clients: tuple[Client, ...]
    #: A letter a client for each feature: `y`es, `a`lmost, `n`o, `u`nknown, `-` untested.
    features: dict[str, str]


@cache
def table() -> Table:
    """Read support.json, once."""
    stored = json.loads(_TABLE.read_text(encoding="utf-8"))
    clients = tuple(Client(key, column) for column, key in enumerate(stored["clients"]))
    return Table(stored["date"], clients, stored["features"])


def known_clients() -> tuple[str, ...]:
    """Return all names that `[check] clients` may hold: families such as `gmail`, their parts such as `gmail-ios`."""
    return (*_names(families=True), *_names(families=False))


def _names(*, families: bool) -> list[str]:
    clients = table().clients
    return sorted({_FAMILIES[one.family][0] if families else one.choice for one in clients})


def chosen(names: Iterable[str]) -> tuple[Client, ...]:
    """Return the clients that names stand for, in the table's order; those of DEFAULT where there are no names.

    Raises:
        UnknownClient: a name is not among `known_clients`.
    """
    wanted = tuple(names) or DEFAULT
    found: set[Client] = set()
    for name in wanted:
        members = {one for one in table().clients if name in (_FAMILIES[one.family][0], one.choice)}
        if not members:
            raise UnknownClient(name)
        found |= {one for one in members if one.key != _RETIRED or name == one.choice}
    return tuple(sorted(found, key=lambda one: one.column))


def spoken(
    affected: Sequence[Client], among: Sequence[Client], row: str, spared: Collection[Client] = ()
) -> tuple[str, ...]:
    """Name clients for readers: a family by its own name when it was chosen whole and all of it is affected.

    Args:
        affected: whom to name.
        among: all that were chosen.
        row: the letters of the feature; clients of which nothing is known spoil no family.
        spared: clients that would be affected and are not; they spoil none either.
    """
    names = []
    for family in dict.fromkeys(one.family for one in affected):
        members = {one for one in table().clients if one.family == family and one.key != _RETIRED}
        judged = {one for one in members if row[one.column] in "yan"}
        ours = [one for one in affected if one.family == family]
        whole = members <= set(among) and judged <= {*ours, *spared}
        names += [_FAMILIES[family][1]] if whole else [one.name for one in ours]
    return tuple(names)
