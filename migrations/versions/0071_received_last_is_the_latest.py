"""Of two readings of one sign and instant the one that was received last is the latest, as in lists.

Ids that follow from a sender's (0054) say nothing of time. What is kept already stays as it is: before 0054 the greater
id was the later one, and what was received since is settled by the sign's next reading or correction.

Revision: 0071
After: 0070
"""

from typing import Any

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

# When both were received is looked up by their keys, and of one instant alone.
_LATER = """(l.observation_id is null or l.effective_at < excluded.effective_at or l.effective_at = excluded.effective_at
                and (select (e.received_at, e.id) > (k.received_at, k.id) from observation e, observation k
                    where e.id = excluded.observation_id and k.id = l.observation_id))"""
_DAY_OF = "({instant} at time zone 'UTC')::date"
_ADDED = f"""
create or replace function keep_latest_of_added() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    insert into observation_latest as l (patient_id, sign, effective_at, observation_id, summarised_until)
    select distinct on (a.patient_id, a.sign) a.patient_id, a.sign, a.effective_at, a.id,
        {_DAY_OF.format(instant="min(a.effective_at) over (partition by a.patient_id, a.sign)")}
    from added a where a.superseded_by_id is null and a.retracted_at is null
    order by a.patient_id, a.sign, a.effective_at desc, a.received_at desc, a.id desc
    on conflict (patient_id, sign) do update
    set effective_at = greatest(l.effective_at, excluded.effective_at),
        observation_id = case when {_LATER} then excluded.observation_id else l.observation_id end,
        summarised_until = least(l.summarised_until, greatest(excluded.summarised_until, l.removed_before))
    where {_LATER} or excluded.summarised_until < l.summarised_until;
    return null;
end $$
"""
_CHANGED = f"""
create or replace function keep_latest_of_changed() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    update observation_latest l set effective_at = found.effective_at, observation_id = found.id,
        summarised_until = least(l.summarised_until, greatest(c.first_day, l.removed_before))
    from (select c.patient_id, c.sign, {_DAY_OF.format(instant="min(c.effective_at)")} as first_day
        from changed c group by c.patient_id, c.sign) c
    left join lateral (
        select o.effective_at, o.id from observation o
        where o.patient_id = c.patient_id and o.sign = c.sign
            and o.superseded_by_id is null and o.retracted_at is null
        order by o.effective_at desc, o.received_at desc, o.id desc limit 1) found on true
    where l.patient_id = c.patient_id and l.sign = c.sign;
    delete from observation_day d using observation_latest l
    where d.patient_id = l.patient_id and d.sign = l.sign and d.day >= l.summarised_until
        and (l.patient_id, l.sign) in (select distinct c.patient_id, c.sign from changed c);
    return null;
end $$
"""
_SETTLE = """
do $$ declare _function regprocedure; begin
    for _function in select oid from pg_proc where proname in ('keep_latest_of_added', 'keep_latest_of_changed')
        and pronamespace = current_schema()::regnamespace
    loop
        execute format('alter function %s set search_path = %I, pg_temp', _function, current_schema());
    end loop;
end $$
"""


def upgrade() -> None:
    _replace(_ADDED, _CHANGED)


def downgrade() -> None:
    script: Any = op.get_context().script
    before = vars(script.get_revision("0049").module)
    _replace(before["_ADDED"], before["_CHANGED"])


def _replace(*functions: str) -> None:
    for function in functions:
        # Through the driver itself: a colon means nothing to it.
        op.get_bind().exec_driver_sql(function)
    op.execute(_SETTLE)
