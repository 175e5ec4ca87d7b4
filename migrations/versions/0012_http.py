"""Versions of what can be edited, with what stood there before; remembered replies; webhooks.

Revision: 0012
After: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EDITABLE = ("patient", "organisation", "account", "care_team", "goal")
INSTANT = sa.TIMESTAMP(timezone=True)
PARTIES = "('patient', 'clinician', 'care_home_staff', 'delegate')"


def upgrade() -> None:
    for table in EDITABLE:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.create_table(
        "patient_former",
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nhs_number", sa.Text()),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "version"),
    )
    op.create_table(
        "goal_former",
        sa.Column("goal_id", sa.Uuid(), sa.ForeignKey("goal.id"), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("target_sign", sa.Text()),
        sa.Column("target_part", sa.Text()),
        sa.Column("target_comparator", sa.Text()),
        sa.Column("target_value", sa.Numeric()),
        sa.Column("target_unit", sa.Text()),
        sa.Column("target_due_on", sa.Date()),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("replaced_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("replaced_as", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint(f"replaced_as in {PARTIES}", name="goal_former_party_known"),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="goal_former_note_length"),
        sa.PrimaryKeyConstraint("goal_id", "version"),
    )
    op.create_table(
        "remembered_reply",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("sealed_reply", sa.LargeBinary()),
    )
    op.create_index("one_reply_per_key", "remembered_reply", ["account_id", "operation", "key_hash"], unique=True)
    op.create_index("replies_by_age", "remembered_reply", ["at"])
    _create_webhooks()


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("failing_since", INSTANT),
        sa.Column("disabled_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("cardinality(kinds) between 1 and 50", name="webhook_kinds_number"),
        sa.CheckConstraint("char_length(url) between 1 and 500", name="webhook_url_length"),
    )
    op.create_index("webhooks_of_organisation", "webhook", ["organisation_id", "id"])
    _create_deliveries()


def _create_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("webhook_id", sa.Uuid(), sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("event_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint("attempts >= 0", name="webhook_delivery_attempts"),
    )
    op.create_index("each_event_once_to_a_webhook", "webhook_delivery", ["webhook_id", "event_number"], unique=True)
    op.create_index(
        "webhook_deliveries_due", "webhook_delivery", ["due_at"], postgresql_where=sa.text("due_at is not null")
    )
    op.create_index("webhook_deliveries_by_age", "webhook_delivery", ["created_at"])
    op.create_table(
        "webhook_follower",
        sa.Column("single", sa.Boolean(), server_default=sa.text("true"), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("single", name="one_webhook_follower"),
    )


def downgrade() -> None:
    op.drop_table("webhook_follower")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    op.drop_table("remembered_reply")
    op.drop_table("goal_former")
    op.drop_table("patient_former")
    for table in EDITABLE:
        op.drop_column(table, "version")
