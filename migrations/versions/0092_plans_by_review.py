"""Plans are found by the day of their review.

Revision: 0092
After: 0091
"""

from alembic import op

from migrations.online import index_concurrently

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently("action_plan_by_review", "on action_plan (review_on, id)")


def downgrade() -> None:
    op.drop_index("action_plan_by_review")
