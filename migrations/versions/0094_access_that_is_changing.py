"""Whose access changes by an event that has no number yet is told to whoever goes on from a cursor.

A list is read from the record, events are numbered a moment later. Who resumed in between found somebody new on their
list, and no event that said so: nothing was ever shown of them until their next reading.

Revision: 0094
After: 0093
"""

from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

# Of those asked for, and no more: what waits for its number is in no reader's reach.
_CHANGING = """
create function access_changing(_account uuid, _patients uuid[]) returns setof uuid
language sql stable security definer set search_path from current as
$$
    select p.id from unnest(_patients) as p(id)
    where exists (select from event_outbox o
        where o.kind = 'access.changed'
            and (o.patient_id = p.id
                or o.patient_id is null and (o.subject_ids = '{}' or _account = any(o.subject_ids))))
$$
"""
_SETTLE = """
do $$ begin
    execute format('alter function access_changing(uuid, uuid[]) set search_path = %I, pg_temp', current_schema());
end $$
"""


def upgrade() -> None:
    op.execute(_CHANGING)
    op.execute(_SETTLE)
    op.execute("revoke all on function access_changing(uuid, uuid[]) from public")
    op.execute("grant execute on function access_changing(uuid, uuid[]) to tendwell_runtime")


def downgrade() -> None:
    op.execute("drop function access_changing(uuid, uuid[])")
