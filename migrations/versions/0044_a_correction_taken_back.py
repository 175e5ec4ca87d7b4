"""A person takes back a correction that was not made, and it stands at the head of their record no more.

Revision: 0044
After: 0043
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
TABLE, ONLY_CORRECTIONS = "rights_request", "only_what_is_disputed_is_taken_back"
_DISPUTED = "kind = 'correction' and decision is distinct from 'granted'"
_OWN_WISH = "withdrawn_at is null or (select is_own_record(patient_id))"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_check_constraint(ONLY_CORRECTIONS, TABLE, f"withdrawn_at is null or ({_DISPUTED})")
    # Whether it stands is the person's wish: no practice takes it off, whatever the application asks.
    op.execute(f"create policy own_wish on {TABLE} as restrictive for update to {RUNTIME} with check ({_OWN_WISH})")
    stands = "where r.patient_id = _patient and r.withdrawn_at is null and"
    _replace(_disputes().replace("where r.patient_id = _patient and", stands))


def downgrade() -> None:
    _replace(_disputes())
    op.execute(f"drop policy own_wish on {TABLE}")
    op.drop_constraint(ONLY_CORRECTIONS, TABLE)
    op.drop_column(TABLE, "withdrawn_at")


def _disputes() -> str:
    function: str = _script("0038")["_DISPUTES"]
    return function.replace("create function", "create or replace function")


def _replace(function: str) -> None:
    op.execute(function)
    # To replace a function takes its search path away.
    op.execute(_script("0029")["_SETTLE"])


def _script(revision: str) -> dict[str, Any]:
    script: Any = op.get_context().script
    found: dict[str, Any] = vars(script.get_revision(revision).module)
    return found
