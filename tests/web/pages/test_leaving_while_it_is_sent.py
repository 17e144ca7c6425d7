"""Somebody leaves while an issue is on its way: once the page has said so, nothing more is begun for them."""

from collections.abc import Sequence

import pytest

from publisher.audience.links import Links
from publisher.delivery.transport import Mail
from publisher.delivery.transports.memory import MemoryTransport
from publisher.templating import Templates
from publisher.web.pages.desk import Desk
from tests.delivery.mailroom import NOW, Mailroom

PEOPLE = 100


class Leaving(MemoryTransport):
    """At each mail that is proposed, every second person leaves, some places ahead: 0 is the very reader of that mail."""

    def __init__(self, desk: Desk, people: Sequence[int], ahead: int, lanes: int) -> None:
        super().__init__(lanes=lanes)
        self._desk, self._people, self._ahead = desk, people, ahead
        self.left: set[int] = set()

    def propose(self, lane: int, mail: Mail) -> None:
        super().propose(lane, mail)
        self._somebody_leaves(mail)

    def dispatch(self, lane: int, then: Mail | None) -> None:
        super().dispatch(lane, then)
        if then is not None:
            self._somebody_leaves(then)

    def _somebody_leaves(self, mail: Mail) -> None:
        place = self._people.index(mail.key[1]) + self._ahead
        if place < len(self._people) and place % 2:
            link = Links("https://notes.example/letters/", self._desk.keys).unsubscribe("weekly", self._people[place])
            answer = self._desk.unsubscribe(link.rpartition("/")[2], {"List-Unsubscribe": "One-Click"})
            assert answer.status == 200
            self.left.add(self._people[place])


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("ahead", [0, 1, 3, 9])
def test_nothing_is_armed_for_whoever_left(sqlite_mailroom: Mailroom, lanes: int, ahead: int) -> None:
    people = sqlite_mailroom.people(PEOPLE)
    publication, store = sqlite_mailroom.publication, sqlite_mailroom.store
    desk = Desk(publication.settings, store, publication._keys(), Templates(), lambda: NOW)
    transport = Leaving(desk, people, ahead, lanes)
    sqlite_mailroom.send(transport)
    taken = {mail.key[1] for mail in transport.taken}
    assert len(transport.left) >= PEOPLE // 2 - ahead
    assert taken & transport.left == set()
    assert taken | transport.left == set(people)
    assert sqlite_mailroom.states() == {"sent": len(taken), "skipped": len(transport.left)}
    sqlite_mailroom.expect_sound()
