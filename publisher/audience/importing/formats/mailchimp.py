"""Mailchimp's export of an audience: a zip file of subscribed_…, unsubscribed_…, cleaned_… and nonsubscribed_… files."""

from publisher.audience.importing.columns import Cells, Columns, Format, Translate
from publisher.audience.importing.fields import Fields, full_name, tags_in
from publisher.audience.importing.naming import kind_of

# By the beginning of the file's name; its rows do not say it. A "non-subscribed" contact bought something and never
# agreed to mail.
_STATUS = {"subscribed": "confirmed", "unsubscribed": "unsubscribed", "cleaned": "bounced", "nonsubscribed": "pending"}
_REASON = {"unsubscribed": "unsubscribed at Mailchimp", "cleaned": "cleaned by Mailchimp"}


def _translator(columns: Columns) -> Translate:
    kind = kind_of(columns.file)
    if "unsub time" in columns.names:
        kind = "unsubscribed"
    elif "clean time" in columns.names:
        kind = "cleaned"
    if not kind:
        columns.remark("the file's name does not say whether its people are subscribed, as Mailchimp's do; look there")
    status, default_reason = _STATUS.get(kind, ""), _REASON.get(kind, "")
    address = columns.pick("email address")
    first, last = columns.pick("first name", "fname"), columns.pick("last name", "lname")
    name, language, tags = columns.pick("name"), columns.pick("language"), columns.pick_labels("tags")
    confirmed, asked = columns.pick("confirm time"), columns.pick("optin time")
    confirmed_from, asked_from = columns.pick("confirm ip"), columns.pick("optin ip")
    gone, why = columns.pick("unsub time", "clean time"), columns.pick("unsub reason")

    def translate(cells: Cells) -> Fields:
        consent_at, place = confirmed(cells) or asked(cells), confirmed_from(cells) or asked_from(cells)
        return Fields(
            address=address(cells),
            name=name(cells) or full_name(first(cells), last(cells)),
            status=status,
            language=language(cells).strip(),
            tags=tags_in(tags(cells)),
            consent_at=consent_at,
            consent_source=(f"Mailchimp, from {place}" if place else "Mailchimp") if consent_at else "",
            created_at=asked(cells) or confirmed(cells),
            changed_at=gone(cells),
            reason=_joined(default_reason, why(cells)),
        )

    return translate


def _joined(reason: str, why: str) -> str:
    return f"{reason}: {why.strip()}" if reason and why.strip() else reason


MAILCHIMP = Format(
    "mailchimp",
    "Mailchimp",
    (
        frozenset({"email address", "member rating"}),
        frozenset({"email address", "optin time"}),
        frozenset({"email address", "leid", "euid"}),
    ),
    _translator,
    (frozenset({"email address"}),),
)
