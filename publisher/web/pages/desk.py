"""What the public pages say and do; values in, a status and HTML out. No HTTP is known here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from publisher.audience.addresses import AddressRefused, parse_address
from publisher.audience.links import BadLink, ExpiredLink, Links, Person
from publisher.audience.signup import FILLED_AFTER, admit, ask, confirm_once, form_age, form_token, of_same_person
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import Subscription, by_id, change, prefer, unsubscribe
from publisher.config.newsletter import LookSettings
from publisher.config.settings import Settings
from publisher.newsletter.asking import PageWords, page_words
from publisher.newsletter.issue import newsletter_title
from publisher.newsletter.look import look
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.templating import Templates

#: For how long somebody who left by mistake comes back with one click.
UNDO_WITHIN = timedelta(hours=1)
_LANGUAGES = (
    ("ar", "العربية"), ("de", "Deutsch"), ("en", "English"), ("es", "Español"),
    ("fr", "Français"), ("ja", "日本語"), ("pt", "Português"), ("zh-Hans", "简体中文"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    #: Of HTTP.
    status: int
    html: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose page it is."""

    title: str
    say: PageWords
    look: LookSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers those who ask.

    Args:
        settings: the publication's.
        store: the database.
        keys: the publication's.
        templates: the publication's own before the shipped ones.
        clock: gives the time.
        asked: is called when a letter waits to be sent.
    """

    settings: Settings
    store: Store
    keys: Keys
    templates: Templates
    clock: Callable[[], datetime]
    asked: Callable[[], None] = field(default=lambda: None)

    @property
    def links(self) -> Links:
        """Return what reads links."""
        assert self.settings.web is not None
        return Links(self.settings.web.url, self.keys)

    def first(self, told: str = "", status: int = 200, address: str = "", newsletter: str = "") -> Answer:
        """Show the form of each newsletter, or of one."""
        names = [one.name for one in self.settings.newsletters if newsletter in ("", one.name)]
        places = [(name, self._place(name)) for name in names]
        here = places[0][1] if len(places) == 1 else self._place("")
        forms = [{"newsletter": name, "title": place.title, "say": place.say} for name, place in places]
        heading = "subscribe_heading" if len(places) == 1 else "choose"
        assert self.settings.web is not None
        values = {
            "forms": forms,
            "base": urlsplit(self.settings.web.url).path,
            "token": form_token(self.keys, self.clock()),
            "address": address,
            "told": told and here.say(told),
        }
        return self._page(status, "web/subscribe.html", here, heading, **values)

    def subscribe(self, form: Mapping[str, str], network: str) -> Answer:
        """Take down that somebody wants a newsletter; whatever is known of the address, the answer is the same.

        Args:
            form: what was filled in.
            network: whose it is: `publisher.audience.signup.network_of`.
        """
        newsletter = form.get("newsletter", "")
        if newsletter not in {one.name for one in self.settings.newsletters}:
            return self.gone()
        here, now, text = self._place(newsletter), self.clock(), form.get("address", "")
        age = form_age(self.keys, form.get("form", ""), now)
        if age is None or age < FILLED_AFTER:
            return self.first("again", 400, text[:254], newsletter)
        try:
            # U+FFFD stands for bytes that were no UTF-8.
            address = parse_address("" if "\ufffd" in text else text)
        except AddressRefused:
            return self.first("no_address", 400, text[:254], newsletter)
        trapped = bool(form.get("website"))  # no person sees that field
        with self.store.writing() as connection:
            admitted = admit(connection, self.keys, network, now)
            if admitted and not trapped:
                ask(connection, self.keys, newsletter, address, now)
        if not admitted:
            return self._message(429, here, "too_many_heading", "too_many")
        self.asked()
        return self._message(200, here, "asked_heading", "asked")

    def confirm(self, token: str, form: Mapping[str, str] | None) -> Answer:
        """Show the button that confirms or, where it was pressed (`form`), subscribe; a link does so once."""
        now = self.clock()
        try:
            link = self.links.read_confirm(token, now)
        except ExpiredLink as expired:
            return self._message(410, self._place(expired.confirmation.newsletter), "used_heading", "expired")
        except BadLink:
            return self.gone()
        here = self._place(link.newsletter)
        if form is None or form.get("do") != "confirm":
            return self._message(
                200 if form is None else 400, here, "confirm_heading", "confirm_question", "confirm", ("do", "confirm")
            )
        version = sha256(here.say("consent", title=here.title).encode()).hexdigest()[:8]
        with self.store.writing() as connection:
            done = confirm_once(connection, self.keys, link, now, f"web form, confirmed by mail; text {version}")
            person = by_id(connection, link.id)
        if not done and (person is None or person.status is not Status.CONFIRMED):
            return self._message(410, here, "used_heading", "used")
        return self._message(200, here, "confirmed_heading", "confirmed")

    def unsubscribe(self, token: str, form: Mapping[str, str] | None) -> Answer:
        """Show the button that unsubscribes or, where it was pressed, let the reader go: as often as they like.

        A mail program presses it as RFC 8058 has it.
        """
        try:
            person = self.links.read_unsubscribe(token)
        except BadLink:
            return self.gone()
        form = form or {}
        if form.get("List-Unsubscribe") == "One-Click" or form.get("do") == "leave":
            return self._left(person, every=False)
        if form.get("do") == "back":
            return self._back(person)
        status = 400 if form else 200
        words = "unsubscribe_heading", "unsubscribe_question", "unsubscribe"
        return self._message(status, self._place_of(person), *words, ("List-Unsubscribe", "One-Click"))

    def _left(self, person: Person, *, every: bool) -> Answer:
        now = self.clock()
        with self.store.writing() as connection:
            found = by_id(connection, person.id)
            if found is not None and found.newsletter == person.newsletter:
                for number in of_same_person(connection, found.id) if every else (found.id,):
                    unsubscribe(connection, number, now, "own wish, on the web page")
        here = self._place_of(person, found)
        return self._message(200, here, "unsubscribed_heading", "unsubscribed", "mistake", ("do", "back"), quiet=True)

    def _back(self, person: Person) -> Answer:
        now = self.clock()
        with self.store.writing() as connection:
            found = by_id(connection, person.id)
            if found is not None and _may_be_back(found, person, now):
                change(connection, found.id, Status.CONFIRMED, "", now, own_wish=True)
                found = by_id(connection, person.id)
        here = self._place_of(person, found)
        if found is None or found.status is not Status.CONFIRMED:
            return self._message(409, here, "unsubscribed_heading", "too_late")
        return self._message(200, here, "back_heading", "confirmed")

    def preferences(self, token: str, form: Mapping[str, str] | None) -> Answer:
        """Show a reader's preferences; where a button was pressed, change them."""
        try:
            person = self.links.read_preferences(token)
        except BadLink:
            return self.gone()
        wish = "" if form is None else form.get("do", "")
        if wish == "back":
            return self._back(person)
        if wish in ("leave", "leave-all"):
            return self._left(person, every=wish == "leave-all")
        told = ""
        with self.store.writing() if wish == "save" else self.store.reading() as connection:
            if wish == "save" and form is not None and (old := by_id(connection, person.id)) is not None:
                prefer(connection, old.id, **_wishes(form, old))
                told = "saved"
            found = by_id(connection, person.id)
        if found is None or found.newsletter != person.newsletter:
            return self.gone()
        here = self._place_of(person, found)
        told = "inactive" if found.status is not Status.CONFIRMED else told
        said = here.say(told, title=here.title) if told else ""
        languages = [*_LANGUAGES, *([] if _listed(found.language) else [(found.language, found.language)])]
        values = {"person": found, "languages": languages, "told": said, "publication": self._place("").title}
        return self._page(
            400 if form and not wish else 200, "web/preferences.html", here, "preferences_heading", **values
        )

    def gone(self, status: int = 404) -> Answer:
        """Say that there is no such page."""
        return self._message(status, self._place(""), "gone_heading", "gone")

    def failed(self, status: int) -> Answer:
        """Say that a request could not be carried out, or not even be read."""
        text = "failed" if status >= 500 else "unreadable"
        return self._message(status, self._place(""), "failed_heading", text)

    def _place(self, newsletter: str, language: str = "") -> _Place:
        publication = self.settings.publication
        one = next((one for one in self.settings.newsletters if one.name == newsletter), None)
        if one is None:
            say = page_words(language or publication.language, self.templates)
            first = next((one.look for one in self.settings.newsletters), LookSettings())
            return _Place(publication.title, say, first)
        say = page_words(language or one.language or publication.language, self.templates)
        return _Place(newsletter_title(one, publication), say, one.look)

    def _place_of(self, person: Person, found: Subscription | None = None) -> _Place:
        return self._place(person.newsletter, found.language if found else "")

    def _message(
        self,
        status: int,
        here: _Place,
        heading: str,
        text: str,
        button: str = "",
        field: tuple[str, str] = ("", ""),
        *,
        quiet: bool = False,
    ) -> Answer:
        said = here.say(text, title=here.title)
        pressed = here.say(button) if button else ""
        values = {"text": said, "button": pressed, "field": field, "quiet": quiet, "told": ""}
        return self._page(status, "web/message.html", here, heading, **values)

    def _page(self, status: int, template: str, here: _Place, heading: str, **values: Any) -> Answer:
        given = {
            "say": here.say,
            "title": here.title,
            "look": look(here.look, here.title),
            "heading": here.say(heading, title=here.title),
            **values,
        }
        return Answer(status, self.templates.render(template, given))


def _may_be_back(found: Subscription, person: Person, now: datetime) -> bool:
    """Say whether somebody just left by mistake; whoever complained or was suppressed did not."""
    just_left = found.status is Status.UNSUBSCRIBED and now - found.changed_at <= UNDO_WITHIN
    return found.newsletter == person.newsletter and just_left


def _wishes(form: Mapping[str, str], old: Subscription) -> dict[str, Any]:
    """Return what a reader prefers, each thing as it was where the form says nothing that is known."""
    language = form.get("language", old.language)
    cadence = form.get("cadence", "")
    return {
        "name": form.get("name", old.name),
        "language": language if _listed(language) else old.language,
        "cadence": Cadence(cadence) if cadence in {one.value for one in Cadence} else old.cadence,
        "tags": form["tags"].split(",") if "tags" in form else old.tags,
    }


def _listed(language: str) -> bool:
    return language in {"", *(tag for tag, _ in _LANGUAGES)}
