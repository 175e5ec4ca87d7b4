"""A node may see which rows of the audit trail were sealed last: what came after them is surely not sealed.

So it tells how late the sealing is without a look at the whole trail, which it had to take after a restore.

Revision: 0080
After: 0079
"""

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

FEED = "tendwell_feed"


def upgrade() -> None:
    op.execute(f"grant select (first_position) on audit_stretch to {FEED}")


def downgrade() -> None:
    op.execute(f"revoke select (first_position) on audit_stretch from {FEED}")
