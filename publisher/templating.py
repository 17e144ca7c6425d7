"""The one home of Jinja2: templates of the package, overridden one by one by the publication's own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publisher.errors import PublisherError

_PACKAGE = Path(__file__).resolve().parent


class BrokenTemplateError(PublisherError):
    """A template, most likely the publication's own, cannot be rendered."""

    def __init__(self, name: str, problem: Exception) -> None:
        line = getattr(problem, "lineno", None)
        place = f"{name}:{line}" if line else name
        super().__init__(
            f"template {place}: {problem or type(problem).__name__}; compare it with the bundled one in {bundled_templates()}"
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
        folders = [*([overrides] if overrides else []), bundled_templates()]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
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
            BrokenTemplateError: it is missing, has a mistake, or asks for a value that does not exist.
        """
        try:
            return self._environment.get_template(name).render(values)
        except Exception as problem:  # a template is a program: anything may go wrong in it
            raise BrokenTemplateError(name, problem) from problem

    def text(self, name: str) -> str:
        """Return a template file as it stands, for what is not rendered (style sheets)."""
        loader = self._environment.loader
        assert loader is not None
        try:
            return loader.get_source(self._environment, name)[0]
        except (TemplateError, UnicodeDecodeError) as problem:
            raise BrokenTemplateError(name, problem) from problem


@cache
def bundled() -> Templates:
    """Return the templates of the package alone, without a publication's overrides."""
    return Templates()
