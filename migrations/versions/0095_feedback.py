"""Anonymous feedback about organisations: written by anybody, read by who counts; tied to nobody.

Revision: 0095
After: 0094
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None

# Who writes signs in nowhere; who reads counts, and is let in by the organisation that they ask about.
IDENTITY, AGGREGATE = "tendwell_identity", "tendwell_aggregate"
_EXPERIENCES = "('very_good', 'good', 'neither', 'poor', 'very_poor', 'dont_know')"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("organisation_id", UUID, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("experience", sa.Text, nullable=False),
        sa.Column("comment", sa.Text),
        sa.CheckConstraint(f"experience in {_EXPERIENCES}", name="feedback_experience_known"),
        sa.CheckConstraint("char_length(comment) between 1 and 1000", name="feedback_comment_length"),
        sa.CheckConstraint("month = date_trunc('month', month)", name="feedback_month_alone"),
    )
    op.create_index("feedback_of_organisation", "feedback", ["organisation_id", "month"])
    op.execute("alter table feedback enable row level security")
    op.execute(f"grant insert on feedback to {IDENTITY}")
    op.execute(f"grant select on feedback to {AGGREGATE}")
    op.execute(f"create policy {IDENTITY} on feedback for insert to {IDENTITY} with check (true)")
    op.execute(f"create policy {AGGREGATE} on feedback for select to {AGGREGATE} using (true)")


def downgrade() -> None:
    op.drop_table("feedback")
