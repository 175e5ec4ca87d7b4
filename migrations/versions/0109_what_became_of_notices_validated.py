"""What may have become of a notice is looked at in every delivery of the last 30 days, while others are written.

Revision: 0109
After: 0108
"""

from alembic import op

revision = "0109"
down_revision = "0108"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "slow": "Every delivery of the last 30 days is read once, a second for some millions; nobody waits for it meanwhile.",
}


def upgrade() -> None:
    for name in ("notice_delivery_state_known", "notice_delivery_asked_of_what_was_taken"):
        op.execute(f"alter table notice_delivery validate constraint {name}")


def downgrade() -> None:
    """Nothing to take back."""
