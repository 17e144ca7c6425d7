"""listmonk's export of subscribers."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, status_word


def _translator(columns: Columns) -> Translate:
    address, name, status = columns.pick("email"), columns.pick("name"), columns.pick("status")
    created, updated = columns.pick("created at"), columns.pick("updated at")

    def translate(cells: Cells) -> Fields:
        word = status_word(status(cells))
        wanted = word in ("", "confirmed")
        return Fields(
            address=address(cells),
            name=name(cells),
            status=word,
            created_at=created(cells),
            changed_at="" if wanted else updated(cells),
            reason="" if wanted else f"{status(cells).strip()} in listmonk",
        )

    return translate


LISTMONK = Format(
    "listmonk",
    "listmonk",
    (frozenset({"uuid", "email", "status", "attributes"}), frozenset({"uuid", "email", "status", "attribs"})),
    _translator,
)
