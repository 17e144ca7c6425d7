"""Text in CSV files that a spreadsheet would take for a formula, and run (CSV injection, as OWASP describes it).

An apostrophe before it makes a spreadsheet show it as text. One that stood there already gets another, so that taking one
off again gives exactly what there was.
"""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """Return a cell that is the text itself, but where `bare` would take something off: that gets one more."""
    return f"'{text}" if _GUARDED.match(text) else text


def bare(cell: str) -> str:
    """Return the text that `guarded` or `unguarded` made a cell of."""
    return cell[1:] if _GUARDED.match(cell) else cell
