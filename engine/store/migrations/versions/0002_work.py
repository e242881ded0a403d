"""What came in, decisions, actions, verdicts, and what runs the layer."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward; there is no way back but a backup."""
    _inputs()
    _decisions()
    _actions()
    _around_actions()
    _settled()


def _inputs() -> None:
    op.create_table(
        "cursors",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", name="pk_cursors"),
    )
    op.create_table(
        "seen_events",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name="pk_seen_events"),
    )
    op.create_index("ix_seen_events_at", "seen_events", ["at"])
    op.create_table(
        "quarantine",
        sa.Column("position", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_quarantine"),
        sa.UniqueConstraint("id", name="uq_quarantine_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantine_source_state_position", "quarantine", ["source", "state", "position"])
    op.create_index("ix_quarantine_state_position", "quarantine", ["state", "position"])
    op.create_table(
        "identity",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "key", name="pk_identity"),
    )
    op.create_index("ix_identity_entity_id", "identity", ["entity", "id"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("position", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_group_key", "decisions", ["group_key"])
    op.create_index("ix_decisions_proposal", "decisions", ["proposal"])
    op.create_index("ix_decisions_rule_position", "decisions", ["rule", "position"])
    op.create_index("ix_decisions_ruleset_position", "decisions", ["ruleset", "position"])
    op.create_index("ix_decisions_ruleset_rule_position", "decisions", ["ruleset", "rule", "position"])
    op.create_index("ix_decisions_subject_position", "decisions", ["subject", "position"])


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("position", BIG, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_actions"),
        sa.UniqueConstraint("id", name="uq_actions_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_actions_due_at", "actions", ["due_at"])
    op.create_index("ix_actions_expires_at", "actions", ["expires_at"])
    op.create_index("ix_actions_policy_started_at", "actions", ["policy", "started_at"])
    op.create_index("ix_actions_recipient_started_at", "actions", ["recipient", "started_at"])
    op.create_index("ix_actions_started_at", "actions", ["started_at"])
    op.create_index("ix_actions_state_position", "actions", ["state", "position"])
    op.create_index("ix_actions_subject_position", "actions", ["subject", "position"])
    op.create_index("ix_actions_subject_state_position", "actions", ["subject", "state", "position"])


def _around_actions() -> None:
    op.create_table(
        "action_versions",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["action"], ["actions.id"], name="fk_action_versions_actions"),
        sa.PrimaryKeyConstraint("action", "version", name="pk_action_versions"),
    )
    op.create_table(
        "verdicts",
        sa.Column("position", BIG, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["action"], ["actions.id"], name="fk_verdicts_actions"),
        sa.PrimaryKeyConstraint("position", name="pk_verdicts"),
        sa.UniqueConstraint("decided_by", "idempotency_key", name="uq_verdicts_decided_by_idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_verdicts_action_position", "verdicts", ["action", "position"])


def _settled() -> None:
    op.create_table(
        "switches",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_switches"),
    )
    op.create_table(
        "snapshots",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_snapshots"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
