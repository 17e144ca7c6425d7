"""Rules for the HTML of mails: each has what breaks it, and what is well."""

from collections.abc import Callable

import pytest

from publisher.check import Finding, check_html
from publisher.check.mail import judging, leftovers
from publisher.check.mail.rules import RULES
from publisher.config.settings import CheckSettings
from publisher.errors import Severity
from publisher.newsletter.wording import direction

Spoil = Callable[[str], str]
PICTURE = '<img src="https://notes.example/a.png" alt="An owl" width="5" height="5">'


def own(findings: list[Finding]) -> list[str]:
    """Name the broken rules; what single mail programs can show is tested elsewhere."""
    return [finding.rule for finding in findings if not finding.rule.startswith("client.")]


def rules(html: str) -> list[str]:
    return own(check_html(html.encode(), "issue.html"))


def test_a_sound_mail_has_no_findings(html: str) -> None:
    assert rules(html) == []


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (PICTURE.replace('alt="An owl"', ""), "html.image.alt"),
        (PICTURE.replace('width="5"', ""), "html.image.width"),
        (PICTURE.replace('"5" h', '"50%" h'), "html.image.width"),
        (PICTURE.replace('"5" h', '"601" h'), "html.image.wide"),
        (PICTURE.replace('"5" h', '"99999999999" h'), "html.image.wide"),
        (PICTURE.replace('height="5"', ""), "html.image.height"),
        (PICTURE.replace('"5"', '"1"'), "html.image.pixel"),
        (PICTURE.replace("https:", "http:"), "html.image.insecure"),
        (PICTURE.replace("https://notes.example/a.png", "data:image/png;base64,AA"), "html.image.source"),
        (PICTURE.replace("https://notes.example/", ""), "html.image.source"),
        ('<a href="">a</a>', "html.link.empty"),
        ('<a href="#">a</a>', "html.link.empty"),
        ('<a href="#nowhere">a</a>', "html.link.empty"),
        ('<a href="/a">a</a>', "html.link.relative"),
        ('<a href="//notes.example">a</a>', "html.link.relative"),
        ('<a href="javascript:a()">a</a>', "html.link.scheme"),
        ('<a href="https://localhost:8000/">a</a>', "html.link.local"),
        ('<a href="https://127.0.0.1/">a</a>', "html.link.local"),
        ('<a href="https://[::1]/">a</a>', "html.link.local"),
        ('<a href="http://notes.example/">a</a>', "html.link.insecure"),
        ('<a href="https://bit.ly/a">a</a>', "html.link.shortened"),
        ('<a href="https://192.0.2.7/">a</a>', "html.link.number"),
        ('<a href="https://3232235777/">a</a>', "html.link.number"),
        ('<a href="https://notes.example/"></a>', "html.link.text.empty"),
        (f'<a href="https://notes.example/">{PICTURE.replace("An owl", "")}</a>', "html.link.text.empty"),
        ('<a href="https://notes.example/">Click here</a>', "html.link.text.vague"),
        ('<a href="https://notes.example/">こちら</a>', "html.link.text.vague"),
        ('<a href="https://evil.example/">https://bank.example/login</a>', "html.link.disguised"),
        ('<a href="https://evil.example/">www.bank.example</a>', "html.link.disguised"),
        ("<script></script>", "html.active"),
        ("<form></form>", "html.active"),
        ("<h1>Another</h1>", "html.heading.first"),
        ("<h4>Too deep</h4>", "html.heading.skipped"),
        ("<h3> </h3>", "html.heading.empty"),
        ("<table><tr><td>a</td></tr></table>", "html.table.headless"),
        ('<table role="presentation"><tr><th>a</th></tr></table>', "html.table.layout"),
        ('<p lang="english!">a</p>', "html.lang.unknown"),
        ('<p lang="ar">مرحبا</p>', "html.dir.wrong"),
        ('<p lang="ku-Arab">سڵاو</p>', "html.dir.wrong"),
        ('<p style="display:none">cheap pills</p>', "html.hidden"),
        ('<p style="font-size:0">cheap pills</p>', "html.hidden"),
        ('<p style="max-height:0; overflow:hidden">cheap pills</p>', "html.hidden"),
        ('<p style="color:#ddd; background-color:#fff">pale</p>', "html.contrast"),
        ('<p style="color:#888; background-color:#fff">pale</p>', "html.contrast.low"),
        ("<p>Lorem ipsum dolor</p>", "issue.placeholder"),
        ("<p>by TKTK</p>", "issue.placeholder"),
        ("<p>by [TK]</p>", "issue.placeholder"),
        ("<p>TK</p>", "issue.placeholder.perhaps"),
        ("<p>TO" + "DO: finish</p>", "issue.placeholder.perhaps"),
        ("<p>FIX" + "ME</p>", "issue.placeholder.perhaps"),
        ("<p>XX" + "X</p>", "issue.placeholder.perhaps"),
        ("<p>Hello {{ name }}</p>", "issue.template.perhaps"),
        ("<p>{% if a %}</p>", "issue.template.perhaps"),
        ("<p>Hello *|FNAME|*</p>", "issue.template.perhaps"),
        ("<p>&lt;%= name %&gt;</p>", "issue.template.perhaps"),
        ("<p>Hello @@FIRSTNAME@@</p>", "issue.template.perhaps"),
        (PICTURE.replace("An owl", "{{ owl }}"), "issue.template.perhaps"),
        ('<a href="https://notes.example/{{ slug }}">a</a>', "issue.template"),
        ("<p>Hello ${name}</p>", "issue.template.perhaps"),
        ("<p>Hello %%name%%</p>", "issue.template.perhaps"),
        (f"<p>{'word ' * 5001}</p>", "issue.long"),
        (f"<style>{' ' * 16_385}</style>", "html.style.size"),
        (" " * 90_001, "html.size.near"),
        (" " * 100_001, "html.size"),
    ],
)
def test_a_weakness_is_found_and_nothing_else(spoiled: Spoil, more: str, rule: str) -> None:
    assert rules(spoiled(more)) == [rule]


@pytest.mark.parametrize(
    "more",
    [
        PICTURE,
        PICTURE.replace("An owl", ""),
        PICTURE.replace("https://notes.example/a.png", "cid:a@notes.example"),
        f'<a href="https://notes.example/">{PICTURE}</a>',
        '<a name="here"></a><a href="#here">above</a>',
        '<a href="mailto:ada@notes.example">Ada</a> <a href="https://[">b</a> <a>no link</a>',
        '<a href="https://notes.example/" aria-label="Owls"></a>',
        '<a href="https://www.notes.example/a">https://notes.example/a</a>',
        '<a href="https://feeds.notes.example/">https://notes.example</a>',
        '<a href="https://archive.example/2026/https://notes.example/a">https://notes.example/a</a>',
        '<a href="https://python.example/">setup.py</a>',
        '<a href="https://notes.example/">https://[</a>',
        "<h3>One</h3><h4>Two</h4><h2>Three</h2>",
        "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>",
        "<table><tr><th>a</th></tr></table><table role='none'><tr><td>b</td></tr></table>",
        '<p lang="ar-Latn">marhaba</p><p lang="ku">silav</p><p lang="ku-Arab" dir="rtl">سڵاو</p>',
        '<div dir="rtl" lang="ar"><p lang="he">שלום</p></div><p lang="ar" dir="auto">مرحبا</p><p lang="">a</p>',
        '<p style="display:none">&#8199;&#847;</p>',
        '<p style="color:#767676; background-color:#fff">just enough</p>',
        '<p style="color:#949494; background-color:#fff; font-size:24px">large</p>',
        '<p style="color:#949494; background-color:#fff; font-size:14pt"><b>large in bold</b></p>',
        '<p style="color:#fff; background: url(a.png)">on a picture</p>',
        '<p style="color:#fff">&middot;</p>',
        "<pre>{{ name }} {% if a %} ${HOME} @@ROW@@ TK</pre><p><code>*|FNAME|* lorem ipsum</code></p>",
        "<p>Tk is a toolkit, stkk is none; 100 %% sure, {braces}, @@ and $5</p>",
        f"<p>{'word ' * 4000}</p>",
    ],
)
def test_what_is_well_has_no_findings(spoiled: Spoil, more: str) -> None:
    assert rules(spoiled(more)) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<!DOCTYPE html>", "", "html.doctype"),
        (' lang="en"', "", "html.lang"),
        (' dir="ltr"', "", "html.dir"),
        ("<title>Field Notes #4: Owls</title>", "", "html.title"),
        ("<h1>Field Notes</h1>", "", "html.heading.first"),
        ("Two owls were seen at the lake this week", "", "preheader.missing"),
        ("Two owls were seen at the lake this week", "Two owls", "preheader.short"),
        ("Two owls were seen at the lake this week", "Two owls " * 20, "preheader.long"),
    ],
)
def test_the_frame_of_a_mail_is_looked_at(html: str, old: str, new: str, rule: str) -> None:
    assert old in html
    assert rules(html.replace(old, new, 1)) == [rule]


def test_a_short_preheader_in_wide_letters_says_enough(html: str) -> None:
    assert rules(html.replace("Two owls were seen at the lake this week", "湖でフクロウを二羽見ました")) == []


def test_a_mail_of_pictures_alone_is_found(html: str) -> None:
    start, end = html.index("<h2>"), html.index("<!-- here -->")
    assert rules(html[:start] + PICTURE + html[end:]) == ["html.image.only"]


def test_no_html_at_all_is_told() -> None:
    assert rules("") == ["html.unreadable"]
    assert own(check_html(b" " * 1_000_001, "a.html")) == ["html.size"]


def test_a_finding_says_where_in_which_article_and_what_to_do(spoiled: Spoil) -> None:
    (finding,) = check_html(spoiled('\n<a href="/a">a</a>').encode(), "issue.html")
    assert str(finding.problem) == (
        'issue.html:24: the link "/a" is relative; write the whole address; a mail has no page to start from'
    )
    assert (finding.article, finding.clients) == ("Owls at the lake", ())


def test_what_stands_around_the_articles_is_of_no_article(html: str) -> None:
    (finding,) = check_html(html.replace("<h1>Field Notes", '<h1>Field <a href="/a">Notes</a>').encode(), "a.html")
    assert finding.article == ""
    (finding,) = check_html(html.replace("because you", 'because <a href="/a">you</a>').encode(), "a.html")
    assert finding.article == ""


def test_an_article_without_a_heading_is_called_by_its_number(html: str) -> None:
    start, end = html.index("<h2>"), html.index("<p>Two")
    (finding,) = check_html(
        (html[:start] + '<p><img src="/a" alt="" width="2" height="2"></p>' + html[end:]).encode(), ""
    )
    assert finding.article == "article 1"


def test_more_css_than_any_program_shows_is_not_judged_and_that_is_told(spoiled: Spoil) -> None:
    one = "<style>.a { display: flex; color: #fff }</style>"
    judged, beyond = (check_html(spoiled(one * count).encode(), "a.html") for count in (10, 7_000))
    assert "client.css-display-flex" in {finding.rule for finding in judged}
    assert "client.css-display-flex" not in {finding.rule for finding in beyond}
    assert {"html.style.unknown", "html.contrast.unknown", "html.size"} <= {finding.rule for finding in beyond}
    assert not {"html.style.unknown", "html.contrast.unknown"} & {finding.rule for finding in judged}


@pytest.mark.parametrize(
    "language", ["ar", "ar-Latn", "ckb", "fa", "ha-Arab", "he", "khw", "ku", "ku-Arab", "pa-Arab", "syr", "yi", "en"]
)
def test_the_direction_that_issues_give_a_language_is_no_mistake(spoiled: Spoil, language: str) -> None:
    """Both sides ask the same function; a list of languages of the check's own once refused ours."""
    assert rules(spoiled(f'<p lang="{language}" dir="{direction(language)}">a</p>')) == []


@pytest.mark.parametrize("code", ["{{ name }}", "*|FNAME|*", "@@ROW@@", "<%= name %>", "%%name%%"])
def test_code_that_articles_are_about_may_be_repeated(html: str, code: str) -> None:
    """Summary, title, list of contents and preheader of an article repeat what its text shows as code (G33)."""
    code = code.replace("<", "&lt;")
    about = html.replace("Owls at the lake", f"Owls with {code}").replace("on Tuesday", f"with <code>{code}</code>")
    about = about.replace("this week</div>", f"with {code}</div>").replace("</h1>", f"</h1><p>Owls with {code}</p>")
    assert rules(about) == []


def test_code_in_an_article_is_a_note_and_elsewhere_an_error(html: str) -> None:
    """Of a summary nobody can say any more whether it was code; around the articles, nobody but a template says it."""
    told = html.replace("on Tuesday", "by {{ name }}")
    assert rules(told) == rules(told.replace("this week</div>", "by {{ name }}</div>")) == ["issue.template.perhaps"]
    for place in ("because you", "Field Notes</h1>", "Unsubscribe</a>", "this week</div>"):
        assert rules(html.replace(place, f"{{{{ name }}}} {place}")) == ["issue.template"]
    assert rules(told.replace("because you", "because {{ name }}")) == ["issue.template.perhaps", "issue.template"]


def test_a_check_that_blamed_the_article_would_be_found(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "quoted_in", lambda page, titles=(), preheader="": leftovers.Quoted())
    monkeypatch.setattr(judging, "quoted_in", leftovers.quoted_in)
    with pytest.raises(AssertionError):
        test_code_that_articles_are_about_may_be_repeated(html, "{{ name }}")


def test_many_alike_are_counted(spoiled: Spoil) -> None:
    findings = check_html(spoiled('<a href="/a">a</a>' * 10).encode(), "a.html")
    assert [finding.rule for finding in findings] == ["html.link.relative"] * 3
    assert findings[2].problem.message.endswith(", and 7 more like it")
    assert "more like it" not in findings[1].problem.message


def test_three_alike_are_all(spoiled: Spoil) -> None:
    findings = check_html(spoiled('<a href="/a">a</a>' * 3).encode(), "a.html")
    assert not any("more like it" in finding.problem.message for finding in findings)


def test_what_single_mail_programs_do_not_show_is_told_with_their_names(spoiled: Spoil) -> None:
    html = spoiled('<div style="display: flex">a</div>').encode()
    (finding,) = check_html(html, "a.html", CheckSettings(clients=("outlook-windows",)))
    assert finding.rule.startswith("client.")
    assert finding.clients
    assert finding.article == "Owls at the lake"
    assert check_html(html, "a.html", CheckSettings(clients=("apple-mail",))) == []


def test_ignored_rules_are_not_applied(spoiled: Spoil) -> None:
    html = spoiled('<a href="/a">TK</a>').encode()
    assert own(check_html(html, "a.html", CheckSettings(ignore=("html.link.relative",)))) == [
        "issue.placeholder.perhaps"
    ]


def test_what_embarrasses_beyond_doubt_is_an_error() -> None:
    errors = {name for name, rule in RULES.items() if rule.severity is Severity.ERROR}
    assert {"issue.placeholder", "issue.template", "html.contrast", "subject.empty", "subject.duplicate"} <= errors
    assert not {"issue.placeholder.perhaps", "html.contrast.low", "subject.long", "html.link.insecure"} & errors


def test_words_of_rules_are_clauses() -> None:
    assert [name for name, rule in RULES.items() if rule.message.endswith(".") or rule.cure.endswith(".")] == []
    assert [name for name, rule in RULES.items() if not rule.cure] == []
