"""The Markdown dialect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.markdown import to_html


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("# One {#x}", '<h1 id="x">One</h1>'),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
        ("| a |\n|--:|\n| b |", '<th align="right">a</th></tr></thead><tbody>\n<tr><td align="right">b</td>'),
        ("| a |\n|:-:|\n| b |", '<td align="center">b</td>'),
        ("| a |\n|:--|\n| b |", '<td align="left">b</td>'),
        ('`<td style="text-align: left">`', '<code>&lt;td style="text-align: left"&gt;</code>'),
        ("a[^1]\n\n[^1]: b", '<a href="#1">1</a>'),
        ("~~a~~", "<del>a</del>"),
        ("- [x] a", "checked"),
        ("a\n: b", "<dd>b</dd>"),
        ("<aside>a</aside>", "<aside>a</aside>"),
        ("```python\na ]]> <b>\n```", '<code class="language-python">a ]]&gt; &lt;b&gt;\n</code>'),
        ("{% raw %} {{< figure >}}", "{% raw %} {{&lt; figure &gt;}}"),
        ("<https://notes.example>", '<a href="https://notes.example">'),
    ],
)
def test_the_dialect_knows(text: str, part: str) -> None:
    assert part in to_html(text)


def test_bare_addresses_stay_text() -> None:
    assert to_html("see https://notes.example/") == "<p>see https://notes.example/</p>\n"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_markdown(text: str) -> None:
    assert isinstance(to_html(text), str)


def test_deep_nesting_is_no_crash() -> None:
    assert to_html(">" * 5000 + "a").count("<blockquote>") >= 100
