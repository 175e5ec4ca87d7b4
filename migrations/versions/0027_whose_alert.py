"""Whoever answers for privacy is told, on asking, whose record was opened in an emergency: a name and an NHS number.

Revision: 0027
After: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
# Of an alert that is theirs to look into, of one at a time, and never of what they opened themselves.
_WHOSE = """
create function person_of_alert(_alert uuid) returns table (given_name text, family_name text, nhs_number text)
language sql stable security definer set search_path from current as $$
    select p.given_name, p.family_name, p.nhs_number from privacy_alert a
    join break_glass b on b.id = a.break_glass_id join patient p on p.id = b.patient_id
    where a.id = _alert and b.account_id <> acting_account()
        and (a.practice_id = any(overseen()) or a.organisation_id = any(overseen()))
$$
"""
FUNCTION = "person_of_alert(uuid)"


def upgrade() -> None:
    op.execute(_WHOSE)
    op.execute(f"revoke all on function {FUNCTION} from public")
    op.execute(f"grant execute on function {FUNCTION} to {RUNTIME}")


def downgrade() -> None:
    op.execute(f"drop function {FUNCTION}")
