"""Each start of the server begins an epoch of the event log; how far the one before it went is kept beside it.

A copy of the server's files (a base backup, a disk's snapshot) that is started as it is looks like the server itself in
all that PostgreSQL knows of itself, but for when it was started: it gave numbers again that clients had been told for
other events. Now a number of an earlier epoch is good as far as that epoch goes here, and no further. The timeline is
read where it is changed at once: what the control file says of it is some minutes old after a promotion.

Revision: 0078
After: 0077
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from migrations.online import change_function

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None
NOT_ONLINE = {"rows": "It is one row, which the relay looks at and no writer does."}

RUNTIME, FEED, WORKER = "tendwell_runtime", "tendwell_feed", "tendwell_worker"
# Who sees which rows of it, and what each may do.
_MAY = {
    RUNTIME: ("(select acting_account()) is not null", "select"),
    FEED: ("true", "select"),
    WORKER: ("true", "select, insert, delete"),
}
_TIMELINE = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::text"
_CHANGES = {
    "c.timeline_id::text": _TIMELINE,
    "pg_control_system() s, pg_control_checkpoint() c)": "pg_control_system() s)",
    "_before bigint; _after bigint; _is_settled boolean;": (
        "_before bigint; _after bigint; _is_settled boolean; _goes_on boolean;"
    ),
    "into _before, _is_settled from event_relay r": (
        ", r.server_started_at is not distinct from pg_postmaster_start_time() into _before, _is_settled, _goes_on"
        " from event_relay r"
    ),
    "        return -1;\n    end if;\n": (
        "        return -1;\n"
        "    elsif not _goes_on then\n"
        "        insert into event_epoch (epoch, number) select r.epoch, r.number from event_relay r;\n"
        "        update event_relay set epoch = gen_random_uuid(), server_started_at = pg_postmaster_start_time();\n"
        "    end if;\n"
    ),
}


def upgrade() -> None:
    op.create_table(
        "event_epoch",
        sa.Column("epoch", UUID(as_uuid=True), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.execute("alter table event_epoch enable row level security")
    for role, (rows, rights) in _MAY.items():
        op.execute(f"grant {rights} on event_epoch to {role}")
        op.execute(f"create policy {role} on event_epoch to {role} using ({rows}) with check ({rows})")
    op.add_column("event_relay", sa.Column("server_started_at", sa.TIMESTAMP(timezone=True)))
    op.execute("update event_relay set server_started_at = pg_postmaster_start_time()")
    for before, after in _CHANGES.items():
        change_function("number_events", before, after)


def downgrade() -> None:
    for before, after in reversed(_CHANGES.items()):
        change_function("number_events", after, before)
    op.drop_column("event_relay", "server_started_at")
    op.drop_table("event_epoch")
