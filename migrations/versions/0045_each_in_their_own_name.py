"""In a transaction that acts for several, nobody writes in the name of none of them.

Revision: 0045
After: 0044
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

RUNTIME = "tendwell_runtime"
_BY_A_PAIR = "{who} || '/' || patient_id = any((select acting_pairs())::text[])"
_OWN_DEED = "{who} = (select acting_account())"
_ALONE = "(select acting_pairs()) is null and "


def upgrade() -> None:
    _settle(_ALONE)


def downgrade() -> None:
    _settle("")


def _settle(when: str) -> None:
    for policy, table, who in ((RUNTIME, "audit_event", "account_id"), ("recorded_by", "observation", "recorded_by")):
        own, pair = _OWN_DEED.format(who=who), _BY_A_PAIR.format(who=who)
        op.execute(f"alter policy {policy} on {table} with check ({when}{own} or {pair})")
