"""A person's own copy tells what was made of emergencies over their record, and what their account did of itself.

Revision: 0028
After: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
# Whose record was opened is hidden from a rule on alerts by the rule on openings, which asks for alerts itself.
_OWN = """
create function own_emergencies() returns uuid[] language sql stable security definer set search_path from current as $$
    select array_agg(b.id) from break_glass b join patient p on p.id = b.patient_id
    where p.account_id = acting_account()
$$
"""
FUNCTION = "own_emergencies()"
# Beside what 0013 lets runtime reach, to read alone.
ALSO = {
    "privacy_alert": "break_glass_id = any((select own_emergencies())::uuid[])",
    "audit_event": "patient_id is null and account_id = (select acting_account())",
}


def upgrade() -> None:
    op.execute(_OWN)
    op.execute(f"revoke all on function {FUNCTION} from public")
    op.execute(f"grant execute on function {FUNCTION} to {RUNTIME}")
    for table, rows in ALSO.items():
        op.execute(f"create policy own on {table} for select to {RUNTIME} using ({rows})")


def downgrade() -> None:
    for table in ALSO:
        op.execute(f"drop policy own on {table}")
    op.execute(f"drop function {FUNCTION}")
