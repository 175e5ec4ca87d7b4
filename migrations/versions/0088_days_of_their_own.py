"""The time zone in which a patient's days are reckoned, pauses of plans, and completions taken back.

Revision: 0088
After: 0087
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
_INSTANT = TIMESTAMP(timezone=True)
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_PARTIES = "('patient', 'clinician', 'care_home_staff', 'delegate')"
_WHOSE = "patient_id in (select unnest({whose}_patients()))"
# Somebody who may add and not read is held to the person's days, and meets what is there of their own.
_READ = f"{_WHOSE.format(whose='readable')} or patient_id = (select patient_added_to())"
_WRITTEN = _WHOSE.format(whose="writable")
TABLES = ("plan_pause", "completion_retraction", "time_zone_choice")


def upgrade() -> None:
    op.create_table(
        "time_zone_choice",
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("set_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("set_as", sa.Text, nullable=False),
        sa.Column("set_at", _INSTANT, nullable=False),
        sa.CheckConstraint("version > 1", name="time_zone_choice_version"),
        sa.CheckConstraint("char_length(time_zone) between 1 and 64", name="time_zone_choice_name_length"),
        sa.CheckConstraint(f"set_as in {_BASES}", name="time_zone_choice_basis_known"),
    )
    op.create_table(
        "completion_retraction",
        sa.Column("completion_id", UUID, sa.ForeignKey("action_completion.id"), primary_key=True),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("retracted_at", _INSTANT, nullable=False),
        sa.Column("retracted_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("char_length(reason) between 1 and 1000", name="completion_retraction_reason_length"),
    )
    op.create_index("completion_retraction_of_patient", "completion_retraction", ["patient_id"])
    _make_pauses()
    for table in TABLES:
        _secure(table)


def _make_pauses() -> None:
    op.create_table(
        "plan_pause",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("plan_id", UUID, sa.ForeignKey("action_plan.id")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date),
        sa.Column("made_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("made_as", sa.Text, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("due_again_on", sa.Date),
        sa.Column("ended_by", UUID, sa.ForeignKey("account.id")),
        sa.Column("ended_as", sa.Text),
        sa.Column("ended_at", _INSTANT),
        sa.CheckConstraint("kind in ('holiday', 'in_hospital', 'unwell', 'other')", name="plan_pause_kind_known"),
        sa.CheckConstraint("char_length(reason) between 1 and 1000", name="plan_pause_reason_length"),
        sa.CheckConstraint("until_on >= from_on", name="plan_pause_in_order"),
        sa.CheckConstraint("due_again_on >= from_on", name="plan_pause_ended_after_start"),
        sa.CheckConstraint(f"made_as in {_PARTIES}", name="plan_pause_party_known"),
        sa.CheckConstraint(f"ended_as in {_PARTIES}", name="plan_pause_ended_party_known"),
        sa.CheckConstraint(
            "num_nulls(due_again_on, ended_by, ended_as, ended_at) in (0, 4)", name="plan_pause_end_whole"
        ),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="plan_pause_client_id_length"),
    )
    op.create_index("plan_pause_of_patient", "plan_pause", ["patient_id", "id"])
    op.create_index("plan_pause_of_plan", "plan_pause", ["plan_id"])
    op.create_index("plan_pause_by_client_id", "plan_pause", ["patient_id", "client_id"], unique=True)


def _secure(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"grant select, insert on {table} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {table} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    restricted = f"on {table} as restrictive"
    op.execute(f"create policy read_scope {restricted} for select to {RUNTIME} using ({_READ})")
    op.execute(f"create policy added_scope {restricted} for insert to {RUNTIME} with check ({_WRITTEN})")
    op.execute(
        f"create policy changed_scope {restricted} for update to {RUNTIME} using ({_WRITTEN}) with check ({_WRITTEN})"
    )
    if table == "plan_pause":
        op.execute(f"grant update (due_again_on, ended_by, ended_as, ended_at) on {table} to {RUNTIME}")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
