"""Privacy officers answer what is asked of records at the practices they answer for; closed accounts leave every team.

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
_VISIBLE = "patient_id = any((select visible_patients())::uuid[])"
_OVERSEEN = "practice_id = any((select overseen())::uuid[])"
_OWN_TEAM = "care_team_id = any((select own_teams())::uuid[])"
# Whoever answers is told who asked: a name, of a request that is theirs to see, and of nobody else.
_NAMES = """
create function names_of_askers(_requests uuid[]) returns table (id uuid, given_name text, family_name text)
language sql stable security definer set search_path from current as $$
    select r.id, p.given_name, p.family_name from rights_request r join patient p on p.id = r.patient_id
    where r.id = any(_requests) and (r.practice_id = any(overseen()) or r.patient_id = any(visible_patients()))
$$
"""
# Asked for the rows that are changed alone: runtime has no right on what it looks at.
_IS_CLOSED = """
create function is_closed_account(_account uuid) returns boolean
language sql stable security definer set search_path from current as $$
    select exists (select from account where id = _account and password_hash = '!')
$$
"""
# A restriction is granted by refusing consents: `linking` alone reaches them, and the patient's row to hold it, for
# whoever answers for privacy where it was asked, as long as it has no answer.
_ASKED_TO_RESTRICT = """
exists (select from rights_request r where r.patient_id = {patient} and r.kind = 'restriction' and r.decision is null
    and r.practice_id = any((select overseen())::uuid[]))
"""
RESTRICTED = {"patient": "patient.id", "consent": "consent.patient_id"}
FUNCTIONS = ("names_of_askers(uuid[])", "is_closed_account(uuid)")


def upgrade() -> None:
    op.add_column("rights_request", sa.Column("practice_id", sa.Uuid(), sa.ForeignKey("organisation.id")))
    op.execute("update rights_request r set practice_id = p.practice_id from patient p where p.id = r.patient_id")
    op.alter_column("rights_request", "practice_id", nullable=False)
    op.create_index(op.f("ix_rights_request_practice_id"), "rights_request", ["practice_id"])
    for function in (_NAMES, _IS_CLOSED):
        op.execute(function)
    for function in FUNCTIONS:
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {RUNTIME}")
    _may_see("rights_request", f"{_VISIBLE} or {_OVERSEEN}")
    op.execute(
        f"create policy insert_only on rights_request as restrictive for insert to {RUNTIME} with check ({_VISIBLE})"
    )
    for table, patient in RESTRICTED.items():
        rows = _ASKED_TO_RESTRICT.format(patient=patient)
        op.execute(f"create policy to_restrict on {table} to tendwell_linking using ({rows}) with check ({rows})")
    _may_update(f"{_OWN_TEAM} or is_closed_account(account_id)")


def downgrade() -> None:
    _may_update(_OWN_TEAM)
    for table in RESTRICTED:
        op.execute(f"drop policy to_restrict on {table}")
    op.execute("drop policy insert_only on rights_request")
    _may_see("rights_request", _VISIBLE)
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.drop_column("rights_request", "practice_id")


def _may_see(table: str, rows: str) -> None:
    op.execute(f"alter policy {RUNTIME} on {table} using ({rows}) with check ({rows})")


def _may_update(rows: str) -> None:
    op.execute(f"alter policy update_only on care_team_member using ({rows}) with check ({rows})")
