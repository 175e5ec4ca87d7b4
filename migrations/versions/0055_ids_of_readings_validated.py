"""That the ids of readings follow from their senders' is looked at in every row, while others are written.

Revision: 0055
After: 0054
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "slow": "Every reading is looked at, while others are written, for as long as reading the table once takes;"
    " it has a transaction's number all that time, so the live feed stands still and screens say that they are stale."
    " Apply it when few people watch.",
}


def upgrade() -> None:
    op.execute("alter table observation validate constraint observation_id_follows")


def downgrade() -> None:
    """Nothing to take back."""
