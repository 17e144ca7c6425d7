"""Whether a row can be used: its fields as values of the table's columns, by the rules that hold for everybody."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from publisher.audience.addresses import AddressRefused, parse_address
from publisher.audience.importing.fields import Fields, RowRefused, moment
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import preferences, short_name
from publisher.errors import UsageError
from publisher.markup.characters import line as one_line
from publisher.store.keys import Keys

#: Of a person who gets nothing, the strongest first: when rows of one address disagree, the strongest counts.
STOPS = (Status.SUPPRESSED, Status.COMPLAINED, Status.UNSUBSCRIBED, Status.BOUNCED)
#: Whose address gets nothing more, also when the subscription is removed.
NOTED = frozenset({Status.SUPPRESSED.value, Status.COMPLAINED.value})
_CONFIRMED = Status.CONFIRMED.value
_CADENCES = frozenset(cadence.value for cadence in Cadence)
# Most rows of a file say in the same few words how somebody agreed.
_in_few_words = lru_cache(maxsize=64)(one_line)
#: Language, cadence and tags of a row that says none of them, as in most files.
_NONE = (None, None, None)
#: What becomes a row of the staging table, in the order of its columns; None where the row does not say.
Staged = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """What holds for all rows of an import."""

    keys: Keys
    #: Names of the publication's newsletters.
    newsletters: Collection[str]
    #: Where all people go, whatever the rows say; None where they say it.
    newsletter: str | None
    #: Where people go whose row does not say; None where it has to.
    default_newsletter: str | None
    #: What people become whose row does not say: a value of `Status`.
    status: str
    #: How people agreed whose row does not say.
    consent: str
    #: Whether anybody is suppressed: hashes are needed to find out who.
    hashing: bool = True
    #: Whether somebody said what people become whose row does not, also in files whose name says that they get no mail.
    sure: bool = False

    def staged(self, fields: Fields) -> Staged:
        """Return a row of the staging table, without its place.

        Raises:
            RowRefused: it cannot be used.
        """
        (
            address,
            newsletter,
            name,
            status,
            language,
            cadence,
            tags,
            consent_at,
            source,
            created_at,
            changed_at,
            reason,
        ) = fields
        if not address:
            raise RowRefused("there is no address", "write one, or delete the row")
        try:
            text, key, _ = parse_address(address)
        except AddressRefused as refused:
            raise RowRefused(str(refused), "correct it, or delete the row") from None
        status = status or self.status
        if source:
            source = _in_few_words(source)
        if not source and status == _CONFIRMED:
            source = self.consent
        spoken, rhythm, interests = _preferences(language, cadence, tags) if language or cadence or tags else _NONE
        return (
            self.newsletter or self._newsletter(newsletter),
            text,
            key,
            self.keys.address_hash(key) if self.hashing or status in NOTED else None,
            status,
            short_name(name) or None if name else None,
            spoken,
            rhythm,
            interests,
            moment(consent_at) if consent_at else None,
            source or None,
            moment(created_at) if created_at else None,
            moment(changed_at) if changed_at else None,
            one_line(reason) if reason else "",
        )

    def _newsletter(self, name: str) -> str:
        if name in self.newsletters:
            return name
        if name:
            raise RowRefused(f"no newsletter is called {name}", "correct it, or say which one with --newsletter")
        if self.default_newsletter is None:
            raise RowRefused("the row does not say which newsletter", "say which one with --newsletter")
        return self.default_newsletter


def _preferences(language: str, cadence: str, tags: tuple[str, ...]) -> tuple[str | None, ...]:
    language, cadence = language.strip(), cadence.strip()
    if cadence and cadence not in _CADENCES:
        raise RowRefused(f"{cadence} is no cadence", "write every, weekly or monthly")
    try:
        values = preferences(language=language or None, tags=tags or None)
    except UsageError as error:
        raise RowRefused(str(error), "correct it, or empty the cell") from None
    kept = values.get("tags")
    # As SQLAlchemy writes JSON: equal lists are equal texts.
    return values.get("language"), cadence or None, json.dumps(kept) if kept else None
