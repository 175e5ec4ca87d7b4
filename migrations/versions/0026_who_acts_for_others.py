"""Who signs in is told whether they act for somebody: not for whom, which is read, and audited, where it is asked.

Revision: 0026
After: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Who signs in, who asks for their own record, and who makes the copy of it.
ASKED_BY = "tendwell_identity, tendwell_runtime, tendwell_worker"
SIGNATURE = "acts_for_others(uuid, timestamptz)"
# Answered with yes or no: accounts are looked up by a role that has no right on delegations.
_ACTS = """
create function acts_for_others(_account uuid, _at timestamptz) returns boolean
language sql stable security definer set search_path from current as $$
    select exists (select from delegation where account_id = _account and ended_at is null
        and (until_at is null or until_at > _at))
$$
"""


def upgrade() -> None:
    op.execute(_ACTS)
    op.execute(f"revoke all on function {SIGNATURE} from public")
    op.execute(f"grant execute on function {SIGNATURE} to {ASKED_BY}")


def downgrade() -> None:
    op.execute(f"drop function {SIGNATURE}")
