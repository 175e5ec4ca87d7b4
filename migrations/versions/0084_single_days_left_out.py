"""Single days on which an action is not due stand beside its rule, as iCalendar's EXDATE does.

Revision: 0084
After: 0083
"""

from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table action add column except_on date[] not null default '{}'")


def downgrade() -> None:
    op.execute("alter table action drop column except_on")
