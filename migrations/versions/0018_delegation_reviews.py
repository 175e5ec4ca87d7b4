"""Who acts for somebody by law is to be looked at again: the worker reminds of it, once, before it ends.

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WORKER = "tendwell_worker"
# It reads when delegations end and whose they are, marks that it has reminded, and learns to whom letters go.
RIGHTS = {
    "delegation": (
        "select (id, patient_id, account_id, ground, offered_by, accepted_at, until_at, ended_at, reminded_at),"
        " update (reminded_at)"
    ),
    "membership": "select",
}


def upgrade() -> None:
    op.add_column("delegation", sa.Column("reminded_at", sa.TIMESTAMP(timezone=True)))
    op.create_index(
        "delegations_to_remind_of",
        "delegation",
        ["until_at", "id"],
        postgresql_where=sa.text("ground <> 'consent' and ended_at is null and reminded_at is null"),
    )
    for table, rights in RIGHTS.items():
        op.execute(f"grant {rights} on {table} to {WORKER}")
        op.execute(f"create policy {WORKER} on {table} to {WORKER} using (true) with check (true)")
    op.execute(f"grant select (email) on account to {WORKER}")
    op.execute(f"grant insert on letter to {WORKER}")


def downgrade() -> None:
    op.execute(f"revoke insert on letter from {WORKER}")
    op.execute(f"revoke select (email) on account from {WORKER}")
    for table in RIGHTS:
        op.execute(f"drop policy {WORKER} on {table}")
        op.execute(f"revoke all on {table} from {WORKER}")
    op.drop_index("delegations_to_remind_of", "delegation")
    op.drop_column("delegation", "reminded_at")
