"""Nobody is reminded of what a plan asks them to record once it is in the record.

What may be said of actions (0102) is looked at in every action, while others are written.

Revision: 0103
After: 0102
"""

from typing import Any

from alembic import op

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None
NOT_ONLINE = {
    "slow": "Every action is read once, a second for some millions; nobody waits for it meanwhile.",
}

WORKER = "tendwell_worker"
# Whether what is asked for was recorded in a span and stands; null kind: nothing is asked for.
_RECORDED = """
create function recorded_within(_patient uuid, _kind text, _of text, _from timestamptz, _until timestamptz)
returns boolean language sql stable as $$
    select case _kind
        when 'reading' then exists (select from observation o
            where o.patient_id = _patient and o.sign = sign_letter(_of)
                and o.effective_at >= _from and o.effective_at < _until
                and o.superseded_by_id is null and o.retracted_at is null)
        when 'questionnaire' then exists (select from questionnaire_response r
            where r.patient_id = _patient and r.questionnaire = _of and r.retracted_at is null
                and r.authored_at >= _from and r.authored_at < _until)
        when 'diary_entry' then exists (select from diary_entry e
            where e.patient_id = _patient and e.retracted_at is null
                and e.effective_at >= _from and e.effective_at < _until)
        else false end
$$
"""
# Of these actions those that ask for something, and so have a stretch of the day for each time.
_ASKING = """
create function actions_that_ask(_actions uuid[]) returns setof uuid
language sql stable security definer set search_path from current as $$
    select s.id from action s where s.id = any(_actions) and s.asks_kind is not null
$$
"""
_SETTLE = """
do $$ begin
    execute format('alter function why_not_told(uuid, uuid, timestamptz) set search_path = %I, pg_temp',
        current_schema());
    execute format('alter function actions_that_ask(uuid[]) set search_path = %I, pg_temp', current_schema());
end $$
"""
_UNSETTLE = """
do $$ begin
    execute format('alter function why_not_told(uuid, uuid, timestamptz) set search_path = %I, pg_temp',
        current_schema());
end $$
"""
_DONE = "not plan_rests(l.id, l.patient_id, t.on_day)"
_OR_RECORDED = f"""{_DONE}
                and not recorded_within(l.patient_id, s.asks_kind, s.asks_of, t.from_at, t.until_at)"""


def upgrade() -> None:
    bind = op.get_bind()
    bind.exec_driver_sql(_RECORDED)
    bind.exec_driver_sql(_ASKING)
    before = _why_not_told()
    if before.count(_DONE) != 1:
        raise RuntimeError("0098 is not what this migration was written for.")
    bind.exec_driver_sql(before.replace(_DONE, _OR_RECORDED))
    op.execute("revoke all on function recorded_within(uuid, text, text, timestamptz, timestamptz) from public")
    op.execute("revoke all on function actions_that_ask(uuid[]) from public")
    op.execute(f"grant execute on function actions_that_ask(uuid[]) to {WORKER}")
    op.execute(_SETTLE)
    for name in _before("0102").RULES:
        op.execute(f"alter table action validate constraint {name}")


def downgrade() -> None:
    op.get_bind().exec_driver_sql(_why_not_told())
    op.execute(_UNSETTLE)
    op.execute("drop function actions_that_ask(uuid[])")
    op.execute("drop function recorded_within(uuid, text, text, timestamptz, timestamptz)")


def _before(number: str) -> Any:
    script: Any = op.get_context().script
    return script.get_revision(number).module


def _why_not_told() -> str:
    return str(_before("0098").WHY_NOT).replace("create function", "create or replace function")
