"""The outbox of double opt-in: letters that ask for a confirmation, written down by the pages, sent from here.

A letter's try is noted before it leaves, with the time of the next one; what then happens takes that back. A crash in
between repeats the same mail (same Message-ID, same bytes) a little later, a few times at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.audience.links import Links
from publisher.audience.signup import Letter, claim, due_letters, settle
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.delivery.terms import expect_set_up
from publisher.delivery.transport import Mail, Outcome, Stage, Transport, Verdict
from publisher.delivery.trial import send_trials
from publisher.newsletter.asking import Question, page_words, question_mail
from publisher.newsletter.issue import newsletter_title
from publisher.newsletter.mail.addresses import split_mailbox
from publisher.publication.folders import TEMPLATES_FOLDER
from publisher.publication.sending import office_of
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.templating import Templates

#: How many letters are on their way at once.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where letters that ask wait, and what they leave with.

    Args:
        store: the database.
        keys: the publication's.
        folder: the publication's.
        settings: the publication's.
        transport: carries mails away; that of the settings where None.
    """

    store: Store
    keys: Keys
    folder: Path
    settings: Settings
    transport: Callable[[], Transport] | None = None

    def send(self, clock: Callable[[], datetime]) -> int:
        """Send what waits; what cannot leave yet stays for later. Return how many left.

        Raises:
            NotSetUp: the settings do not say how mail leaves.
            TransportRefused: nothing can leave now; all of it waits.
            StoreError: the database cannot be used.
        """
        sent = 0
        while waiting := self._waiting(clock()):
            transport = office_of(self.folder, self.settings, self.keys, transport=self.transport).transport()
            try:
                features = transport.open()
                sent += self._sent(transport, waiting, clock(), smtputf8=features.smtputf8)
                transport.finish()
            finally:
                transport.close()
        return sent

    def _waiting(self, now: datetime) -> Sequence[Letter]:
        with self.store.reading() as connection:
            return due_letters(connection, now, _BATCH)

    def _sent(self, transport: Transport, letters: Sequence[Letter], now: datetime, *, smtputf8: bool) -> int:
        with self.store.writing() as connection:
            own = {(0, letter.id): letter for letter in letters if claim(connection, letter, now)}
        mails, refused = [], []
        known = {newsletter.name: newsletter for newsletter in self.settings.newsletters}
        for key, letter in own.items():
            newsletter = known.get(letter.newsletter)
            if newsletter is None or not (smtputf8 or letter.address.isascii()):
                refused.append(letter)  # nothing that may change within the two days of its link
            else:
                mails.append(self._mail(key, letter, newsletter))
        done = send_trials(transport, mails)
        with self.store.writing() as connection:
            for letter in [*refused, *(own[mail.key] for mail, outcome in done if _final(outcome))]:
                settle(connection, letter)
        return sum(outcome.verdict is Verdict.SENT for _, outcome in done)

    def _mail(self, key: tuple[int, int], letter: Letter, newsletter: NewsletterSettings) -> Mail:
        delivery, web = expect_set_up(self.settings)
        sender = newsletter.sender or f"newsletter@{self.settings.host}"
        link = Links(web.url, self.keys).confirm(letter.newsletter, letter.id, letter.nonce, letter.asked_at)
        title = newsletter_title(newsletter, self.settings.publication)
        templates = Templates(self.folder / TEMPLATES_FOLDER)
        say = page_words(newsletter.language or self.settings.publication.language, templates)
        question = Question(title, sender, newsletter.postal_address, letter.address, link, letter.asked_at)
        envelope = split_mailbox(delivery.return_path or sender)[1]
        data = question_mail(question, say, templates)
        return Mail(key, envelope, letter.address, data, smtputf8=not letter.address.isascii())


def _final(outcome: Outcome) -> bool:
    # A refusal of the sender or of the connection says nothing about the reader, and may be over in an hour.
    return outcome.verdict is Verdict.SENT or (outcome.verdict is Verdict.FAILED and outcome.stage is Stage.RCPT)
