"""Questions about plans are found, the oldest first, and what was answered to each.

Revision: 0101
After: 0100
"""

import sqlalchemy as sa
from alembic import op

from migrations.online import index_concurrently
from migrations.records import guard_record

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_question_answer",
        sa.Column("acknowledgement_id", sa.Uuid(), sa.ForeignKey("plan_acknowledgement.id"), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="plan_question_answer_note_length"),
    )
    op.create_index("plan_question_answer_of_patient", "plan_question_answer", ["patient_id"])
    guard_record("plan_question_answer")
    index_concurrently(
        "plan_acknowledgement_asked", "on plan_acknowledgement (recorded_at, id) where answer = 'question'"
    )


def downgrade() -> None:
    op.drop_index("plan_acknowledgement_asked")
    op.drop_table("plan_question_answer")
