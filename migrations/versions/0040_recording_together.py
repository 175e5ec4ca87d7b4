"""Readings of many callers are recorded in one transaction: it acts for each pair of an account and a patient.

Revision: 0040
After: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
# Only pairs that may both read and write the record: whoever else writes does so in a transaction of their own. Each
# pair is looked up by itself: as a join, the reach of everybody would be worked out first.
_ENTER_TOGETHER = """
create function enter_together(_accounts uuid[], _patients uuid[], _at timestamptz) returns void
language plpgsql volatile security definer set search_path from current as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _standing uuid[];
    _pairs text[];
begin
    select array_agg(distinct q.patient), array_agg(q.account || '/' || q.patient) into _standing, _pairs
    from unnest(_accounts, _patients) q(account, patient)
    cross join lateral (
        select bool_or(s.reads) and bool_or(s.writes) as both from standing(q.account, _at, _today) s
        where s.patient_id = q.patient) s
    where s.both;
    -- A row that somebody else holds (a patient's, an account's) must not hold up all that share this transaction.
    perform set_config('lock_timeout', '200ms', true), set_config('tendwell.account', '00000000-0000-0000-0000-000000000000', true),
        set_config('tendwell.at', _at::text, true),
        set_config('tendwell.visible', coalesce(_standing, '{}')::text, true),
        set_config('tendwell.readable', coalesce(_standing, '{}')::text, true),
        set_config('tendwell.writable', coalesce(_standing, '{}')::text, true),
        set_config('tendwell.pairs', coalesce(_pairs, '{}')::text, true);
end $$
"""
_ACTING_PAIRS = """create function acting_pairs() returns text[] language sql stable as
    $$ select nullif(current_setting('tendwell.pairs', true), '')::text[] $$"""
FUNCTIONS = ("acting_pairs()", "enter_together(uuid[], uuid[], timestamptz)")
_BY_A_PAIR = "{who} || '/' || patient_id = any((select acting_pairs())::text[])"
_OWN_DEED = "account_id = (select acting_account())"
# Nobody is recorded as having done what another did: neither in the trail nor beside a reading.
_RECORDED_BY = f"recorded_by = (select acting_account()) or {_BY_A_PAIR.format(who='recorded_by')}"


def upgrade() -> None:
    for function in (_ENTER_TOGETHER, _ACTING_PAIRS):
        op.execute(function)
    for name in FUNCTIONS:
        op.execute(f"revoke all on function {name} from public")
        op.execute(f"grant execute on function {name} to {RUNTIME}")
    op.execute(
        "do $$ begin execute format('alter function %s set search_path = %I, pg_temp', '"
        + FUNCTIONS[1]
        + "'::regprocedure, current_schema()); end $$"
    )
    op.execute(
        f"alter policy {RUNTIME} on audit_event with check ({_OWN_DEED} or {_BY_A_PAIR.format(who='account_id')})"
    )
    op.execute(
        f"create policy recorded_by on observation as restrictive for insert to {RUNTIME} with check ({_RECORDED_BY})"
    )


def downgrade() -> None:
    op.execute("drop policy recorded_by on observation")
    op.execute(f"alter policy {RUNTIME} on audit_event with check ({_OWN_DEED})")
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
