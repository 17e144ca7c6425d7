"""What the public pages do when they are looked at, pressed, forged, and asked for what is not there."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from publisher.store.tables import subscription
from publisher.web.pages.forms import LARGEST
from tests.web.pages.conftest import Office

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path_of(link: str) -> str:
    return link.removeprefix("https://notes.example/letters/")


def test_looking_changes_nothing_however_often(office: Office) -> None:
    number = office.person()
    links = [
        path_of(office.links.unsubscribe("weekly", number)),
        path_of(office.links.preferences("weekly", number)),
        path_of(office.links.confirm("weekly", number, "nonce", office.now)),
        "",
    ]
    before = office.everything()
    for round_ in range(125):
        for link in links:
            assert office.ask("GET", link).status == 200, round_
            assert office.ask("HEAD", link).status == 200
    assert office.everything() == before


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_one_click_takes_a_reader_off_in_both_encodings_as_often_as_pressed(office: Office, kind: str) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    body, content = b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    if kind == "multipart":
        body = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
        content = "multipart/form-data; boundary=b"
    first = office.ask("POST", link, body, content)
    state = office.everything()
    second = office.ask("POST", link, body, content)
    assert (first.status, second.status) == (200, 200)
    assert office.status() == "unsubscribed"
    assert office.everything() == state
    assert not [name for name, _ in first.headers if name in ("location", "set-cookie")]


def test_one_click_is_good_when_the_person_is_gone(office: Office) -> None:
    assert office.post(path_of(office.links.unsubscribe("weekly", 999)), **ONE_CLICK).status == 200
    assert office.post(path_of(office.links.unsubscribe("other", office.person())), **ONE_CLICK).status == 200
    assert office.status() == "confirmed"


def test_a_post_that_says_something_else_takes_nobody_off(office: Office) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    assert office.post(link, do="dance").status == 400
    assert office.status() == "confirmed"


def test_forged_links_are_not_found_and_change_nothing(office: Office) -> None:
    number = office.person()
    good = [
        path_of(office.links.unsubscribe("weekly", number)),
        path_of(office.links.preferences("weekly", number)),
        path_of(office.links.confirm("weekly", number, "nonce", office.now)),
    ]
    before = office.everything()
    for link in good:
        letter, token = link[0], link[2:]
        others = [f"{other}/{token}" for other in "cup" if other != letter]
        flipped = [f"{link[:n]}{'A' if link[n] != 'A' else 'B'}{link[n + 1 :]}" for n in range(2, len(link), 7)]
        for forged in [*others, *flipped, link[:-1], f"{link}A", f"{letter}/..", f"{letter}/the-doctor-looks-in"]:
            assert office.get(forged).status == 404, forged
            assert office.post(forged, **ONE_CLICK, do="save").status == 404, forged
    assert office.everything() == before


def test_leaving_by_mistake_is_undone_within_the_hour(office: Office) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    assert "That was a mistake" in office.post(link, **ONE_CLICK).text
    office.now += timedelta(minutes=59)
    assert office.post(link, do="back").status == 200
    assert office.status() == "confirmed"
    office.post(link, **ONE_CLICK)
    office.now += timedelta(minutes=61)
    assert office.post(link, do="back").status == 409
    assert office.status() == "unsubscribed"


def test_undoing_brings_nobody_back_who_complained(office: Office) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    for status in ("complained", "suppressed", "bounced"):
        with office.store.writing() as connection:
            connection.execute(update(subscription).values(status=status, changed_at=office.now))
        assert office.post(link, do="back").status == 409
        assert office.status() == status


def test_preferences_are_kept_and_shown(office: Office) -> None:
    link = path_of(office.links.preferences("weekly", office.person()))
    form = {"do": "save", "name": 'Ann "<b>" Example', "language": "de", "cadence": "monthly", "tags": "mud, tides"}
    reply = office.post(link, **form)
    assert reply.status == 200
    assert 'lang="de"' in reply.text
    assert "Ihre Einstellungen sind gespeichert." in reply.text
    assert "<b>" not in reply.text
    page = office.get(link).text
    assert 'value="mud, tides"' in page
    assert '<option value="monthly" selected>' in page
    office.post(link, do="save", language="xx", cadence="hourly")
    assert '<option value="monthly" selected>' in office.get(link).text
    assert '<option value="de" lang="de" selected>' in office.get(link).text


def test_one_button_leaves_one_newsletter_and_another_all(office: Office) -> None:
    link = path_of(office.links.preferences("weekly", office.person()))
    office.person(newsletter="birds")
    office.person("bob@reader.example")
    office.post(link, do="leave")
    assert (office.status(), office.status(newsletter="birds")) == ("unsubscribed", "confirmed")
    office.post(link, do="leave-all")
    assert (office.status(), office.status(newsletter="birds")) == ("unsubscribed", "unsubscribed")
    assert office.status("bob@reader.example") == "confirmed"


def test_every_answer_has_the_headers(office: Office) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    for reply in (
        office.get(""),
        office.get(link),
        office.get("nowhere"),
        office.get("/"),
        office.post(link, **ONE_CLICK),
        office.ask("DELETE", link),
        office.ask("POST", link, b"x" * (LARGEST + 1)),
    ):
        assert "default-src 'none'" in reply.header("content-security-policy")
        assert "frame-ancestors 'none'" in reply.header("content-security-policy")
        assert reply.header("cache-control") == "no-store"
        assert reply.header("referrer-policy") == "no-referrer"
        assert reply.header("x-content-type-options") == "nosniff"
        assert not [name for name, _ in reply.headers if name in ("set-cookie", "location", "server")]


def test_the_host_that_is_asked_for_is_never_said(office: Office) -> None:
    number = office.person()
    for path in ("", path_of(office.links.preferences("weekly", number)), "nowhere", "/letters", "//evil.example/"):
        reply = office.ask("GET", path, host="evil.example")
        assert b"evil" not in reply.body
        assert "evil" not in str(reply.headers)


def test_only_these_addresses_are_answered(office: Office) -> None:
    for path in ("/", "/letters", "/letters/admin", "/letters/subscribe/x", "/letters/c/", "/u/x", "/docs", "/.env"):
        assert office.get(path).status == 404, path
    assert office.get("subscribe").status == 405


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * (LARGEST + 1), "application/x-www-form-urlencoded", 413),
        (b"a=1&" * 100, "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"--b\r\nnothing", "multipart/form-data", 400),
        (b"nothing at all", "multipart/form-data; boundary=b", 400),
    ],
)
def test_what_is_no_form_is_refused(office: Office, body: bytes, kind: str, status: int) -> None:
    link = path_of(office.links.unsubscribe("weekly", office.person()))
    assert office.ask("POST", link, body, kind).status == status
    assert office.status() == "confirmed"


def test_a_database_that_fails_is_a_clear_page(office: Office) -> None:
    from publisher.store import StoreError

    def broken() -> None:
        raise StoreError("disk full")

    office.app = type(office)(office.folder, office.store, told=office.told).app
    link = path_of(office.links.preferences("weekly", office.person()))
    real = office.store.reading
    office.store.reading = broken  # type: ignore[assignment, method-assign]
    try:
        reply = office.get(link)
    finally:
        office.store.reading = real  # type: ignore[method-assign]
    assert reply.status == 503
    assert "try again later" in reply.text
    assert [str(error) for error in office.told] == ["disk full"]


_PATHS = st.one_of(
    st.sampled_from(["", "subscribe", "/", "c/", "u/", "p/", "c/x", "u/x", "p/x"]),
    st.builds(lambda letter, token: f"{letter}/{token}", st.sampled_from("cup"), st.text(max_size=60)),
    st.text(max_size=30),
)
_KINDS = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=b",
        "",
        "text/plain",
        "ÿ",
    ]
)
_BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(alphabet="ab=&%;+-\r\n: ", max_size=200).map(str.encode),
    st.lists(st.text(max_size=30), max_size=4).map(
        lambda fields: (
            "".join(f'--b\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{one}\r\n' for one in fields).encode()
            + b"--b--\r\n"
        )
    ),
)


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"]), _PATHS, _BODIES, _KINDS)
def test_nothing_that_strangers_send_breaks_it(
    sqlite_office: Office, method: str, path: str, body: bytes, kind: str
) -> None:
    path = path.encode("utf-8", "replace").decode()
    reply = sqlite_office.ask(method, path, body, kind)
    assert reply.status < 500
    assert sqlite_office.told == []
