"""Of what an account did, only what concerns nobody's record is looked up by account: the index is of that alone.

It was 41 bytes of each deed, and one more index to write to with each of the 200 rows that a look at a board leaves.

Revision: 0067
After: 0066
"""

from alembic import op

from migrations.online import index_of_parts_concurrently

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

NOT_ONLINE = {
    "index": "of the whole alone, which holds no rows: each month's own index is made concurrently, and taken in"
}


def upgrade() -> None:
    index_of_parts_concurrently(
        "audit_event", "audit_of_account", "of_account", "(account_id, at) where patient_id is null"
    )
    op.execute("drop index audit_by_account")


def downgrade() -> None:
    op.execute("create index audit_by_account on audit_event (account_id, at)")
    op.execute("drop index audit_of_account")
