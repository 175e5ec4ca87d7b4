"""A version of a plan may have zones: when each is entered, what to do then, whom to turn to; and what it was made from.

Revision: 0096
After: 0095
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.records import guard_part

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_plan_zone",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("action_plan.id"), primary_key=True),
        sa.Column("colour", sa.Text(), primary_key=True),
        sa.Column("any_of", JSONB(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text()),
        sa.Column("contact_phone", sa.Text()),
        sa.Column("contact_hours", sa.Text()),
        sa.CheckConstraint("colour in ('green', 'amber', 'red')", name="action_plan_zone_colour_known"),
        sa.CheckConstraint("char_length(instructions) between 1 and 4000", name="action_plan_zone_instructions_length"),
        sa.CheckConstraint(
            "contact_name is not null or num_nonnulls(contact_phone, contact_hours) = 0",
            name="action_plan_zone_contact_named",
        ),
    )
    guard_part("action_plan_zone", "plan_id", "action_plan")
    op.add_column("action_plan", sa.Column("template", sa.Text()))


def downgrade() -> None:
    op.drop_column("action_plan", "template")
    op.drop_table("action_plan_zone")
