"""Of what an account did, only what concerns nobody's record is looked up by account: the index is of that alone.

It was 41 bytes of each deed, and one more index to write to with each of the 200 rows that a look at a board leaves.

Revision: 0067
After: 0066
"""

from alembic import op
from sqlalchemy import text

from migrations.online import index_concurrently

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

NOT_ONLINE = {
    "index": "of the whole alone, which holds no rows: each month's own index is made concurrently, and taken in"
}
_PARTS = text(
    "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
    " where i.inhparent = 'audit_event'::regclass order by 1"
)
_WHICH = "(account_id, at) where patient_id is null"


def upgrade() -> None:
    parts = list(op.get_bind().execute(_PARTS).scalars())
    for part in parts:
        index_concurrently(f"{part}_of_account", f"on {part} {_WHICH}")
    op.execute(f"create index audit_of_account on only audit_event {_WHICH}")
    for part in parts:
        op.execute(f"alter index audit_of_account attach partition {part}_of_account")
    op.execute("drop index audit_by_account")


def downgrade() -> None:
    op.execute("create index audit_by_account on audit_event (account_id, at)")
    op.execute("drop index audit_of_account")
