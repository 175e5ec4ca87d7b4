"""Why and in what role; the sealed chain and its checkpoints.

Revision: 0011
After: 0010
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
