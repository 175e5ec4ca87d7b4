"""Guesses at the date of birth with which a patient accepts an invitation are counted.

Revision: 0024
After: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BEFORE = "scope in ('account', 'address', 'device', 'session', 'second_factor', 'reset', 'reset_from')"
SINCE = BEFORE.replace("'reset_from'", "'reset_from', 'invitation'")


def upgrade() -> None:
    _allow(SINCE)


def downgrade() -> None:
    op.execute("delete from sign_in_attempt where scope = 'invitation'")
    _allow(BEFORE)


def _allow(scopes: str) -> None:
    op.drop_constraint("attempt_scope_known", "sign_in_attempt", type_="check")
    op.create_check_constraint("attempt_scope_known", "sign_in_attempt", scopes)
