"""The first tables: subscriptions, suppressions, issues, deliveries, runs, rates, reports, confirmations."""

import sqlalchemy as sa
from alembic import op

from publisher.store.triggers import STATEMENTS

revision = "0001"
down_revision = None

# What publisher.store.tables said at the time: it may say something else by now.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.String(27)


def upgrade() -> None:
    """Make them."""
    for make in (
        _confirmation,
        _issue,
        _meta,
        _rate,
        _report,
        _run,
        _subscription,
        _suppression,
        _delivery,
        _issue_article,
    ):
        make()
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(statement)


def _confirmation() -> None:
    op.create_table(
        "confirmation",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("subscription_id", _ID, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("address_hash", "newsletter", name=op.f("confirmation_pkey")),
    )


def _issue() -> None:
    op.create_table(
        "issue",
        sa.Column("id", _ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("plan", sa.Text(), server_default="", nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("frozen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('sending', 'paused', 'done', 'cancelled', 'expired')", name=op.f("issue_state_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("issue_pkey")),
        sa.UniqueConstraint("newsletter", "key", name=op.f("issue_newsletter_key_key")),
        sqlite_autoincrement=True,
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("meta_pkey")),
    )


def _rate() -> None:
    op.create_table(
        "rate",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("rate_pkey")),
    )


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issue_id", _ID, nullable=True),
        sa.Column("subscription_id", _ID, nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("report_pkey")),
        sa.UniqueConstraint("digest", name=op.f("report_digest_key")),
    )
    op.create_index(op.f("report_subscription_id_index"), "report", ["subscription_id"], unique=False)


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", _ID, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("exit_status", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("run_pkey")),
        sqlite_autoincrement=True,
    )


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", _ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("cadence", sa.Text(), server_default="every", nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("consent_at", _MOMENT, nullable=True),
        sa.Column("consent_source", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("cadence IN ('every', 'weekly', 'monthly')", name=op.f("subscription_cadence_check")),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'unsubscribed', 'bounced', 'complained', 'suppressed')",
            name=op.f("subscription_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("subscription_pkey")),
        sa.UniqueConstraint("address_key", "newsletter", name=op.f("subscription_address_key_newsletter_key")),
        sqlite_autoincrement=True,
    )


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", "newsletter", name=op.f("suppression_pkey")),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("subscription_id", _ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("resends", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("armed_at", _MOMENT, nullable=True),
        sa.Column("armed_run", _ID, nullable=True),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'armed', 'uncertain', 'held', 'sent', 'failed', 'skipped')",
            name=op.f("delivery_state_check"),
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("delivery_issue_id_fkey")),
        sa.PrimaryKeyConstraint("issue_id", "subscription_id", name=op.f("delivery_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "delivery_open_index",
        "delivery",
        ["issue_id", "state", "subscription_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'armed', 'uncertain', 'held')"),
        postgresql_where=sa.text("state IN ('pending', 'armed', 'uncertain', 'held')"),
    )


def _issue_article() -> None:
    op.create_table(
        "issue_article",
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("issue_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("issue_article_issue_id_fkey")),
        sa.PrimaryKeyConstraint("newsletter", "article_id", name=op.f("issue_article_pkey")),
    )
    op.create_index(op.f("issue_article_issue_id_index"), "issue_article", ["issue_id"], unique=False)
