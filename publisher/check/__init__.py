"""Rules over articles, feeds and bundles, each with a name."""

from publisher.check.feeds import check_feed
from publisher.check.finding import Finding
from publisher.check.mail import (
    Named,
    check_bundle,
    check_files,
    check_html,
    check_message,
    subjects_beside,
    unknown_rules,
)

__all__ = [
    "Finding",
    "Named",
    "check_bundle",
    "check_feed",
    "check_files",
    "check_html",
    "check_message",
    "subjects_beside",
    "unknown_rules",
]
