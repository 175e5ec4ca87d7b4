"""The audit trail to come in months, first step of three: the rows so far are said to be before a day to come.

Not validated yet, so the lock is held for a moment only.

Revision: 0050
After: 0049
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# All of the month that it is and the next: a worker has time to make the month after.
_BOUND = """
do $$ begin
    execute format('alter table audit_event add constraint audit_before check (at < %L) not valid',
        (date_trunc('month', now() at time zone 'UTC') + interval '2 months') at time zone 'UTC');
end $$
"""


def upgrade() -> None:
    op.execute(_BOUND)


def downgrade() -> None:
    op.execute("alter table audit_event drop constraint if exists audit_before")
