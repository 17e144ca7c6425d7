"""Each command does what its help says: results on standard output, talk on standard error, silence when all is well."""

import json
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main

AS_OF = "2026-11-22T12:00:00Z"
Invoke = Callable[..., Result]


def files_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        p.relative_to(folder).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file() and p.name != "cache.db"
    }


def test_a_new_publication_builds_at_once(tmp_path: Path, cli_invoke: Invoke) -> None:
    made = cli_invoke("init", tmp_path / "field-notes", folder=None)
    assert (made.exit_code, made.stdout) == (0, f"{tmp_path / 'field-notes'}\n")
    built = cli_invoke("build", folder=tmp_path / "field-notes")
    assert (built.exit_code, built.output) == (0, "")
    issued = cli_invoke("issue", "weekly", folder=tmp_path / "field-notes")
    assert (issued.exit_code, issued.output) == (0, f"{tmp_path}/field-notes/issues/weekly/2026-W47\n")
    feed = json.loads((tmp_path / "field-notes" / "feeds" / "all.json").read_bytes())
    assert feed["title"] == "Field Notes"
    assert {item["title"] for item in feed["items"]} == {"Hello, readers", "How a wire story looks"}
    assert cli_invoke("check", folder=tmp_path / "field-notes").output == ""
    kept_out = (tmp_path / "field-notes" / ".gitignore").read_text(encoding="utf-8").splitlines()
    settings = (tmp_path / "field-notes" / "publisher.toml").read_text(encoding="utf-8")
    assert {".publisher/", "/out/"} <= set(kept_out)
    assert 'url = "maildir:out"' in settings


def test_init_takes_title_and_url_whatever_they_hold(tmp_path: Path, cli_invoke: Invoke) -> None:
    cli_invoke(
        "init", tmp_path / "x", "--title", 'Ada\'s "Notes" \\ 日本', "--url", "https://notes.example", folder=None
    )
    built = cli_invoke("build", folder=tmp_path / "x")
    assert built.exit_code == 0, built.stderr
    feed = json.loads((tmp_path / "x" / "feeds" / "all.json").read_bytes())
    assert (feed["title"], feed["home_page_url"]) == ('Ada\'s "Notes" \\ 日本', "https://notes.example/")


def test_init_adds_no_samples_to_somebodys_articles(tmp_path: Path, cli_invoke: Invoke) -> None:
    (tmp_path / "blog" / "articles").mkdir(parents=True)
    (tmp_path / "blog" / ".gitignore").write_text("mine\n", encoding="utf-8")
    cli_invoke("init", tmp_path / "blog", folder=None)
    assert list((tmp_path / "blog" / "articles").iterdir()) == []
    assert (tmp_path / "blog" / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_a_second_build_changes_no_byte_and_no_time(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    before = files_below(site)
    assert cli_invoke("build").output == ""
    assert files_below(site) == before


def test_a_dry_run_names_files_and_writes_none(site: Path, cli_invoke: Invoke) -> None:
    before = sorted(site.rglob("*"))
    result = cli_invoke("build", "--dry-run")
    assert "write       publisher.lock\nwrite       feeds/all.atom.xml\n" in result.stdout
    assert sorted(site.rglob("*")) == before
    cli_invoke("build")
    assert cli_invoke("build", "--dry-run").stdout == ""


def test_a_dry_run_names_what_subscribers_would_see(site: Path, cli_invoke: Invoke) -> None:
    posts = {
        name: site / "articles" / f"2026-11-2{n}-{name}.md" for n, name in enumerate(("silent", "updated", "gone"))
    }
    for path in posts.values():
        path.write_text("Text.\n", encoding="utf-8")
    cli_invoke("build")
    posts["silent"].write_text("Texts.\n", encoding="utf-8")
    posts["updated"].write_text("---\nupdated: 2026-11-22\n---\nText.\n", encoding="utf-8")
    posts["gone"].unlink()
    (site / "articles" / "2026-11-21-added.md").write_text("Text of its own.\n", encoding="utf-8")
    expected = [
        "new         Added  (articles/2026-11-21-added.md)",
        "updated     Updated  (articles/2026-11-21-updated.md)",
        "silent      Silent  (articles/2026-11-20-silent.md)",
        "vanished    Gone  (articles/2026-11-22-gone.md)",
    ]
    assert _listed(cli_invoke("build", "--dry-run", "--withdraw", "all")) == expected
    assert _listed(cli_invoke("build", "--dry-run")) == expected[:3]


def _listed(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if "articles/" in line]


def test_a_changed_id_is_named_refused_and_taken_by_force(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    before = (site / "feeds" / "all.json").read_bytes()
    path = site / "articles" / "first.md"
    path.write_text(path.read_text(encoding="utf-8").replace("tags:", "id: urn:example:other\ntags:"), encoding="utf-8")
    assert "id changed  First light  (articles/first.md)" in _listed(cli_invoke("build", "--dry-run"))
    refused = cli_invoke("build")
    assert refused.exit_code == 1
    assert "says another id than readers know it by" in refused.stderr
    assert "publisher build --force" in refused.stderr
    assert (site / "feeds" / "all.json").read_bytes() == before
    assert _listed(cli_invoke("build", "--dry-run", "--force")) == [
        "new         First light  (articles/first.md)",
        "vanished    First light  (articles/first.md)",
    ]
    assert cli_invoke("build", "--force").exit_code == 0
    assert b'"id": "urn:example:other"' in (site / "feeds" / "all.json").read_bytes()


def test_what_is_gone_stays_until_that_is_confirmed(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "2026-11-20-other.md").write_text("Text.\n", encoding="utf-8")
    cli_invoke("build")
    before = files_below(site / "feeds")
    (site / "articles" / "first.md").unlink()
    asked = cli_invoke("build")
    assert asked.exit_code == 1
    assert 'articles/first.md: "First light" was published and is gone' in asked.stderr
    assert files_below(site / "feeds") == before
    assert cli_invoke("build", "--withdraw", "articles/first.md").exit_code == 0
    atom = (site / "feeds" / "all.atom.xml").read_text(encoding="utf-8")
    assert 'ref="tag:notes.example,2026:2026-11-21/first" when="2026-11-22T12:00:00Z"' in atom
    assert "First light" not in (site / "feeds" / "all.json").read_text(encoding="utf-8")
    assert cli_invoke("build").exit_code == 0


def test_the_settings_may_confirm_every_withdrawal(site: Path, cli_invoke: Invoke) -> None:
    config = site / "publisher.toml"
    config.write_text(f'{config.read_text(encoding="utf-8")}[syndication]\nwithdrawals = "accept"\n', encoding="utf-8")
    (site / "articles" / "2026-11-20-other.md").write_text("Text.\n", encoding="utf-8")
    cli_invoke("build")
    (site / "articles" / "first.md").unlink()
    assert cli_invoke("build").exit_code == 0
    assert b"deleted-entry" in (site / "feeds" / "all.atom.xml").read_bytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [("articles/first.md", "is still published"), ("articles/other.md", "was never published")],
)
def test_a_slip_of_the_pen_withdraws_nothing(site: Path, cli_invoke: Invoke, name: str, message: str) -> None:
    cli_invoke("build")
    before = files_below(site)
    result = cli_invoke("build", "--withdraw", name)
    assert result.exit_code == 2
    assert f"{name}: {message}" in result.stderr
    assert files_below(site) == before


def test_a_machine_that_did_not_see_the_last_build_calls_nothing_new(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / ".publisher" / "cache.db").unlink()
    assert cli_invoke("build", "--dry-run").stdout == ""


def test_the_feeds_of_a_tag_without_articles_are_taken_away(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    post = site / "articles" / "first.md"
    post.write_text(post.read_text(encoding="utf-8").replace("dawn", "dusk"), encoding="utf-8")
    assert "remove      feeds/tags/dawn.json\n" in cli_invoke("build", "--dry-run").stdout
    cli_invoke("build")
    assert {p.stem.split(".")[0] for p in (site / "feeds" / "tags").iterdir()} == {"dusk"}


def test_what_readers_had_of_a_broken_article_stays(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    before = files_below(site / "feeds")
    (site / "articles" / "first.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert "articles/first.md" in result.stderr
    assert files_below(site / "feeds") == before


RICH = """---
title: First light
date: 2026-11-21
tags: [dawn]
section: Harbour
highlights: [It was early]
sources: [Harbour office]
image: { url: light.jpg, alt: A light }
---
It was early.
"""


@pytest.mark.parametrize("formats", ['["atom", "rss", "json"]', '["atom"]', '["rss"]'])
def test_what_readers_had_stays_in_every_format_and_in_the_newsletter(
    site: Path, cli_invoke: Invoke, formats: str
) -> None:
    config = site / "publisher.toml"
    config.write_text(
        f'{config.read_text(encoding="utf-8")}[[feeds]]\nname = "all"\nformats = {formats}\n', encoding="utf-8"
    )
    (site / "articles" / "first.md").write_text(RICH, encoding="utf-8")
    cli_invoke("issue", "weekly")
    cli_invoke("build")
    before = files_below(site)
    (site / "articles" / "first.md").write_bytes(b"")
    assert cli_invoke("build").exit_code == 1
    assert cli_invoke("issue", "weekly").exit_code == 1
    after = files_below(site)
    del before["articles/first.md"], after["articles/first.md"]
    assert after == before


def test_another_machine_keeps_what_the_json_feeds_remember(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / ".publisher" / "cache.db").write_bytes(b"damaged")
    before = (site / "feeds" / "all.atom.xml").read_bytes()
    (site / "articles" / "first.md").write_bytes(b"")
    cli_invoke("build")
    assert (site / "feeds" / "all.atom.xml").read_bytes() == before


def test_what_nothing_remembers_is_told(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    for path in [*(site / "feeds").rglob("*.*"), *(site / ".publisher").iterdir()]:
        path.unlink()
    (site / "articles" / "first.md").write_bytes(b"")
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert 'articles/first.md: readers lose "First light"' in result.stderr


def test_a_folder_that_lost_everything_at_once_takes_nothing_from_readers(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    before = files_below(site / "feeds")
    (site / "articles" / "first.md").unlink()
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert "articles: is empty, but 1 published articles were in it; put them back" in result.stderr
    assert files_below(site / "feeds") == before


def test_feeds_that_left_the_settings_are_noted(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / "feeds" / "old.atom.xml").write_bytes(b"")
    assert cli_invoke("build").output == ""
    assert "note: feeds/old.atom.xml: belongs to no feed of the settings" in cli_invoke("-v", "build").stderr


def test_articles_with_one_address_are_noted(site: Path, cli_invoke: Invoke) -> None:
    for day in ("01", "08"):
        (site / "articles" / f"2026-11-{day}-news.md").write_text(f"News of {day}.\n", encoding="utf-8")
    assert "has the same address as articles/2026-11-01-news.md" in cli_invoke("-v", "build").stderr


def test_a_publication_may_keep_its_articles_beside_its_settings(site: Path, cli_invoke: Invoke) -> None:
    config = site / "publisher.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}[[sources]]\npath = "."\n[[sources]]\npath = "articles/"\n', encoding="utf-8")
    for _ in range(2):
        assert (cli_invoke("build").exit_code, cli_invoke("issue", "weekly").exit_code) == (0, 0)
    assert len(json.loads((site / "feeds" / "all.json").read_bytes())["items"]) == 1


def test_the_rest_is_built_beside_a_broken_article(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / "articles" / "first.md").write_bytes(b"")
    (site / "articles" / "2026-11-22-second.md").write_text("Second thoughts.\n", encoding="utf-8")
    assert cli_invoke("build").exit_code == 1
    feed = json.loads((site / "feeds" / "all.json").read_bytes())
    assert [item["title"] for item in feed["items"]] == ["Second", "First light"]


def test_build_talks_only_when_asked(cli_invoke: Invoke) -> None:
    assert cli_invoke("build").output == ""
    assert "1 published; 0 files written" in cli_invoke("-v", "build").stderr
    assert cli_invoke("-q", "build").output == ""


def test_notes_are_told_when_asked_and_change_no_status(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "crlf.md").write_bytes(b"---\r\ntitle: T\r\ndate: 2026-11-20\r\n---\r\nText.\r\n")
    assert (cli_invoke("build").exit_code, cli_invoke("build").output) == (0, "")
    assert "note: articles/crlf.md" in cli_invoke("-v", "build").stderr
    (site / "articles" / "bad.md").write_bytes(b"")
    told = cli_invoke("build").stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == ["note", "error", "publisher"]


def test_articles_lists_every_state(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "later.md").write_text("---\ntitle: Later\ndate: 2027-01-01\n---\nx\n", encoding="utf-8")
    (site / "articles" / "draft.md").write_text("---\ntitle: Idea\ndraft: true\n---\nx\n", encoding="utf-8")
    assert cli_invoke("articles").stdout == (
        "draft      ----------  Idea  (articles/draft.md)\n"
        "scheduled  2027-01-01  Later  (articles/later.md)\n"
        "published  2026-11-21  First light  (articles/first.md)\n"
    )


def test_what_was_published_and_is_gone_is_listed_as_withdrawn(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "2026-11-20-gone.md").write_text("Text.\n", encoding="utf-8")
    cli_invoke("build")
    (site / "articles" / "2026-11-20-gone.md").unlink()
    cli_invoke("build", "--withdraw", "all")
    assert "withdrawn  2026-11-20  Gone  (articles/2026-11-20-gone.md)\n" in cli_invoke("articles").stdout
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"][-1]
    assert (listed["state"], listed["id"]) == ("withdrawn", "tag:notes.example,2026:2026-11-20/gone")


def test_articles_as_json_is_one_document(cli_invoke: Invoke) -> None:
    document = json.loads(cli_invoke("articles", "--json").stdout)
    assert document["problems"] == []
    assert document["articles"] == [
        {
            "state": "published",
            "id": "tag:notes.example,2026:2026-11-21/first",
            "url": "https://notes.example/first/",
            "title": "First light",
            "summary": "It was early.",
            "content_html": "<p>It was early.</p>\n",
            "tags": ["dawn"],
            "language": "en",
            "date_published": "2026-11-21T00:00:00Z",
            "status": "published",
            "path": "articles/first.md",
        }
    ]


def test_problems_are_in_the_json_too(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "empty.md").write_bytes(b"")
    result = cli_invoke("articles", "--json")
    assert result.exit_code == 1
    assert [p["path"] for p in json.loads(result.stdout)["problems"]] == ["articles/empty.md"]


def test_new_writes_a_draft_that_only_needs_its_text(site: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("new", 'On "colons": a study')
    assert result.stdout == "articles/2026-11-22-on-colons-a-study.md\n"
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"][0]
    assert (listed["state"], listed["title"]) == ("draft", 'On "colons": a study')
    path = site / result.stdout.strip()
    path.write_text(path.read_text(encoding="utf-8").replace("draft: true\n", "") + "Text.\n", encoding="utf-8")
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"][0]
    assert (listed["state"], listed["id"]) == ("published", "tag:notes.example,2026:2026-11-22/on-colons-a-study")
    assert cli_invoke("new", 'On "colons": a study').exit_code == 2


def test_a_second_draft_of_one_title_gets_an_id_of_its_own(site: Path, cli_invoke: Invoke) -> None:
    first = site / cli_invoke("new", "Hello").stdout.strip()
    first.rename(first.with_name("renamed.md"))
    cli_invoke("new", "Hello")
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"]
    drafts = {article["id"] for article in listed if article["state"] == "draft"}
    assert drafts == {f"tag:notes.example,2026:2026-11-22/hello{more}" for more in ("", "-2")}


STORY = """A harbour opens again after ten years of work.

At a Glance
- The harbour opens on Monday
- Ferries return in spring

What changes
The first ship arrives at noon.

Sources
- Harbour office, https://harbour.example/plan
"""


def test_an_imported_story_is_the_same_article_when_it_is_read_again(
    tmp_path: Path, site: Path, cli_invoke: Invoke
) -> None:
    story = tmp_path / "0001.txt"
    story.write_text(STORY, encoding="utf-8")
    result = cli_invoke("import", story, "--published", "2026-01-31", "--author", "Ada Example")
    assert (result.exit_code, result.stdout) == (0, "articles/2026-01-31-what-changes.md\n")
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"]
    record = next(a for a in listed if a["title"] == "What changes")
    assert record["summary"] == "A harbour opens again after ten years of work."
    assert record["highlights"] == ["The harbour opens on Monday", "Ferries return in spring"]
    assert record["sources"] == [{"text": "Harbour office", "url": "https://harbour.example/plan"}]
    assert record["authors"] == [{"name": "Ada Example"}]
    assert record["date_published"] == "2026-01-31T00:00:00Z"
    assert record["url"] == "https://notes.example/what-changes/"


def test_importing_again_changes_nothing_and_keeps_what_the_author_changed(
    tmp_path: Path, site: Path, cli_invoke: Invoke
) -> None:
    story = tmp_path / "0001.txt"
    story.write_text(STORY, encoding="utf-8")
    arguments = ["import", story, "--published", "2026-01-31"]
    target = site / cli_invoke(*arguments).stdout.strip()
    before = files_below(site)
    assert cli_invoke(*arguments).exit_code == 0
    assert files_below(site) == before
    target.write_text(target.read_text(encoding="utf-8") + "\nEdited.\n", encoding="utf-8")
    refused = cli_invoke(*arguments)
    assert refused.exit_code == 1
    assert "exists and says something else; give --overwrite" in refused.stderr
    assert "Edited." in target.read_text(encoding="utf-8")
    assert cli_invoke(*arguments, "--overwrite").exit_code == 0
    assert "Edited." not in target.read_text(encoding="utf-8")


def test_a_dry_import_writes_nothing(tmp_path: Path, site: Path, cli_invoke: Invoke) -> None:
    (tmp_path / "s.txt").write_text(STORY, encoding="utf-8")
    before = files_below(site)
    result = cli_invoke("import", tmp_path / "s.txt", "--published", "2026-01-31", "--dry-run")
    assert result.stdout == "articles/2026-01-31-what-changes.md\n"
    assert files_below(site) == before


def test_a_folder_is_imported_whole_and_bad_files_are_named(tmp_path: Path, cli_invoke: Invoke) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "2026-01-01-good.md").write_text("Good.\n", encoding="utf-8")
    (old / "bad.md").write_bytes(b"")
    result = cli_invoke("import", old, "--title", "Better", "--tag", "old")
    assert (result.exit_code, result.stdout) == (1, "articles/2026-01-01-good.md\n")
    assert f"{old}/bad.md" in result.stderr
    listed = json.loads(cli_invoke("articles", "--json").stdout)["articles"]
    assert ["Better", ["old"]] in [[a["title"], a.get("tags")] for a in listed]


def test_a_record_with_an_id_is_imported_into_the_file_that_has_it(
    tmp_path: Path, site: Path, cli_invoke: Invoke
) -> None:
    record = tmp_path / "r.json"
    record.write_text(
        '{"id": "urn:x", "title": "Old", "content_html": "<p>x</p>", "date_published": "2026-01-01T00:00:00Z"}',
        encoding="utf-8",
    )
    made = site / cli_invoke("import", record).stdout.strip()
    moved = made.with_name("moved.md")
    made.rename(moved)
    assert cli_invoke("import", record).stdout == "articles/moved.md\n"
    assert [p.name for p in sorted((site / "articles").iterdir())] == ["first.md", "moved.md"]


def test_an_issue_is_made_once_and_made_again_in_its_place(site: Path, cli_invoke: Invoke) -> None:
    first = cli_invoke("issue", "weekly")
    assert first.stdout == "issues/weekly/2026-W47\n"
    bundle = site / first.stdout.strip()
    assert sorted(p.name for p in bundle.iterdir()) == [
        "issue.eml",
        "issue.html",
        "issue.txt",
        "manifest.json",
        "web.html",
    ]
    before = files_below(site)
    cli_invoke("issue", "weekly", as_of="2026-11-22T18:00:00Z")
    assert files_below(site) == before
    (site / "articles" / "2026-11-22-second.md").write_text("Second thoughts.\n", encoding="utf-8")
    cli_invoke("issue", "weekly")
    assert "Second" in (bundle / "issue.txt").read_text(encoding="utf-8")
    assert len(list(bundle.parent.iterdir())) == 1


def test_the_next_period_takes_only_what_is_new(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("issue", "weekly")
    nothing = cli_invoke("issue", "weekly", as_of="2026-11-24T08:00:00Z")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "Nothing new for weekly" in nothing.stderr
    (site / "articles" / "2026-11-24-second.md").write_text("Second thoughts.\n", encoding="utf-8")
    made = cli_invoke("issue", "weekly", as_of="2026-11-24T08:00:00Z")
    text = (site / made.stdout.strip() / "issue.txt").read_text(encoding="utf-8")
    assert "Second" in text
    assert "First light" not in text


def test_an_id_is_durable_before_an_issue_names_it(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("issue", "weekly", "--dry-run")
    assert not (site / "publisher.lock").exists()
    cli_invoke("issue", "weekly")
    path = site / "articles" / "first.md"
    path.rename(path.with_name("renamed.md"))
    assert cli_invoke("issue", "weekly", as_of="2026-11-24T08:00:00Z").stdout == ""


def test_a_bundle_with_a_withdrawn_article_is_named(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "2025-01-01-other.md").write_text("Text.\n", encoding="utf-8")
    cli_invoke("issue", "weekly")
    path = site / "articles" / "first.md"
    path.write_text(path.read_text(encoding="utf-8").replace("tags:", "status: withdrawn\ntags:"), encoding="utf-8")
    result = cli_invoke("issue", "weekly")
    assert result.exit_code == 1
    assert "issues/weekly/2026-W47: holds an article that is not published any more" in result.stderr
    (site / "issues" / "weekly" / "2026-W47" / "sent.json").write_text("{}", encoding="utf-8")
    assert cli_invoke("issue", "weekly").exit_code == 0


def test_the_author_may_choose_what_is_in_an_issue(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "2025-01-01-old.md").write_text("Old wisdom.\n", encoding="utf-8")
    cli_invoke("build")
    assert "- Old" not in cli_invoke("issue", "weekly", "--dry-run").stdout
    since = cli_invoke("issue", "weekly", "--since", "2025-01-01", "--dry-run")
    assert "- First light\n- Old\n" in since.stdout
    only = cli_invoke("issue", "weekly", "--only", "tag:notes.example,2026:2025-01-01/old", "--dry-run")
    assert "- Old\n" in only.stdout
    assert "- First light" not in only.stdout
    assert not (site / "issues").exists()


def test_the_message_of_an_issue_is_whole(site: Path, cli_invoke: Invoke) -> None:
    folder = site / cli_invoke("issue", "weekly").stdout.strip()
    message = BytesParser(policy=policy.default).parsebytes((folder / "issue.eml").read_bytes())
    assert not message.defects
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not any(part.defects for part in message.walk())


def test_check_names_a_changed_byte_of_a_bundle(site: Path, cli_invoke: Invoke) -> None:
    folder = site / cli_invoke("issue", "weekly").stdout.strip()
    assert cli_invoke("check", folder).exit_code == 0
    text = folder / "issue.txt"
    text.write_bytes(text.read_bytes() + b"!")
    result = cli_invoke("check", folder, "--json")
    assert result.exit_code == 1
    assert any(
        "issue.txt" in finding["path"] or "issue.txt" in finding["message"] for finding in json.loads(result.stdout)
    )


def test_check_takes_files_of_every_kind(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    folder = site / cli_invoke("issue", "weekly").stdout.strip()
    good = [
        site / "feeds" / "all.atom.xml",
        folder / "issue.eml",
        folder / "issue.html",
        site / "articles" / "first.md",
    ]
    result = cli_invoke("-v", "check", *good, site / "feeds")
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.stderr
    (site / "bad.xml").write_text("<feed", encoding="utf-8")
    assert cli_invoke("check", site / "bad.xml").exit_code == 1
    (site / "x.png").write_bytes(b"")
    assert "is of no kind that can be checked" in cli_invoke("check", site / "x.png").stdout


def test_files_can_be_checked_outside_of_any_publication(
    site: Path, cli_invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli_invoke("build")
    monkeypatch.chdir(tmp_path)
    good = [site / "feeds" / "all.rss.xml", site / "articles" / "first.md"]
    assert cli_invoke("check", *good, folder=None).output == ""
    assert cli_invoke("check", folder=None).exit_code == 2


def test_check_calls_files_as_the_publication_does(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / "feeds" / "all.atom.xml").write_text("<feed", encoding="utf-8")
    (site / "articles" / "empty.md").write_bytes(b"")
    places = {line.split(" ")[1].partition(":")[0] for line in cli_invoke("check").stdout.splitlines()}
    assert places == {"articles/empty.md", "feeds/all.atom.xml"}


def test_source_date_epoch_sets_the_clock(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert cli_invoke("articles", as_of=None).stdout.startswith("scheduled")


def test_without_a_set_clock_it_is_now(cli_invoke: Invoke) -> None:
    assert cli_invoke("articles", as_of=None).stdout.startswith("published")


@pytest.mark.parametrize("name", ["", *main.commands])
def test_every_help_has_an_example(cli_invoke: Invoke, name: str) -> None:
    result = cli_invoke(*([name] if name else []), "--help", folder=None, as_of=None)
    assert result.exit_code == 0
    assert "Example:\n    publisher " in result.stdout


def test_a_reader_that_hangs_up_is_no_mistake(site: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m publisher --as-of {AS_OF} articles --json | head -c 1"
    result = subprocess.run(["bash", "-c", command], cwd=site, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "{", "")


def test_the_program_runs_as_a_module_below_its_publication(site: Path) -> None:
    command = [sys.executable, "-m", "publisher", "--as-of", AS_OF, "build"]
    result = subprocess.run(command, cwd=site / "articles", capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (site / "feeds" / "all.rss.xml").is_file()


def test_the_module_is_the_program(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["publisher", "-C", str(site), "--as-of", AS_OF, "build"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("publisher", run_name="__main__")
    assert ended.value.code == 0


def test_a_bug_keeps_its_traceback(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("publisher.publication.compiling.read_library", bug)
    with pytest.raises(ZeroDivisionError):
        cli_invoke("build")


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_left_out_when_asked(
    site: Path, monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    result = CliRunner().invoke(main, ["-C", str(site), "issue", "none"], color=True)
    assert ("\x1b[" in result.stderr) is coloured


def test_a_terminal_sees_progress_and_a_summary(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.cli.session._watched", lambda: True)
    result = cli_invoke("build")
    assert "Reading articles" in result.stderr
    assert "1 published" in result.stderr


def test_files_of_others_below_feeds_stay(site: Path, tmp_path: Path, cli_invoke: Invoke) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.json").write_text('{"feed_url": "https://notes.example/feeds/sections/mine."}', encoding="utf-8")
    cli_invoke("build")
    (site / "feeds" / "tags" / "notes.html").write_text("My own page.", encoding="utf-8")
    (site / "feeds" / "sections").symlink_to(elsewhere)
    post = site / "articles" / "first.md"
    post.write_text(post.read_text(encoding="utf-8").replace("dawn", "dusk"), encoding="utf-8")
    assert cli_invoke("build").exit_code == 0
    assert (site / "feeds" / "tags" / "notes.html").exists()
    assert (elsewhere / "mine.json").exists()
    assert {p.name.split(".")[0] for p in (site / "feeds" / "tags").iterdir()} == {"dusk", "notes"}


def test_a_clock_beyond_reckoning_is_refused(cli_invoke: Invoke) -> None:
    assert cli_invoke("build", as_of="9999-12-31T23:59:59Z").exit_code == 2
