"""Chromium shows issue and web page as they are meant: no sideways scrolling, and readable by day and by night."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from publisher import Publication

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()
WIDE = "| " + " | ".join("column" * 2 for _ in range(12)) + " |\n|" + "---|" * 12 + "\n" + "| cell " * 12 + "|\n"
HARD = f"---\ntitle: {'Long' * 40}\ndate: 2026-11-22\n---\n{'unbroken' * 40}\n\n```\n{'code ' * 60}\n```\n\n{WIDE}\n"

#: Shows a page in frames of several widths and writes what it measures into its own title.
PROBE = """<!doctype html><title></title><body>{frames}<script>
function colours(node) {{
  const style = getComputedStyle(node);
  let behind = node, background = style.backgroundColor;
  while (background === "rgba(0, 0, 0, 0)" && behind.parentElement) {{
    behind = behind.parentElement; background = getComputedStyle(behind).backgroundColor;
  }}
  return [node.className, style.color, background];
}}
function said(node) {{
  return node.offsetHeight && [...node.childNodes].some(part => part.nodeType === 3 && part.textContent.trim());
}}
onload = () => document.title = JSON.stringify([...document.querySelectorAll("iframe")].map(frame => {{
  const page = frame.contentDocument;
  return {{ asked: frame.clientWidth, wide: page.documentElement.scrollWidth,
    texts: [...page.body.querySelectorAll("*")].filter(said).map(colours) }};
}}));
</script>"""
WIDTHS = (320, 375, 600)
Measure = Callable[[str, bool], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an issue of this repository's own articles, in full, and of one that is hard to fit."""
    folder = tmp_path_factory.mktemp("own") / "publication"
    shutil.copytree(ROOT / "articles", folder / "articles")
    settings = (ROOT / "publisher.toml").read_text(encoding="utf-8").replace('content = "summary"', 'content = "full"')
    (folder / "publisher.toml").write_text(settings, encoding="utf-8")
    (folder / "articles" / "hard.md").write_text(HARD, encoding="utf-8")
    return folder / Publication.load(folder).issue("news", NOW).folder


@pytest.fixture
def measure(tmp_path: Path, needs_program: Callable[[str], str]) -> Measure:
    """Give a function that shows HTML in Chromium and returns what it measured at each width."""
    chromium = needs_program("chromium")

    def show(html: str, dark: bool) -> list[dict[str, Any]]:
        frames = "".join(f'<iframe width="{w}" height="600" srcdoc="{escape(html)}"></iframe>' for w in WIDTHS)
        (tmp_path / "probe.html").write_text(PROBE.format(frames=frames), encoding="utf-8")
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = [chromium, *QUIET, scheme, f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
        shown = subprocess.run(
            [*command, f"file://{tmp_path}/probe.html"], capture_output=True, check=True, encoding="utf-8", timeout=120
        )
        found = re.search("<title>(.*?)</title>", shown.stdout, re.DOTALL)
        assert found
        return json.loads(unescape(found[1]))  # type: ignore[no-any-return]

    return show


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(…)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["issue.html", "web.html"])
def test_nothing_is_cut_off_and_all_text_can_be_read(bundle: Path, measure: Measure, name: str, dark: bool) -> None:
    frames = measure((bundle / name).read_text(encoding="utf-8"), dark)
    assert [(f["asked"], f["wide"] <= f["asked"]) for f in frames] == [(width, True) for width in WIDTHS]
    texts = {tuple(text) for frame in frames for text in frame["texts"]}
    assert len(texts) > 10
    assert [text for text in texts if contrast(text[1], text[2]) < 4.5] == []
    pages = {luminance(text[2]) < 0.2 for text in texts}
    assert pages == {dark}


def test_a_page_that_scrolls_sideways_would_be_noticed(measure: Measure) -> None:
    (narrow, *_) = measure("<p style='width: 500px; color: #777; background: #888'>Wide.</p>", False)
    assert narrow["wide"] > narrow["asked"]
    assert contrast(*narrow["texts"][0][1:]) < 4.5
