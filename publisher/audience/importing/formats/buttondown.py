"""Buttondown's export of subscribers."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, RowRefused, tags_in

# The types that https://github.com/buttondown/openapi lists in enums.json, and some more that exports have. Who pays, is late,
# or will pay no more gets mail all the same.
_GETS_MAIL = ("regular", "premium", "trialed", "gifted", "churning", "churned", "past_due")
_STATUS = dict.fromkeys(_GETS_MAIL, "confirmed") | {
    "unactivated": "pending",
    "unpaid": "pending",
    "unsubscribed": "unsubscribed",
    "removed": "unsubscribed",
    "paused": "unsubscribed",
    "undeliverable": "bounced",
    "complained": "complained",
    "spammy": "complained",
    "blocked": "suppressed",
}


def _translator(columns: Columns) -> Translate:
    address, created = columns.pick("email address", "email"), columns.pick("creation date", "created at")
    kind, tags = columns.pick("subscriber type", "type"), columns.pick_labels("tags")
    left, why = columns.pick("unsubscription date"), columns.pick("unsubscription reason")

    def translate(cells: Cells) -> Fields:
        word = "_".join(kind(cells).lower().split())
        status = _STATUS.get(word, "unsubscribed" if left(cells).strip() else "")
        if word and not status:
            raise RowRefused(f"nobody knows the type {word}", f"write one of {', '.join(_STATUS)}")
        gone = status not in ("", "confirmed", "pending")
        return Fields(
            address=address(cells),
            status=status,
            tags=tags_in(tags(cells).strip("[]")),
            consent_at=created(cells) if status != "pending" else "",
            consent_source="Buttondown" if created(cells) and status != "pending" else "",
            created_at=created(cells),
            changed_at=left(cells) if gone else "",
            reason=why(cells) or f"{word or 'unsubscribed'} at Buttondown" if gone else "",
        )

    return translate


BUTTONDOWN = Format(
    "buttondown",
    "Buttondown",
    tuple(
        frozenset({address, kind, "creation date"})
        for address in ("email", "email address")
        for kind in ("type", "subscriber type")
    ),
    _translator,
)
