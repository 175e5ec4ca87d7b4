"""A wish for a link to a new password ends with everything that an account has open: it is kept when that last was.

Revision: 0037
After: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of before, it is not known. A wish waits for seconds, an hour at the most.
    op.add_column("account", sa.Column("all_ended_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "all_ended_at")
