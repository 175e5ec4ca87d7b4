"""Delegates, consents, break-glass and the alerts that it raises.

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
ROLES = "'clinician', 'care_home_staff', 'commissioner', 'administrator'"
PARTIES = "'patient', 'clinician', 'care_home_staff'"
# (table, column, constraint) in which the party stands that somebody acted as.
ACTED_AS = (
    ("goal", "proposed_as", "goal_party_known"),
    ("goal_step", "taken_as", "goal_step_party_known"),
    ("action_plan", "published_as", "action_plan_party_known"),
    ("action_plan_end", "ended_as", "action_plan_end_party_known"),
    ("action_completion", "recorded_as", "action_completion_party_known"),
)


def upgrade() -> None:
    op.drop_constraint("role_known", "membership", type_="check")
    op.create_check_constraint("role_known", "membership", f"role in ({ROLES}, 'privacy_officer')")
    for table, column, name in ACTED_AS:
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"{column} in ({PARTIES}, 'delegate')")
    op.create_index("places_of_account", "care_team_member", ["account_id", "care_team_id"])
    op.create_index("entries_of_patient", "care_team_patient", ["patient_id", "care_team_id"])
    _delegations()
    _consents()
    _break_glass()
    _alerts()


def _delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_expires_at", INSTANT, nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("text_version", sa.Integer(), nullable=True),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_as", sa.Text(), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        *_what_a_delegation_must_say(),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("delegations_of_patient", "delegation", ["patient_id", "id"])
    op.create_index("delegations_of_account", "delegation", ["account_id", "patient_id"])
    op.create_index(
        "one_open_delegation",
        "delegation",
        ["account_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null and account_id is not null"),
    )


def _what_a_delegation_must_say() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint("(account_id is null) = (accepted_at is null)", name="accepted_by_an_account"),
        sa.CheckConstraint(
            "scopes <@ array['read', 'record', 'message', 'decide'] and cardinality(scopes) > 0", name="scopes_known"
        ),
        sa.CheckConstraint(
            "ground in ('consent', 'parental_responsibility', 'lasting_power_of_attorney', 'court_deputy',"
            " 'best_interests')",
            name="ground_known",
        ),
        sa.CheckConstraint(
            "not 'decide' = any(scopes) or ground not in ('consent', 'best_interests')", name="who_decides_by_law"
        ),
        sa.CheckConstraint(
            "case ground when 'consent' then text_version is not null"
            " else evidence is not null and review_on is not null and until_at is not null end",
            name="ground_is_shown",
        ),
        sa.CheckConstraint("until_at > from_at", name="until_after_from"),
    ]


def _consents() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("provision", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_as", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "purpose in ('care_sharing', 'delegate', 'research', 'national_data_opt_out')", name="purpose_known"
        ),
        sa.CheckConstraint("provision in ('permit', 'deny')", name="provision_known"),
        sa.CheckConstraint("ended_at >= decided_at", name="ends_after_it_was_decided"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consents_of_patient", "consent", ["patient_id", "id"])
    op.create_index(
        "one_decision_in_force",
        "consent",
        ["patient_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        "denied_purposes",
        "consent",
        ["patient_id", "purpose"],
        postgresql_where=sa.text("provision = 'deny'"),
    )


def _break_glass() -> None:
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "reason_code in ('emergency', 'safeguarding', 'urgent_care', 'patient_asked')", name="reason_code_known"
        ),
        sa.CheckConstraint("char_length(reason) >= 10", name="reason_says_something"),
        sa.CheckConstraint(
            "until_at > opened_at and until_at <= opened_at + interval '4 hours'", name="four_hours_at_most"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("break_glass_of_account", "break_glass", ["account_id", "patient_id", "until_at"])
    op.create_index(op.f("ix_break_glass_patient_id"), "break_glass", ["patient_id"])


def _alerts() -> None:
    op.create_table(
        "break_glass_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("wrong_attempts_of_account", "break_glass_attempt", ["account_id", "at"])
    op.create_table(
        "privacy_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("break_glass_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state in ('open', 'upheld', 'reviewed', 'escalated')", name="state_known"),
        sa.CheckConstraint(
            "state = 'open' or (note is not null and reviewed_at is not null and reviewed_by is not null)",
            name="review_is_signed",
        ),
        sa.ForeignKeyConstraint(["break_glass_id"], ["break_glass.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["practice_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("break_glass_id"),
    )
    op.create_index(op.f("ix_privacy_alert_practice_id"), "privacy_alert", ["practice_id"])
    op.create_index(op.f("ix_privacy_alert_organisation_id"), "privacy_alert", ["organisation_id"])


def downgrade() -> None:
    for table in ("privacy_alert", "break_glass_attempt", "break_glass", "consent", "delegation"):
        op.drop_table(table)
    op.drop_index("entries_of_patient", table_name="care_team_patient")
    op.drop_index("places_of_account", table_name="care_team_member")
    for table, column, name in ACTED_AS:
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"{column} in ({PARTIES})")
    op.drop_constraint("role_known", "membership", type_="check")
    op.create_check_constraint("role_known", "membership", f"role in ({ROLES})")
