"""What a transaction may change in rows that give a reach: only what a deed of the application changes there.

Revision: 0020
After: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RUNTIME, LINKING = "tendwell_runtime", "tendwell_linking"
# Whom a row is about, who gains by it, and from when to when, is settled when it is made.
CHANGED = {
    "patient": "given_name, family_name, born_on, nhs_number, version",
    "delegation": "account_id, accepted_at, ended_at, ended_by, end_reason",
    "break_glass": "ended_at",
    "consent": "ended_at",
    "residence": "until_on",
    "care_team": "name, version",
    "care_team_member": "until_at",
    "care_team_patient": "until_at",
}
# What has ended stays ended.
ENDS = {"delegation": "ended_at", "break_glass": "ended_at", "consent": "ended_at"}
_VISIBLE = "patient_id = any((select visible_patients())::uuid[])"


def upgrade() -> None:
    for table, columns in CHANGED.items():
        op.execute(f"revoke update on {table} from {RUNTIME}")
        op.execute(f"grant update ({columns}) on {table} to {RUNTIME}")
    op.execute(f"grant update (account_id) on patient to {LINKING}")
    for table, ended in ENDS.items():
        op.execute(
            f"create policy open_only on {table} as restrictive for update to {RUNTIME}"
            f" using ({ended} is null) with check (true)"
        )
    # An offer is nobody's yet: who has its code accepts it.
    op.execute(f"alter policy insert_only on delegation with check ({_VISIBLE} and account_id is null)")


def downgrade() -> None:
    op.execute(f"alter policy insert_only on delegation with check ({_VISIBLE})")
    for table in ENDS:
        op.execute(f"drop policy open_only on {table}")
    op.execute(f"revoke update (account_id) on patient from {LINKING}")
    for table, columns in CHANGED.items():
        op.execute(f"revoke update ({columns}) on {table} from {RUNTIME}")
        op.execute(f"grant update on {table} to {RUNTIME}")
