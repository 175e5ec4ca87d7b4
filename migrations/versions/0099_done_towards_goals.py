"""What was done towards a person's goals is asked for whole: may they be looked at, once, and not of each time it was done.

Row security asks of each row of `action_completion` whose action's plan it belongs to. Of a year of ten actions that
took three quarters of the time in which they were counted.

Revision: 0099
After: 0098
"""

from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None

# Of one patient, whom whoever asks may both see and read (as `action_plan` has it), and of that patient's own goals and
# plans. The tables' owner who has taken no role on passes by row security, and here. What was taken back counts for
# nothing.
_TOWARDS = """
create function completions_towards(
    _patient uuid, _goals uuid[], _from timestamptz[], _until timestamptz[]
) returns table (goal_id uuid, id uuid, done_at timestamptz, is_skipped boolean)
language sql stable security definer set search_path from current as
$$
    select g.goal_id, c.id, c.done_at, c.skipped is not null
    from unnest(_goals, _from, _until) as g(goal_id, from_at, until_at)
    join action_goal l on l.goal_id = g.goal_id
    join action a on a.id = l.action_id
    join action_plan p on p.id = a.plan_id
    join action_completion c on c.action_id = l.action_id and c.done_at >= g.from_at and c.done_at <= g.until_at
    where p.patient_id = _patient
        and (select _patient = any(visible_patients())
                and (_patient = any(readable_patients()) or _patient = patient_added_to())
            or current_setting('role') = 'none' and pg_has_role(session_user, t.relowner, 'usage')
            from pg_class t where t.oid = 'action_plan'::regclass)
        and c.id not in (select r.completion_id from completion_retraction r where r.patient_id = _patient)
$$
"""
_SETTLE = """
do $$ begin
    execute format('alter function completions_towards(uuid, uuid[], timestamptz[], timestamptz[])
        set search_path = %I, pg_temp', current_schema());
end $$
"""
_OF_ITS_KIND = "function completions_towards(uuid, uuid[], timestamptz[], timestamptz[])"


def upgrade() -> None:
    op.execute(_TOWARDS)
    op.execute(_SETTLE)
    op.execute(f"revoke all on {_OF_ITS_KIND} from public")
    op.execute(f"grant execute on {_OF_ITS_KIND} to tendwell_runtime")


def downgrade() -> None:
    op.execute(f"drop {_OF_ITS_KIND}")
