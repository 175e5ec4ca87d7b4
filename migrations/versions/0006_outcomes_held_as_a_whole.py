"""What was shown of a pathway is kept a measure, as a whole. What was kept before is forgotten: a month begins anew.

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("outcome_release")
    op.create_table(
        "outcome_release",
        sa.Column("pathway_id", sa.Uuid(), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.Column("cohort_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["pathway_id"], ["pathway.id"]),
        sa.PrimaryKeyConstraint("pathway_id", "cut_off", "measure"),
    )


def downgrade() -> None:
    op.drop_table("outcome_release")
    op.create_table(
        "outcome_release",
        sa.Column("pathway_id", sa.Uuid(), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("cohort_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["pathway_id"], ["pathway.id"]),
        sa.PrimaryKeyConstraint("pathway_id", "cut_off"),
    )
