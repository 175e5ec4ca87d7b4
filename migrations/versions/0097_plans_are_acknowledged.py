"""What was said of a version of a plan: that it was understood, or that there is a question.

Revision: 0097
After: 0096
"""

import sqlalchemy as sa
from alembic import op

from migrations.records import guard_record

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None

_INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "plan_acknowledgement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("action_plan.id"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("recorded_as", sa.Text(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.CheckConstraint("answer in ('understood', 'question')", name="plan_acknowledgement_answer_known"),
        sa.CheckConstraint("recorded_as in ('patient', 'delegate')", name="plan_acknowledgement_party_known"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="plan_acknowledgement_client_id_length"),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="plan_acknowledgement_note_length"),
    )
    op.create_index("plan_acknowledgement_once", "plan_acknowledgement", ["plan_id", "client_id"], unique=True)
    op.create_index("plan_acknowledgement_of_patient", "plan_acknowledgement", ["patient_id"])
    guard_record("plan_acknowledgement")


def downgrade() -> None:
    op.drop_table("plan_acknowledgement")
