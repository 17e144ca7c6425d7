"""What an author may miss in the feeds is named, and finding it takes no longer than reading."""

import re
from collections.abc import Callable

import pytest

from publisher.markup import removed as module
from publisher.markup.removed import removed, suspicious

Grows = Callable[[Callable[[int], object], int], None]


@pytest.mark.parametrize(
    ("html", "names"),
    [
        ("<p>a</p><script>b</script><SCRIPT>c", "<script>"),
        ('<p class="x" ONCLICK = "a()">', "onclick"),
        ("<a href='vbscript:a'>", "vbscript:"),
        ("<!-- <script> --><p onmouseover=a>", "onmouseover"),
        ("<!-- never closed <script>", ""),
        ("<p>1 < 2 and onclick=x, javascript:</p>", ""),
    ],
)
def test_losses_are_named_once(html: str, names: str) -> None:
    assert removed(html) == names


HOSTILE = ["<script>" + "<!--", "<a " * 3, "<a x ", "<!-->", "<a on"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(expect_linear: Grows, piece: str) -> None:
    expect_linear(lambda size: (suspicious(piece * size), removed("<script>" + piece * size)), 4000)


def test_a_comment_that_needs_its_end_would_be_seen(expect_linear: Grows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COMMENT", re.compile("<!--.*?-->", re.DOTALL))
    with pytest.raises(AssertionError):
        expect_linear(lambda size: removed("<!--" * size), 2000)
