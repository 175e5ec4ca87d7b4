"""The latest of each sign of each patient is kept, by the database itself, in the transaction that changes it.

A board of 200 patients walked along the index of readings from sign to sign: 1,600 probes. Now it reads 1,400 rows that
lie by patient. A trigger keeps them, whichever statement writes, and nobody else may.

Revision: 0048
After: 0045
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0048"
down_revision = "0045"
branch_labels = None
depends_on = None

NOT_ONLINE = {"rows": "What is there is found in the transaction that begins to keep it: 2 s for a million readings."}
RUNTIME = "tendwell_runtime"
TABLE = "observation_latest"
# A first version and a correction alike: what the correction supersedes is put out of the way by the update below.
_ADDED = """
create function keep_latest_of_added() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    insert into observation_latest as l (patient_id, sign, effective_at, observation_id)
    select distinct on (a.patient_id, a.sign) a.patient_id, a.sign, a.effective_at, a.id from added a
    where a.superseded_by_id is null and a.retracted_at is null
    order by a.patient_id, a.sign, a.effective_at desc, a.id desc
    on conflict (patient_id, sign) do update
    set effective_at = excluded.effective_at, observation_id = excluded.observation_id
    where l.observation_id is null
        or (l.effective_at, l.observation_id) < (excluded.effective_at, excluded.observation_id);
    return null;
end $$
"""
# What ended another's time as the latest is found anew: rare, and one probe of the index.
_CHANGED = """
create function keep_latest_of_changed() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    update observation_latest l set effective_at = found.effective_at, observation_id = found.id
    from (select distinct c.patient_id, c.sign from changed c) c
    left join lateral (
        select o.effective_at, o.id from observation o
        where o.patient_id = c.patient_id and o.sign = c.sign
            and o.superseded_by_id is null and o.retracted_at is null
        order by o.effective_at desc, o.id desc limit 1) found on true
    where l.patient_id = c.patient_id and l.sign = c.sign;
    return null;
end $$
"""
_TRIGGERS = {
    "latest_of_added": "after insert on observation referencing new table as added"
    " for each statement execute function keep_latest_of_added()",
    "latest_of_changed": "after update on observation referencing new table as changed"
    " for each statement execute function keep_latest_of_changed()",
    "latest_of_deleted": "after delete on observation referencing old table as changed"
    " for each statement execute function keep_latest_of_changed()",
}
_SETTLE = """
do $$ declare _function regprocedure; begin
    for _function in select oid from pg_proc where proname in ('keep_latest_of_added', 'keep_latest_of_changed')
        and pronamespace = current_schema()::regnamespace
    loop
        execute format('alter function %s set search_path = %I, pg_temp', _function, current_schema());
    end loop;
end $$
"""
# After the triggers: whoever writes meanwhile waits for this transaction's end, and reads do not.
_FILL = """
insert into observation_latest (patient_id, sign, effective_at, observation_id)
select distinct on (o.patient_id, o.sign) o.patient_id, o.sign, o.effective_at, o.id from observation o
where o.superseded_by_id is null and o.retracted_at is null
order by o.patient_id, o.sign, o.effective_at desc, o.id desc
"""
_WHOSE = "patient_id in (select unnest({whose}_patients()))"


def upgrade() -> None:
    # Each row is written again and again: room on its page keeps its index entries as they are.
    op.create_table(
        TABLE,
        sa.Column("patient_id", UUID, sa.ForeignKey("patient.id"), primary_key=True),
        sa.Column("sign", sa.Text, primary_key=True),
        sa.Column("effective_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("observation_id", UUID),
        sa.CheckConstraint("(effective_at is null) = (observation_id is null)", name="observation_latest_whole"),
        postgresql_with={"fillfactor": 70},
    )
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(f"grant select on {TABLE} to {RUNTIME}")
    op.execute(f"create policy {RUNTIME} on {TABLE} to {RUNTIME} using ({_WHOSE.format(whose='visible')})")
    op.execute(
        f"create policy read_scope on {TABLE} as restrictive for select to {RUNTIME}"
        f" using ({_WHOSE.format(whose='readable')})"
    )
    for function in (_ADDED, _CHANGED):
        op.execute(function)
    op.execute("revoke all on function keep_latest_of_added(), keep_latest_of_changed() from public")
    op.execute(_SETTLE)
    for name, what in _TRIGGERS.items():
        op.execute(f"create trigger {name} {what}")
    op.execute(_FILL)


def downgrade() -> None:
    for name in _TRIGGERS:
        op.execute(f"drop trigger {name} on observation")
    op.execute("drop function keep_latest_of_added(), keep_latest_of_changed()")
    op.drop_table(TABLE)
