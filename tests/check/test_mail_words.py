"""Rules for subjects, preheaders and the text part."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from publisher.check import check_message
from publisher.check.mail import Named
from publisher.check.mail.page import page_of
from publisher.check.mail.text import text_hits
from publisher.check.mail.wording import subject_hits, words_of
from publisher.markup.wrapping import wrap

Mail = Callable[..., bytes]


@dataclass(frozen=True)
class Past:
    key: str
    number: int
    subject: str


def subject_rules(subject: str, past: tuple[Named, ...] = ()) -> list[str]:
    return [hit.rule for hit in subject_hits(subject, past)]


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("", "subject.empty"),
        (" \u2028 ", "subject.empty"),
        ("x" * 71, "subject.long"),
        ("READ ALL ABOUT OWLS", "subject.shouting"),
        ("Owls!!", "subject.marks"),
        ("Owls! !", "subject.marks"),
        ("Owls?!", "subject.marks"),
        ("Owls $$$", "subject.marks"),
        ("Act now: owls", "subject.spam"),
        ("Owls, 100% free", "subject.spam"),
        ("Re: owls", "subject.reply"),
        ("FWD: owls", "subject.reply"),
        ("Owls TKTK", "issue.placeholder"),
        ("Owls by TK", "issue.placeholder.perhaps"),
        ("Hello {{ name }}", "issue.template"),
        ("Hello %%name%%", "issue.template.perhaps"),
    ],
)
def test_a_weak_subject_is_found(subject: str, rule: str) -> None:
    assert subject_rules(subject) == [rule]


@pytest.mark.parametrize(
    "subject",
    ["Field Notes #4: Owls", "x" * 70, "NASA", "Owls!", "Really?", "Regarding owls", "フクロウ", "البوم", "Free speech", "C&A 100%"],
)  # fmt: skip
def test_a_sound_subject_has_no_findings(subject: str) -> None:
    assert subject_rules(subject) == []


def test_a_subject_may_repeat_what_an_article_says(mail: Mail, html: str, header: str) -> None:
    subject = "Field Notes #4: Owls with {{ name }}"
    header = header.replace("Field Notes #4: Owls", subject)
    titled = html.replace("<title>Field Notes #4: Owls", f"<title>{subject}")
    assert rules(mail(html=titled, header=header)) == ["issue.template"]
    told = titled.replace("on Tuesday", "with <code>{{ name }}</code>")
    assert rules(mail(html=told, header=header)) == []


@pytest.mark.parametrize("earlier", ["Owls", "owls ", "ＯＷＬＳ"])
def test_the_subject_of_another_issue_is_an_error(earlier: str) -> None:
    hits = list(subject_hits("Owls", (Past("2026-W46", 3, earlier),)))
    assert [(hit.rule, hit.what) for hit in hits] == [("subject.duplicate", "2026-W46")]
    assert subject_rules("Owls #4", (Past("2026-W46", 3, earlier),)) == []


def rules(mail: bytes) -> list[str]:
    return [finding.rule for finding in check_message(mail, "a.eml")]


def test_the_preheader_is_not_the_subject_again(mail: Mail, html: str) -> None:
    same = html.replace("Two owls were seen at the lake this week", "Field notes #4:  Owls")
    assert rules(mail(html=same)) == ["preheader.subject"]


def test_the_title_is_the_subject(mail: Mail, html: str) -> None:
    assert rules(mail(html=html.replace("<title>Field Notes #4: Owls", "<title>Something else"))) == [
        "html.title.other"
    ]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Two owls", "<br>owls", "text.html"),
        ("Two owls", "Two&nbsp;owls", "text.html"),
        ("Two owls", "x" * 79, "text.wide"),
        ("Two owls", "湖" * 40, "text.wide"),
    ],
)
def test_a_weak_text_part_is_found(mail: Mail, text: str, old: str, new: str, rule: str) -> None:
    assert rules(mail(text=text.replace(old, new))) == [rule]


def test_a_text_part_that_says_something_else_is_found(mail: Mail) -> None:
    assert rules(mail(text="Please look at the web page.\n")) == ["text.differs"]


def test_an_empty_text_part_is_found_once(mail: Mail) -> None:
    assert rules(mail(text=" \n")) == ["mail.text.empty"]


def test_code_in_the_text_part_is_what_the_html_shows(mail: Mail, spoiled: Callable[[str], str], text: str) -> None:
    code = "print(&quot;&lt;b&gt;bold&lt;/b&gt; &amp;amp; more" + "." * 60 + "&quot;)"
    shown = 'print("<b>bold</b> &amp; more' + "." * 60 + '")'
    both = mail(
        html=spoiled(f"<pre><code><span>{code[:6]}</span>{code[6:]}</code></pre>"), text=f"{text}\n    {shown}\n"
    )
    assert rules(both) == []


def test_long_addresses_may_not_be_broken(mail: Mail, text: str) -> None:
    assert rules(mail(text=text + "https://notes.example/" + "x" * 100 + "\n")) == []


def test_text_alone_is_looked_at_for_what_is_left() -> None:
    hits = list(text_hits("Hello\n{{ name }}\nTKTK <b>\n", None))
    assert [(hit.rule, hit.line) for hit in hits] == [("text.html", 3), ("issue.template", 2), ("issue.placeholder", 3)]


def test_words_of_writing_without_blanks_are_its_characters() -> None:
    assert words_of("Two Owls, 二羽の") == ["two", "owls", "二", "羽", "の"]


def test_columns_are_those_in_which_texts_are_wrapped(mail: Mail, text: str) -> None:
    """Joiners take none: a line that was wrapped to fit is no wide one."""
    wrapped = "\n".join(wrap("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 " * 40))
    assert max(map(len, wrapped.splitlines())) > 78
    assert rules(mail(text=f"{text}\n{wrapped}\n")) == []


def test_a_difference_is_measured_in_words_not_in_order(html: str) -> None:
    page = page_of(html.encode())
    assert page is not None
    backwards = " ".join(reversed(words_of(page.read)))
    assert "text.differs" not in [hit.rule for hit in text_hits(backwards, page)]
