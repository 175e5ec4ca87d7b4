"""Rows of the trail that are sealed together have one row for their seals, instead of one each with two indexes.

Seals from before stay as they are, in their own table, and still verify. What is written from now on is taken down
row by row again by the step down, for which each row's hash is worked out anew.

Revision: 0073
After: 0072
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection, Row
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

TABLE = "audit_stretch"
FEED, WORKER = "tendwell_feed", "tendwell_worker"
_IDS = "int8range(least_id, greatest_id, '[]')"
# As domain/audit/chain.py had it at this revision.
_COLUMNS = (
    "id, at, account_id, session_id, action, about, basis, role, organisation_id, purpose, reason, outcome, patient_id,"
    " subject_id, count, request_id, xid"
)
_EACH = sa.text(
    f"""
    select t.first_position + u.place - 1 as position, u.audit_id, t.sealed_at, {_COLUMNS}
    from {TABLE} t cross join lateral unnest(t.audit_ids) with ordinality u(audit_id, place)
    left join audit_event a on a.id = u.audit_id
    where t.first_position = :first order by u.place
    """
)
_FIRST = sa.text(f"select first_position from {TABLE} order by first_position")
_BEFORE = sa.text(
    "select coalesce((select chain_hash from audit_seal where position = :position),"
    " (select chain_hash from audit_checkpoint where position = :position), decode(repeat('00', 32), 'hex'))"
)
_TAKE_DOWN = sa.text(
    "insert into audit_seal (position, audit_id, sealed_at, row_hash, chain_hash)"
    " values (:position, :audit_id, :sealed_at, :row_hash, :chain_hash)"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("first_position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("least_id", sa.BigInteger, nullable=False),
        sa.Column("greatest_id", sa.BigInteger, nullable=False),
        sa.Column("sealed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary, nullable=False),
        sa.Column("audit_ids", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("marks", sa.LargeBinary, nullable=False),
    )
    op.execute(f"create index audit_stretch_of_ids on {TABLE} using gist ({_IDS})")
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(f"grant select (audit_ids, least_id, greatest_id) on {TABLE} to {FEED}")
    op.execute(f"grant select, insert on {TABLE} to {WORKER}")
    for role in (FEED, WORKER):
        op.execute(f"create policy {role} on {TABLE} to {role} using (true)")


def downgrade() -> None:
    connection = op.get_bind()
    for (first,) in connection.execute(_FIRST).all():
        _take_down(connection, first)
    op.drop_table(TABLE)


def _take_down(connection: Connection, first: int) -> None:
    chain: bytes = connection.execute(_BEFORE, {"position": first - 1}).scalar_one()
    for row in connection.execute(_EACH, {"first": first}).all():
        hashed = _row_hash(row)
        chain = hashlib.sha256(b"\x02" + chain + hashed).digest()
        seal = {"position": row.position, "audit_id": row.audit_id, "sealed_at": row.sealed_at}
        connection.execute(_TAKE_DOWN, seal | {"row_hash": hashed, "chain_hash": chain})


def _row_hash(row: Row[Any]) -> bytes:
    columns = [_told(value) for value in tuple(row)[3:]]
    told = ["tendwell audit row 1", row.position, _told(row.sealed_at), *columns]
    return hashlib.sha256(b"\x00" + json.dumps(told, separators=(",", ":")).encode()).digest()


def _told(value: Any) -> str | int | None:
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
