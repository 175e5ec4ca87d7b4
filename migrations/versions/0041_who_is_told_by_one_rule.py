"""Whoever is told of an emergency holds by the rules of everything else: what is ended is over, and who cannot sign in.

Revision: 0041
After: 0040
"""

from typing import Any

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# Nobody's letter goes to an account that cannot be signed in with, or that sees no person.
_TOLD_BY_LETTER = (
    "exists (select from account a where a.id = {account} and a.disabled_at is null)"
    " and not exists (select from effective_grant({account}, acting_at()) g"
    " where g.role in ('commissioner', 'administrator'))"
)
# As 0038 has it, but that a delegation that somebody has ended is over, whatever its instant: by the clock of a node
# that is behind it would still have held. And whom no letter reaches is not named, the person's own account or not.
_TOLD = f"""
create or replace function told_of_opening(_break_glass uuid) returns table (account_id uuid, is_own boolean)
language sql stable security definer as $$
    with opened as (
        select b.patient_id, b.account_id, b.reason_code,
            case when {_TOLD_BY_LETTER.format(account="p.account_id")} then p.account_id end as own
        from break_glass b join patient p on p.id = b.patient_id
        where b.id = _break_glass and b.account_id = acting_account() and b.opened_at = acting_at())
    select own, true from opened where own is not null
    union
    select d.account_id, false from opened join delegation d on d.patient_id = opened.patient_id
    where own is null and opened.reason_code <> 'safeguarding' and d.account_id <> opened.account_id
        and 'decide' = any(d.scopes) and d.accepted_at <= acting_at() and d.from_at <= acting_at()
        and (d.until_at is null or d.until_at > acting_at()) and d.ended_at is null
        and {_TOLD_BY_LETTER.format(account="d.account_id")}
$$
"""


def upgrade() -> None:
    op.execute(_TOLD)
    _settle()


def downgrade() -> None:
    op.execute(_script("0038")["_TOLD"])
    _settle()


def _settle() -> None:
    # To replace a function takes its search path away.
    op.execute(_script("0029")["_SETTLE"])


def _script(revision: str) -> dict[str, Any]:
    script: Any = op.get_context().script
    found: dict[str, Any] = vars(script.get_revision(revision).module)
    return found
