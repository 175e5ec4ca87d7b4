"""A reach says what it allows: the rows know scopes, and that an emergency opens a record to be read alone.

What has ended is over whatever the clock of the node that asks says. And where the functions that see beyond their
caller look for tables is settled to the last: PostgreSQL asks the caller's own temporary tables first, unless told.

Revision: 0029
After: 0028
"""

from typing import Any

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"

# Why an account reaches a patient, one arm a reason, and whether it reads and writes the record then.
_STANDING = """
create function standing(_account uuid, _at timestamptz, _today date)
returns table (patient_id uuid, reads boolean, writes boolean)
language sql stable as $$
    select p.id, true, true from patient p where p.account_id = _account
    union all
    select d.patient_id, d.scopes && array['read', 'decide'], d.scopes && array['record', 'decide'] from delegation d
    where d.account_id = _account and d.accepted_at <= _at and d.from_at <= _at
        and (d.until_at is null or d.until_at > _at) and d.ended_at is null
        and not exists (select from effective_grant(_account, _at) g where g.role in ('commissioner', 'administrator'))
    union all
    select p.id, true, true from effective_grant(_account, _at) g join patient p on p.practice_id = g.organisation_id
    where g.role = 'clinician'
    union all
    select l.patient_id, true, true from care_team_member m
    join care_team_patient l on l.care_team_id = m.care_team_id
    where m.account_id = _account and m.from_at <= _at and m.until_at is null
        and l.from_at <= _at and l.until_at is null
        and exists (select from effective_grant(_account, _at) g where g.role = 'clinician')
        and not withdrew_sharing(l.patient_id, _at)
    union all
    select r.patient_id, true, true
    from effective_grant(_account, _at) g join residence r on r.care_home_id = g.organisation_id
    where g.role = 'care_home_staff' and r.from_on <= _today and (r.until_on is null or r.until_on > _today)
        and not withdrew_sharing(r.patient_id, _at)
    union all
    select b.patient_id, true, false from break_glass b
    where b.account_id = _account and b.opened_at <= _at and b.until_at > _at and b.ended_at is null
        and exists (select from effective_grant(_account, _at) g where g.role = 'clinician')
$$
"""
_WITHDREW_SHARING = """
create or replace function withdrew_sharing(_patient uuid, _at timestamptz) returns boolean
language sql stable as $$
    select exists (select from consent c where c.patient_id = _patient and c.purpose = 'care_sharing'
        and c.provision = 'deny' and c.ended_at is null)
$$
"""
_ENTER = """
create or replace function enter(_account uuid, _at timestamptz, _about uuid[]) returns void
language plpgsql volatile security definer as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _visible uuid[];
    _readable uuid[];
    _writable uuid[];
begin
    if _about is null then
        select array_agg(distinct s.patient_id), array_agg(distinct s.patient_id) filter (where s.reads),
            array_agg(distinct s.patient_id) filter (where s.writes)
        into _visible, _readable, _writable from standing(_account, _at, _today) s;
    else
        select array_agg(distinct s.patient_id), array_agg(distinct s.patient_id) filter (where s.reads),
            array_agg(distinct s.patient_id) filter (where s.writes)
        into _visible, _readable, _writable from standing(_account, _at, _today) s
        where s.patient_id = any(_about);
    end if;
    perform set_config('tendwell.account', _account::text, true), set_config('tendwell.at', _at::text, true),
        set_config('tendwell.visible', coalesce(_visible, '{}')::text, true),
        set_config('tendwell.readable', coalesce(_readable, '{}')::text, true),
        set_config('tendwell.writable', coalesce(_writable, '{}')::text, true);
end $$
"""
_ENTER_FOR = """
create or replace function enter_for(_accounts uuid[], _patients uuid[], _at timestamptz) returns void
language plpgsql volatile security definer as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _readable uuid[];
begin
    select array_agg(distinct q.patient) into _readable from unnest(_accounts, _patients) q(account, patient)
    where exists (select from standing(q.account, _at, _today) s where s.patient_id = q.patient and s.reads);
    perform set_config('tendwell.account', '00000000-0000-0000-0000-000000000000', true),
        set_config('tendwell.visible', coalesce(_readable, '{}')::text, true),
        set_config('tendwell.readable', coalesce(_readable, '{}')::text, true);
end $$
"""
# Whose record is being added to by somebody who may add and not read: what is there already has to be met, and is not
# told. The guard that lets them record says so (`domain/people/queries.py`).
_CONTEXT = (
    """create function readable_patients() returns uuid[] language sql stable as
    $$ select nullif(current_setting('tendwell.readable', true), '')::uuid[] $$""",
    """create function writable_patients() returns uuid[] language sql stable as
    $$ select nullif(current_setting('tendwell.writable', true), '')::uuid[] $$""",
    """create function patient_added_to() returns uuid language sql stable as
    $$ select nullif(current_setting('tendwell.adding_to', true), '')::uuid $$""",
)
CONTEXT = ("readable_patients()", "writable_patients()", "patient_added_to()")
_ASKED_TO_RESTRICT = """
exists (select from rights_request r where r.patient_id = {patient} and r.kind = 'restriction' and r.decision is null
    and r.practice_id = any((select overseen())::uuid[]))
"""
_OVERSEEN = "practice_id = any((select overseen())::uuid[])"
_JUST_MADE = "created_by = (select acting_account()) and created_at = (select acting_at())"


def _readable(column: str = "patient_id") -> str:
    return f"{column} = any((select readable_patients())::uuid[])"


def _writable(column: str = "patient_id") -> str:
    return f"{column} = any((select writable_patients())::uuid[])"


def _writable_of(table: str, column: str, parent: str) -> str:
    return f"exists (select from {parent} where {parent}.id = {table}.{column} and {_writable(f'{parent}.patient_id')})"


_TOLD_OR_ADDED_TO = f"{_readable()} or patient_id = (select patient_added_to())"
# What a record holds, beside who it is of and who stands to them, is there for whoever may read it. Parts of a goal or
# a plan follow their goal or plan.
READ: dict[str, str] = {
    "observation": _TOLD_OR_ADDED_TO,
    "action_plan": _TOLD_OR_ADDED_TO,
    "goal": _readable(),
    "enrolment": _readable(),
    "contact": _readable(),
    "patient_former": _readable(),
    "patient_invitation": _readable(),
    "audit_event": f"{_readable()} or (patient_id is null and account_id = (select acting_account()))",
    "rights_request": f"{_readable()} or {_OVERSEEN}",
}
# A new action of a plan, say, is written by who may write the record; and so on.
WRITTEN: dict[str, str] = {
    "observation": _writable(),
    "goal": _writable(),
    "goal_former": _writable_of("goal_former", "goal_id", "goal"),
    "goal_step": _writable_of("goal_step", "goal_id", "goal"),
    "action_plan": _writable(),
    "action_plan_end": _writable_of("action_plan_end", "plan_id", "action_plan"),
    "action_plan_goal": _writable_of("action_plan_goal", "plan_id", "action_plan"),
    "action": _writable_of("action", "plan_id", "action_plan"),
    "action_completion": "exists (select from action join action_plan on action_plan.id = action.plan_id"
    f" where action.id = action_completion.action_id and {_writable('action_plan.patient_id')})",
    "enrolment": _writable(),
    "contact": _writable(),
    "residence": _writable(),
    "care_team_patient": _writable(),
    "consent": f"{_writable()} or {_ASKED_TO_RESTRICT.format(patient='consent.patient_id')}",
}
ADDED: dict[str, str] = {
    **WRITTEN,
    "delegation": _writable(),
    "patient_former": _writable(),
    "patient_invitation": _writable(),
    "rights_request": _writable(),
}
CHANGED: dict[str, str] = {
    **WRITTEN,
    "patient": f"{_writable('id')} or ({_JUST_MADE}) or {_ASKED_TO_RESTRICT.format(patient='patient.id')}",
}
_POLICIES = (("read_scope", "select", READ), ("added_scope", "insert", ADDED), ("changed_scope", "update", CHANGED))

# `pg_temp` last: else a caller's temporary table would stand in for one of ours, and its code run with our rights.
_SETTLE = """
do $$ declare _function regprocedure; begin
    for _function in select oid from pg_proc where prosecdef and pronamespace = current_schema()::regnamespace loop
        execute format('alter function %s set search_path = %I, pg_temp', _function, current_schema());
    end loop;
end $$
"""


def upgrade() -> None:
    for function in (_STANDING, *_CONTEXT, _WITHDREW_SHARING, _ENTER, _ENTER_FOR):
        op.execute(function)
    op.execute("drop function reach(uuid, timestamptz, date)")
    op.execute("revoke all on function standing(uuid, timestamptz, date) from public")
    for function in CONTEXT:
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {RUNTIME}")
    for policy, deed, tables in _POLICIES:
        for table, rule in tables.items():
            op.execute(f"create policy {policy} on {table} as restrictive for {deed} to {RUNTIME}{_held(deed, rule)}")
    op.execute(_SETTLE)


def downgrade() -> None:
    script: Any = op.get_context().script
    before = vars(script.get_revision("0013").module)
    for policy, _, tables in _POLICIES:
        for table in tables:
            op.execute(f"drop policy {policy} on {table}")
    op.execute(before["_REACH"])
    op.execute("revoke all on function reach(uuid, timestamptz, date) from public")
    for name in ("_WITHDREW_SHARING", "_ENTER", "_ENTER_FOR"):
        op.execute(before[name].replace("create function", "create or replace function"))
    for function in (*CONTEXT, "standing(uuid, timestamptz, date)"):
        op.execute(f"drop function {function}")
    # Where the functions look stays settled: there is nothing to take back.


def _held(deed: str, rule: str) -> str:
    return {
        "select": f" using ({rule})",
        "insert": f" with check ({rule})",
        "update": f" using ({rule}) with check ({rule})",
    }[deed]
