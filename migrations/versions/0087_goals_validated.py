"""What goals may say is looked at in every goal and step, while others are written: some thousands a second.

Revision: 0087
After: 0086
"""

from typing import Any

from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "slow": "Every goal and step of a goal is read once, a second for some millions; nobody waits for it meanwhile.",
}


def upgrade() -> None:
    script: Any = op.get_context().script
    counted, scaled = (script.get_revision(revision).module for revision in ("0085", "0086"))
    for table, name in [*counted.CHANGED, counted.COUNTED, scaled.WHOLE]:
        op.execute(f"alter table {table} validate constraint {name}")


def downgrade() -> None:
    """Nothing to take back."""
