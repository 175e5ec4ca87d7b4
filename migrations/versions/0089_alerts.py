"""Alerts: that somebody should look at a person, what that rests on, and each step until it is resolved.

Revision: 0089
After: 0088
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
_INSTANT = TIMESTAMP(timezone=True)
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_STEPS = "('raised', 'evidence_added', 'evidence_withdrawn', 'acknowledged', 'resolved')"
_WHOSE = "patient_id in (select unnest({whose}_patients()))"
# Somebody who may add and not read adds to the alert that is open.
_READ = f"{_WHOSE.format(whose='readable')} or patient_id = (select patient_added_to())"
_WRITTEN = _WHOSE.format(whose="writable")
_OPEN = sa.text("state <> 'resolved'")


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.CheckConstraint("char_length(rule) between 1 and 64", name="alert_rule_length"),
        sa.CheckConstraint("rule_version >= 1", name="alert_rule_version"),
        sa.CheckConstraint("level in ('red')", name="alert_level_known"),
        sa.CheckConstraint("state in ('raised', 'acknowledged', 'resolved')", name="alert_state_known"),
    )
    op.create_index("alert_of_patient", "alert", ["patient_id", "id"])
    op.create_index("alert_open_once", "alert", ["patient_id", "rule"], unique=True, postgresql_where=_OPEN)
    op.create_index("alert_open", "alert", ["raised_at", "id"], postgresql_where=_OPEN)
    op.create_table(
        "alert_evidence",
        sa.Column("alert_id", UUID, sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("subject_id", UUID, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT),
        sa.CheckConstraint("kind in ('questionnaire_response')", name="alert_evidence_kind_known"),
    )
    op.create_index("alert_evidence_of_patient", "alert_evidence", ["patient_id", "subject_id"])
    op.create_table(
        "alert_step",
        sa.Column("alert_id", UUID, sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("taken_by", UUID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("taken_as", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint("number >= 1", name="alert_step_number"),
        sa.CheckConstraint(f"step in {_STEPS}", name="alert_step_known"),
        sa.CheckConstraint(f"taken_as in {_BASES}", name="alert_step_basis_known"),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="alert_step_note_length"),
        sa.CheckConstraint("(step = 'resolved') = (outcome is not null)", name="alert_step_outcome"),
    )
    _secure("alert", "select, insert, update (state, since, version)")
    _secure("alert_evidence", "select, insert, update (withdrawn_at)")
    _secure("alert_step", "select, insert")


def _secure(table: str, rights: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"grant {rights} on {table} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {table} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    restricted = f"on {table} as restrictive"
    op.execute(f"create policy read_scope {restricted} for select to {RUNTIME} using ({_READ})")
    op.execute(f"create policy added_scope {restricted} for insert to {RUNTIME} with check ({_WRITTEN})")
    op.execute(
        f"create policy changed_scope {restricted} for update to {RUNTIME} using ({_WRITTEN}) with check ({_WRITTEN})"
    )


def downgrade() -> None:
    op.drop_table("alert_step")
    op.drop_table("alert_evidence")
    op.drop_table("alert")
