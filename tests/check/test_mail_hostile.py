"""Mails that want to harm are told to be broken: without a traceback, a file opened, or time out of proportion."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.check import check_bundle, check_files, check_html, check_message
from publisher.check.mail import cascade, findings
from publisher.check.mail.page import page_of
from publisher.newsletter import MANIFEST

Linear = Callable[[Callable[[int], object], int], None]
PAGE = "<!DOCTYPE html><html lang=en dir=ltr><title>a</title><style>%s</style><body>%s</body></html>"
#: What stands in mails and hardly ever beside each other.
BITS = st.sampled_from(
    """< > <a href= <a href="https:// <img src=cid: <table> <th> </td> <pre> <style> </style> <!-- --> <h1 style=" " ' ; :
    color:# rgb( rgba(0,0,0,.5) var(--a) url( @media (prefers-color-scheme:dark) { } !important font-size:1e999px ( [ ] ) \\
    article-1 name=article-2 <html lang="ar" dir= {{ }} {% %} @@X@@ *|A|* %%a%% TKTK & &amp; &#0; \0 \ufffe \ud800 \u2028
    http://[ https://1 data: =?utf-8?b? ?= =?utf-8?q?=FF?= \r \n \r\n --=_b Content-Type: multipart/ boundary= ; From: < >
    "a" <b@c> ,, Date: Message-ID: List-Id: List-Unsubscribe: Subject: \t""".split(" ")
)
SOUP = st.lists(BITS | st.text(max_size=5), max_size=40).map("".join)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@given(SOUP, SOUP)
def test_any_html_can_be_checked(styles: str, body: str) -> None:
    for html in (PAGE % (styles, body), body, f'<p style="{styles}">a'):
        assert all(str(finding.problem).startswith("a.html") for finding in check_html(encoded(html), "a.html"))


@given(SOUP, SOUP, st.binary(max_size=200))
def test_any_mail_can_be_checked(header: str, body: str, octets: bytes) -> None:
    whole = b'Content-Type: multipart/alternative; boundary="=_b"\r\n%b\r\n\r\n--=_b\r\n%b--=_b\r\nContent-Type: text/html\r\n'
    for data in (whole % (encoded(header), encoded(body)), b"From: " + encoded(header), octets):
        assert all(str(finding.problem).startswith("a.eml") for finding in check_message(data, "a.eml"))


@given(st.recursive(st.none() | st.booleans() | st.integers() | SOUP, lambda inner: st.lists(inner) | st.dictionaries(SOUP, inner), max_leaves=5), SOUP)  # fmt: skip
def test_any_manifest_can_be_checked(value: object, text: str) -> None:
    said = {"key": value, "number": 1, "subject": text, "date": text, "articles": [{"title": text, "url": text}]}
    names = ("issue.html", "issue.txt", "issue.eml", "web.html")
    for manifest in (
        {**said, "files": dict.fromkeys(names, "")},
        {**said, "files": value},
        {**said, "articles": value},
    ):
        files = {MANIFEST: json.dumps(manifest).encode(), **dict.fromkeys(names, encoded(text))}
        assert check_files(files, "a")


def test_a_header_that_is_too_large_is_not_looked_at() -> None:
    """Python's own parser takes time by the square of the length of such fields."""
    field = b"To: " + b"(((" * 50_000 + b"\r\n"
    findings = check_message(field * 3 + b"Subject: a\r\n\r\na\r\n", "a.eml")
    assert "mail.header.size" in [finding.rule for finding in findings]


@pytest.mark.parametrize(
    "field",
    [
        "To: " + "(" * 60_000,
        "To: " + '"\\' * 30_000,
        "To: " + "a@b.example," * 5_000,
        "To: " + "<" * 60_000,
        "Subject: " + "=?" * 30_000,
        "Subject: " + "=?utf-8?b?" * 6_000,
        "Content-Type: a/b" + ';x="\\' * 12_000,
        "Content-Type: a/b" + ";x=y" * 15_000,
        "List-Unsubscribe: " + "<a:b>," * 10_000,
        "List-Unsubscribe: " + "<" * 60_000,
        "DKIM-Signature: " + "; d=" * 15_000,
        "Date: " + " " * 60_000 + "Mon",
        "List-Id: " + '"' * 60_000,
        "x\r\n " * 15_000,
    ],
    ids=lambda field: field[:25],
)
def test_fields_take_time_in_proportion(expect_linear: Linear, field: str) -> None:
    def work(size: int) -> object:
        return check_message(f"{field[:size]}\r\n\r\na\r\n".encode(), "a.eml")

    expect_linear(work, 15_000)


def test_parts_without_end_are_given_up() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(2000))
    assert "mail.nesting" in [finding.rule for finding in check_message(nested, "a.eml")]
    many = b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n' + b"--a\r\n\r\n" * 5000
    assert "mail.nesting" in [finding.rule for finding in check_message(many, "a.eml")]


@pytest.mark.parametrize(
    "bit",
    [
        "<div>",
        '<a href="https://a.example"><table><tr><td>',
        "<h1><table><tr><td>",
        '<p style="color:red">a</p>',
        '<b class="a b c">a</b>',
        '<img src="cid:a" alt="a">',
        "{{{{", "{%", "<p>%%a", "*|A", "lorem ", "TK", "&lt;a ", '<i lang="ar">',
        '<a href="https://a.example">https://b.example</a>',
    ],
)  # fmt: skip
def test_html_takes_time_in_proportion(expect_linear: Linear, bit: str) -> None:
    def work(size: int) -> object:
        return check_html((PAGE % (".a .b > .c { color: #fff }", bit * size)).encode(), "a.html")

    expect_linear(work, 400)


@pytest.mark.parametrize(
    "bit", ["p{color:red}", "@media{", "(", "[", "a,", ".a .b .c{color:red}", "}", '"', "/*", "@media (("]
)
def test_styles_take_time_in_proportion(expect_linear: Linear, bit: str) -> None:
    def work(size: int) -> object:
        return check_html((PAGE % (bit * size, "<p>a</p>" * 20)).encode(), "a.html")

    expect_linear(work, 500)


def test_more_rules_than_anybody_compares_end_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "_MOST_STEPS", 1000)
    deep = "<div class=a>" * 50 + "<p class=b>a</p>"
    html = PAGE % (".x .a .b { color: #fff }" * 50, deep * 20)
    assert "html.contrast.unknown" in [finding.rule for finding in check_html(html.encode(), "a.html")]
    page = page_of(html.encode())
    assert page is not None
    assert page.appearances
    assert page.cascade.exhausted


def test_names_of_classes_without_end_are_not_read_again_for_each_rule(expect_linear: Linear) -> None:
    def work(size: int) -> object:
        rules = "".join(f".a{number} {{ color: #000 }}" for number in range(size))
        names = " ".join(f"a{number}" for number in range(size)) * 20
        return check_html((PAGE % (rules, f'<p class="{names}">a</p>')).encode(), "a.html")

    expect_linear(work, 400)


def test_rules_for_the_other_scheme_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "_MOST_STEPS", 1000)
    dark = "@media (prefers-color-scheme: dark) { p { color: #fff } }"
    page = page_of((PAGE % (dark * 50, "<p>a</p>" * 50)).encode())
    assert page is not None
    assert page.appearances
    assert page.cascade.exhausted


def test_more_findings_than_anybody_reads_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_ENOUGH", 50)
    found = check_html((PAGE % ("", '<a href="/a">a</a>' * 1000)).encode(), "a.html")
    assert len(found) < 60


def test_a_bundle_that_is_a_pipe_or_a_loop_is_only_broken(tmp_path: Path) -> None:
    folder = tmp_path / "weekly" / "1"
    folder.mkdir(parents=True)
    (folder / "loop").symlink_to(folder)
    (folder / MANIFEST).symlink_to("/dev/zero")
    assert [finding.rule for finding in check_bundle(folder)] == ["bundle.manifest"]


def test_styles_reach_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("builtins.open", lambda *arguments, **_: asked.append(arguments))
    html = PAGE % (
        '@import "file:///etc/passwd"; @import url(https://a.example/b.css);',
        '<img src="file:///etc/passwd" alt="">',
    )
    assert check_html(html.encode(), "a.html")
    assert asked == []
