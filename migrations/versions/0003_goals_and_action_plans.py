"""Goals with their steps, action plans with their actions, and completions.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LIFECYCLES = "('proposed', 'accepted', 'active', 'on-hold', 'completed', 'cancelled', 'rejected', 'entered-in-error')"
ACHIEVEMENTS = (
    "('in-progress', 'improving', 'worsening', 'no-change', 'achieved', 'sustaining', 'not-achieved', 'not-attainable')"
)
PARTIES = "('patient', 'clinician', 'care_home_staff')"


def upgrade() -> None:
    op.create_table(
        "goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("target_sign", sa.Text(), nullable=True),
        sa.Column("target_part", sa.Text(), nullable=True),
        sa.Column("target_comparator", sa.Text(), nullable=True),
        sa.Column("target_value", sa.Numeric(), nullable=True),
        sa.Column("target_unit", sa.Text(), nullable=True),
        sa.Column("target_due_on", sa.Date(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_as", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifecycle_status", sa.Text(), nullable=False),
        sa.Column("achievement_status", sa.Text(), nullable=True),
        sa.Column("status_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"achievement_status in {ACHIEVEMENTS}",
            name="goal_achievement_known",
        ),
        sa.CheckConstraint(
            f"lifecycle_status in {LIFECYCLES}",
            name="goal_lifecycle_known",
        ),
        sa.CheckConstraint(f"proposed_as in {PARTIES}", name="goal_party_known"),
        sa.CheckConstraint("target_comparator in ('<', '<=', '>', '>=')", name="goal_comparator_known"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="goal_client_id_length"),
        sa.CheckConstraint("char_length(description) between 1 and 500", name="goal_description_length"),
        sa.CheckConstraint("char_length(why) between 1 and 500", name="goal_why_length"),
        sa.CheckConstraint(
            "num_nulls(target_sign, target_comparator, target_value, target_unit, target_due_on) in (0, 5)"
            " and (target_part is null or target_sign is not null)",
            name="goal_target_whole",
        ),
        sa.CheckConstraint("target_due_on >= start_on", name="goal_due_after_start"),
        sa.CheckConstraint("target_value between -1000000 and 1000000", name="goal_target_value_finite"),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("goal_by_client_id", "goal", ["patient_id", "client_id"], unique=True)
    op.create_index("goal_of_patient", "goal", ["patient_id", "id"], unique=False)
    op.create_table(
        "goal_step",
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_as", sa.Text(), nullable=False),
        sa.Column("from_lifecycle", sa.Text(), nullable=True),
        sa.Column("to_lifecycle", sa.Text(), nullable=False),
        sa.Column("from_achievement", sa.Text(), nullable=True),
        sa.Column("to_achievement", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            f"from_achievement in {ACHIEVEMENTS}",
            name="goal_step_from_achievement_known",
        ),
        sa.CheckConstraint(
            f"from_lifecycle in {LIFECYCLES}",
            name="goal_step_from_known",
        ),
        sa.CheckConstraint(f"taken_as in {PARTIES}", name="goal_step_party_known"),
        sa.CheckConstraint(
            f"to_achievement in {ACHIEVEMENTS}",
            name="goal_step_to_achievement_known",
        ),
        sa.CheckConstraint(
            f"to_lifecycle in {LIFECYCLES}",
            name="goal_step_to_known",
        ),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="goal_step_note_length"),
        sa.CheckConstraint("number >= 1 and (number = 1) = (from_lifecycle is null)", name="goal_step_number"),
        sa.ForeignKeyConstraint(
            ["goal_id"],
            ["goal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("goal_id", "number"),
    )
    op.create_table(
        "action_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_as", sa.Text(), nullable=False),
        sa.Column("published_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(f"published_as in {PARTIES}", name="action_plan_party_known"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="action_plan_client_id_length"),
        sa.CheckConstraint("char_length(title) between 1 and 200", name="action_plan_title_length"),
        sa.CheckConstraint("review_on >= agreed_on", name="action_plan_review_after_agreement"),
        sa.CheckConstraint("version >= 1 and (version = 1) = (supersedes_id is null)", name="action_plan_version"),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["action_plan.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("action_plan_by_client_id", "action_plan", ["patient_id", "client_id"], unique=True)
    op.create_index("action_plan_of_patient", "action_plan", ["patient_id", "id"], unique=False)
    op.create_index("action_plan_superseded_once", "action_plan", ["supersedes_id"], unique=True)
    op.create_table(
        "action_plan_end",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("ended_as", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"ended_as in {PARTIES}", name="action_plan_end_party_known"),
        sa.CheckConstraint("char_length(reason) between 1 and 1000", name="action_plan_end_reason_length"),
        sa.ForeignKeyConstraint(
            ["ended_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["action_plan.id"],
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["action_plan.id"],
        ),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_table(
        "action_plan_goal",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"],
            ["goal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["action_plan.id"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "goal_id"),
    )
    op.create_index(op.f("ix_action_plan_goal_goal_id"), "action_plan_goal", ["goal_id"], unique=False)
    op.create_table(
        "action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("rrule", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("times", postgresql.ARRAY(sa.Time()), nullable=False),
        sa.CheckConstraint("cardinality(times) <= 24", name="action_times_number"),
        sa.CheckConstraint("char_length(instructions) between 1 and 4000", name="action_instructions_length"),
        sa.CheckConstraint("char_length(title) between 1 and 200", name="action_title_length"),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["action_plan.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("action_of_plan", "action", ["plan_id", "place"], unique=True)
    op.create_table(
        "action_completion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_offset_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("skipped", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_as", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(f"recorded_as in {PARTIES}", name="action_completion_party_known"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="action_completion_client_id_length"),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="action_completion_note_length"),
        sa.CheckConstraint("char_length(skipped) between 1 and 1000", name="action_completion_skipped_length"),
        sa.CheckConstraint("done_offset_minutes between -840 and 840", name="action_completion_offset_in_use"),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["action.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("action_completion_by_client_id", "action_completion", ["action_id", "client_id"], unique=True)
    op.create_index("action_completion_by_time", "action_completion", ["action_id", "done_at"], unique=False)


def downgrade() -> None:
    for table in (
        "action_completion",
        "action",
        "action_plan_goal",
        "action_plan_end",
        "action_plan",
        "goal_step",
        "goal",
    ):
        op.drop_table(table)
