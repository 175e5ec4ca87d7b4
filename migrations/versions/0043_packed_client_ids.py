"""A sender's own id of a reading takes half the room: a UUID is stored as one. Whatever was sent is told as it was.

Revision: 0043
After: 0042
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# As domain/observations/client_id.py packs it: no other id begins with a zero byte.
_PACKED = """
alter table observation alter column client_id type bytea using
    case when client_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    then decode('00', 'hex') || uuid_send(client_id::uuid) else convert_to(client_id, 'UTF8') end
"""
_UNPACKED = """
alter table observation alter column client_id type text using
    case when get_byte(client_id, 0) = 0 then encode(substr(client_id, 2), 'hex')::uuid::text
    else convert_from(client_id, 'UTF8') end
"""


def upgrade() -> None:
    _change(_PACKED)


def downgrade() -> None:
    _change(_UNPACKED)


def _change(how: str) -> None:
    op.get_bind().exec_driver_sql(how)
