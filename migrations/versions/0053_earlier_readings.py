"""What was recorded so far is known by its sender's id through an index of its own, made while readings come in.

Revision: 0053
After: 0052
"""

from alembic import op

from migrations.online import unique_index_concurrently

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unique_index_concurrently(
        "observation_by_earlier_id",
        "on observation (patient_id, client_id) where get_byte(uuid_send(id), 6) >> 4 <> 8",
    )


def downgrade() -> None:
    op.execute("drop index observation_by_earlier_id")
