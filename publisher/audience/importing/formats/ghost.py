"""Ghost's export of members: members.….csv."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, is_true, tags_in


def _translator(columns: Columns) -> Translate:
    address, name, labels = columns.pick("email"), columns.pick("name"), columns.pick_labels("labels")
    wanted, created, deleted = (
        columns.pick("subscribed to emails"),
        columns.pick("created at"),
        columns.pick("deleted at"),
    )

    def translate(cells: Cells) -> Fields:
        gone = bool(deleted(cells).strip())
        left = gone or not is_true(wanted(cells))
        return Fields(
            address=address(cells),
            name=name(cells),
            status="unsubscribed" if left else "confirmed",
            tags=tags_in(labels(cells)),
            consent_at=created(cells),
            consent_source="Ghost" if created(cells) else "",
            created_at=created(cells),
            changed_at=deleted(cells),
            reason="deleted in Ghost" if gone else "unsubscribed in Ghost" if left else "",
        )

    return translate


GHOST = Format("ghost", "Ghost", (frozenset({"email", "subscribed to emails"}),), _translator)
