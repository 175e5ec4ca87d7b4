"""A restriction of processing has a mark of its own among decisions: until now it was known by the words of its note.

Revision: 0034
After: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MARK, ONLY_REFUSALS = "is_restriction", "only_a_refusal_restricts"
# Anybody could type the note. A restriction was written in the transaction that granted a request for one: by the same
# account, at the same instant.
_GRANTED = f"""
    update consent c set {MARK} = true
    where c.provision = 'deny' and exists (
        select from rights_request r
        where r.patient_id = c.patient_id and r.kind = 'restriction' and r.decision = 'granted'
            and r.decided_by = c.decided_by and r.decided_at = c.decided_at)
"""


def upgrade() -> None:
    op.add_column("consent", sa.Column(MARK, sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute(_GRANTED)
    op.create_check_constraint(ONLY_REFUSALS, "consent", f"not {MARK} or provision = 'deny'")


def downgrade() -> None:
    # The note still says it, and by that the code before knows a restriction.
    op.drop_column("consent", MARK)
