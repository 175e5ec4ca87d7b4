"""What a person wrote of their record is there for them, their practice and its privacy officers: by row, not by a line.

Others who care for them are told that there is a dispute, and of it nothing that was written.

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
# function, because a rule that asked for patients would ask itself: theirs asks for requests.
_HEARD = """
create function patients_heard() returns uuid[] language sql stable security definer as $$
    select array_agg(p.id) from patient p
    where p.id = any(readable_patients()) and (p.account_id = acting_account()
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
        and _patient = any(readable_patients())
        and (_patient = any(patients_heard()) or exists (
            select from effective_grant(acting_account(), acting_at()) g
            where g.role in ('clinician', 'care_home_staff')))
$$
"""
# As 0016 has it, but of what is heard, not of whom is seen.
_NAMES = """
create or replace function names_of_askers(_requests uuid[])
returns table (id uuid, given_name text, family_name text) language sql stable security definer as $$
    select r.id, p.given_name, p.family_name from rights_request r join patient p on p.id = r.patient_id
    where r.id = any(_requests) and (r.practice_id = any(overseen()) or r.patient_id = any(patients_heard()))
$$
"""
FUNCTIONS = ("disputes_known(uuid)", "patients_heard()")
_WORDS = "patient_id = any((select patients_heard())::uuid[]) or practice_id = any((select overseen())::uuid[])"


def upgrade() -> None:
    for function in (_HEARD, _DISPUTES, _NAMES):
        op.execute(function)
    op.execute(_script("0029")["_SETTLE"])
    for name in FUNCTIONS:
        op.execute(f"revoke all on function {name} from public")
        op.execute(f"grant execute on function {name} to {RUNTIME}")
    _may_see(_WORDS)


def downgrade() -> None:
    rows = _script("0016")
    _may_see(f"{rows['_VISIBLE']} or {rows['_OVERSEEN']}")
    op.execute(rows["_NAMES"].replace("create function", "create or replace function"))
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
    op.execute(_script("0029")["_SETTLE"])


def _may_see(rows: str) -> None:
    op.execute(f"alter policy {RUNTIME} on rights_request using ({rows}) with check ({rows})")


def _script(revision: str) -> dict[str, Any]:
    script: Any = op.get_context().script
    found: dict[str, Any] = vars(script.get_revision(revision).module)
    return found
