"""Remembering an answer in the transaction of what it answers, and finding it again. Knows no HTTP and no record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.errors import Conflict, Fault, InFlight, Invalid
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import CannotUnseal, Sealing

# Phones may be offline for weeks; security guidance for them asks for 30 days at least.
KEPT_FOR = timedelta(days=30)
# A repeat waits so long for the first to be decided, rather than be told to come back.
_PATIENCE = "5s"
_LOCK_NOT_AVAILABLE = "55P03"
_PURPOSE = "remembered_reply"
# A tag is kept before its body, after a byte with which no body of ours begins: what was kept without one reads on.
_TAGGED, _END_OF_TAG = b"\x01", b"\n"
SEALED = SealedColumn("remembered_reply", "sealed_reply", _PURPOSE, lasts=False)

_WAIT_NO_LONGER = text("select set_config('lock_timeout', :patience, true)")
_TAKE = text(
    """
    insert into remembered_reply (id, account_id, operation, key_hash, request_hash, at)
    values (:id, :account_id, :operation, :key_hash, :request_hash, :at)
    on conflict (account_id, operation, key_hash) do nothing returning id
    """
)
_KNOWN = text(
    """
    select id, request_hash, status, sealed_reply from remembered_reply
    where account_id = :account_id and operation = :operation and key_hash = :key_hash
    """
)
_KEEP = text("update remembered_reply set status = :status, sealed_reply = :sealed where id = :id")
_FORGET = text(
    """
    delete from remembered_reply where id in (
        select id from remembered_reply where at <= :before order by at limit :most)
    """
)
_FORGET_ALL = text("delete from remembered_reply where account_id = :account_id")


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request under a key: which operation, and a keyed hash of all that was asked."""

    operation: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: a status, a body, which may be empty, and the tag of what it showed, if it had one."""

    status: int
    body: bytes
    tag: str | None = None


async def take_or_recall(session: AsyncSession, actor: Actor, asked: Keyed, sealing: Sealing) -> UUID | Reply:
    """Return the reply that this account was given to this request before, or an id to `remember` the reply under.

    Who asks at the same time as another waits until the other's transaction has ended: if it failed, the second is the
    first. Raises Invalid when the key stood on another request, and InFlight when the other takes too long.
    """
    row = {"account_id": actor.account_id, "operation": asked.operation, "key_hash": _hashed(asked.key)}
    await session.execute(_WAIT_NO_LONGER, {"patience": _PATIENCE})
    made = {**row, "id": new_id(), "request_hash": asked.request_hash, "at": actor.at}
    try:
        taken: UUID | None = (await session.execute(_TAKE, made)).scalar_one_or_none()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise InFlight from None
        raise
    if taken is not None:
        return taken
    known = (await session.execute(_KNOWN, row)).one()
    if known.request_hash != asked.request_hash:
        fault = Fault("header/Idempotency-Key", "key_reused", "Give each request a key of its own.")
        raise Invalid("This key was sent with another request before.", [fault])
    try:
        kept = sealing.unseal(known.sealed_reply, purpose=_PURPOSE, row_id=known.id)
    except CannotUnseal:
        raise Conflict("This was done before. What was answered can no longer be read: ask what came of it.") from None
    tag, body = _parted(kept)
    return Reply(known.status, body, tag)


async def remember(session: AsyncSession, taken: UUID, reply: Reply, sealing: Sealing) -> None:
    """Keep the reply, sealed, in the transaction of what was done."""
    kept = reply.body if reply.tag is None else _TAGGED + reply.tag.encode() + _END_OF_TAG + reply.body
    sealed = sealing.seal(kept, purpose=_PURPOSE, row_id=taken)
    await session.execute(_KEEP, {"id": taken, "status": reply.status, "sealed": sealed})


async def forget_replies(session: AsyncSession, *, at: datetime, most: int) -> int:
    """Return how many replies were forgotten that had been kept for 30 days, oldest first and at most so many."""
    result = await session.execute(_FORGET, {"before": at - KEPT_FOR, "most": most})
    return int(result.rowcount)  # type: ignore[attr-defined]


async def forget_replies_of(session: AsyncSession, account_id: UUID) -> None:
    """Forget what an account that is closed was answered: nobody asks again in its name."""
    await session.execute(_FORGET_ALL, {"account_id": account_id})


def _parted(kept: bytes) -> tuple[str | None, bytes]:
    if not kept.startswith(_TAGGED):
        return None, kept
    tag, _, body = kept.removeprefix(_TAGGED).partition(_END_OF_TAG)
    return tag.decode(), body


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
