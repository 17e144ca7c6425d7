"""What an author wrote and no reader gets, as far as its loss may surprise: code that would run, and drawings."""

import re

# The sign a tag begins with is all that is looked for in most posts.
_SUSPECT = re.compile(
    r"<(?:(?P<element>script|style|form|svg|math)\b"
    r"|[a-z][^<>]{0,2000}?(?:\s(?P<handler>on[a-z]{2,30})\s*=|[=\"'\s](?P<scheme>(?:java|vb)script:)))",
    re.IGNORECASE,
)

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def suspicious(text: str) -> bool:
    """Say whether Markdown or HTML may hold something that the sanitiser takes away; code samples may look so, too."""
    return _SUSPECT.search(text) is not None


def removed(html: str) -> str:
    """Name what the sanitiser takes out of HTML, such as `<script>, onclick`; empty where that is nothing of note."""
    names = {
        f"<{found['element'].lower()}>" if found["element"] else (found["handler"] or found["scheme"]).lower(): None
        for found in _SUSPECT.finditer(_COMMENT.sub("", html))
    }
    return ", ".join(names)
