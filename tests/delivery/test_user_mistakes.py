"""Every mistake with people, settings and issues: one message, the right status, nothing lost; mended, all get their mail."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.mailroom import ISSUE
from tests.delivery.mistakes import (
    SEND,
    Row,
    Said,
    Stage,
    Theatre,
    expect_one_message,
    opened,
    play,
    settings,
    typed,
)
from tests.delivery.wrongfiles import (
    IMPORT,
    PEOPLE,
    broken_template,
    bundle_away,
    edited,
    folder_of_lists,
    listed,
    no_list,
    no_mbox,
    odd_mbox,
    planned,
    sent_already,
    spreadsheet,
    without,
)

MAILDIR = 'url = "maildir:out"'
GHOST = "id,email,name,subscribed_to_emails,created_at,deleted_at,labels\n1,fay@reader.example,Fay,true,2026-01-01,,\n"


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with opened(tmp_path_factory.mktemp("made") / "site") as theatre:
        yield theatre


@pytest.fixture
def stage(theatre: Theatre, tmp_path: Path) -> Iterator[Stage]:
    with theatre.stage(tmp_path / "site") as stage:
        yield stage


BOUNCES = ("bounces", "{site}/returned")
LISTS = [
    Row(
        "rows that are none",
        listed(f"{PEOPLE}nobody,\n@reader.example,\n", "guy@reader.example"),
        1,
        ("people.csv:3: nobody is no mail address", "people.csv:4: ", "correct it, or delete the row", "refused"),
        IMPORT,
        named=True,
    ),
    Row(
        "no text in any encoding",
        listed(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))),
        1,
        ("people.csv: is no text file; export the subscribers as CSV",),
        IMPORT,
    ),
    Row(
        "no column of addresses",
        listed("name,town\nFay,Kiel\n"),
        1,
        ("people.csv: ", "its columns are name, town; call the one with addresses email"),
        IMPORT,
    ),
    Row(
        "an export taken for another's",
        listed(GHOST),
        1,
        ("is no Mailchimp export", "its columns are"),
        (*IMPORT, "--format", "mailchimp"),
        (IMPORT,),
    ),
    Row(
        "address cards",
        listed("BEGIN:VCARD\nFN:Fay\nEND:VCARD\n"),
        1,
        ("people.csv: ", "call the one with addresses email"),
        IMPORT,
    ),
    Row("a spreadsheet", spreadsheet, 1, ("people.csv: is a spreadsheet; save its sheet as CSV",), IMPORT),
    Row(
        "an address twice",
        listed("email\nfay@reader.example\nFAY@Reader.example\n"),
        0,
        ("repeated         1", "people.csv:3", "another row counts"),
        IMPORT,
    ),
    Row("an empty file", listed(""), 1, ("people.csv: is empty; export the subscribers again",), IMPORT),
    Row("a header and nobody", listed("email,name\n"), 0, ("people.csv: names nobody",), IMPORT),
    Row("no file", no_list, 2, ("people.csv: cannot be read: No such file",), IMPORT),
    Row("a folder", folder_of_lists, 2, ("people.csv: is no ordinary file; name files or archives",), IMPORT),
    Row(
        "another encoding",
        listed("email,name\nfay@reader.example,Zoë\n".encode("latin-1")),
        0,
        ("note: ", "people.csv: is not in UTF-8; it is read as Windows-1252"),
        IMPORT,
    ),
    Row(
        "an address of two lines",
        typed,
        2,
        ("a b\\u000ac@reader.example is no mail address",),
        ("subscribers", "add", "a b\nc@reader.example"),
        (SEND,),
        named=True,
    ),
    Row("bounces from nowhere", no_mbox, 2, ("returned is missing; name a Maildir",), BOUNCES),
    Row(
        "bounces from a diary",
        odd_mbox,
        2,
        ("returned is no mbox: it does not begin with a line such as From",),
        BOUNCES,
    ),
]
NO_HOST = "names no host and port, such as relay.notes.example:587"
SETTINGS = [
    Row(
        "nothing about delivery",
        settings(f"[delivery]\n{MAILDIR}\n", ""),
        1,
        ("publisher.toml does not say how mail leaves; add", "[delivery]\nurl = "),
        pasted=True,
    ),
    Row(
        "nothing about leaving",
        settings('[web]\nurl = "https://notes.example/letters/"\n', ""),
        1,
        ("publisher.toml does not say where readers unsubscribe", "add:\n\n[web]"),
        pasted=True,
    ),
    Row(
        "an unknown key",
        settings(MAILDIR, f"{MAILDIR}\nconections = 4"),
        1,
        ("publisher.toml:21: delivery.conections: is no known key; did you mean connections?",),
    ),
    Row(
        "a scheme that is none",
        settings(MAILDIR, 'url = "ftp://relay.example"'),
        1,
        ("publisher.toml:20: delivery.url: 'ftp://relay.example' is no way to deliver, such as",),
    ),
    Row(
        "a password in the address",
        settings(MAILDIR, 'url = "smtp://letters:correct-horse-battery@relay.example"'),
        1,
        ("publisher.toml:20: delivery.url: names an account; write it as username and password",),
    ),
    Row(
        "a password in the settings",
        settings(MAILDIR, f'{MAILDIR}\nusername = "letters"\npassword = "correct-horse-battery"'),
        1,
        ('publisher.toml:22: delivery.password: is not given here: write { env = "NAME" }',),
    ),
    Row(
        "a sender without a domain",
        settings("letters@notes.example", "letters"),
        1,
        ("publisher.toml:9: newsletters[0].from: ", "such as Field Notes <letters@notes.example>"),
    ),
    Row(
        "no sender",
        settings('from = "Field Notes <letters@notes.example>"', 'from = ""'),
        1,
        ("publisher.toml:9: newsletters[0].from: ", "is no mail address, such as Field Notes <letters@notes.example>"),
    ),
    Row(
        "a port that is none",
        settings(MAILDIR, 'url = "smtp://relay.example:70000"'),
        1,
        ("publisher.toml:20: delivery.url: ", NO_HOST),
    ),
    Row(
        "a host that is none",
        settings(MAILDIR, 'url = "smtp://relay..example"'),
        1,
        ("publisher.toml:20: delivery.url: ", NO_HOST),
    ),
    Row(
        "settings of the run",
        settings(MAILDIR, f"{MAILDIR}\nconections = 4"),
        1,
        ("publisher.toml:21: ", "did you mean connections?"),
        ("run",),
        begun=True,
    ),
]
ISSUES = [
    Row(
        "a domain that is none",
        typed,
        2,
        ("a b is no domain, such as notes.example",),
        ("subscribers", "list", "--domain", "a b"),
        (SEND,),
    ),
    Row(
        "an issue that is none",
        typed,
        2,
        ("weekly has no issue 2026-W01; there is weekly/2026-W48",),
        ("send", "weekly/2026-W01"),
        (SEND,),
    ),
    Row(
        "a newsletter that is none",
        typed,
        2,
        ("no newsletter is called weekyl; did you mean weekly?",),
        ("send", "weekyl"),
        (SEND,),
    ),
    Row(
        "a plan of nothing",
        typed,
        2,
        ("ISSUE is empty; name an issue, such as weekly",),
        ("plan", ""),
        (("plan", "weekly"),),
    ),
    Row(
        "an issue of nothing",
        typed,
        2,
        ("NEWSLETTER is empty; name a newsletter, such as weekly",),
        ("issue", ""),
        (SEND,),
    ),
    Row(
        "an end of what is none",
        typed,
        2,
        ("weekly has no issue 2026-W01; there is",),
        ("send", "weekly/2026-W01", "--cancel"),
        (SEND,),
    ),
    Row(
        "a decision that is none",
        typed,
        2,
        ("'--uncertain': 'perhaps' is not one of 'hold', 'resend', 'skip'",),
        ("send", ISSUE, "--uncertain", "perhaps"),
        (SEND,),
        pasted=True,
    ),
    Row(
        "a test to nobody",
        typed,
        2,
        (
            "--to nobody: ",
            "the address is none; correct it",
        ),
        (*SEND, "--to", "nobody"),
        (SEND,),
        pasted=True,
    ),
    Row(
        "a step of a run",
        typed,
        2,
        ("Got unexpected extra argument (bounces)",),
        ("run", "bounces"),
        (SEND,),
        pasted=True,
    ),
    Row(
        "a plan that holds no more",
        planned,
        1,
        ("does not hold any more; nothing was sent; look at the new one", "publisher plan weekly/2026-W48"),
        (*SEND, "--plan", "{plan}"),
        (SEND,),
    ),
    Row(
        "a plan that was never made",
        typed,
        1,
        ("the plan 0123456789abcdef does not hold any more; nothing was sent; look at the new one",),
        (*SEND, "--plan", "0123456789abcdef"),
        (SEND,),
    ),
    Row(
        "the same issue twice",
        sent_already,
        2,
        ("weekly has no issue that waits to be sent; there is weekly/2026-W48",),
        SEND,
        (("send", ISSUE),),
    ),
    Row(
        "going on with nothing",
        sent_already,
        2,
        ("weekly has no issue that waits to be sent",),
        (*SEND, "--resume"),
        (("send", ISSUE, "--resume"),),
    ),
    Row(
        "an issue of which a byte is other",
        edited("issue.eml", b"gauge", b"gouge"),
        1,
        (f"issues/{ISSUE}/issue.eml: was changed after it was made; make the issue again",),
    ),
    Row(
        "another manifest",
        edited("manifest.json", b"Field Notes #1", b"Field Notes #2"),
        1,
        (f"issues/{ISSUE}/manifest.json: is not the one that was made", "make the issue again"),
    ),
    Row(
        "an issue without its mail",
        without("issue.eml"),
        1,
        (f"issues/{ISSUE}: has no issue.eml any more; make the issue again",),
    ),
    Row(
        "another mail in the middle",
        edited("issue.eml", b"gauge", b"gouge"),
        3,
        ("paused; 2 pending, 1 sent", "issue.eml: was changed after it was made; put back the bundle", "--resume"),
        again=((*SEND, "--resume"),),
        begun=True,
    ),
    Row(
        "another mail in a run",
        edited("issue.eml", b"gauge", b"gouge"),
        3,
        ("is paused: ", "issue.eml: was changed", "go on with: publisher send weekly/2026-W48 --resume"),
        ("run",),
        ((*SEND, "--resume"), ("run",)),
        begun=True,
    ),
    Row(
        "a bundle that is gone",
        bundle_away,
        2,
        ("weekly has no issue that waits to be sent; make one with: publisher issue weekly",),
    ),
    Row(
        "a bundle that goes in the middle",
        bundle_away,
        3,
        ("has no manifest.json any more; put back the bundle", "--resume"),
        again=((*SEND, "--resume"),),
        begun=True,
    ),
    Row(
        "a broken template",
        broken_template,
        1,
        ("template email/digest.html:1: ", "compare it with the bundled one in"),
        ("issue", "weekly"),
    ),
]


@pytest.mark.parametrize("row", [*LISTS, *SETTINGS, *ISSUES], ids=str)
def test_a_mistake_is_told_loses_nothing_and_is_mended(stage: Stage, row: Row) -> None:
    play(stage, row)


def test_what_was_cancelled_is_told_to_whoever_goes_on_with_it(stage: Stage) -> None:
    assert stage.run(*SEND, "--limit", "1").status == 3
    assert stage.run("send", ISSUE, "--cancel").err == ""
    for option in ((), ("--resume",), ("--uncertain", "resend")):
        said = stage.run("send", ISSUE, *option)
        expect_one_message(said, 0, (f"{ISSUE} was cancelled: what had not left then never leaves; make another with",))
    assert f"there is {ISSUE} (cancelled)" in stage.run(*SEND).err
    assert sum(stage.got().values()) == 1


def test_a_test_mail_of_an_issue_that_left_may_be_looked_at(stage: Stage) -> None:
    assert stage.run(*SEND).status == 0
    assert stage.run(*SEND, "--to", "me@notes.example") == Said(0, "", "")
    assert stage.got()["me@notes.example"] == 1


def test_a_forked_process_says_what_the_program_says(stage: Stage) -> None:
    arguments = ["--as-of", stage.at, "send", "weekyl"]
    call = [sys.executable, "-m", "publisher", "-C", str(stage.folder), *arguments]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "NO_COLOR": "1"})
    assert stage.run("send", "weekyl") == Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ("let_errors_through", "Traceback"),
        ("lose_a_reader", "people: "),
        ("end_well_always", r"\(0, "),
        ("say_nothing", "nothing was said"),
        ("name_a_reader", "while looking at ada@"),
        ("tell_the_password", "password correct"),
        ("ramble", "Something went wrong"),
        ("send_twice", "'ada@reader.example': 2"),
        ("send_to_nobody", "no issue that waits"),
    ],
)
def test_a_wrong_program_would_be_noticed(stage: Stage, planted: str, noticed: str) -> None:
    stage.planted = planted
    row = next(row for row in ISSUES if row.name == "an issue of which a byte is other")
    with pytest.raises(AssertionError, match=noticed):
        play(stage, row)
