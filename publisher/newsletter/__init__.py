"""The newsletter room: from the catalogue to an issue, and from an issue to its bundle. It decides and renders; it
never sends.
"""

from publisher.newsletter.bundle import MANIFEST, SENT, ManifestError, read_past, render_bundle
from publisher.newsletter.issue import Issue, PastIssue, next_issue
from publisher.newsletter.schedule import Period, period
from publisher.newsletter.slots import UNSUBSCRIBE

__all__ = [
    "MANIFEST",
    "SENT",
    "UNSUBSCRIBE",
    "Issue",
    "ManifestError",
    "PastIssue",
    "Period",
    "next_issue",
    "period",
    "read_past",
    "render_bundle",
]
