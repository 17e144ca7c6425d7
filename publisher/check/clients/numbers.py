"""Numbers in CSS that Python's own reader of them would refuse."""

import re

#: More than any number of a float's range needs; Python turns no more than 4,300 digits into an integer.
_MOST_DIGITS = 400
_LONG = re.compile(f"([0-9]{{{_MOST_DIGITS}}})[0-9]+")


def readable(css: str) -> str:
    """Return CSS with its endless numbers cut to a length that tinycss2 can read; they stay as absurd as they were."""
    return _LONG.sub(r"\1", css)
