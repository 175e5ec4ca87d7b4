"""Whether a patient may be told about is asked until one of those who are to be told may see them, not of each.

Each of them is asked again before they are told, by the rule itself: this is the net under it.

Revision: 0065
After: 0055
"""

from alembic import op

revision = "0065"
down_revision = "0055"
branch_labels = None
depends_on = None

_OF_EACH = """
    select array_agg(distinct q.patient) into _readable from unnest(_accounts, _patients) q(account, patient)
    where exists (select from standing(q.account, _at, _today) s where s.patient_id = q.patient and s.reads);
"""
# LATERAL with LIMIT 1 stops at the first who may, and looks each up by index.
_UNTIL_ONE = """
    select array_agg(asked.patient) into _readable
    from (select q.patient, array_agg(q.account) as accounts from unnest(_accounts, _patients) q(account, patient)
        group by q.patient) asked
    cross join lateral (
        select from unnest(asked.accounts) a(account)
        cross join lateral (
            select from standing(a.account, _at, _today) s where s.patient_id = asked.patient and s.reads limit 1) reads
        limit 1) witness;
"""
_ENTER_FOR = """
create or replace function enter_for(_accounts uuid[], _patients uuid[], _at timestamptz) returns void
language plpgsql volatile security definer as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _readable uuid[];
begin
    {who}
    perform set_config('tendwell.account', '00000000-0000-0000-0000-000000000000', true),
        set_config('tendwell.visible', coalesce(_readable, '{{}}')::text, true),
        set_config('tendwell.readable', coalesce(_readable, '{{}}')::text, true);
end $$
"""
_SEARCH_PATH = """
do $$ begin
    execute format('alter function enter_for(uuid[], uuid[], timestamptz) set search_path = %I, pg_temp', current_schema());
end $$
"""


def upgrade() -> None:
    _enter_for(_UNTIL_ONE)


def downgrade() -> None:
    _enter_for(_OF_EACH)


def _enter_for(who: str) -> None:
    op.execute(_ENTER_FOR.format(who=who))
    op.execute(_SEARCH_PATH)
