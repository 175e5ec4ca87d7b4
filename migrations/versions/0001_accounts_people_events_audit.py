"""Accounts people events audit.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class XID8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_by_account", "audit_event", ["account_id", "at"], unique=False)
    op.create_index("audit_of_patient", "audit_event", ["patient_id", "at"], unique=False)
    op.create_table(
        "event_feed",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("subject_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "numbered_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("event_feed_of_patient", "event_feed", ["patient_id", "number"], unique=False)
    op.create_index(
        "event_feed_of_access", "event_feed", ["number"], postgresql_where=sa.text("kind = 'access.changed'")
    )
    op.create_table(
        "event_outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", XID8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("subject_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("event_outbox_in_commit_order", "event_outbox", ["xid", "id"], unique=False)
    op.create_table(
        "event_relay",
        sa.Column("single", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("single", name="one_row"),
        sa.PrimaryKeyConstraint("single"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ods_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('commissioner', 'network', 'practice', 'care_home', 'provider')", name="kind_known"
        ),
        sa.CheckConstraint("ods_code ~ '^[A-Z0-9]{3,10}$'", name="ods_code_shape"),
        sa.CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ods_code"),
    )
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name="email_lower_case"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_index(op.f("ix_account_organisation_id"), "account", ["organisation_id"], unique=False)
    op.create_table(
        "care_team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_care_team_organisation_id"), "care_team", ["organisation_id"], unique=False)
    op.create_table(
        "care_team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("care_team_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["care_team_id"],
            ["care_team.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_care_team_member_care_team_id"), "care_team_member", ["care_team_id"], unique=False)
    op.create_index(
        "one_open_place_on_team",
        "care_team_member",
        ["account_id", "care_team_id"],
        unique=True,
        postgresql_where=sa.text("until_at is null"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role in ('clinician', 'care_home_staff', 'commissioner', 'administrator')", name="role_known"
        ),
        sa.CheckConstraint("expires_at > starts_at", name="expires_after_start"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_membership_organisation_id"), "membership", ["organisation_id"], unique=False)
    op.create_index(
        "one_open_membership_per_role",
        "membership",
        ["account_id", "organisation_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nhs_number", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("nhs_number ~ '^[0-9]{10}$'", name="nhs_number_shape"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id"),
        sa.UniqueConstraint("nhs_number"),
    )
    op.create_index(op.f("ix_patient_practice_id"), "patient", ["practice_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_table(
        "care_team_patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("care_team_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["care_team_id"],
            ["care_team.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_care_team_patient_care_team_id"), "care_team_patient", ["care_team_id"], unique=False)
    op.create_index(
        "one_open_entry_on_list",
        "care_team_patient",
        ["patient_id", "care_team_id"],
        unique=True,
        postgresql_where=sa.text("until_at is null"),
    )
    op.create_table(
        "live_ticket",
        sa.Column("ticket_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_hash"),
    )
    op.create_index(op.f("ix_live_ticket_session_id"), "live_ticket", ["session_id"], unique=False)
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_refresh_token_session_id"), "refresh_token", ["session_id"], unique=False)
    op.create_table(
        "residence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("care_home_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name="ends_after_it_starts"),
        sa.ForeignKeyConstraint(
            ["care_home_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_residence_patient_id"), "residence", ["patient_id"], unique=False)
    op.create_index(
        "one_open_residence", "residence", ["patient_id"], unique=True, postgresql_where=sa.text("until_on is null")
    )
    op.create_index("residents_of_home", "residence", ["care_home_id", "until_on"], unique=False)


def downgrade() -> None:
    op.drop_index("residents_of_home", table_name="residence")
    op.drop_index("one_open_residence", table_name="residence", postgresql_where=sa.text("until_on is null"))
    op.drop_index(op.f("ix_residence_patient_id"), table_name="residence")
    op.drop_table("residence")
    op.drop_index(op.f("ix_refresh_token_session_id"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_index(op.f("ix_live_ticket_session_id"), table_name="live_ticket")
    op.drop_table("live_ticket")
    op.drop_index(
        "one_open_entry_on_list", table_name="care_team_patient", postgresql_where=sa.text("until_at is null")
    )
    op.drop_index(op.f("ix_care_team_patient_care_team_id"), table_name="care_team_patient")
    op.drop_table("care_team_patient")
    op.drop_index(op.f("ix_session_account_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_patient_practice_id"), table_name="patient")
    op.drop_table("patient")
    op.drop_index("one_open_membership_per_role", table_name="membership", postgresql_where=sa.text("ended_at is null"))
    op.drop_index(op.f("ix_membership_organisation_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index("one_open_place_on_team", table_name="care_team_member", postgresql_where=sa.text("until_at is null"))
    op.drop_index(op.f("ix_care_team_member_care_team_id"), table_name="care_team_member")
    op.drop_table("care_team_member")
    op.drop_index(op.f("ix_care_team_organisation_id"), table_name="care_team")
    op.drop_table("care_team")
    op.drop_index(op.f("ix_account_organisation_id"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_organisation_parent_id"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_table("event_relay")
    op.drop_index("event_outbox_in_commit_order", table_name="event_outbox")
    op.drop_table("event_outbox")
    op.drop_index("event_feed_of_access", table_name="event_feed")
    op.drop_index("event_feed_of_patient", table_name="event_feed")
    op.drop_table("event_feed")
    op.drop_index("audit_of_patient", table_name="audit_event")
    op.drop_index("audit_by_account", table_name="audit_event")
    op.drop_table("audit_event")
