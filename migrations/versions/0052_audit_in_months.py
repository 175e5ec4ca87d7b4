"""The audit trail in months: what there is becomes the oldest part as it stands, and months are made ahead.

No row is read or written: their bound was checked before. What belongs to no month that was made stands in
`audit_unplaced`, so that no deed is refused for want of one.

Revision: 0052
After: 0051
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "rows": "The trail is locked for a moment, in which a table is put above it; one row is changed, that of the sealing.",
    "contract": "The trail so far is renamed, and what stands above it has its name: nodes of before find it there.",
}

WORKER = "tendwell_worker"
_BOUND = r"substring(pg_get_constraintdef(oid) from '''([^'']+)''')"
# Whose rows are whose, and who may do what, is the whole's: nobody has a right on a part.
_TURN = f"""
do $$
declare
    _old oid := 'audit_event'::regclass::oid; _old_sequence text := pg_get_serial_sequence('audit_event', 'id');
    _next bigint; _bound text; _each record; _name text;
begin
    lock table audit_event in access exclusive mode;
    execute format('select last_value + is_called::int from %s', _old_sequence) into _next;
    select {_BOUND} into strict _bound from pg_constraint where conrelid = _old and conname = 'audit_before';
    alter table audit_event rename to audit_before;
    for _name in select indexrelid::regclass::text from pg_index where indrelid = _old loop
        execute format('alter index %s rename to %I', _name, 'before_' || _name);
    end loop;
    alter table audit_before alter column id drop identity;
    create table audit_event (like audit_before including defaults) partition by range (at);
    execute format('alter table audit_event alter column id add generated always as identity (start with %s)', _next);
    create index audit_of_patient on audit_event (patient_id, at);
    create index audit_by_account on audit_event (account_id, at);
    create index audit_in_commit_order on audit_event (xid, id);
    alter table audit_event enable row level security;
    for _each in select polname, polpermissive, polcmd, pg_get_expr(polqual, polrelid) as seen,
            pg_get_expr(polwithcheck, polrelid) as added,
            (select string_agg(r::regrole::text, ', ') from unnest(polroles) r) as roles
        from pg_policy where polrelid = _old
    loop
        execute format('create policy %I on audit_event as %s for %s to %s', _each.polname,
            case when _each.polpermissive then 'permissive' else 'restrictive' end,
            case _each.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end, _each.roles)
            || coalesce(' using (' || _each.seen || ')', '') || coalesce(' with check (' || _each.added || ')', '');
        execute format('drop policy %I on audit_before', _each.polname);
    end loop;
    for _each in select a.privilege_type as deed, a.grantee::regrole::text as role
        from pg_class c cross join aclexplode(c.relacl) a where c.oid = _old and a.grantee <> c.relowner
    loop
        execute format('grant %s on audit_event to %s', _each.deed, _each.role);
        execute format('revoke all on audit_before from %s', _each.role);
    end loop;
    for _each in select a.privilege_type as deed, t.attname as name, a.grantee::regrole::text as role
        from pg_attribute t cross join aclexplode(t.attacl) a where t.attrelid = _old
    loop
        execute format('grant %s (%I) on audit_event to %s', _each.deed, _each.name, _each.role);
        execute format('revoke all (%I) on audit_before from %s', _each.name, _each.role);
    end loop;
    execute format('alter table audit_event attach partition audit_before for values from (minvalue) to (%L)', _bound);
    alter table audit_before drop constraint audit_before;
    create table audit_unplaced (like audit_event including defaults);
    alter table audit_unplaced add primary key (id);
    alter table audit_unplaced enable row level security;
    alter table audit_event attach partition audit_unplaced default;
    -- It is the same trail: the sealing, which knows its table by its number, goes on where it stands.
    update audit_log set cluster = regexp_replace(cluster, '/' || _old::text || '$',
        '/' || 'audit_event'::regclass::oid::text);
end $$
"""
# Made as tables of their own and then taken in, for which nobody who writes has to wait. What stands unplaced of a month
# goes over into it.
_OPEN = """
create function open_audit_months(_at timestamptz, _ahead integer)
returns table (made integer, covered_until timestamptz, unplaced bigint)
language plpgsql volatile security definer as $$
declare
    _from timestamptz; _until timestamptz; _name text; _first timestamptz;
begin
    made := 0;
    perform set_config('lock_timeout', '2s', true);
    select substring(pg_get_expr(relpartbound, oid) from 'TO \\(''([^'']+)''\\)')::timestamptz into _first
    from pg_class where oid = 'audit_before'::regclass;
    for _month in -1 .. _ahead loop
        _from := (date_trunc('month', _at at time zone 'UTC') + make_interval(months => _month)) at time zone 'UTC';
        _until := ((_from at time zone 'UTC') + interval '1 month') at time zone 'UTC';
        _name := to_char(_from at time zone 'UTC', '"audit_y"YYYY"m"MM');
        if _from >= _first and to_regclass(_name) is null then
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
# For the owner, who alone may remove: months of which nothing is left.
_DROP = """
create function drop_emptied_audit_months(_before timestamptz) returns integer
language plpgsql volatile as $$
declare
    _each record; _left boolean; _dropped integer := 0;
begin
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
_SETTLE = """
do $$ begin
    execute format('alter function open_audit_months(timestamptz, integer) set search_path = %I, pg_temp',
        current_schema());
end $$
"""
_TURN_BACK = """
do $$
declare _parted oid := 'audit_event'::regclass::oid; _next bigint; _each record;
begin
    execute format('select last_value + is_called::int from %s', pg_get_serial_sequence('audit_event', 'id')) into _next;
    create table audit_whole (like audit_event including defaults);
    insert into audit_whole select * from audit_event;
    alter table audit_whole add primary key (id);
    alter table audit_whole enable row level security;
    for _each in select polname, polpermissive, polcmd, pg_get_expr(polqual, polrelid) as seen,
            pg_get_expr(polwithcheck, polrelid) as added,
            (select string_agg(r::regrole::text, ', ') from unnest(polroles) r) as roles
        from pg_policy where polrelid = _parted
    loop
        execute format('create policy %I on audit_whole as %s for %s to %s', _each.polname,
            case when _each.polpermissive then 'permissive' else 'restrictive' end,
            case _each.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end, _each.roles)
            || coalesce(' using (' || replace(_each.seen, 'audit_event.', 'audit_whole.') || ')', '')
            || coalesce(' with check (' || replace(_each.added, 'audit_event.', 'audit_whole.') || ')', '');
    end loop;
    for _each in select a.privilege_type as deed, a.grantee::regrole::text as role
        from pg_class c cross join aclexplode(c.relacl) a where c.oid = _parted and a.grantee <> c.relowner
    loop
        execute format('grant %s on audit_whole to %s', _each.deed, _each.role);
    end loop;
    for _each in select a.privilege_type as deed, t.attname as name, a.grantee::regrole::text as role
        from pg_attribute t cross join aclexplode(t.attacl) a where t.attrelid = _parted
    loop
        execute format('grant %s (%I) on audit_whole to %s', _each.deed, _each.name, _each.role);
    end loop;
    drop table audit_event;
    alter table audit_whole rename to audit_event;
    alter index audit_whole_pkey rename to audit_event_pkey;
    execute format('alter table audit_event alter column id add generated always as identity (start with %s)', _next);
    create index audit_of_patient on audit_event (patient_id, at);
    create index audit_by_account on audit_event (account_id, at);
    create index audit_in_commit_order on audit_event (xid, id);
    update audit_log set cluster = regexp_replace(cluster, '/' || _parted::text || '$',
        '/' || 'audit_event'::regclass::oid::text);
end $$
"""
# As the steps before left it, or this one could not be taken again.
_BOUND_AGAIN = """
do $$ begin
    execute format('alter table audit_event add constraint audit_before check (at < %L)',
        greatest((date_trunc('month', now() at time zone 'UTC') + interval '2 months') at time zone 'UTC',
            (select date_trunc('month', max(at) at time zone 'UTC') + interval '1 month' from audit_event)
                at time zone 'UTC'));
end $$
"""
_OPENED = "open_audit_months(timestamptz, integer)"


def upgrade() -> None:
    for statement in (_TURN, _OPEN, _DROP, _SETTLE):
        # Through the driver itself: a colon means nothing to it.
        op.get_bind().exec_driver_sql(statement)
    for function in (_OPENED, "drop_emptied_audit_months(timestamptz)"):
        op.execute(f"revoke all on function {function} from public")
    op.execute(f"grant execute on function {_OPENED} to {WORKER}")


def downgrade() -> None:
    op.execute(f"drop function {_OPENED}")
    op.execute("drop function drop_emptied_audit_months(timestamptz)")
    for statement in (_TURN_BACK, _BOUND_AGAIN):
        op.get_bind().exec_driver_sql(statement)
