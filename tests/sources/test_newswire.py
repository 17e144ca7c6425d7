"""Plain text as news wires and newsrooms write it."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation
from publisher.markup.plaintext import to_line
from publisher.sources import newswire
from publisher.sources.base import Conventions, Document, Reading

Grows = Callable[[Callable[[int], object], int], None]

SAMPLE = (Path(__file__).parent / "samples" / "harbour.txt").read_text(encoding="utf-8")
CONVENTIONS = Conventions(
    url="https://notes.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en", author=Author("The Desk")
)
STANDFIRST = SAMPLE.split("\n", 1)[0]


def reading(text: str, name: str = "2026-03-04-story.txt") -> Reading:
    return newswire.read(Document(f"articles/{name}", name, text), CONVENTIONS)


def article(text: str, name: str = "2026-03-04-story.txt") -> Article:
    found = reading(text, name)
    assert [str(problem) for problem in found.problems] == []
    return found.articles[0]


def tags(content: str) -> list[str]:
    """The outermost blocks of a content, in short."""
    return [line[1 : line.index(">")].split()[0] for line in content.split("\n") if re.match("<(?!/|li)", line)]


# ---------------------------------------------------------------- the whole of a story


def test_the_standfirst_is_the_summary_and_opens_the_content() -> None:
    found = article(SAMPLE)
    assert found.summary == STANDFIRST
    assert found.content.startswith(
        f"<p>{STANDFIRST}</p>\n<h2>Nine Years From Sketch to Steel</h2>\n<p>The first drawing"
    )


def test_the_points_at_a_glance_are_highlights_and_not_in_the_content() -> None:
    found = article(SAMPLE)
    assert found.highlights == (
        "The gate closes in eleven minutes and holds back a surge of up to 4.2 metres",
        "Fishing boats may leave at any hour through a lock of their own",
        "The town paid 38 million crowns, six million more than planned",
        "A second gate on the eastern arm is to follow by 2029",
    )
    assert "Glance" not in found.content
    assert "eleven minutes and holds" not in found.content


def test_bare_lines_are_section_headings_and_the_first_is_the_title() -> None:
    found = article(SAMPLE)
    headings = re.findall("<h2>(.*?)</h2>", found.content)
    assert headings == [
        "Nine Years From Sketch to Steel",
        "How the Gate Works",
        "What the Town Pays, and What Comes After",
    ]
    assert found.title == headings[0]


def test_each_line_is_a_paragraph_with_its_quotes_as_written() -> None:
    found = article(SAMPLE)
    assert found.content.count("<p>") == 14 + 2  # two of them in the post
    assert '<p>"We sold herring from a rowing boat that week," said Ada Example, who runs' in found.content
    assert "the old town &amp; wrote the figures" in found.content


def test_the_post_is_a_quote_with_author_date_and_link() -> None:
    assert article(SAMPLE).content.count("<blockquote") == 1
    assert (
        '<blockquote cite="https://t.co/9fK2example">\n'
        "<p>The leaves are up! Eleven minutes from first alarm to full height. Thank you for your patience, Nordhaven. "
        '#tidegate #nordhaven <a href="https://t.co/9fK2example">https://t.co/9fK2example</a></p>\n'
        "<p>— <cite>Nordhaven Harbour (@nordhavenport)</cite>, "
        '<a href="https://t.co/9fK2example"><time datetime="2026-03-03">March 3, 2026</time></a></p>\n'
        "</blockquote>\n<p>Within an hour"
    ) in article(SAMPLE).content


def test_the_sources_are_citations_with_addresses_and_not_in_the_content() -> None:
    found = article(SAMPLE)
    assert found.sources == (
        Citation(
            "Nordhaven town council, minutes of 14 January 2026", "https://council.notes.example/minutes/2026-01-14"
        ),
        Citation("Tide marks of the old town", "https://tides.notes.example/marks"),
        Citation("Harbour office, report on the trial run", "https://port.notes.example/reports/trial.pdf"),
        Citation("Interviews with Ada Example, Bo Example and Cy Example"),
    )
    assert found.content.endswith("beside it stands the drawing with the coffee stains.</p>\n")


def test_the_rest_comes_from_the_file_and_the_publication() -> None:
    found = article(SAMPLE)
    assert (found.published, found.authors) == (datetime(2026, 3, 4, tzinfo=UTC), (Author("The Desk"),))
    assert (found.slug, found.url, found.path) == (
        "story",
        "https://notes.example/story/",
        "articles/2026-03-04-story.txt",
    )


def test_a_story_without_a_date_is_named_with_the_cure() -> None:
    found = reading(SAMPLE, "story.txt")
    assert found.articles == ()
    assert [problem.path for problem in found.problems] == ["articles/story.txt"]
    assert "no publication date" in found.problems[0].message
    assert "date: 2026-01-31" in found.problems[0].cure


VARIANTS = {
    "blank lines between all": "\n\n".join(line for line in SAMPLE.split("\n") if line),
    "no blank lines at all": "\n".join(line for line in SAMPLE.split("\n") if line),
    "three blank lines": SAMPLE.replace("\n\n", "\n\n\n\n"),
    "CRLF": SAMPLE.replace("\n", "\r\n"),
    "Unicode line separators": SAMPLE.replace("\n\n", "\n\u2028"),
    "trailing space": SAMPLE.replace("\n", " \t\u00a0\n"),
    "indented": "\n".join(f"    {line}" for line in SAMPLE.split("\n")),
    "no line end at the end": SAMPLE.rstrip("\n"),
    "front matter": f"---\nsection: Coast\n---\n{SAMPLE}",
    "TOML front matter": f'+++\nsection = "Coast"\n+++\n\n{SAMPLE}',
    "Key points": SAMPLE.replace("At a Glance", "Key points"),
    "in brief, with a colon": SAMPLE.replace("At a Glance", "in brief:"),
    "bold HIGHLIGHTS": SAMPLE.replace("At a Glance", "**HIGHLIGHTS**"),
    "heading as in Markdown": SAMPLE.replace("At a Glance", "## At a glance"),
    "blank line below the heading": SAMPLE.replace("At a Glance\n", "At a Glance\n\n"),
    "bullets": SAMPLE.replace("\n- ", "\n• "),
    "asterisks": SAMPLE.replace("\n- ", "\n* "),
    "dashes": SAMPLE.replace("\n- ", "\n– "),
    "References": SAMPLE.replace("Sources\n", "References\n"),
    "Source with a colon": SAMPLE.replace("Sources\n", "SOURCE:\n"),
    "points broken in two": SAMPLE.replace("holds back a surge", "holds\n  back a surge"),
    "address on a line of its own": SAMPLE.replace("marks: https", "marks:\nhttps"),
    "signature on the line of the post": SAMPLE.replace("9fK2example\n—", "9fK2example —"),
    "blank line above the signature": SAMPLE.replace("9fK2example\n—", "9fK2example\n\n—"),
    "topics on a line of their own": SAMPLE.replace("Nordhaven. #tidegate", "Nordhaven.\n#tidegate"),
    "entity": SAMPLE.replace("— Nordhaven", "&mdash; Nordhaven"),
    "two hyphens": SAMPLE.replace("— Nordhaven", "-- Nordhaven"),
    "post between blank lines": SAMPLE.replace("The leaves", "\nThe leaves").replace("2026\nWithin", "2026\n\nWithin"),
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS)
def test_the_layout_does_not_matter(text: str) -> None:
    plain, found = article(SAMPLE), article(text)
    assert found.content.replace("<br>", " ") == plain.content
    assert (found.title, found.summary) == (plain.title, plain.summary)
    assert (found.highlights, found.sources) == (plain.highlights, plain.sources)


def test_highlights_may_come_before_the_standfirst() -> None:
    opening, points, rest = SAMPLE.split("\n\n", 2)
    found = article(f"{points}\n\n{opening}\n\n{rest}")
    assert found == article(SAMPLE)


def test_a_story_without_highlights_keeps_all_else() -> None:
    opening, _, rest = SAMPLE.split("\n\n", 2)
    found = article(f"{opening}\n\n{rest}")
    assert found.highlights == ()
    assert (found.title, found.content) == (article(SAMPLE).title, article(SAMPLE).content)


# ---------------------------------------------------------------- title


def test_a_title_line_is_the_title_and_leaves_the_text() -> None:
    found = article(f"Title: A gate for Nordhaven\n\n{SAMPLE}")
    assert found.title == "A gate for Nordhaven"
    assert found.content == article(SAMPLE).content


def test_a_title_line_may_stand_below_the_standfirst() -> None:
    found = article(SAMPLE.replace("\n\nAt a", "\n\nTitle: A gate: for Nordhaven\n\nAt a"))
    assert (found.title, found.content) == ("A gate: for Nordhaven", article(SAMPLE).content)


def test_a_title_in_the_metadata_comes_before_a_title_line_which_stays() -> None:
    found = article("---\ntitle: From above\n---\nThe lead.\nTitle: From below\n")
    assert found.title == "From above"
    assert "From below" in found.content


def test_what_the_metadata_has_is_not_taken_from_the_text_again() -> None:
    found = article("---\ntitle: A gate\n---\nTitle: Another gate\n\nThe lead.\n")
    assert (found.title, to_line(found.content)) == ("A gate", "Title: Another gate The lead.")


def test_metadata_and_text_may_share_one_block() -> None:
    found = article(
        "Title: A gate\nDate: 2026-01-31\nBy: Bo Example\nPlace: Nordhaven\nTags: sea, steel\nThe lead says: go.\n"
    )
    assert (found.title, found.authors, found.tags) == ("A gate", (Author("Bo Example"),), ("sea", "steel"))
    assert found.published == datetime(2026, 1, 31, tzinfo=UTC)
    assert found.content == "<p>The lead says: go.</p>\n"


def test_metadata_may_have_blank_lines_between_and_a_rule_below() -> None:
    found = article("Headline: A gate\n\nDate: 2026-03-03\nTags: sea\n---\nThe lead.\n", "story.txt")
    assert (found.title, found.tags, found.content) == ("A gate", ("sea",), "<p>The lead.</p>\n")
    assert found.published == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("line", ["Cover: how the port did it.", "Image: how it looks.", "Status: dry."])
def test_a_sentence_that_begins_like_metadata_stays_text_below_metadata_too(line: str) -> None:
    found = article(f"Title: A gate\nDate: 2026-01-31\n\n{line}\n\nHow it works\nWith air.\n")
    assert (found.summary, found.image) == (line, None)


@pytest.mark.parametrize("line", ["Note: this is text.", "Cover: how the port did it.", "Draft: ministers agree."])
def test_a_sentence_that_begins_like_metadata_stays_text(line: str) -> None:
    assert article(f"{line}\n\nMore.").content == f"<p>{line}</p>\n<p>More.</p>\n"


def test_a_mistake_in_a_metadata_line_is_named_with_its_line() -> None:
    problem = reading("\nTitle: A gate\nDate: soon\n\nThe lead.\n").problems[0]
    assert (problem.line, problem.message[:12]) == (3, "Date is no d")


def test_broken_front_matter_is_a_problem() -> None:
    problem = reading("---\ntitle: a: b\n---\nText.\n").problems[0]
    assert (problem.path, problem.line) == ("articles/2026-03-04-story.txt", 2)


@pytest.mark.parametrize("metadata", ["", "---\ntitle: From above\n---\n", "---\ntitle: A\nsummary: B\n---\n"])
@pytest.mark.parametrize("points", ["", "\n\nAt a Glance\n- One"])
def test_a_first_line_is_the_standfirst_even_if_it_is_bare(metadata: str, points: str) -> None:
    found = article(f"{metadata}A gate for Nordhaven\n\nThe port has opened it.{points}\n\nHow it works\nWith air.\n")
    assert found.content == (
        "<p>A gate for Nordhaven</p>\n<p>The port has opened it.</p>\n<h2>How it works</h2>\n<p>With air.</p>\n"
    )
    if not metadata:
        assert (found.title, found.summary) == ("How it works", "A gate for Nordhaven")


def test_a_byline_and_a_date_below_the_headline_are_metadata() -> None:
    found = article("A gate\nBy Ada Example, Bo van Example and Cy Example\nMarch 3, 2026\n\nThe lead.\n", "story.txt")
    assert found.authors == (Author("Ada Example"), Author("Bo van Example"), Author("Cy Example"))
    assert (found.title, found.published) == ("A gate", datetime(2026, 3, 3, tzinfo=UTC))
    assert found.content == "<p>The lead.</p>\n"


def test_a_byline_and_a_date_may_open_the_text() -> None:
    found = article("By Ada Example\n2026-03-03\n\nThe lead.\n", "story.txt")
    assert (found.authors, found.published) == ((Author("Ada Example"),), datetime(2026, 3, 3, tzinfo=UTC))
    assert (found.title, found.content) == ("The lead.", "<p>The lead.</p>\n")


def test_a_headline_may_begin_like_a_byline() -> None:
    assert article("By Sea and Rail\n\nThe lead.\n").title == "By Sea and Rail"


def test_a_sentence_with_a_colon_above_metadata_stays_text() -> None:
    found = article("The lead says: go.\nDate: 2026-01-31\n")
    assert to_line(found.content) == "The lead says: go. Date: 2026-01-31"


def test_an_office_in_a_byline_is_no_second_author() -> None:
    assert article("Title: A gate\nBy Ada Example, Editor\nThe lead.\n").authors == (Author("Ada Example, Editor"),)


def test_a_byline_beside_an_author_in_the_metadata_stays_text() -> None:
    found = article("---\ntitle: A gate\nauthor: Ada Example\ndate: 2026-03-03\n---\nBy Bo Example\n\nThe lead.\n")
    assert found.authors == (Author("Ada Example"),)
    assert "By Bo Example" in found.content


def test_a_heading_that_begins_like_a_byline_stays_a_heading() -> None:
    assert "<h2>By Sea and Rail</h2>" in article("The lead.\n\nBy Sea and Rail\nText.\n").content


def test_a_first_line_that_repeats_the_title_is_not_said_twice() -> None:
    found = article("---\ntitle: A gate\n---\n\nA gate\nBy Ada Example\n\nThe lead.\n")
    assert (found.title, found.authors, found.content) == ("A gate", (Author("Ada Example"),), "<p>The lead.</p>\n")


def test_a_standfirst_may_lack_its_full_stop() -> None:
    found = article("A gate that breathes keeps Nordhaven dry\n\nAt a Glance\n- One\n\nHow it works\nWith air.\n")
    assert (found.title, found.summary) == ("How it works", "A gate that breathes keeps Nordhaven dry")
    assert tags(found.content) == ["p", "h2", "p"]


def test_a_standfirst_below_the_highlights_may_lack_it_too() -> None:
    found = article("At a Glance\n- One\n\nA gate that breathes\n\nHow it works\nWith air.\n")
    assert (found.title, found.summary) == ("How it works", "A gate that breathes")


def test_a_text_may_begin_with_highlights_and_a_heading() -> None:
    found = article("At a Glance\n- One\n\nHow it works\nWith air.\n")
    assert (found.title, found.summary) == ("How it works", "With air.")
    assert tags(found.content) == ["h2", "p"]


def test_a_byline_below_the_standfirst_is_no_heading() -> None:
    found = article("The lead.\nBy Ada Example\n\nAt a Glance\n- One\n\nBy Sea and Rail\nText.\n")
    assert found.title == "By Sea and Rail"
    assert found.content == "<p>The lead.</p>\n<p>By Ada Example</p>\n<h2>By Sea and Rail</h2>\n<p>Text.</p>\n"


def test_without_a_heading_the_standfirst_is_the_title_shortened_at_a_word() -> None:
    found = article(STANDFIRST)
    assert (
        found.title
        == "After nine years of work and two failed storms of planning, the small port of Nordhaven has opened a tide gate that…"
    )
    assert len(found.title) <= 120
    assert (found.summary, found.content) == (STANDFIRST, f"<p>{STANDFIRST}</p>\n")


def test_a_dateline_is_neither_heading_nor_standfirst() -> None:
    found = article("NORDHAVEN, March 3 (Notes)\n\nThe lead.\n\nHow it works\nWith air.\n")
    assert (found.title, found.summary) == ("How it works", "The lead.")
    assert found.content.startswith("<p>NORDHAVEN, March 3 (Notes)</p>\n<p>The lead.</p>")


# ---------------------------------------------------------------- headings, paragraphs, lists

HEADINGS = [
    "Background",
    "What we know (so far)",
    "2029 and After",
    "The C++ of Gates",
    "'Fishermen First' Campaign Grows",
    "'We have never seen waves like this'",
    '"We hold the key": what the owners say',
    '"We hold the key"',
    "“We hold the key”",
    "„Wir haben den Schlüssel“",
    "« La clé est à nous »",
    "“Gate” or ‘door’",
    "Image problem: how it looks",
    "Credit where it is due: the divers",
    "Watch this space: what comes next",
    "2028",
    "3.9°",
    "What Comes Next for the Port?",
    "New Gates in the U.S.",
    "次の課題",
    "ماذا بعد",
    "By night",
]
PARAGRAPHS = [
    "It works.",
    "What comes next?",
    "What Now?",
    "They sell it in the U.S.",
    "They Sold It. Twice.",
    "Stop!",
    "And then…",
    "The council said:",
    "それは動く。",
    "ماذا بعد؟",
    "He said: “It works.”",
    "Er sagte: „Es geht.“",
    "„Es geht“, sagt er. „Es geht gut.“",
    "It works 🎉",
    "「鍵は私たちのもの」",
    "— We hold the key",
    "(Reporting by Ada Example)",
    "[Picture: the gate]",
    "Photo: Ada Example",
    "Picture credit: Ada Example",
    "Credit: Ada Example",
    "Read more: the gate",
    "See https://notes.example/gate",
    "More under #gate",
    "More from @gate",
    "* * *",
    "-30-",
    "A line that goes on and on without any stop though it is far too long for the heading of a section in print",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "NORDHAVEN, March 3",
]


@pytest.mark.parametrize("line", HEADINGS)
def test_a_bare_line_is_a_heading(line: str) -> None:
    assert f"<h2>{line}</h2>\n<p>Text.</p>" in article(f"The lead.\n\n{line}\nText.\n").content


@pytest.mark.parametrize("line", PARAGRAPHS)
def test_a_line_of_another_shape_is_a_paragraph(line: str) -> None:
    content = article(f"The lead.\n\n{line}\nText.\n").content
    assert "<h2>" not in content
    assert to_line(content) == f"The lead. {line} Text."


def test_headings_may_follow_each_other() -> None:
    assert tags(article("The lead.\n\nOne\nTwo\n\nThree\nText.\n").content) == ["p", "h2", "h2", "h2", "p"]


def test_a_bare_line_with_nothing_below_is_a_paragraph() -> None:
    assert tags(article("The lead.\n\nText.\n\nAda Example contributed\n\nSources\n- One\n").content) == ["p", "p", "p"]


def test_lists_stay_lists() -> None:
    found = article("The lead.\n\nIt needs:\n- steel\n  and air\n- hands\n\n1. Lift\n2. Lean\n\nSo much for that.\n")
    assert found.content == (
        "<p>The lead.</p>\n<p>It needs:</p>\n<ul>\n<li>steel and air</li>\n<li>hands</li>\n</ul>\n"
        "<ol>\n<li>Lift</li>\n<li>Lean</li>\n</ol>\n<p>So much for that.</p>\n"
    )


def test_dialogue_keeps_its_dashes() -> None:
    found = article("The lead.\n\n– Und sonntags?\n– Auch sonntags.\n\nSources\n– One\n")
    assert found.content == "<p>The lead.</p>\n<p>– Und sonntags?</p>\n<p>– Auch sonntags.</p>\n"
    assert found.sources == (Citation("One"),)


def test_numbers_that_do_not_count_from_one_are_text() -> None:
    found = article("The lead.\n\n1. Lift\nThey lift it.\n3. Lean\n4. Lock\nThey lock it.\n")
    assert to_line(found.content) == "The lead. 1. Lift They lift it. 3. Lean 4. Lock They lock it."
    assert "<ol>" not in found.content


def test_the_text_is_plain_whatever_it_looks_like() -> None:
    line = "<b>Bold</b> & *not* _this_ #1 `code` &amp; [a](b) \\ ~~c~~ 1 < 2."
    assert to_line(article(f"{line}\n").content) == line
    assert article(f"{line}\n").summary == line


def test_addresses_in_the_text_are_links_without_the_punctuation_around_them() -> None:
    found = article("See (https://notes.example/a_(b)?c=1&d=2), www.notes.example, mail@www.notes.example.\n")
    assert found.content == (
        '<p>See (<a href="https://notes.example/a_(b)?c=1&amp;d=2">https://notes.example/a_(b)?c=1&amp;d=2</a>), '
        '<a href="https://www.notes.example">www.notes.example</a>, mail@www.notes.example.</p>\n'
    )


def test_odd_space_inside_a_line_is_one_blank_but_a_no_break_space_stays() -> None:
    assert article("The \t lead\u00a0is  here.\n").content == "<p>The lead&nbsp;is here.</p>\n"


# ---------------------------------------------------------------- posts


def post(lines: str, before: str = "The lead.\n\nText.\n\n", after: str = "\n\nMore text.\n") -> str:
    content = article(f"{before}{lines}{after}").content
    found = re.search("<blockquote.*?</blockquote>", content, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("signature", "when", "shown"),
    [
        ("— Bo Example (@bo) March 3, 2026", "2026-03-03", "March 3, 2026"),
        ("– Bo Example (@bo) Mar 3, 2026", "2026-03-03", "Mar 3, 2026"),
        ("-- Bo Example (@bo), 3 March 2026", "2026-03-03", "3 March 2026"),
        ("- Bo Example (@bo) 2026-03-03", "2026-03-03", "2026-03-03"),
        ("&mdash; Bo Example (@bo) · 10:15 AM · Mar 3, 2026", "2026-03-03", "10:15 AM · Mar 3, 2026"),
        ("―Bo Example (@bo) [March 3, 2026]", "2026-03-03", "March 3, 2026"),
    ],
)
def test_a_signature_may_be_written_in_many_ways(signature: str, when: str, shown: str) -> None:
    assert post(f"Up! #gate\n{signature}") == (
        "<blockquote>\n<p>Up! #gate</p>\n"
        f'<p>— <cite>Bo Example (@bo)</cite>, <time datetime="{when}">{shown}</time></p>\n</blockquote>'
    )


def test_a_signature_may_have_a_date_nobody_here_can_read_or_none() -> None:
    assert "<p>— <cite>Bo (@bo)</cite>, 3 mars 2026</p>" in post("Up! #gate\n— Bo (@bo) 3 mars 2026")
    assert "<p>— <cite>Bo (@bo)</cite></p>" in post("Up! #gate\n— Bo (@bo)")
    assert '<p>— <a href="https://t.co/1"><cite>Bo (@bo)</cite></a></p>' in post("Up! https://t.co/1\n— Bo (@bo)")


def test_the_link_is_the_one_beside_the_name_else_the_first_whole_one_else_a_short_one() -> None:
    assert 'cite="https://notes.example/bo/1"' in post(
        "Up! https://t.co/1\n— Bo (@bo) March 3, 2026 https://notes.example/bo/1"
    )
    assert 'cite="https://t.co/1"' in post("Up! pic.twitter.com/x https://t.co/1\n— Bo (@bo) March 3, 2026")
    assert 'cite="https://pic.twitter.com/x"' in post("Up! pic.twitter.com/x\n— Bo (@bo) March 3, 2026")
    assert "cite=" not in post("Up!\n— Bo (@bo) March 3, 2026")


def test_short_links_are_clickable() -> None:
    assert '<a href="https://pic.twitter.com/x">pic.twitter.com/x</a>' in post("Up! pic.twitter.com/x\n— Bo (@bo)")


def test_a_post_may_have_several_lines_and_paragraphs() -> None:
    assert "<p>Up!<br>It holds.<br>#gate</p>" in post("Up!\nIt holds.\n#gate\n— Bo (@bo) March 3, 2026")
    assert "<p>It holds.<br>#gate <a" in post("It holds.\n\n#gate pic.x.com/1\n\n— Bo (@bo) March 3, 2026")


def test_a_heading_or_an_introduction_above_a_post_stays_outside() -> None:
    assert "<p>#gate</p>" in post("#gate\n— Bo (@bo) March 3, 2026", before="The lead.\n\nThey wrote:\n\n")
    assert "<p>#gate</p>" in post("#gate\n— Bo (@bo) March 3, 2026", before="The lead.\n\nReaction\n\n")
    assert "<p>Up! #gate</p>" in post("They wrote:\nUp! #gate\n— Bo (@bo) March 3, 2026")


def test_in_a_text_without_blank_lines_a_post_has_one_line_and_what_stands_above_its_topics() -> None:
    before = f"{STANDFIRST}\n" * 3
    assert "<p>Up!<br>#gate<br><a" in post("Up!\n#gate\nhttps://t.co/1\n— Bo (@bo)", before, "\nMore text.\n")
    assert "<p>Up! #gate</p>" in post("It holds.\nUp! #gate\n— Bo (@bo)", before, "\nMore text.\n")


def quoted(text: str) -> list[str]:
    """The words of each post, in short."""
    return re.findall(r"<blockquote[^>]*>\n<p>(.*?)</p>", article(text).content)


SIGNED = "— Bo (@bo) March 3, 2026"


def test_a_section_that_ends_with_a_post_keeps_its_heading_and_paragraphs() -> None:
    sections = "".join(f"\n\nSection {name}\nIt is dry.\nUp! #{name}\n{SIGNED}" for name in ("one", "two", "three"))
    assert quoted(f"The lead.\n\nAt a Glance\n- One\n\n- Two\n\n- Three{sections}\n") == [
        "Up! #one",
        "Up! #two",
        "Up! #three",
    ]


def test_a_short_paragraph_above_a_post_stays_outside_where_paragraphs_stand_together() -> None:
    sections = (
        f"Reaction\nIt holds.\n\nThey wrote soon.\nUp! #gate\n{SIGNED}\nWe read it.\n\nHow it works\nAir.\nSteel.\n"
    )
    assert quoted(f"The lead.\n\n{sections}") == ["Up! #gate"]
    assert quoted(f"The lead.\n\nReaction\nSoon.\nUp! #gate\n{SIGNED}\nThen.\nDown!\n{SIGNED}\n") == [
        "Up! #gate",
        "Down!",
    ]


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["headings above paragraphs", "headings apart"])
def test_where_blank_lines_part_paragraphs_all_lines_of_a_post_are_its_words(gap: str) -> None:
    text = f"The lead.\n\nReaction{gap}They wrote.\n\nIt was late.\n\nWe open on Monday\n#gate\n{SIGNED}\n\nThe end.\n"
    assert quoted(text) == ["We open on Monday<br>#gate"]
    assert quoted(text.replace("\n#gate", " #gate\nAt eight\n#gate")) == [
        "We open on Monday #gate<br>At eight<br>#gate"
    ]


def test_a_heading_right_above_a_post_stays_outside_where_headings_stand_above_paragraphs() -> None:
    assert quoted(f"The lead.\n\nWhy\nAir.\n\nSteel.\n\nReaction\nUp!\nIt holds. #gate\n{SIGNED}\n") == [
        "Up!<br>It holds. #gate"
    ]


def test_lines_set_off_by_blank_lines_or_an_introduction_are_one_post() -> None:
    before = "The lead.\n\nReaction\nIt holds.\nThey wrote"
    after = f"We open!\nCome at eight #gate\n{SIGNED}\n"
    assert quoted(f"{before} soon.\n\n{after}\nMore.\n") == ["We open!<br>Come at eight #gate"]
    assert quoted(f"{before}:\nThe gate is red\n{after}More.\n") == [
        "The gate is red<br>We open!<br>Come at eight #gate"
    ]


def test_two_posts_in_a_row_are_two() -> None:
    content = article(
        "The lead.\nReaction\nUp! #gate\n— Bo (@bo) March 3, 2026\nDown! #gate — Cy (@cy) March 4, 2026\nThe end.\n"
    ).content
    assert tags(content) == ["p", "h2", "blockquote", "p", "p", "blockquote", "p", "p", "p"]
    assert re.findall("<cite>(.*?)</cite>", content) == ["Bo (@bo)", "Cy (@cy)"]


def test_a_post_that_is_only_links_after_another_post_is_its_own() -> None:
    content = article(
        "The lead.\n\nUp! #gate\n— Bo (@bo) March 3, 2026\n\n#gate pic.x.com/1\n— Cy (@cy) March 4, 2026\n\nThe end.\n"
    ).content
    assert content.count("<blockquote") == 2


@pytest.mark.parametrize(
    "text",
    [
        "The lead.\n\nThey wrote:\n\n— Bo (@bo) March 3, 2026",
        "The lead.\n\nUp! #gate\n\n— Bo (@bo) said that it took more than 3 hours to lift the gate",
        "The lead.\n\nWe met Bo — a friend of Cy (@cy) — for 3 hours.",
        "The lead.\n\nPeople to follow:\n- Bo (@bo) March 3, 2026\n– Cy (@cy) March 4, 2026",
        "— Bo (@bo) March 3, 2026",
    ],
)
def test_what_is_no_post_stays_text(text: str) -> None:
    found = article(text)
    assert "<blockquote" not in found.content


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("line", "text", "url"),
    [
        ("The report, https://notes.example/r", "The report", "https://notes.example/r"),
        ("The report: https://notes.example/r.", "The report", "https://notes.example/r"),
        ("The report (https://notes.example/r)", "The report", "https://notes.example/r"),
        ("The report <https://notes.example/r>", "The report", "https://notes.example/r"),
        ("The report – https://notes.example/r", "The report", "https://notes.example/r"),
        ("[The report](https://notes.example/r)", "The report", "https://notes.example/r"),
        ("The report, www.notes.example/r", "The report", "https://www.notes.example/r"),
        ("https://notes.example/r", "https://notes.example/r", "https://notes.example/r"),
        ("https://notes.example/r | The report", "The report", "https://notes.example/r"),
        ("The report, https://notes.example/r, March 2026", "The report, March 2026", "https://notes.example/r"),
        ("報告書（https://notes.example/r）", "報告書", "https://notes.example/r"),
        ("The report of 2026", "The report of 2026", ""),
        ("The report, https://[notes", "The report, https://[notes", ""),
    ],
)
def test_a_line_of_the_sources_is_a_citation(line: str, text: str, url: str) -> None:
    assert article(f"The lead.\n\nSources\n- {line}\n").sources == (Citation(text, url),)


def test_sources_may_be_numbered() -> None:
    found = article("The lead.\n\nReferences\n[1] One, https://notes.example/1\n[2] Two\n")
    assert found.sources == (Citation("One", "https://notes.example/1"), Citation("Two"))


def test_paragraphs_below_the_sources_are_content() -> None:
    found = article("The lead.\n\nSources\n- One\n\n(Reporting by Ada Example)\nAda Example contributed\n")
    assert found.sources == (Citation("One"),)
    assert found.content == "<p>The lead.</p>\n<p>(Reporting by Ada Example)</p>\n<p>Ada Example contributed</p>\n"


def test_sources_with_a_section_below_are_a_section_themselves() -> None:
    found = article("The lead.\n\nSources\n- One\n\nOutlook\nText.\n")
    assert found.sources == ()
    assert tags(found.content) == ["p", "h2", "ul", "h2", "p"]


def test_headings_without_a_list_are_ordinary_headings() -> None:
    found = article("The lead.\n\nHighlights\nText.\n\nSources\nMore text.\n")
    assert (found.highlights, found.sources) == ((), ())
    assert tags(found.content) == ["p", "h2", "p", "h2", "p"]


def test_lists_in_the_metadata_come_first_and_the_text_keeps_its_own() -> None:
    found = article("---\nhighlights: [A]\nsources: [B]\n---\nThe lead.\n\nAt a Glance\n- C\n\nSources\n- D\n")
    assert (found.highlights, found.sources) == (("A",), (Citation("B"),))
    assert to_line(found.content) == "The lead. At a Glance C Sources D"


# ---------------------------------------------------------------- whatever comes


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"), exclude_characters=":：@\u0085"), max_size=60
)
SHAPED = st.sampled_from(
    (
        *("", "", "At a Glance", "Sources", "- item", "1. one", "2. two", "Heading", "Text.", "  more", "They wrote:"),
        *("#topic https://t.co/a1", "— Name (@name) March 3, 2026", "Post — Name (@name) March 3, 2026"),
        *("www.notes.example", "A question", "By Name Example", "(in brackets)", '"A quotation," he said.'),
    )
)


@given(st.lists(LINE | SHAPED, max_size=25))
def test_no_word_is_lost_and_none_is_said_twice(lines: list[str]) -> None:
    text = "\n".join(["Lead.", *lines])
    found = article(text)
    apart = " ".join((*found.highlights, *(f"{source.text} {source.url}" for source in found.sources)))
    content = to_line(found.content)
    assert words(content) <= words(text)
    known = words("At a Glance Sources 1 2 https")
    missing = words(text) - words(content) - words(apart)
    assert set(missing) <= set(known)


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    found = newswire.read(Document("a.txt", "2026-01-31-a.txt", text), CONVENTIONS)
    assert len(found.articles) == 1 or found.problems


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: "They wrote:\n— Bo (@bo) March 3, 2026\n" * (n // 25),
        lambda n: "https://t.co/" + ")" * n,
        lambda n: "—" * (n // 2) + " (@" + "a" * (n // 2),
        lambda n: "- " + "\u00a0" * n + "!",
        lambda n: "1. a\n" * (n // 5),
        lambda n: "a" + " " * n + "@" + " " * n + "b",
        lambda n: "t.co/a " * (n // 5) + "\n— Bo (@bo)",
        lambda n: "[" * n,
        lambda n: "By " + "A " * (n // 2),
    ],
    ids=range(9),
)
def test_hostile_texts_cost_no_more_than_others(hostile: Callable[[int], str], expect_linear: Grows) -> None:
    expect_linear(
        lambda count: newswire.read(Document("a.txt", "2026-01-31-a.txt", hostile(count)), CONVENTIONS), 25_000
    )
