"""What docs/cron.md tells to type works, and its table of statuses is that of the program."""

import re
from pathlib import Path

from publisher.errors import PublisherError, SurroundingsError, UsageError
from publisher.publication import running
from tests.docs.test_tutorial import steps, transcript

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cron.md").read_text(encoding="utf-8")


def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    wanted = steps(PAGE)
    assert len(wanted) >= 8
    assert list(zip([c for c, _ in wanted], transcript([c for c, _ in wanted], tmp_path), strict=True)) == wanted


def test_the_table_of_statuses_is_that_of_the_program() -> None:
    told = [int(status) for status in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)]
    errors = {error.exit_status for error in (PublisherError, UsageError, SurroundingsError)}
    assert set(told) == {0, *errors, running._LEFT}
    order = ", ".join(map(str, running._STATUSES[1:]))
    assert f"{running._STATUSES[0]}, then {order}" in PAGE
