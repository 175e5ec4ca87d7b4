"""What ends soon is told to three kinds of people, and each letter has a mark of its own: the delegate's is new.

Revision: 0023
After: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WORKER = "tendwell_worker"
INDEX, OPEN_BY_LAW = "delegations_to_remind_of", "ground <> 'consent' and ended_at is null"


def upgrade() -> None:
    op.add_column("delegation", sa.Column("delegate_told_at", sa.TIMESTAMP(timezone=True)))
    op.execute(
        "update delegation set delegate_told_at = least(reminded_at, unattended_at)"
        " where reminded_at is not null or unattended_at is not null"
    )
    op.execute(f"grant select (delegate_told_at), update (delegate_told_at) on delegation to {WORKER}")
    op.drop_index(INDEX, "delegation")
    op.create_index(INDEX, "delegation", ["until_at", "id"], postgresql_where=sa.text(OPEN_BY_LAW))


def downgrade() -> None:
    op.drop_index(INDEX, "delegation")
    op.create_index(
        INDEX, "delegation", ["until_at", "id"], postgresql_where=sa.text(f"{OPEN_BY_LAW} and reminded_at is null")
    )
    op.drop_column("delegation", "delegate_told_at")
