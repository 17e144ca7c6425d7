"""Checks of mails, of their HTML and of bundles; offline and without trust in the files."""

from publisher.check.mail.bundle import subjects_beside
from publisher.check.mail.findings import known_rules
from publisher.check.mail.judging import check_bundle, check_files, check_html, check_message
from publisher.check.mail.wording import Named

__all__ = ["Named", "check_bundle", "check_files", "check_html", "check_message", "known_rules", "subjects_beside"]
