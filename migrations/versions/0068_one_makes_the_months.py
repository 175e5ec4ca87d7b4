"""Of several workers one makes the audit trail's months; and who drops emptied ones waits for them 2 s at the most.

Before, several that found the same month missing all made it; all but one got an error that ended the worker.

Revision: 0068
After: 0067
"""

from typing import Any

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

# Who is not the one makes none, and tells until when there are any so far: a month that is missing is being made.
_OPEN = """
create or replace function open_audit_months(_at timestamptz, _ahead integer)
returns table (made integer, covered_until timestamptz, unplaced bigint)
language plpgsql volatile security definer as $$
declare
    _from timestamptz; _until timestamptz; _name text; _first timestamptz;
    _is_mine boolean := pg_try_advisory_xact_lock(hashtextextended('open_audit_months', 0));
begin
    made := 0;
    perform set_config('lock_timeout', '2s', true);
    select substring(pg_get_expr(relpartbound, oid) from 'TO \\(''([^'']+)''\\)')::timestamptz into _first
    from pg_class where oid = 'audit_before'::regclass;
    covered_until := _first;
    for _month in -1 .. _ahead loop
        _from := (date_trunc('month', _at at time zone 'UTC') + make_interval(months => _month)) at time zone 'UTC';
        _until := ((_from at time zone 'UTC') + interval '1 month') at time zone 'UTC';
        _name := to_char(_from at time zone 'UTC', '"audit_y"YYYY"m"MM');
        if _from >= _first and to_regclass(_name) is null then
            exit when not _is_mine;
            execute format('create table %I (like audit_event including defaults)', _name);
            execute format('alter table %I add primary key (id)', _name);
            execute format('alter table %I enable row level security', _name);
            if exists (select from audit_unplaced u where u.at >= _from and u.at < _until) then
                lock table audit_unplaced in access exclusive mode;
                execute format('with moved as (delete from audit_unplaced u where u.at >= $1 and u.at < $2 returning *)'
                    ' insert into %I select * from moved', _name) using _from, _until;
            end if;
            execute format('alter table audit_event attach partition %I for values from (%L) to (%L)',
                _name, _from, _until);
            made := made + 1;
        end if;
        covered_until := greatest(_until, _first);
    end loop;
    select count(*) into unplaced from audit_unplaced;
    return next;
end $$
"""
# Whoever reads the trail meanwhile would queue behind who waits for it.
_DROP = """
create or replace function drop_emptied_audit_months(_before timestamptz) returns integer
language plpgsql volatile as $$
declare
    _each record; _left boolean; _dropped integer := 0;
begin
    perform set_config('lock_timeout', '2s', true);
    for _each in select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_event'::regclass and c.relname ~ '^audit_y\\d+m\\d\\d$'
            and substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz <= _before
    loop
        execute format('select exists (select from %I)', _each.name) into _left;
        if not _left then
            execute format('drop table %I', _each.name);
            _dropped := _dropped + 1;
        end if;
    end loop;
    return _dropped;
end $$
"""


def _before() -> dict[str, Any]:
    script: Any = op.get_context().script
    found: dict[str, Any] = vars(script.get_revision("0052").module)
    return found


def upgrade() -> None:
    # Through the driver itself: a colon means nothing to it. Rights and owner stay, how it looks for names does not.
    for statement in (_OPEN, _DROP, _before()["_SETTLE"]):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    before = _before()
    for name in ("_OPEN", "_DROP"):
        op.get_bind().exec_driver_sql(before[name].replace("create function", "create or replace function"))
    op.get_bind().exec_driver_sql(before["_SETTLE"])
