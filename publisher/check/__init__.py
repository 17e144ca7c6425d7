"""Rules over articles, feeds and bundles, each with a name."""

from publisher.check.clients import known_clients
from publisher.check.feeds import check_feed
from publisher.check.finding import Finding
from publisher.check.mail import (
    Named,
    check_bundle,
    check_files,
    check_html,
    check_message,
    known_rules,
    subjects_beside,
)

__all__ = [
    "Finding",
    "Named",
    "check_bundle",
    "check_feed",
    "check_files",
    "check_html",
    "check_message",
    "known_clients",
    "known_rules",
    "subjects_beside",
]
