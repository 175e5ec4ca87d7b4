"""A reading's own id follows from whose it is and from its sender's id: what makes a repeat impossible is one index less.

The index by the sender's id stays for what was recorded before (0053), and is that of new rows no more: 98 bytes a
reading. That every row keeps to it is looked at in the next step, while others are written.

Revision: 0054
After: 0053
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

# As domain/observations/client_id.py has it. One expression, so that PostgreSQL puts it in the place of the call.
_ID_OF = """
create function observation_id_of(_patient uuid, _client_id bytea) returns uuid
language sql immutable parallel safe as $$
    select overlay(overlay(encode(
        case when length(_client_id) = 17 then
            case when get_byte(_client_id, 0) = 0 and get_byte(_client_id, 7) >> 4 = 7
            then substring(_client_id from 2 for 6)
                || substring(sha256(uuid_send(_patient) || _client_id) from 7 for 10)
            else substring(sha256(uuid_send(_patient) || _client_id) from 1 for 16) end
        else substring(sha256(uuid_send(_patient) || _client_id) from 1 for 16) end,
        'hex') placing '8' from 13 for 1) placing '8' from 17 for 1)::uuid
$$
"""
VERSION = "get_byte(uuid_send(id), 6) >> 4"
FOLLOWS = "observation_id_follows"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(_ID_OF)
    op.execute(
        f"alter table observation add constraint {FOLLOWS}"
        f" check ({VERSION} <> 8 or id = observation_id_of(patient_id, client_id)) not valid"
    )
    op.execute("drop index observation_by_client_id")


def downgrade() -> None:
    op.execute("create unique index observation_by_client_id on observation (patient_id, client_id)")
    op.execute(f"alter table observation drop constraint {FOLLOWS}")
    op.execute("drop function observation_id_of(uuid, bytea)")
