"""The words around the articles of an issue, and its dates, in the reader's language.

They lie in `templates/email/words/`, one file a language. A publication's own file changes single words of a shipped one
or adds a language; what no file says is said in English.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Any

from publisher.markup.characters import CONTROLS, TURNING
from publisher.newsletter.languages import CATEGORIES, SHIPPED, category, long_date, lookup
from publisher.newsletter.wording import direction
from publisher.templating import BrokenTemplateError, Templates, bundled

_LAST_RESORT = "en"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Isolates and overrides would turn what stands around the words; so would a line break in a heading.
_CONTROL = re.compile(f"[{CONTROLS}\u2028\u2029{TURNING}\ud800-\udfff]")
_BEFORE_I = "and_before_i"
#: Where that is said: Spanish has Ada e Inés and Ada e Hilda, but Ada y Iago.
_SOUNDS_LIKE_I = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)
#: Keys beside those of English, each with the one that is said where it is absent.
_VARIANTS = {_BEFORE_I: "and"}
_MONTHS = "months"


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with `{placeholders}`, in one form for each plural category that its author saw a need for."""

    forms: Mapping[str, str]
    #: Whose plural rules choose among the forms.
    language: str

    def filled(self, values: Mapping[str, object]) -> str:
        """Return the text with its values. Nothing in a value is looked for: it may come from an article."""
        form = "other"
        if len(self.forms) > 1:
            form = category(self.language, int(str(values["count"])))
        text = self.forms.get(form, self.forms["other"])
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


@dataclass(frozen=True, slots=True)
class Words:
    """Texts by key: `say("minutes", count=3)`, `say("read_on_host", host="notes.example")`."""

    #: BCP 47 tag of the words, which need not be the one asked for.
    language: str
    #: `ltr` or `rtl`.
    direction: str
    #: The tag that was asked for, for dates.
    _asked: str
    _texts: Mapping[str, _Text] = field(repr=False)
    #: Empty where no file names the months.
    _months: Sequence[str] = ()

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text, on one line.

        Args:
            key: one of those in `templates/email/words/en.toml`.
            values: for the placeholders; more than it has do no harm. `count` chooses the plural form, too.

        Raises:
            ValueError: there is no such text, or a value is missing.
        """
        if key not in self._texts:
            raise ValueError(f"there are no words for {key!r}{_meant(key, self._texts)}")
        try:
            return self._texts[key].filled(values)
        except KeyError as missing:
            raise ValueError(f"the words for {key!r} need a value for {missing}") from None

    def date(self, day: date | datetime) -> str:
        """Return a date in full, such as `22 November 2026`; of a time, the day in its own zone."""
        if not self._months:
            return long_date(self._asked, date(day.year, day.month, day.day))
        shown = self("first_day") if day.day == 1 else day.day
        return self("date", day=shown, month=self._months[day.month - 1], year=day.year)

    def names(self, names: Iterable[str]) -> str:
        """Return names as a list in a sentence, such as `A, B and C`; empty for none."""
        *others, last = list(names) or [""]
        if not others:
            return last
        link = self(_BEFORE_I if _BEFORE_I in self._texts and _SOUNDS_LIKE_I.match(last) else "and")
        return f"{self('comma').join(others)}{link}{last}"


def words(language: str, templates: Templates) -> Words:
    """Return the words for a language: of the nearest file, the publication's own before a shipped one, else English.

    Args:
        language: BCP 47 tag of the newsletter.
        templates: looked in for `email/words/TAG.toml`.

    Raises:
        BrokenTemplateError: a file is no TOML, has a key that nobody asks for, or misses a placeholder.
    """
    english, own = _gathered((_LAST_RESORT,), templates), _gathered(tuple(reversed(lookup(language))), templates)
    if "date" in own.texts and not own.months:
        raise BrokenTemplateError(
            _file(own.tag), ValueError("date puts the names of months together, and months is absent")
        )
    used = own.tag or _LAST_RESORT
    return Words(used, direction(used), language, english.texts | own.texts, own.months)


@dataclass(slots=True)
class _Gathered:
    """What the files of some tags say together, the later ones being heard first."""

    #: The last tag that has a file; empty for none.
    tag: str = ""
    texts: dict[str, _Text] = field(default_factory=dict)
    months: Sequence[str] = ()

    def add(self, tag: str, said: Mapping[str, Any]) -> None:
        self.tag = tag
        for variant, plain in _VARIANTS.items():
            before = self.texts.get(plain)
            if before and said.get(plain) not in (None, before.forms["other"]):
                self.texts.pop(variant, None)  # it went with other words
        for key, value in said.items():
            if key == _MONTHS:
                self.months = value
            else:
                self.texts[key] = _Text(value if isinstance(value, dict) else {"other": value}, tag)


def _gathered(tags: Iterable[str], templates: Templates) -> _Gathered:
    """Read the files of these tags, the most general tag first."""
    gathered = _Gathered()
    for tag in tags:
        if tag in SHIPPED:
            gathered.add(tag, _shipped(tag))
        if own := _own(tag, templates):
            gathered.add(tag, own)
    return gathered


@cache
def _shipped(tag: str) -> Mapping[str, Any]:
    return tomllib.loads(bundled().text(_file(tag)))


def _own(tag: str, templates: Templates) -> Mapping[str, Any]:
    """Return what the publication's own file says; nothing where it has none, or a copy of the shipped one."""
    try:
        content = templates.text(_file(tag))
    except BrokenTemplateError as error:
        if isinstance(error.__cause__, LookupError):  # there is no such file
            return {}
        raise
    try:
        said = tomllib.loads(content.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as mistake:
        raise BrokenTemplateError(_file(tag), mistake) from mistake
    except RecursionError as mistake:
        raise BrokenTemplateError(_file(tag), ValueError("its values are nested too deeply")) from mistake
    if mistakes := tuple(_mistakes(said)):
        raise BrokenTemplateError(_file(tag), ValueError(", and ".join(mistakes)))
    return said


def _file(tag: str) -> str:
    return f"email/words/{tag}.toml"


def _mistakes(said: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong in a file, each in one clause."""
    english = _shipped(_LAST_RESORT)
    for key, value in said.items():
        if key not in english and key not in _VARIANTS:
            yield f"{key!r} is no key of such a file{_meant(key, english)}"
        elif key == _MONTHS:
            if not (isinstance(value, list) and len(value) == 12 and all(map(_is_text, value))):
                yield f"{key} is no list of twelve names"
        else:
            yield from _faults(key, value, english[_VARIANTS.get(key, key)])


def _faults(key: str, value: object, english: str | Mapping[str, str]) -> Iterator[str]:
    """Give what is wrong with one text or its plural forms."""
    texts: Mapping[str, Any] = value if isinstance(value, dict) else {"other": value}
    plural = isinstance(english, dict)
    asked = _placeholders(english["other"] if isinstance(english, dict) else str(english))
    if not plural and value is texts:
        yield f"{key} is one text and has no plural forms"
        return
    if "other" not in texts:
        yield f"{key} needs the form other, which is taken where no form fits"
    for form, text in texts.items():
        name = f"{key}.{form}" if value is texts else key
        if form not in CATEGORIES:
            yield f"{name} is no plural form{_meant(form, CATEGORIES)}; they are {', '.join(CATEGORIES)}"
        elif not _is_text(text):
            yield f"{name} is no text on one line"
        else:
            # A form for one or two can do without the figure.
            yield from _wrong_placeholders(name, text, asked, {"count"} if form != "other" else set())


def _wrong_placeholders(name: str, text: str, asked: Collection[str], optional: Collection[str]) -> Iterator[str]:
    has = _placeholders(text)
    for lacking in sorted(set(asked) - set(has) - set(optional)):
        yield f"{name} lacks {{{lacking}}}"
    for unknown in sorted(set(has) - set(asked)):
        yield f"{name} has {{{unknown}}}, which has no value there"


def _placeholders(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not _CONTROL.search(value)


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
