"""Whoever brought a notice is asked whether it arrived, where they can tell. (Looked at in every row by the next step.)

Revision: 0108
After: 0106
"""

import sqlalchemy as sa
from alembic import op

from migrations.online import index_concurrently

revision = "0108"
down_revision = "0106"
branch_labels = None
depends_on = None

STATES = "notice_delivery_state_known"
_BEFORE = "('waiting', 'accepted', 'failed', 'dropped')"
_NOW = "('waiting', 'accepted', 'delivered', 'failed', 'dropped')"


def upgrade() -> None:
    op.add_column("notice_delivery", sa.Column("ask_at", sa.TIMESTAMP(timezone=True)))
    op.execute(f"alter table notice_delivery drop constraint {STATES}")
    op.execute(f"alter table notice_delivery add constraint {STATES} check (state in {_NOW}) not valid")
    op.execute(
        "alter table notice_delivery add constraint notice_delivery_asked_of_what_was_taken"
        " check (ask_at is null or (state = 'accepted' and reference is not null)) not valid"
    )
    index_concurrently("notice_deliveries_to_ask_about", "on notice_delivery (ask_at, id) where ask_at is not null")


def downgrade() -> None:
    op.drop_index("notice_deliveries_to_ask_about")
    op.execute("alter table notice_delivery drop constraint notice_delivery_asked_of_what_was_taken")
    op.execute(f"alter table notice_delivery drop constraint {STATES}")
    # What arrived was taken before.
    op.execute("update notice_delivery set state = 'accepted' where state = 'delivered'")
    op.execute(f"alter table notice_delivery add constraint {STATES} check (state in {_BEFORE})")
    op.drop_column("notice_delivery", "ask_at")
