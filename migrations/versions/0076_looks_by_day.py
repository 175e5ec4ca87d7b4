"""Who looked at somebody's record is looked up by the day: entries of one day are kept as one, with a list of rows.

By the instant no two entries were alike, and each person's page was split in halves as it grew: 59 bytes of each deed.

Revision: 0076
After: 0075
"""

from alembic import op

from migrations.online import index_of_parts_concurrently

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

NOT_ONLINE = {
    "index": "of the whole alone, which holds no rows: each month's own index is made concurrently, and taken in."
    " On the way down it is made at once, and who writes to the trail waits.",
}
# No worker makes a month meanwhile (0068), which would have neither the index of before nor this one.
_NO_NEW_MONTHS = "select pg_advisory_lock(hashtextextended('open_audit_months', 0))"
_MONTHS_AGAIN = "select pg_advisory_unlock(hashtextextended('open_audit_months', 0))"


def upgrade() -> None:
    op.execute(_NO_NEW_MONTHS)
    index_of_parts_concurrently(
        "audit_event", "audit_of_patient_by_day", "by_day", "(patient_id, cast(at at time zone 'UTC' as date))"
    )
    op.execute(_MONTHS_AGAIN)
    op.execute("drop index audit_of_patient")


def downgrade() -> None:
    op.execute("create index audit_of_patient on audit_event (patient_id, at)")
    op.execute("drop index audit_of_patient_by_day")
