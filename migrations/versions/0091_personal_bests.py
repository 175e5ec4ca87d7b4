"""A person's best peak flow, as somebody said it is: who, when and why, and what was entered in error.

Revision: 0091
After: 0090
"""

import sqlalchemy as sa
from alembic import op

from migrations.records import guard_record

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "personal_best",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.Column("stated_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("stated_as", sa.Text(), nullable=False),
        sa.Column("retracted_at", INSTANT),
        sa.Column("retracted_by", sa.Uuid(), sa.ForeignKey("account.id")),
        sa.Column("retraction_reason", sa.Text()),
        sa.CheckConstraint("number between 1 and 100", name="personal_best_number"),
        sa.CheckConstraint("value between 20 and 1000", name="personal_best_value_possible"),
        sa.CheckConstraint("stated_as in ('self', 'care_team', 'practice')", name="personal_best_basis_known"),
        sa.CheckConstraint("char_length(reason) between 1 and 500", name="personal_best_reason_length"),
        sa.CheckConstraint("char_length(retraction_reason) between 1 and 500", name="personal_best_retraction_length"),
        sa.CheckConstraint(
            "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)", name="personal_best_retraction_whole"
        ),
    )
    op.create_index("personal_best_of_patient", "personal_best", ["patient_id", "number"], unique=True)
    guard_record("personal_best", may="select, insert, update (retracted_at, retracted_by, retraction_reason)")


def downgrade() -> None:
    op.drop_table("personal_best")
