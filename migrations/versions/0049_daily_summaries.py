"""Of each day that is over, what was measured is kept as a summary, for ever: a chart of a year reads 365 rows.

The row that says which reading is the latest of a sign also says up to which day its summaries are those of the
readings (`summarised_until`), and up to which day the readings themselves are gone (`removed_before`). What comes late,
is put right or taken back sets the first of them back, in its own transaction: so a summary is never read that the
readings do not bear out, and the worker makes it anew.

Revision: 0049
After: 0048
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

RUNTIME, WORKER = "tendwell_runtime", "tendwell_worker"
TABLE, LATEST = "observation_day", "observation_latest"
_DAY_OF = "({instant} at time zone 'UTC')::date"
_MIDNIGHT = "({day}::timestamp at time zone 'UTC')"
_ADDED = f"""
create or replace function keep_latest_of_added() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    insert into observation_latest as l (patient_id, sign, effective_at, observation_id, summarised_until)
    select distinct on (a.patient_id, a.sign) a.patient_id, a.sign, a.effective_at, a.id,
        {_DAY_OF.format(instant="min(a.effective_at) over (partition by a.patient_id, a.sign)")}
    from added a where a.superseded_by_id is null and a.retracted_at is null
    order by a.patient_id, a.sign, a.effective_at desc, a.id desc
    on conflict (patient_id, sign) do update
    set effective_at = greatest(l.effective_at, excluded.effective_at),
        observation_id = case when l.observation_id is null
            or (l.effective_at, l.observation_id) < (excluded.effective_at, excluded.observation_id)
            then excluded.observation_id else l.observation_id end,
        summarised_until = least(l.summarised_until, greatest(excluded.summarised_until, l.removed_before))
    where l.observation_id is null
        or (l.effective_at, l.observation_id) < (excluded.effective_at, excluded.observation_id)
        or excluded.summarised_until < l.summarised_until;
    return null;
end $$
"""
# Summaries from there on go at once: what was read in error is to stand nowhere but among the readings.
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
        order by o.effective_at desc, o.id desc limit 1) found on true
    where l.patient_id = c.patient_id and l.sign = c.sign;
    delete from observation_day d using observation_latest l
    where d.patient_id = l.patient_id and d.sign = l.sign and d.day >= l.summarised_until
        and (l.patient_id, l.sign) in (select distinct c.patient_id, c.sign from changed c);
    return null;
end $$
"""
# For a worker that may read no reading: it is told where to go on, and how many days' worth was done. Each record by
# itself, and under its writers' lock, so that nothing comes between what is read and what is noted of it; a record that
# somebody writes to just now is left for the next round. Some 5,000 readings at a time, and no longer than `_within`.
_SUMMARISE = f"""
create function summarise_days(_after_patient uuid, _after_sign text, _until date, _look_at integer, _within interval)
returns table (next_patient uuid, next_sign text, is_over boolean, done integer, left_out integer)
language plpgsql volatile security definer as $$
declare
    _begun timestamptz := clock_timestamp();
    _due record; _kept record; _first timestamptz; _to date; _enough timestamptz;
    _looked_at integer := 0;
begin
    next_patient := _after_patient; next_sign := _after_sign; done := 0; left_out := 0;
    is_over := false;
    for _due in
        select l.patient_id, l.sign,
            l.summarised_until < _until and l.effective_at >= {_MIDNIGHT.format(day="l.summarised_until")} as it_is
        from observation_latest l where (l.patient_id, l.sign) > (_after_patient, _after_sign)
        order by l.patient_id, l.sign limit _look_at
    loop
        if _due.it_is then
            if pg_try_advisory_xact_lock(hashtextextended(_due.patient_id::text, 0)) then
                loop
                    if clock_timestamp() > _begun + _within then
                        return next;
                        return;
                    end if;
                    select l.summarised_until as until, {_MIDNIGHT.format(day="l.summarised_until")} as from_at into _kept
                    from observation_latest l where l.patient_id = _due.patient_id and l.sign = _due.sign;
                    exit when _kept.until >= _until;
                    select o.effective_at into _first from observation o
                    where o.patient_id = _due.patient_id and o.sign = _due.sign and o.effective_at >= _kept.from_at
                    order by o.effective_at limit 1;
                    select o.effective_at into _enough from observation o
                    where o.patient_id = _due.patient_id and o.sign = _due.sign and o.effective_at >= _kept.from_at
                    order by o.effective_at offset 5000 limit 1;
                    _to := case when _enough is null then _until else least(_until,
                        greatest({_DAY_OF.format(instant="_enough")}, {_DAY_OF.format(instant="_first")} + 1)) end;
                    delete from observation_day d
                    where d.patient_id = _due.patient_id and d.sign = _due.sign and d.day >= _kept.until and d.day < _to;
                    insert into observation_day (patient_id, sign, day, told_in, number, least, greatest, total,
                        diastolic_least, diastolic_greatest, diastolic_total)
                    select o.patient_id, o.sign, {_DAY_OF.format(instant="o.effective_at")},
                        coalesce(o.code, o.original_unit), count(*),
                        min(coalesce(o.value, o.systolic)), max(coalesce(o.value, o.systolic)),
                        sum(coalesce(o.value, o.systolic)), min(o.diastolic), max(o.diastolic), sum(o.diastolic)
                    from observation o
                    where o.patient_id = _due.patient_id and o.sign = _due.sign and o.effective_at >= _kept.from_at
                        and o.effective_at < {_MIDNIGHT.format(day="_to")}
                        and o.superseded_by_id is null and o.retracted_at is null
                    group by 1, 2, 3, 4;
                    update observation_latest l set summarised_until = _to
                    where l.patient_id = _due.patient_id and l.sign = _due.sign;
                    done := done + 1;
                end loop;
            else
                left_out := left_out + 1;
            end if;
        end if;
        _looked_at := _looked_at + 1; next_patient := _due.patient_id; next_sign := _due.sign;
    end loop;
    is_over := _looked_at < _look_at;
    return next;
end $$
"""
_SETTLE = """
do $$ declare _function regprocedure; begin
    for _function in select oid from pg_proc
        where proname in ('keep_latest_of_added', 'keep_latest_of_changed', 'summarise_days')
        and pronamespace = current_schema()::regnamespace
    loop
        execute format('alter function %s set search_path = %I, pg_temp', _function, current_schema());
    end loop;
end $$
"""
_WHOSE = "patient_id in (select unnest({whose}_patients()))"


def upgrade() -> None:
    # A constant default: no row is written again.
    op.execute(
        f"alter table {LATEST} add column summarised_until date not null default '-infinity',"
        " add column removed_before date not null default '-infinity'"
    )
    op.create_table(
        TABLE,
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), primary_key=True),
        sa.Column("sign", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("told_in", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, sa.CheckConstraint("number > 0", name="observation_day_of_something")),
        *[
            sa.Column(f"{part}{which}", sa.Numeric)
            for part in ("", "diastolic_")
            for which in ("least", "greatest", "total")
        ],
    )
    op.alter_column(TABLE, "number", nullable=False)
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(f"grant select on {TABLE} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {TABLE} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    op.execute(
        f"create policy read_scope on {TABLE} as restrictive for select to {RUNTIME}"
        f" using ({_WHOSE.format(whose='readable')})"
    )
    for function in (_ADDED, _CHANGED, _SUMMARISE):
        # Through the driver itself: a colon means nothing to it.
        op.get_bind().exec_driver_sql(function)
    summarise = "function summarise_days(uuid, text, date, integer, interval)"
    op.execute(f"revoke all on {summarise} from public")
    op.execute(f"grant execute on {summarise} to {WORKER}")
    op.execute(_SETTLE)


def downgrade() -> None:
    op.execute("drop function summarise_days(uuid, text, date, integer, interval)")
    script: Any = op.get_context().script
    before = vars(script.get_revision("0048").module)
    for name in ("_ADDED", "_CHANGED"):
        op.execute(before[name].replace("create function", "create or replace function"))
    op.execute(before["_SETTLE"])
    op.drop_table(TABLE)
    op.execute(f"alter table {LATEST} drop column summarised_until, drop column removed_before")
