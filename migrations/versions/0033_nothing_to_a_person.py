"""Whoever administers accounts or reads outcomes sees no person by that account: not the one whose own it is, either.

Revision: 0033
After: 0032
"""

from typing import Any

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# Asked of the account alone: PostgreSQL answers it once, before it looks for anybody.
_SEES_PERSONS = (
    "not exists (select from effective_grant(_account, _at) g where g.role in ('commissioner', 'administrator'))"
)
# As 0029 has it, but for whose own the account is.
_STANDING = f"""
create or replace function standing(_account uuid, _at timestamptz, _today date)
returns table (patient_id uuid, reads boolean, writes boolean)
language sql stable as $$
    select p.id, true, true from patient p where p.account_id = _account and {_SEES_PERSONS}
    union all
    select d.patient_id, d.scopes && array['read', 'decide'], d.scopes && array['record', 'decide'] from delegation d
    where d.account_id = _account and d.accepted_at <= _at and d.from_at <= _at
        and (d.until_at is null or d.until_at > _at) and d.ended_at is null and {_SEES_PERSONS}
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


def upgrade() -> None:
    op.execute(_STANDING)


def downgrade() -> None:
    script: Any = op.get_context().script
    before = vars(script.get_revision("0029").module)["_STANDING"]
    op.execute(before.replace("create function", "create or replace function"))
