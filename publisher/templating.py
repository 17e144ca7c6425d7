"""The one home of Jinja2: templates of the package, overridden one by one by the publication's own."""

from collections.abc import Iterable, Mapping, Sized
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publisher.errors import PublisherError

_PACKAGE = Path(__file__).resolve().parent
#: Characters that a template may write, and what one operation in it may make: far more than any page has.
_LONGEST = 50_000_000
_LONGEST_VALUE = 1_000_000


class BrokenTemplateError(PublisherError):
    """A template, most likely the publication's own, cannot be rendered."""

    def __init__(self, name: str, problem: Exception, line: int = 0) -> None:
        place = f"{name}:{line}" if line else name
        said = problem.message if isinstance(problem, TemplateSyntaxError) else str(problem)
        super().__init__(
            f"template {place}: {said or type(problem).__name__}; compare it with the bundled one in {bundled_templates()}"
        )


def bundled_templates() -> Path:
    """Return the folder of bundled templates: inside a wheel, beside a checkout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def trusted(html: str) -> Markup:
    """Mark sanitised HTML so that a template writes it as it is. Only for values that `markup.sanitise` made."""
    return Markup(html)  # noqa: S704 - the one door for sanitised HTML


class Templates:
    """Renders named templates; the publication's folder is searched first.

    Args:
        overrides: the publication's own `templates/` folder; it need not exist. What changes in it after a template was
            rendered is seen by the next `Templates`.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        self._folders = [*([overrides] if overrides else []), bundled_templates()]
        self._environment = _Environment(
            loader=ChoiceLoader([_Folder(folder) for folder in self._folders]),
            autoescape=select_autoescape(enabled_extensions=("html", "xml"), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,  # else each include looks at its file again
        )

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a template, such as `email/digest.html`.

        Raises:
            BrokenTemplateError: it is missing, has a mistake, asks for a value that does not exist, or writes without
                end. Loops that write nothing are not found out: nobody but the publication writes its templates.
        """
        try:
            return _joined(self._environment.get_template(name).generate(values))
        except Exception as problem:  # a template is a program: anything may go wrong in it
            raise self._broken(name, problem) from problem

    def text(self, name: str) -> str:
        """Return a template file as it stands, for what is not rendered (style sheets)."""
        loader = self._environment.loader
        assert loader is not None
        try:
            return loader.get_source(self._environment, name)[0]
        except TemplateError as problem:
            raise self._broken(name, problem) from problem

    def _broken(self, name: str, problem: Exception) -> BrokenTemplateError:
        """Name the file that has the mistake: the template that was asked for, or one that it includes."""
        if isinstance(problem, TemplateSyntaxError):
            return BrokenTemplateError(problem.name or name, problem, problem.lineno)
        line = 0
        for frame, at in walk_tb(problem.__traceback__):  # Jinja2 writes templates and their lines into it
            file = Path(frame.f_code.co_filename)
            for folder in self._folders:
                if file.is_relative_to(folder):
                    name, line = file.relative_to(folder).as_posix(), at
        return BrokenTemplateError(name, problem, line)


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, with a measure for the operations that make much of little."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply or raise to a power.

        Raises:
            OverflowError: the result would have more than `_LONGEST_VALUE` characters, items or bits.
        """
        match operator, left, right:
            case "**", int(), int():
                size = left.bit_length() * right
            case "*", int(), int():
                size = left.bit_length() + right.bit_length()
            case "*", Sized(), int():
                size = len(left) * right
            case "*", int(), Sized():
                size = left * len(right)
            case _:
                size = 0
        if size > _LONGEST_VALUE:
            raise OverflowError(f"{operator} would make a value larger than {_LONGEST_VALUE:,}")
        return super().call_binop(context, operator, left, right)


def _joined(pieces: Iterable[str]) -> str:
    """Put together what a template writes, up to a length that no page has."""
    kept, length = [], 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece) + 1
        if length > _LONGEST:
            raise OverflowError(f"it writes more than {_LONGEST:,} characters; does a loop in it end?")
    return "".join(kept)


class _Folder(FileSystemLoader):
    def get_source(self, environment: Environment, template: str) -> Any:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = 1 + error.object.count(b"\n", 0, error.start)
            raise TemplateSyntaxError(f"it is not in UTF-8 ({error.reason})", line, template) from error


@cache
def bundled() -> Templates:
    """Return the templates of the package alone, without a publication's overrides."""
    return Templates()
