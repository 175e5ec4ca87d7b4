"""A phone that asks what changed is told whether something of its owner's record has no number yet.

Events are numbered a moment after they are committed. A phone that sent something and asked at once what changed found
nothing of it, took its copy for complete, and showed the state of before until it asked again a minute later.

Revision: 0100
After: 0099
"""

from alembic import op

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None

# Whether, and nothing else: what waits for its number is in no reader's reach.
_WAIT = """
create function own_events_wait(_account uuid) returns boolean
language sql stable security definer set search_path from current as
$$
    select exists (
        select from event_outbox o join patient p on p.id = o.patient_id where p.account_id = _account)
$$
"""
_SETTLE = """
do $$ begin
    execute format('alter function own_events_wait(uuid) set search_path = %I, pg_temp', current_schema());
end $$
"""


def upgrade() -> None:
    op.execute(_WAIT)
    op.execute(_SETTLE)
    op.execute("revoke all on function own_events_wait(uuid) from public")
    op.execute("grant execute on function own_events_wait(uuid) to tendwell_feed")


def downgrade() -> None:
    op.execute("drop function own_events_wait(uuid)")
