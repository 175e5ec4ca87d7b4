"""Which event is the oldest that is kept is told to whoever asks, whomever they may see.

A cursor can be gone on from when nothing after it is forgotten. Under row security the oldest had been the oldest of
those whom the caller may see: where that lay after the cursor, a screen began anew for nothing.

Revision: 0093
After: 0092
"""

from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

_OLDEST = """
create function oldest_event() returns bigint
language sql stable security definer set search_path from current as
$$ select min(number) from event_feed $$
"""
_SETTLE = """
do $$ begin
    execute format('alter function oldest_event() set search_path = %I, pg_temp', current_schema());
end $$
"""
ROLES = "tendwell_runtime, tendwell_feed, tendwell_worker"


def upgrade() -> None:
    op.execute(_OLDEST)
    op.execute(_SETTLE)
    op.execute("revoke all on function oldest_event() from public")
    op.execute(f"grant execute on function oldest_event() to {ROLES}")


def downgrade() -> None:
    op.execute("drop function oldest_event()")
