"""Guesses at a second factor on a known device are counted by themselves, and a new password begins the count anew.

Revision: 0031
After: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = "scope in ('account', 'address', 'device', 'session', 'second_factor', 'reset', 'reset_from', 'invitation')"
SINCE = BEFORE.replace("'second_factor'", "'second_factor', 'second_factor_freed'")


def upgrade() -> None:
    op.add_column("sign_in_token", sa.Column("known_device", sa.LargeBinary(), nullable=True))
    _allow(SINCE)


def downgrade() -> None:
    op.execute("delete from sign_in_attempt where scope = 'second_factor_freed'")
    _allow(BEFORE)
    op.drop_column("sign_in_token", "known_device")


def _allow(scopes: str) -> None:
    op.drop_constraint("attempt_scope_known", "sign_in_attempt", type_="check")
    op.create_check_constraint("attempt_scope_known", "sign_in_attempt", scopes)
