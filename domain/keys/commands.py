"""Making, rotating and retiring stored keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.keys.key_pair import Purpose, new_key_pair
from domain.keys.queries import signing_key, stored_keys
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import Sealing
from domain.keys.tables import KeyRow

# Longer than any process goes on with the keys it holds (60 s, api/key_ring.py) with clocks apart by half a minute.
PUBLISHED_AHEAD = timedelta(minutes=2)
# Longer than anything is good that an access-token key has signed (15 minutes at the most).
KEPT_AFTER_SUCCESSION = timedelta(hours=1)
# Who waited for the first key came a moment before it was made, or has a clock that is behind: to them it signs, too.
_FIRST_SIGNS_FOR = timedelta(minutes=1)
SEALED = SealedColumn("key", "private_sealed", None, lasts=True)

_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('tendwell keys'))")


async def make_first_key(session: AsyncSession, purpose: Purpose, sealing: Sealing, *, at: datetime) -> None:
    """Make a key that signs at once, unless there is one that signs; of several who ask at once, one makes it."""
    await session.execute(_ONE_AT_A_TIME)
    if signing_key(await stored_keys(session, purpose), at) is None:
        await _store(session, purpose, sealing, at=at, signs_from=at - _FIRST_SIGNS_FOR)


async def publish_next_key(
    session: AsyncSession, purpose: Purpose, sealing: Sealing, *, at: datetime, signs_from: datetime
) -> str:
    """Return the id (`kid`) of a new key, which every process verifies with before the instant from which it signs.

    Keys whose successor has signed for an hour are retired with it: nothing that they signed is good any more.
    """
    await session.execute(_ONE_AT_A_TIME)
    keys = await stored_keys(session, purpose)
    in_use = signing_key(keys, at - KEPT_AFTER_SUCCESSION)
    for key in keys:
        if in_use is not None and key.retired_at is None and key.signs_from < in_use.signs_from:
            await _retire(session, key.id, at)
    return await _store(session, purpose, sealing, at=at, signs_from=signs_from)


async def retire_key(session: AsyncSession, kid: str, *, at: datetime) -> None:
    """Have a key verify and sign nothing more; its private half is deleted.

    Raises NotFound, and Conflict when no other key signs yet: then nobody could sign in.
    """
    await session.execute(_ONE_AT_A_TIME)
    row = (await session.execute(select(KeyRow).where(col(KeyRow.kid) == kid))).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such key.")
    if row.retired_at is not None:
        raise Conflict("This key has been retired already.")
    others = [key for key in await stored_keys(session, Purpose(row.purpose)) if key.kid != kid]
    if signing_key(others, at) is None:
        raise Conflict("No other key signs yet. Rotate first, and wait until the new key signs.")
    await _retire(session, row.id, at)


async def _store(
    session: AsyncSession, purpose: Purpose, sealing: Sealing, *, at: datetime, signs_from: datetime
) -> str:
    pair, row_id = new_key_pair(purpose), new_id()
    sealed = sealing.seal(pair.private_pem.encode(), purpose=purpose.value, row_id=row_id)
    session.add(
        KeyRow(
            id=row_id,
            kid=pair.kid,
            purpose=purpose.value,
            public_pem=pair.public_pem,
            private_sealed=sealed,
            created_at=at,
            signs_from=signs_from,
        )
    )
    await session.flush()
    await record_audit(session, _command_line(at), "key.make", subject_id=row_id)
    return pair.kid


async def _retire(session: AsyncSession, row_id: UUID, at: datetime) -> None:
    row = await session.get_one(KeyRow, row_id)
    row.retired_at, row.private_sealed = at, None
    session.add(row)
    await session.flush()
    await record_audit(session, _command_line(at), "key.retire", subject_id=row_id)


def _command_line(at: datetime) -> Actor:
    return Actor(NOBODY, at, request_id="command-line")
