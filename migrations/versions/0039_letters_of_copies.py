"""A copy of one's own record knows the letter that tells of it, which is not sent any more once the copy is gone.

Revision: 0039
After: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No foreign key: an empty letter goes after a month, and the row of the copy stays as long as the record.
    op.add_column("own_export", sa.Column("letter_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("own_export", "letter_id")
