"""Several accounts may have given one address; only one of them is told there, who has confirmed it.

Whoever typed another's number had taken it from them without a code. On the way back those that nobody confirmed end,
where another account has the same address: the schema before has room for one.

Revision: 0106
After: 0105
"""

from alembic import op

from migrations.online import unique_index_concurrently

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None

# Of several that nobody confirmed, too, only the last stays.
_ONE_OF_EACH = """
update notice_address a set ended_at = now(), end_reason = 'taken_over', sealed = null
where a.ended_at is null and a.confirmed_at is null and exists (
    select from notice_address b where b.mark = a.mark and b.ended_at is null and b.id <> a.id
        and (b.confirmed_at is not null or b.id > a.id))
"""


def upgrade() -> None:
    unique_index_concurrently(
        "notice_address_told", "on notice_address (mark) where ended_at is null and confirmed_at is not null"
    )
    unique_index_concurrently("notice_address_once", "on notice_address (account_id, mark) where ended_at is null")
    op.execute("drop index notice_address_in_use")


def downgrade() -> None:
    op.execute(_ONE_OF_EACH)
    unique_index_concurrently("notice_address_in_use", "on notice_address (mark) where ended_at is null")
    op.execute("drop index notice_address_told")
    op.execute("drop index notice_address_once")
