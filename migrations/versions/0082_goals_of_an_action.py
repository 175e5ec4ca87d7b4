"""An action of a plan says which goals it serves, so that what was done of it counts for them.

Revision: 0082
After: 0081
"""

import sqlalchemy as sa
from alembic import op

from migrations.records import guard_part_of_part

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_goal",
        sa.Column("action_id", sa.Uuid(), sa.ForeignKey("action.id"), primary_key=True),
        sa.Column("goal_id", sa.Uuid(), sa.ForeignKey("goal.id"), primary_key=True),
    )
    op.create_index("action_goal_by_goal", "action_goal", ["goal_id"])
    guard_part_of_part("action_goal", "action_id", "action", "plan_id", "action_plan")


def downgrade() -> None:
    op.drop_table("action_goal")
