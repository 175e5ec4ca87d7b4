"""An account that is closed leaves nothing behind: what row security lets the closing transaction reach.

Revision: 0015
After: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Closing an account is done by a clinician of the holder's practice, who sees neither whom else the holder acted for
# nor the copies that they asked for. `linking` alone reaches those, and only of an account that is closed already.
_OF_CLOSED = "exists (select from account a where a.id = {table}.account_id and a.password_hash = '!')"
TABLES = ("delegation", "own_export")


def upgrade() -> None:
    for table in TABLES:
        rows = _OF_CLOSED.format(table=table)
        op.execute(
            f"create policy of_closed_accounts on {table} to tendwell_linking using ({rows}) with check ({rows})"
        )
    op.execute("grant delete on remembered_reply to tendwell_identity")


def downgrade() -> None:
    op.execute("revoke delete on remembered_reply from tendwell_identity")
    for table in TABLES:
        op.execute(f"drop policy of_closed_accounts on {table}")
