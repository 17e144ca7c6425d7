"""Words and figures that readers see: reading times, shortened sentences, the direction of a script."""

import math
import re
import unicodedata

from publisher.markup.characters import TURNING, line

_WORDS_A_MINUTE = 220
#: Characters of Chinese and Japanese, which set no blanks between words.
_CHARACTERS_A_MINUTE = 500
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# A character of an unspaced script, or a word of another.
_WORD = re.compile(rf"{_UNSPACED.pattern}|(?:(?!{_UNSPACED.pattern})\S)+")
# Characters that count as one word.
_LONG_WORD = 16
# Words of an excerpt: about three sentences.
_EXCERPT = 60
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
# Categories of characters that say nothing alone, and those of other categories that are blank (Unicode 15, UAX 44).
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_FILLERS = frozenset("\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f\uffa0")
# In a subject line they could make one sender look like another.
_TURNING = re.compile(f"[{TURNING}]")


def reading_minutes(text: str) -> int:
    """Return how many minutes a text takes to read, at least one."""
    words = len(_UNSPACED.sub(" ", text).split())
    characters = len(_UNSPACED.findall(text))
    return max(1, math.ceil(words / _WORDS_A_MINUTE + characters / _CHARACTERS_A_MINUTE))


def shortened(text: str, limit: int) -> str:
    """Return text of at most `limit` characters, cut between words where possible and ended by `…`."""
    if len(text) <= limit:
        return text
    kept = text[:limit]  # one more than fits beside the ellipsis, to see whether a word ends there
    at_word = kept.rpartition(" ")[0]
    kept = at_word if len(at_word) > limit // 2 else _whole_characters(kept[:-1])
    return f"{kept.rstrip(' ,;:.-–—')}…"


def few_words(text: str, words: int) -> str:
    """Return the first words of a text on one line, ended by `…` where some are left out.

    Args:
        text: in any script.
        words: how many, where a script has blanks; of Chinese and Japanese, twice as many characters. Words longer than
            most, addresses for one, count as several.
    """
    text = line(text)
    room, end = 2 * words, 0
    for word in _WORD.finditer(text):
        unspaced = len(_UNSPACED.findall(word[0]))
        room -= unspaced + 2 * -(-(len(word[0]) - unspaced) // _LONG_WORD)
        if room < 0:
            return shortened(text, end + 1) if end else shortened(text, words * _LONG_WORD)
        end = word.end()
    return text


def excerpt(text: str) -> str:
    """Return what stands for the summary of an article without one: the first sentences of its text, on one line."""
    return few_words(text, _EXCERPT)


def _whole_characters(text: str) -> str:
    """Drop a last character whose accents or joined parts may have been cut off."""
    while text and (unicodedata.combining(text[-1]) or unicodedata.category(text[-1]) in ("Mn", "Me", "Cf")):
        text = text[:-1]
    return text


def one_line(text: str) -> str:
    """Return text on one line, fit for subjects and other people's lists: no controls that turn its direction."""
    return line(_TURNING.sub("", text))


def unseen(text: str) -> bool:
    """Say whether nothing of a text is seen: it is empty, or blanks and controls."""
    return all(unicodedata.category(each) in _UNSEEN or each in _FILLERS for each in text)


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 language tag."""
    subtags = language.lower().split("-")
    scripts = [part for part in subtags[1:] if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if subtags[0] in _RIGHT_TO_LEFT else "ltr"
