"""The page on checks says what the rules say."""

import runpy
from pathlib import Path

from publisher.check.feed_rules import RULES
from publisher.check.mail.rules import RULES as MAIL_RULES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_on_checks_is_up_to_date() -> None:
    """Where this fails, run `make docs` and commit what it changed."""
    page = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]["check.md"]()
    assert (DOCS / "check.md").read_text(encoding="utf-8") == page
    assert [rule for rule in RULES if f"| `{rule}` |" not in page] == []


def test_the_page_on_checks_of_issues_is_up_to_date() -> None:
    """Where this fails, run `make docs` and commit what it changed."""
    page = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]["check-issues.md"]()
    assert (DOCS / "check-issues.md").read_text(encoding="utf-8") == page
    assert [rule for rule in MAIL_RULES if f"| `{rule}` |" not in page] == []
