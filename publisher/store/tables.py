"""What is kept of subscriptions and deliveries, as tables; the same for SQLite and PostgreSQL.

Times are text in UTC with six decimals, so that they sort as they follow each other; see `Moment`.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

# Migrations name constraints in order to change them.
_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

metadata = MetaData(naming_convention=_NAMES)

#: Counted by the database.
Id = BigInteger().with_variant(Integer, "sqlite")
# Links and tokens that people have name rows by their numbers, so none may ever be given to another row. PostgreSQL's
# never are; SQLite's are, once the last row was deleted, but for sqlite_autoincrement (https://www.sqlite.org/autoinc.html).


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as `2026-11-22T08:00:00.000000Z`."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write a time.

        Raises:
            ValueError: it has no time zone.
        """
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value} has no time zone")
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read a time, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


#: Values that the database itself must know: the number of its schema, the epoch of its runs, the latest time it saw.
meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: A person's address and one newsletter.
subscription = Table(
    "subscription",
    metadata,
    Column("id", Id, primary_key=True),
    #: Name of the newsletter, as in the settings.
    Column("newsletter", Text, nullable=False),
    #: As mail is sent to it: the local part as given, the domain in ASCII and lower case.
    Column("address", Text, nullable=False),
    #: By what two addresses are the same; see publisher.audience.addresses.
    Column("address_key", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    #: A value of publisher.audience.status.Status.
    Column("status", Text, nullable=False),
    #: BCP 47; empty for the newsletter's own.
    Column("language", Text, nullable=False, server_default=""),
    #: A value of publisher.audience.status.Cadence.
    Column("cadence", Text, nullable=False, server_default="every"),
    #: Tags of interest, a JSON list in its order; empty for all articles.
    Column("tags", JSON, nullable=False),
    #: When and how the person agreed; null and empty where nobody knows.
    Column("consent_at", Moment),
    Column("consent_source", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    #: When the status became what it is, and why: words for people, such as `550 5.1.1 no such user`.
    Column("changed_at", Moment, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    # No index begins with the newsletter: it would be chosen for a newsletter's pages, and each would sort all that are left.
    UniqueConstraint("address_key", "newsletter"),
    CheckConstraint(
        "status IN ('pending', 'confirmed', 'unsubscribed', 'bounced', 'complained', 'suppressed')", name="status"
    ),
    CheckConstraint("cadence IN ('every', 'weekly', 'monthly')", name="cadence"),
    sqlite_autoincrement=True,
)

#: Addresses that get nothing more, also where the address itself was erased.
suppression = Table(
    "suppression",
    metadata,
    #: Keyed hash of an address_key: publisher.store.keys.Keys.address_hash.
    Column("address_hash", String(64), primary_key=True),
    #: Name of the newsletter; empty for all.
    Column("newsletter", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

#: An issue whose audience is frozen.
issue = Table(
    "issue",
    metadata,
    Column("id", Id, primary_key=True),
    Column("newsletter", Text, nullable=False),
    #: Key of its period.
    Column("key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    #: The bundle's manifest.json, whole, and its SHA-256 in hexadecimal digits.
    Column("manifest", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    #: The bundle's folder, relative to the publication's, with forward slashes.
    Column("bundle", Text, nullable=False),
    #: A value of publisher.delivery.states.IssueState, and why it is in it, in words.
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    #: What every mail of it says alike, so that one sent again has the same bytes: see publisher.delivery.freezing.
    Column("terms", JSON, nullable=False),
    #: Hash of the plan that it follows.
    Column("plan", Text, nullable=False, server_default=""),
    #: How many subscriptions there were, and how many of them get nothing, by reason.
    Column("candidates", Integer, nullable=False),
    Column("excluded", JSON, nullable=False),
    Column("frozen_at", Moment, nullable=False),
    #: What is not delivered by then is skipped.
    Column("expires_at", Moment, nullable=False),
    Column("done_at", Moment),
    UniqueConstraint("newsletter", "key"),
    CheckConstraint("state IN ('sending', 'paused', 'done', 'cancelled', 'expired')", name="state"),
    sqlite_autoincrement=True,
)

#: An article is in one issue of a newsletter.
issue_article = Table(
    "issue_article",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("article_id", Text, primary_key=True),
    Column("issue_id", Id, ForeignKey("issue.id"), nullable=False, index=True),
)

#: One issue and one subscription: the ledger.
delivery = Table(
    "delivery",
    metadata,
    Column("issue_id", Id, ForeignKey("issue.id"), primary_key=True),
    #: No foreign key: what was sent stays known when the subscription is removed.
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    #: As they were when the issue was frozen; after an erasure the keyed hash, and nothing.
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    #: A value of publisher.delivery.states.State.
    Column("state", Text, nullable=False),
    #: How many times the relay was asked to take it and did not say why it could not yet.
    Column("attempts", Integer, nullable=False, server_default="0"),
    #: How many times it was sent although an earlier mail may have arrived.
    Column("resends", Integer, nullable=False, server_default="0"),
    #: Not before; null for at once.
    Column("due_at", Moment),
    Column("armed_at", Moment),
    #: Which run armed it.
    Column("armed_run", Id),
    #: Where the conversation ended (a value of publisher.delivery.transport.Stage), and what was said there.
    Column("stage", Text, nullable=False, server_default=""),
    Column("reply", Text, nullable=False, server_default=""),
    #: Why it was skipped, in words.
    Column("reason", Text, nullable=False, server_default=""),
    #: When it came into its present state, once that is not `pending`.
    Column("done_at", Moment),
    CheckConstraint("state IN ('pending', 'armed', 'uncertain', 'held', 'sent', 'failed', 'skipped')", name="state"),
    sqlite_with_rowid=False,
)

# A third of a list may be waiting to be tried again, and is looked for each time a connection is free.
Index(
    "delivery_open_index",
    delivery.c.issue_id,
    delivery.c.state,
    delivery.c.subscription_id,
    sqlite_where=delivery.c.state.in_(["pending", "armed", "uncertain", "held"]),
    postgresql_where=delivery.c.state.in_(["pending", "armed", "uncertain", "held"]),
)

#: One invocation that may send.
run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    #: Of the process; null while it runs, and for ever where it was killed.
    Column("exit_status", Integer),
    sqlite_autoincrement=True,
)

#: How much may be sent: buckets that fill with time.
rate = Table(
    "rate",
    metadata,
    #: `all`, `relay:HOST`, `domain:NAME` or `day:DATE`.
    Column("scope", Text, primary_key=True),
    #: Mails that may be sent at once.
    Column("tokens", Float, nullable=False),
    Column("at", Moment, nullable=False),
)

#: Reports about deliveries that were read: bounces, complaints, requests to leave.
report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True),
    #: SHA-256 of the mail in hexadecimal digits: read twice, it counts once.
    Column("digest", String(64), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    #: A value of publisher.audience.bounces.Kind.
    Column("kind", Text, nullable=False),
    Column("issue_id", Id),
    Column("subscription_id", Id, index=True),
    #: As RFC 3463 has it, such as 5.1.1; empty where there is none.
    Column("code", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
)

#: How often an address was asked to confirm, by its keyed hash: nobody is asked more than a few times.
confirmation = Table(
    "confirmation",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("newsletter", Text, primary_key=True),
    Column("asked", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    #: Makes each link work once: publisher.audience.links. Empty once it was used.
    Column("nonce", Text, nullable=False),
    #: The subscription that it is about; the mail finds its address there.
    Column("subscription_id", Id, nullable=False),
    #: When the mail that asks is to leave, or to be tried again; null where none waits.
    Column("due_at", Moment),
    #: How many times that mail was on its way.
    Column("tries", Integer, nullable=False, server_default="0"),
)
