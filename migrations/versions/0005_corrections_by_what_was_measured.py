"""Corrections by what was measured: first versions have had such an index from the beginning.

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "observation_corrections",
        "observation",
        ["patient_id", "sign", sa.literal_column("effective_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("supersedes_id is not null"),
    )


def downgrade() -> None:
    op.drop_index(
        "observation_corrections", table_name="observation", postgresql_where=sa.text("supersedes_id is not null")
    )
