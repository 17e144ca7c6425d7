"""The outbox of double opt-in: letters that ask for a confirmation, written down by the pages, sent from here.

A letter's try is noted before it leaves, with the time of the next one; what then happens takes that back. A crash in
between repeats the same mail (same Message-ID, same bytes) a little later, a few times at most.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from publisher.audience.links import Links
from publisher.audience.signup import Letter, claim, due_letters, forget_unanswered, settle, unanswered
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.delivery.terms import expect_set_up, read_signers
from publisher.delivery.transport import Mail, Outcome, Stage, Transport, Verdict
from publisher.delivery.trial import send_trials
from publisher.errors import PublisherError
from publisher.newsletter.asking import Question, page_words, question_mail
from publisher.newsletter.issue import newsletter_title
from publisher.newsletter.mail.addresses import ReaderRefused, reader_address, split_mailbox
from publisher.newsletter.mail.dkim import Signer, signed
from publisher.publication.folders import TEMPLATES_FOLDER
from publisher.publication.sending import office_of
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.templating import Templates

#: How many letters are on their way at once.
_BATCH = 50


class LetterFailed(PublisherError):
    """A letter could not be made, by a mistake of the program; it is tried again later, and the others leave."""

    def __init__(self, letter: Letter, error: Exception) -> None:
        kind = type(error).__name__
        super().__init__(f"the letter that asks subscription {letter.id} to confirm could not be made: {kind}: {error}")


@dataclass(slots=True)
class _Post:
    """What becomes of letters that wait together."""

    #: Each with its letter.
    mails: list[tuple[Mail, Letter]] = field(default_factory=list)
    #: Never to be sent, as nothing that may change within the two days of their links keeps them.
    refused: list[Letter] = field(default_factory=list)
    #: To be tried again later, by themselves.
    failed: list[Letter] = field(default_factory=list)


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

        Before, what a form made and nobody confirmed in time is deleted.

        Raises:
            NotSetUp: the settings do not say how mail leaves.
            TransportRefused: nothing can leave now; all of it waits.
            LetterFailed: one could not be made; the others have left.
            PublisherError: those of a newsletter cannot be made, by a template or a setting; the others have left.
            StoreError: the database cannot be used.
        """
        self._forget(clock())
        sent, troubles = 0, dict[str, PublisherError]()
        while waiting := self._waiting(clock(), troubles):
            transport = office_of(self.folder, self.settings, self.keys, transport=self.transport).transport()
            try:
                features = transport.open()
                post = self._made(waiting, troubles, smtputf8=features.smtputf8)
                sent += self._sent(transport, post, clock())
                transport.finish()
            finally:
                transport.close()
        if troubles:
            raise next(iter(troubles.values()))
        return sent

    def _forget(self, now: datetime) -> None:
        with self.store.reading() as connection:
            found = unanswered(connection, now)
        if found:  # nobody is kept from writing for nothing
            with self.store.writing() as connection:
                forget_unanswered(connection, now)

    def _waiting(self, now: datetime, troubles: Collection[str]) -> Sequence[Letter]:
        with self.store.reading() as connection:
            return due_letters(connection, now, _BATCH, troubles)

    def _made(self, letters: Sequence[Letter], troubles: dict[str, PublisherError], *, smtputf8: bool) -> _Post:
        """Make each letter's mail; note the newsletters none of whose letters can be made, which lose no try by it."""
        post, known = _Post(), {newsletter.name: newsletter for newsletter in self.settings.newsletters}
        signers = read_signers(self.settings, self.folder)
        for letter in letters:
            if letter.newsletter in troubles:
                continue
            if letter.newsletter not in known:
                post.refused.append(letter)
                continue
            try:
                mail = self._mail(letter, known[letter.newsletter], signers, smtputf8=smtputf8)
                post.mails.append((mail, letter))
            except ReaderRefused:
                post.refused.append(letter)
            except PublisherError as error:
                troubles[letter.newsletter] = error
            except Exception as error:  # noqa: BLE001 # strangers write addresses: none of them keeps others' letters
                post.failed.append(letter)
                troubles[""] = LetterFailed(letter, error)
        return post

    def _sent(self, transport: Transport, post: _Post, now: datetime) -> int:
        with self.store.writing() as connection:
            own = {mail.key: (mail, letter) for mail, letter in post.mails if claim(connection, letter, now)}
            for letter in post.failed:
                claim(connection, letter, now)
            for letter in post.refused:
                settle(connection, letter)
        done = send_trials(transport, [mail for mail, _ in own.values()])
        with self.store.writing() as connection:
            for mail, outcome in done:
                if _final(outcome):
                    settle(connection, own[mail.key][1])
        return sum(outcome.verdict is Verdict.SENT for _, outcome in done)

    def _mail(
        self, letter: Letter, newsletter: NewsletterSettings, signers: Sequence[Signer], *, smtputf8: bool
    ) -> Mail:
        delivery, web = expect_set_up(self.settings)
        sender = newsletter.sender or f"newsletter@{self.settings.host}"
        recipient = reader_address(letter.address, smtputf8=smtputf8)
        link = Links(web.url, self.keys).confirm(letter.newsletter, letter.id, letter.nonce, letter.asked_at)
        title = newsletter_title(newsletter, self.settings.publication)
        templates = Templates(self.folder / TEMPLATES_FOLDER)
        say = page_words(newsletter.language or self.settings.publication.language, templates)
        question = Question(title, sender, newsletter.postal_address, recipient, link, letter.asked_at)
        envelope = split_mailbox(delivery.return_path or sender)[1]
        data = signed(question_mail(question, say, templates), signers)
        return Mail((0, letter.id), envelope, recipient, data, smtputf8=not recipient.isascii())


def _final(outcome: Outcome) -> bool:
    # A refusal of the sender or of the connection says nothing about the reader, and may be over in an hour.
    return outcome.verdict is Verdict.SENT or (outcome.verdict is Verdict.FAILED and outcome.stage is Stage.RCPT)
