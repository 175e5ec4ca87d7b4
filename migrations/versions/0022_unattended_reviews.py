"""A practice without a clinician: who administers it is told, once, of a delegation that nobody there can look at again.

Revision: 0022
After: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORKER = "tendwell_worker"


def upgrade() -> None:
    op.add_column("delegation", sa.Column("unattended_at", sa.TIMESTAMP(timezone=True)))
    op.execute(f"grant select (unattended_at), update (unattended_at) on delegation to {WORKER}")


def downgrade() -> None:
    op.drop_column("delegation", "unattended_at")
