"""The relay looks and numbers in one step of the database: one round trip in place of five.

Revision: 0075
After: 0074
"""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

WORKER = "tendwell_worker"
# What the numbers belong to, as `domain/events/commands.py` writes it.
_IDENTITY = """(select s.system_identifier::text || '/' || c.timeline_id::text
            from pg_control_system() s, pg_control_checkpoint() c) || '/' || 'event_feed'::regclass::oid::text"""
# Returns how many events were numbered; null when another relay is at work, or none ever was; -1 when the log belongs
# to another cluster, timeline or table than it did, and nothing was done. Each statement in it takes a snapshot of its
# own: the one that numbers, after the lock is held, so that it sees all that the relay before it has moved. By `o.xid`
# itself is sorted, not as text, by which 10000 < 9999.
_NUMBER_EVENTS = f"""
create function number_events(_most integer, _channel text, _even_if_none_wait boolean) returns bigint
language plpgsql volatile as $$
declare
    _before bigint; _after bigint; _is_settled boolean;
begin
    if not _even_if_none_wait and not exists (
        select from event_outbox o where o.xid < pg_snapshot_xmin(pg_current_snapshot()))
    then
        return 0;
    end if;
    select r.number, r.cluster = {_IDENTITY} into _before, _is_settled from event_relay r for update of r skip locked;
    if not found then
        return null;
    elsif not _is_settled then
        return -1;
    end if;
    with taken as (
        delete from event_outbox w where w.id in (
            select o.id from event_outbox o
            where o.xid < pg_snapshot_xmin(pg_current_snapshot())
            order by o.xid, o.id limit _most)
        returning w.xid, w.id, w.kind, w.patient_id, w.subject_ids, w.at
    ), numbered as (
        insert into event_feed (number, kind, patient_id, subject_ids, at)
        select r.number + row_number() over (order by t.xid, t.id), t.kind, t.patient_id, t.subject_ids, t.at
        from taken t, event_relay r
        returning number)
    update event_relay r
    set number = greatest(r.number, coalesce((select max(n.number) from numbered n), 0)), seen_at = clock_timestamp()
    returning r.number into _after;
    if _after > _before then
        perform pg_notify(_channel, '');
    end if;
    return _after - _before;
end $$
"""
_PINNED = """
do $$ begin
    execute format('alter function number_events(integer, text, boolean) set search_path = %I, pg_temp',
        current_schema());
end $$
"""


def upgrade() -> None:
    op.execute(_NUMBER_EVENTS)
    op.execute(_PINNED)
    op.execute("revoke all on function number_events(integer, text, boolean) from public")
    op.execute(f"grant execute on function number_events(integer, text, boolean) to {WORKER}")


def downgrade() -> None:
    op.execute("drop function number_events(integer, text, boolean)")
