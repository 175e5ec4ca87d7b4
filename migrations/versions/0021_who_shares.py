"""A care home's own system is told of nobody who refuses sharing: the worker may ask who does, and no more.

Revision: 0021
After: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WORKER = "tendwell_worker"
# Answered with ids alone: the worker has no right on consents, which say more than this of a person.
_WHO = """
create function who_withdrew_sharing(_patients uuid[], _at timestamptz) returns setof uuid
language sql stable security definer set search_path from current as $$
    select p from unnest(_patients) p where withdrew_sharing(p, _at)
$$
"""


def upgrade() -> None:
    op.execute(_WHO)
    op.execute("revoke all on function who_withdrew_sharing(uuid[], timestamptz) from public")
    op.execute(f"grant execute on function who_withdrew_sharing(uuid[], timestamptz) to {WORKER}")


def downgrade() -> None:
    op.execute("drop function who_withdrew_sharing(uuid[], timestamptz)")
