"""Substack's export of subscribers: email_list.….csv."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, is_true


def _translator(columns: Columns) -> Translate:
    address, name, created = columns.pick("email"), columns.pick("name"), columns.pick("created at")
    disabled = columns.pick("email disabled")

    def translate(cells: Cells) -> Fields:
        gone = is_true(disabled(cells))
        return Fields(
            address=address(cells),
            name=name(cells),
            status="unsubscribed" if gone else "confirmed",
            consent_at=created(cells),
            consent_source="Substack" if created(cells) else "",
            created_at=created(cells),
            reason="mail disabled at Substack" if gone else "",
        )

    return translate


SUBSTACK = Format("substack", "Substack", (frozenset({"email", "active subscription"}),), _translator)
