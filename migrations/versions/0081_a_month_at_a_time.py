"""The months of the audit trail are made one at a time, those around now first; what would take long is left.

All were made in one statement, which moved all rows that stood without a month: beyond some 1.5 million its time was
over before it was done, so that no month was ever made again, the near ones neither. A month with more rows than are
moved in a moment stays without them, and is told; the owner's `python -m api place-audit-rows` takes its time over it.

Revision: 0081
After: 0080
"""

from typing import Any

from alembic import op

from migrations.online import index_concurrently

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

_START = "date_trunc('month', {instant} at time zone 'UTC') at time zone 'UTC'"
_END = "(({month} at time zone 'UTC') + interval '1 month') at time zone 'UTC'"
_NAME = """to_char({month} at time zone 'UTC', '"audit_y"YYYY"m"MM')"""
# Nobody adds a row without a month from the look at them on. To take the month in, PostgreSQL looks at all that is left.
_ONE = f"""
create function open_audit_month(_month timestamptz) returns bigint language plpgsql volatile as $$
declare
    _until timestamptz := {_END.format(month="_month")};
    _name text := {_NAME.format(month="_month")};
    _moved bigint;
begin
    perform set_config('lock_timeout', '2s', true);
    execute format('create table %I (like audit_event including defaults)', _name);
    execute format('alter table %I add primary key (id)', _name);
    execute format('alter table %I enable row level security', _name);
    lock table audit_unplaced in access exclusive mode;
    execute format('with moved as (delete from audit_unplaced u where u.at >= $1 and u.at < $2 returning *)'
        ' insert into %I select * from moved', _name) using _month, _until;
    get diagnostics _moved = row_count;
    execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', _name, _month, _until);
    return _moved;
end $$
"""
# Of those that are missing the first, near ones before those that rows ask for. It is known before it is made: no table
# that is asked may be altered. Of rows without a month no more are counted than tell that there are many.
_FIRST = f"""
create or replace function open_audit_months(_at timestamptz, _ahead integer)
returns table (made integer, covered_until timestamptz, unplaced bigint)
language plpgsql volatile security definer as $$
declare
    _first timestamptz; _month timestamptz;
    _is_mine boolean := pg_try_advisory_xact_lock(hashtextextended('open_audit_months', 0));
    _near timestamptz[] := array(
        select (date_trunc('month', _at at time zone 'UTC') + make_interval(months => n)) at time zone 'UTC'
        from generate_series(-1, _ahead) n);
begin
    made := 0;
    select substring(pg_get_expr(relpartbound, oid) from 'TO \\(''([^'']+)''\\)')::timestamptz into _first
    from pg_class where oid = 'audit_before'::regclass;
    with recursive asked(month) as (
        select {_START.format(instant="(select min(u.at) from audit_unplaced u)")}
        union all
        select {
    _START.format(instant="(select min(u.at) from audit_unplaced u where u.at >= " + _END.format(month="a.month") + ")")
}
        from asked a where isfinite(a.month)),
    missing as (
        select w.month, w.is_near from (
            select n.month, true from unnest(_near) n(month) union all select a.month, false from asked a
        ) w(month, is_near)
        where isfinite(w.month) and w.month >= _first and to_regclass({_NAME.format(month="w.month")}) is null)
    select m.month into _month from missing m
    where (select count(*) from (select from audit_unplaced u where u.at >= m.month
        and u.at < {_END.format(month="m.month")} limit 50001) of_it) <= 50000
    order by m.is_near desc, m.month limit 1;
    if _is_mine and _month is not null then
        perform open_audit_month(_month);
        made := 1;
    end if;
    select greatest(_first, max({_END.format(month="n.month")})) into covered_until from unnest(_near) n(month)
    where to_regclass({_NAME.format(month="n.month")}) is not null;
    select count(*) into unplaced from (select from audit_unplaced limit 100000) u;
    return next;
end $$
"""
_SETTLE = """
do $$ begin
    execute format('alter function open_audit_months(timestamptz, integer) set search_path = %I, pg_temp',
        current_schema());
    execute format('alter function open_audit_month(timestamptz) set search_path = %I, pg_temp', current_schema());
end $$
"""


def upgrade() -> None:
    index_concurrently("audit_unplaced_by_time", "on audit_unplaced (at)")
    for statement in (_ONE, _FIRST, _SETTLE):
        # Through the driver itself: a colon means nothing to it. Rights and owner stay, how it looks for names does not.
        op.get_bind().exec_driver_sql(statement)
    op.execute("revoke all on function open_audit_month(timestamptz) from public")


def downgrade() -> None:
    script: Any = op.get_context().script
    for before in ("0068", "0079"):
        script.get_revision(before).module.upgrade()
    op.execute("drop function open_audit_month(timestamptz)")
    op.execute("drop index audit_unplaced_by_time")
