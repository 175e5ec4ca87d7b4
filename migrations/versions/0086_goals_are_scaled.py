"""Goals may have a scale (Goal Attainment Scaling), and are rated on it.

Revision: 0086
After: 0085
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.records import guard_part

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

PARTIES = "('patient', 'clinician', 'care_home_staff', 'delegate')"
SCALE: dict[str, Any] = {
    "scale_levels": ARRAY(sa.Text()),
    "scale_importance": sa.SmallInteger(),
    "scale_difficulty": sa.SmallInteger(),
    "scale_baseline": sa.SmallInteger(),
}
WHOLE = ("goal", "goal_scale_whole")
_IS_WHOLE = """num_nulls(scale_levels, scale_importance, scale_difficulty, scale_baseline, scale_version) in (0, 5)
    and cardinality(scale_levels) = 5 and scale_importance between 0 and 3 and scale_difficulty between 0 and 3
    and scale_baseline between -2 and 0"""


def upgrade() -> None:
    for table in ("goal", "goal_former"):
        for name, kind in SCALE.items():
            op.add_column(table, sa.Column(name, kind))
    op.add_column("goal", sa.Column("scale_version", sa.Integer()))
    op.execute(f"alter table goal add constraint goal_scale_whole check ({_IS_WHOLE}) not valid")
    op.create_table(
        "goal_rating",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("goal_id", sa.Uuid(), sa.ForeignKey("goal.id"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scale_version", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("rated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("rated_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("rated_as", sa.Text(), nullable=False),
        sa.CheckConstraint("level between -2 and 2", name="goal_rating_level_known"),
        sa.CheckConstraint(f"rated_as in {PARTIES}", name="goal_rating_party_known"),
        sa.CheckConstraint("char_length(note) between 1 and 1000", name="goal_rating_note_length"),
        sa.CheckConstraint("char_length(client_id) between 1 and 64", name="goal_rating_client_id_length"),
    )
    op.create_index("goal_rating_of_goal", "goal_rating", ["goal_id", "id"])
    op.create_index("goal_rating_by_client_id", "goal_rating", ["goal_id", "client_id"], unique=True)
    guard_part("goal_rating", "goal_id", "goal")


def downgrade() -> None:
    op.drop_table("goal_rating")
    op.drop_constraint("goal_scale_whole", "goal", type_="check")
    op.drop_column("goal", "scale_version")
    for table in ("goal", "goal_former"):
        for name in SCALE:
            op.drop_column(table, name)
