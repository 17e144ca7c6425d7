"""Double opt-in: somebody asks for an address, a mail asks its owner, and only the owner's answer subscribes.

Whatever is known of an address (new, subscribed, suppressed, asked too often), the same statements run and the same page
follows: nobody learns from it who reads what. The mail that is to leave is written down in the same transaction as the
request, so neither is without the other.
"""

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from publisher.audience.addresses import Address
from publisher.audience.links import CONFIRM_WITHIN, Confirmation
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import confirm
from publisher.store.keys import Keys
from publisher.store.tables import confirmation, rate, subscription

#: An address is asked once in this time, and so many times at all until its owner answers.
ONCE_IN = timedelta(hours=24)
MOST_ASKED = 3
#: How long after the last link expired a subscription is deleted that its owner never confirmed.
FORGOTTEN_AFTER = timedelta(days=30)
#: Why a subscription is pending that was made by a form; one that the operator added or imported is kept.
BY_FORM = "asked for by the web form"
#: Requests that a network may make at once, and how many more an hour; likewise all together.
NETWORK_REQUESTS, ALL_REQUESTS = 20, 1000
#: A form is filled in no quicker, and is good no longer.
FILLED_AFTER, FORM_WITHIN = timedelta(seconds=2), timedelta(hours=24)
#: How long after each try the next one may follow; then the mail is given up, and the person may ask again.
_PAUSES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=8))
_ALL = "signup:all"
# In one transaction; the rest goes the next time.
_MOST_FORGOTTEN = 500
_INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that asks the owner of an address whether they want a newsletter."""

    #: Of the subscription.
    id: int
    newsletter: str
    address: str
    nonce: str
    #: When it was asked for; its date, so that each try has the same bytes.
    asked_at: datetime
    due_at: datetime
    tries: int


def form_token(keys: Keys, now: datetime) -> str:
    """Return what a form carries to tell when it was given out; nobody else can make one."""
    stamp = f"{int(now.timestamp() * 1000):x}"
    return f"{stamp}.{_form_mac(keys.links[0], stamp)}"


def form_age(keys: Keys, token: str, now: datetime) -> timedelta | None:
    """Return how long ago a form was given out; None where it was not, or more than a day ago."""
    stamp, _, mac = token.partition(".")
    if not token.isascii() or not any(hmac.compare_digest(_form_mac(key, stamp), mac) for key in keys.links):
        return None
    age = now - datetime.fromtimestamp(int(stamp, 16) / 1000, UTC)
    return age if timedelta(0) <= age <= FORM_WITHIN else None


def _form_mac(key: str, stamp: str) -> str:
    return hmac.new(key.encode(), f"publisher.form {stamp}".encode(), "sha256").hexdigest()[:32]


def network_of(host: str) -> str:
    """Return whose requests are counted together: an IPv4 /24, an IPv6 /64; `unknown` for what is no IP address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return f"6:{int(address) >> 64:x}"
        address = address.ipv4_mapped
    return f"4:{int(address) >> 8:x}"


def admit(connection: Connection, keys: Keys, network: str, now: datetime) -> bool:
    """Count a request; say whether its network, and all networks together, have not made too many.

    The counts are in the database: a restart changes nothing. Networks are kept as keyed hashes.

    Args:
        connection: one that writes.
        keys: the publication's.
        network: as `network_of` gives it.
        now: the clock.
    """
    connection.execute(delete(rate).where(rate.c.scope.like("signup:net:%"), rate.c.at < now - ONCE_IN))
    scopes = {f"signup:net:{keys.address_hash(f'network {network}')}": NETWORK_REQUESTS, _ALL: ALL_REQUESTS}
    # Two requests in one moment take turns, as each inserts before it reads.
    insert = _INSERT[connection.dialect.name]
    full = [{"scope": scope, "tokens": float(most), "at": now} for scope, most in sorted(scopes.items())]
    connection.execute(insert(rate).on_conflict_do_nothing(), full)
    rows = connection.execute(select(rate).where(rate.c.scope.in_(scopes)).order_by(rate.c.scope).with_for_update())
    tokens = {scope: _filled(scopes[scope], kept, (now - at).total_seconds()) for scope, kept, at in rows}
    allowed = all(left >= 1 for left in tokens.values())
    for scope, left in tokens.items():
        statement = update(rate).where(rate.c.scope == scope)
        connection.execute(statement.values(tokens=left - 1 if allowed else left, at=now))
    return allowed


def _filled(most: int, tokens: float, seconds: float) -> float:
    return min(float(most), tokens + max(0.0, seconds) * most / 3600)


def ask(connection: Connection, keys: Keys, newsletter: str, address: Address, now: datetime) -> None:
    """Note that somebody wants a newsletter for an address, and that its owner is to be asked, unless that was done.

    Args:
        connection: one that writes.
        keys: the publication's.
        newsletter: its name.
        address: somebody's; nobody knows yet whose.
        now: the clock.
    """
    number = _subscription(connection, newsletter, address, now)
    insert = _INSERT[connection.dialect.name]
    this = {"address_hash": keys.address_hash(address.key), "newsletter": newsletter}
    never = {"asked": 0, "last_at": now - ONCE_IN, "nonce": "", "subscription_id": number}
    connection.execute(insert(confirmation).values(**this, **never).on_conflict_do_nothing())
    known = connection.execute(
        select(
            confirmation.c.asked,
            confirmation.c.last_at,
            confirmation.c.nonce,
            confirmation.c.due_at,
            confirmation.c.tries,
        )
        .filter_by(**this)
        .with_for_update()
    ).one()
    asks = may_ask(known.asked, known.last_at, now)
    connection.execute(
        update(confirmation)
        .filter_by(**this)
        .values(
            subscription_id=number,
            asked=known.asked + asks,
            last_at=now if asks else known.last_at,
            # An earlier link stays good beside a new one; both are used up together.
            nonce=known.nonce or token_urlsafe(16),
            due_at=now if asks else known.due_at,
            tries=0 if asks else known.tries,
        )
    )


def may_ask(asked: int, last: datetime, now: datetime) -> bool:
    """Say whether the owner of an address may be asked.

    Args:
        asked: how many times that was done.
        last: when it was done the last time.
        now: the clock.
    """
    return asked < MOST_ASKED and now - last >= ONCE_IN


def _subscription(connection: Connection, newsletter: str, address: Address, now: datetime) -> int:
    """Return the id of an address's subscription, made where there is none: also of one that gets nothing by now."""
    this = {"newsletter": newsletter, "address_key": address.key}
    new = {
        **this,
        "address": address.text,
        "name": "",
        "status": Status.PENDING.value,
        "language": "",
        "cadence": Cadence.EVERY.value,
        "tags": [],
        "consent_source": "",
        "created_at": now,
        "changed_at": now,
        "reason": BY_FORM,
    }
    insert = _INSERT[connection.dialect.name]
    connection.execute(insert(subscription).values(new).on_conflict_do_nothing())
    return int(connection.execute(select(subscription.c.id).filter_by(**this)).scalar_one())


def of_same_person(connection: Connection, id: int) -> Sequence[int]:  # noqa: A002 # as the column is called
    """Return the ids of all subscriptions of the address that one is of, itself among them."""
    own = select(subscription.c.address_key).where(subscription.c.id == id).scalar_subquery()
    same = select(subscription.c.id).where(subscription.c.address_key == own).order_by(subscription.c.id)
    return connection.scalars(same).all()


def confirm_once(connection: Connection, keys: Keys, link: Confirmation, now: datetime, source: str) -> bool:
    """Carry out the wish of whoever follows the link of a letter; each link does so once.

    Args:
        connection: one that writes.
        keys: the publication's.
        link: what it says.
        now: the clock.
        source: what was agreed to, in words: the proof of consent.

    Returns:
        False where the link was used before, or what it is about is gone.
    """
    key = connection.scalar(select(subscription.c.address_key).where(subscription.c.id == link.id))
    used = connection.execute(
        update(confirmation)
        .where(
            # The owner of the address alone was asked, whoever else the subscription may have become.
            confirmation.c.address_hash == keys.address_hash(key or ""),
            confirmation.c.subscription_id == link.id,
            confirmation.c.newsletter == link.newsletter,
            confirmation.c.nonce == link.nonce,
        )
        .values(nonce="", asked=0, due_at=None)
    )
    if not link.nonce or used.rowcount != 1:
        return False
    confirm(connection, keys, link.id, now, source)
    return True


def due_letters(connection: Connection, now: datetime, limit: int, without: Collection[str] = ()) -> Sequence[Letter]:
    """Return letters that are to leave, those that wait longest first.

    Args:
        connection: one that reads.
        now: the clock.
        limit: how many at most.
        without: newsletters whose letters stay for later.
    """
    rows = connection.execute(
        select(
            subscription.c.id,
            subscription.c.newsletter,
            subscription.c.address,
            confirmation.c.nonce,
            confirmation.c.last_at,
            confirmation.c.due_at,
            confirmation.c.tries,
        )
        .join(subscription, subscription.c.id == confirmation.c.subscription_id)
        .where(confirmation.c.due_at <= now, confirmation.c.newsletter.not_in(without))
        .order_by(confirmation.c.due_at, subscription.c.id)
        .limit(limit)
    )
    return [Letter(*row) for row in rows]


def claim(connection: Connection, letter: Letter, now: datetime) -> bool:
    """Note, before a letter leaves, that it does; say whether nobody else took it.

    Until `settle` it counts as one to be tried again later: after a crash, too. Each try is the same mail.
    """
    last = letter.tries >= len(_PAUSES) or now - letter.asked_at >= CONFIRM_WITHIN
    done = connection.execute(
        update(confirmation)
        .where(
            confirmation.c.subscription_id == letter.id,
            confirmation.c.newsletter == letter.newsletter,
            confirmation.c.due_at == letter.due_at,
        )
        .values(tries=letter.tries + 1, due_at=None if last else now + _PAUSES[letter.tries])
    )
    return done.rowcount == 1 and now - letter.asked_at < CONFIRM_WITHIN


def settle(connection: Connection, letter: Letter) -> None:
    """Note that a letter was sent, or never will be."""
    connection.execute(
        update(confirmation)
        .where(
            confirmation.c.subscription_id == letter.id,
            confirmation.c.newsletter == letter.newsletter,
            confirmation.c.last_at == letter.asked_at,
        )
        .values(due_at=None)
    )


def unanswered(connection: Connection, now: datetime) -> Sequence[int]:
    """Return the ids of subscriptions that a form made and that nobody confirmed in time.

    Args:
        connection: one that reads.
        now: the clock.
    """
    return connection.scalars(
        select(subscription.c.id)
        .join(confirmation, subscription.c.id == confirmation.c.subscription_id)
        .where(
            subscription.c.status == Status.PENDING.value,
            subscription.c.reason == BY_FORM,
            confirmation.c.due_at.is_(None),
            confirmation.c.last_at < now - CONFIRM_WITHIN - FORGOTTEN_AFTER,
        )
        .order_by(subscription.c.id)
        .limit(_MOST_FORGOTTEN)
    ).all()


def forget_unanswered(connection: Connection, now: datetime) -> int:
    """Delete what `unanswered` returns; how often an address was asked stays known. Return how many there were.

    Args:
        connection: one that writes.
        now: the clock.
    """
    numbers = unanswered(connection, now)
    # Only what is still pending: somebody may confirm in this moment.
    pending = subscription.c.id.in_(numbers) & (subscription.c.status == Status.PENDING.value)
    gone = connection.scalars(delete(subscription).where(pending).returning(subscription.c.id)).all()
    ended = confirmation.c.subscription_id.in_(gone)
    connection.execute(update(confirmation).where(ended).values(nonce=""))
    return len(gone)
