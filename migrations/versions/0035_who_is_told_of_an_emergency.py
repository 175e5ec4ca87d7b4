"""Who has just broken a glass may have a letter written to the person whose record it is: to an account, by its id.

Revision: 0035
After: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

LINKING = "tendwell_linking"
# Row security keeps the person from whoever acts, who had broken no glass when the transaction began. Answered are ids
# of accounts: the person's own if it can be signed in with, else of those who decide for them by law; the latter not
# of a safeguarding matter, which may be about them, and never who broke it. Of one's own deed of this transaction.
_TOLD = """
create function told_of_opening(_break_glass uuid) returns table (account_id uuid, is_own boolean)
language sql stable security definer as $$
    with opened as (
        select b.patient_id, b.account_id, b.reason_code, a.id as own from break_glass b
        join patient p on p.id = b.patient_id
        left join account a on a.id = p.account_id and a.disabled_at is null
        where b.id = _break_glass and b.account_id = acting_account() and b.opened_at = acting_at())
    select own, true from opened where own is not null
    union
    select d.account_id, false from opened join delegation d on d.patient_id = opened.patient_id
    where own is null and opened.reason_code <> 'safeguarding' and d.account_id <> opened.account_id
        and 'decide' = any(d.scopes) and d.accepted_at <= acting_at() and d.from_at <= acting_at()
        and (d.until_at is null or d.until_at > acting_at()) and (d.ended_at is null or d.ended_at > acting_at())
$$
"""


# `pg_temp` last: else a caller's temporary table would stand in for one of ours, and its code run with our rights.
_SETTLE = """
do $$ begin
    execute format('alter function told_of_opening(uuid) set search_path = %I, pg_temp', current_schema());
end $$
"""


def upgrade() -> None:
    op.execute(_TOLD)
    op.execute(_SETTLE)
    op.execute("revoke all on function told_of_opening(uuid) from public")
    op.execute(f"grant execute on function told_of_opening(uuid) to {LINKING}")


def downgrade() -> None:
    op.execute("drop function told_of_opening(uuid)")
