"""The newsletter room: from the catalogue to an issue, and from an issue to its bundle. It decides and renders; it
never sends.

What renders is in `bundle` and imported from there: it loads an engine for style sheets, which a build of feeds can do
without.
"""

from publisher.newsletter.issue import Issue, PastIssue, Wording, next_issue
from publisher.newsletter.manifest import MANIFEST, SENT, ManifestError, manifest_fault, read_past
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
    "Wording",
    "manifest_fault",
    "next_issue",
    "period",
    "read_past",
]
