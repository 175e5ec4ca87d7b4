"""What a person wrote of their record is a row of theirs, their practice's and its privacy officers', and no other's.

Others who care for them are told that there is a dispute, and of it nothing that was written. A letter about an
emergency goes to no account that sees no person. And a restriction whose words a practice had typed before is marked.

Revision: 0038
After: 0037
"""

from typing import Any

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
# Whose requests the one who acts hears: their own, and those of patients of practices where they are a clinician. A
# function, because a rule that asked for patients would ask itself: theirs asks for requests. `(select …)` has a list
# asked for once a statement: once a row, a practice of 20,000 patients waited until PostgreSQL gave up.
_HEARD = """
create function patients_heard() returns uuid[] language sql stable security definer as $$
    select array_agg(p.id) from patient p
    where p.id = any((select readable_patients())::uuid[]) and (p.account_id = acting_account()
        or p.practice_id in (select g.organisation_id from effective_grant(acting_account(), acting_at()) g
            where g.role = 'clinician'))
$$
"""
# That there is a dispute, for whoever reads the record by work, and the person. No column of words is among these. Who
# acts for the person and holds no role at work is told nothing, whatever the application asks.
_DISPUTES = """
create function disputes_known(_patient uuid)
returns table (id uuid, asked_at timestamptz, decision text, decided_at timestamptz)
language sql stable security definer as $$
    select r.id, r.asked_at, r.decision, r.decided_at from rights_request r
    where r.patient_id = _patient and r.kind = 'correction'
        and (r.decision is null or r.decision in ('partly', 'refused'))
        and _patient = any((select readable_patients())::uuid[])
        and (_patient = any((select patients_heard())::uuid[]) or exists (
            select from effective_grant(acting_account(), acting_at()) g
            where g.role in ('clinician', 'care_home_staff')))
$$
"""
# As 0016 has it, but of what is heard, not of whom is seen.
_NAMES = """
create or replace function names_of_askers(_requests uuid[])
returns table (id uuid, given_name text, family_name text) language sql stable security definer as $$
    select r.id, p.given_name, p.family_name from rights_request r join patient p on p.id = r.patient_id
    where r.id = any(_requests) and (r.practice_id = any((select overseen())::uuid[])
        or r.patient_id = any((select patients_heard())::uuid[]))
$$
"""
FUNCTIONS = ("disputes_known(uuid)", "patients_heard()")
_WORDS = "patient_id = any((select patients_heard())::uuid[]) or practice_id = any((select overseen())::uuid[])"

# As `standing` (0033) has it, of one account.
_SEES_PERSONS = (
    "not exists (select from effective_grant({account}, acting_at()) g"
    " where g.role in ('commissioner', 'administrator'))"
)
_TOLD = f"""
create or replace function told_of_opening(_break_glass uuid) returns table (account_id uuid, is_own boolean)
language sql stable security definer as $$
    with opened as (
        select b.patient_id, b.account_id, b.reason_code, a.id as own from break_glass b
        join patient p on p.id = b.patient_id
        left join account a on a.id = p.account_id and a.disabled_at is null
            and {_SEES_PERSONS.format(account="a.id")}
        where b.id = _break_glass and b.account_id = acting_account() and b.opened_at = acting_at())
    select own, true from opened where own is not null
    union
    select d.account_id, false from opened join delegation d on d.patient_id = opened.patient_id
    where own is null and opened.reason_code <> 'safeguarding' and d.account_id <> opened.account_id
        and 'decide' = any(d.scopes) and d.accepted_at <= acting_at() and d.from_at <= acting_at()
        and (d.until_at is null or d.until_at > acting_at()) and (d.ended_at is null or d.ended_at > acting_at())
        and {_SEES_PERSONS.format(account="d.account_id")}
$$
"""
# Where a practice had typed these words first, a restriction granted later "held already": nothing was written at its
# instant, by which 0034 knows one. What was in force then, in its words, is the restriction.
_NOTE = "Asked for in writing, as a restriction of the record."
_GRANTED = f"""
    update consent c set is_restriction = true
    where c.provision = 'deny' and c.purpose in ('care_sharing', 'research') and c.note = '{_NOTE}'
        and not c.is_restriction and exists (
            select from rights_request r
            where r.patient_id = c.patient_id and r.kind = 'restriction' and r.decision = 'granted'
                and r.decided_at >= c.decided_at and (c.ended_at is null or c.ended_at > r.decided_at))
"""


def upgrade() -> None:
    for function in (_HEARD, _DISPUTES, _NAMES, _TOLD):
        op.execute(function)
    op.execute(_script("0029")["_SETTLE"])
    for name in FUNCTIONS:
        op.execute(f"revoke all on function {name} from public")
        op.execute(f"grant execute on function {name} to {RUNTIME}")
    _may_see(_WORDS)
    op.execute(_GRANTED)


def downgrade() -> None:
    # A restriction that has its mark keeps it: it was granted. 0034 takes all marks away.
    rows = _script("0016")
    _may_see(f"{rows['_VISIBLE']} or {rows['_OVERSEEN']}")
    for before in (rows["_NAMES"], _script("0035")["_TOLD"]):
        op.execute(before.replace("create function", "create or replace function"))
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
    op.execute(_script("0029")["_SETTLE"])


def _may_see(rows: str) -> None:
    op.execute(f"alter policy {RUNTIME} on rights_request using ({rows}) with check ({rows})")


def _script(revision: str) -> dict[str, Any]:
    script: Any = op.get_context().script
    found: dict[str, Any] = vars(script.get_revision(revision).module)
    return found
