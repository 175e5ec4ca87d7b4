"""The feed's index by patient is of the patient alone: a few bytes an event instead of fifty.

With the number beside it no two entries were alike, and each patient's page was split in halves as it grew. What is
after a cursor is looked for by the number where that is less, and else among the patient's own.

Revision: 0074
After: 0073
"""

from alembic import op

from migrations.online import index_concurrently

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently("event_feed_by_patient", "on event_feed (patient_id)")
    op.execute("drop index event_feed_of_patient")


def downgrade() -> None:
    index_concurrently("event_feed_of_patient", "on event_feed (patient_id, number)")
    op.execute("drop index event_feed_by_patient")
