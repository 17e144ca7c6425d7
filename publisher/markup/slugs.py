"""Slugs: the last part of an article's address, the name of a tag's feed."""

import re
from hashlib import sha256

from slugify import slugify

LENGTH = 80
_SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
# Without the first, C, C++ and C# would be one tag; without the last, don't would be two words.
_SPOKEN = (("+", "-plus-"), ("#", "-sharp-"), ("&", "-and-"), ("'", ""), ("’", ""))


def slug(text: str) -> str:
    """Return 1 to 80 of `a-z`, `0-9` and `-`: transliterated, cut at a word; a hash where nothing is left."""
    if len(text) <= LENGTH and _SLUG.fullmatch(text):
        return text  # as most names of files are; transliterating takes ten times as long
    plain = text
    for sign, spoken in _SPOKEN:
        plain = plain.replace(sign, spoken)
    made = slugify(plain, max_length=LENGTH, word_boundary=True, save_order=True)
    return made or sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
