"""`publisher snippets` prints what is true of the publication, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import click
from click.testing import Result

from publisher.cli.serving import snippets
from publisher.feeds.snippets import KINDS

Invoke = Callable[..., Result]


def test_links_to_the_feeds_are_printed_ready_to_copy(cli_invoke: Invoke) -> None:
    printed = cli_invoke("snippets", "html")
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert printed.stdout.splitlines() == [
        f'<link rel="alternate" type="{type_}" title="Field Notes ({name})" href="https://notes.example/feeds/{path}">'
        for type_, name, path in (
            ("application/atom+xml", "Atom", "all.atom.xml"),
            ("application/rss+xml", "RSS", "all.rss.xml"),
            ("application/feed+json", "JSON Feed", "all.json"),
        )
    ]


def test_the_feed_of_a_tag_can_be_named(cli_invoke: Invoke) -> None:
    assert "/feeds/tags/dawn.atom.xml" in cli_invoke("snippets", "html", "tags/dawn").stdout


def test_a_feed_that_does_not_exist_is_wrong_usage(cli_invoke: Invoke) -> None:
    refused = cli_invoke("snippets", "html", "tags/dusk")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "no feed is called tags/dusk" in refused.stderr


def test_settings_of_a_server_name_files_that_a_build_writes(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    named = [line for line in cli_invoke("snippets", "headers").stdout.splitlines() if line.startswith("/")]
    assert len(named) > 6
    for path in named[1:]:
        assert (site / path.removeprefix("/")).is_file(), path
    assert f'alias "{site.resolve()}/feeds/";' in cli_invoke("snippets", "nginx").stdout


def test_every_kind_can_be_asked_for() -> None:
    (kind, _) = snippets.params
    assert isinstance(kind.type, click.Choice)
    assert tuple(kind.type.choices) == KINDS
