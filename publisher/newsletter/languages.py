"""What a language tag says about files of words, plural forms and dates.

Babel knows the languages that are not shipped. It is an extra: the shipped ones never ask it, so that their issues have
the same bytes whether it is installed or not.
"""

from collections.abc import Callable, Iterator
from datetime import date

#: Languages that have a file of words, and the script of each.
SHIPPED = {
    "en": "Latn", "de": "Latn", "fr": "Latn", "es": "Latn", "pt": "Latn", "ja": "Jpan", "zh-Hans": "Hans", "ar": "Arab",
}  # fmt: skip
#: Plural categories: https://www.unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
#: Where Chinese is written in traditional characters.
_TRADITIONAL = ("TW", "HK", "MO")


def lookup(language: str) -> tuple[str, ...]:
    """Return the tags under which words for a BCP 47 language may be found, the closest first (RFC 4647 §3.4).

    Chinese is found by its script: `zh`, `zh-CN` and `zh-SG` lead to `zh-Hans`, `zh-TW` and `zh-HK` to `zh-Hant` and not
    to simplified characters. A language in a script that is not its usual one, such as `ar-Latn`, does not lead to the
    words in the usual one.
    """
    subtags = [subtag for subtag in language.split("-") if subtag.isascii() and subtag.isalnum() and len(subtag) <= 8]
    parts = list(map(_written, subtags, range(len(subtags))))
    found = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    script = next((part for part in parts[1:] if len(part) == 4 and part.isalpha()), "")
    if parts[:1] == ["zh"]:
        script = script or ("Hant" if any(region in parts for region in _TRADITIONAL) else "Hans")
        found[-1:] = [f"zh-{script}", *(["zh"] if script == "Hans" else [])]
    elif parts and script and script != SHIPPED.get(parts[0], script):
        found.pop()
    return tuple(dict.fromkeys(found))


def _written(subtag: str, position: int) -> str:
    """Write a subtag as BCP 47 recommends it (RFC 5646 §2.1.1): file systems may tell capitals from small letters."""
    if position and len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if position and len(subtag) == 4 and subtag.isalpha() else subtag.lower()


def category(language: str, count: int) -> str:
    """Return the plural category of a count, below a million, in a language."""
    base = language.partition("-")[0].lower()
    if rule := _RULES.get(base):
        return rule(count)
    return _babel_category(language, count) or _one(count)


def long_date(language: str, day: date) -> str:
    """Return a date in a language without words for it, such as `22 novembre 2026`; as `2026-11-22` where Babel is not
    installed or does not know the language.
    """
    try:
        from babel.core import Locale, UnknownLocaleError
        from babel.dates import format_date
    except ImportError:
        return day.isoformat()
    try:
        return format_date(day, "long", locale=Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()


def _babel_category(language: str, count: int) -> str:
    try:
        from babel.core import Locale, UnknownLocaleError
    except ImportError:
        return ""
    try:
        return str(Locale.parse(language, sep="-").plural_form(count))
    except (UnknownLocaleError, ValueError):
        return ""


def _one(count: int) -> str:
    return "one" if count == 1 else "other"


def _none_or_one(count: int) -> str:
    return "one" if count in (0, 1) else "other"


def _other(count: int) -> str:  # noqa: ARG001 - a rule like its neighbours
    return "other"


def _arabic(count: int) -> str:
    if count < 3:
        return CATEGORIES[count]
    if 3 <= count % 100 <= 10:
        return "few"
    return "many" if count % 100 > 10 else "other"


_RULES: dict[str, Callable[[int], str]] = {
    "en": _one, "de": _one, "es": _one, "fr": _none_or_one, "pt": _none_or_one, "ja": _other, "zh": _other, "ar": _arabic,
}  # fmt: skip


def forms(language: str) -> Iterator[str]:
    """Give the plural categories that a shipped language tells apart."""
    rule = _RULES[language.partition("-")[0]]
    yield from (name for name in CATEGORIES if name in {rule(count) for count in range(201)})
