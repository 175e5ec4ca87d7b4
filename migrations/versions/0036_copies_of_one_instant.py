"""A copy of one's own record tells of one instant, which is noted; a worker that takes one over begins it anew.

Revision: 0036
After: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("own_export", sa.Column("taken_at", INSTANT, nullable=True))
    # What waits to be fetched was gathered from then on, and says so.
    op.execute("update own_export set taken_at = asked_at where state in ('ready', 'handed_over', 'expired')")
    op.drop_column("own_export", "after")


def downgrade() -> None:
    op.add_column("own_export", sa.Column("after", sa.Text(), nullable=True))
    # Where within a section a worker was is known to nobody any more: it begins anew.
    op.execute("delete from own_export_part where export_id in (select id from own_export where state = 'working')")
    op.execute("update own_export set section = 0, parts = 0 where state = 'working'")
    op.drop_column("own_export", "taken_at")
