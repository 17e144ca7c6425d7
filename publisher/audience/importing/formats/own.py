"""Our own CSV files, and any other with a column that is plainly one of addresses."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, full_name, status_word, tags_in

#: What a column of addresses is called, folded.
ADDRESS = (
    "address",
    "email",
    "email address",
    "e mail",
    "e mail address",
    "mail",
    "mail address",
    "subscriber email",
    "e mail adresse",
    "adresse e mail",
    "adresse email",
    "correo",
    "correo electrónico",
    "indirizzo email",
)
# The others, in the order of `Fields`.
_PLAIN = (
    ("newsletter",),
    ("name", "full name"),
    ("status",),
    ("language",),
    ("cadence",),
    ("tags",),
    ("consent at",),
    ("consent source",),
    ("created at",),
    ("changed at",),
    ("reason",),
)


def _translator(columns: Columns) -> Translate:
    plain = columns.pick_all(ADDRESS, *_PLAIN)
    first, last = columns.pick("first name"), columns.pick("last name")

    def translate(cells: Cells) -> Fields:
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
        ) = plain(cells)
        return Fields(
            address,
            newsletter,
            name or full_name(first(cells), last(cells)),
            status and status_word(status),
            language,
            cadence,
            tags_in(tags) if tags else (),
            consent_at,
            source,
            created_at,
            changed_at,
            reason,
        )

    return translate


OWN = Format("csv", "CSV", tuple(frozenset({name}) for name in ADDRESS), _translator)
