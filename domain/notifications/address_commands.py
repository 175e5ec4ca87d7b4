"""Keeping, confirming and giving up where somebody can be told something. By the account itself alone.

A browser, an app or a number is one account's at a time: whoever signs in next on a shared telephone and wants to be
told there takes it over, and the one before is told there no more. A number is taken over by the code that was sent
there and by nothing else: anybody can type another's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import lock_account
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, IllegalTransition, TooManyAttempts
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import CannotUnseal, Sealing
from domain.notifications.address import (
    CODE_LASTS,
    MOST_ADDRESSES,
    MOST_CODES_A_DAY,
    MOST_WRONG_CODES,
    PURPOSE,
    NewAddress,
    is_code_of,
    marks_of,
)
from domain.notifications.address_queries import Address, address_row_of, as_address, rows_at
from domain.notifications.delivery_commands import queue_to_address
from domain.notifications.tables import NoticeAddressRow, NoticeRow
from domain.notifications.words import CONFIRMED_BY_CODE, Channel, NoticeKind

SEALED = SealedColumn("notice_address", "sealed", PURPOSE, lasts=True)
_A_DAY = timedelta(days=1)
# To see that it works: more than that is somebody playing with it.
MOST_TRIED_OUT_A_DAY = 20
# In one order, whoever asks: two who know it by several marks do not wait for each other.
_ONE_AT_AN_ADDRESS = text(
    "select pg_advisory_xact_lock(hashtextextended('notice address ' || mark, 0))"
    " from unnest(cast(:marks as text[])) as mark"
)
WRONG_CODE = Fault("/code", "wrong_code", "Type the code that was sent there in the last ten minutes.")


async def keep_address(session: AsyncSession, actor: Actor, new: NewAddress, sealing: Sealing) -> Address:
    """Return an address of the caller's, kept once however often it is given; a code is sent where one is needed.

    Raises Conflict for an account that has twenty, and TooManyAttempts where too many codes were sent that day.
    """
    await lock_account(session, actor.account_id)
    given = str(actor.account_id) if new.channel is Channel.email else new.text
    marks = marks_of(sealing, new.channel, given)
    held = await _in_use(session, actor, new.channel, marks)
    if held is not None and held.account_id != actor.account_id:
        await _end(session, held.id, "taken_over", actor.at)
        held = None
    if held is None:
        held = await _made(session, actor, new, marks[0])
    held.name = new.name
    if new.channel is not Channel.email:
        held.sealed = sealing.seal(new.text.encode(), purpose=PURPOSE, row_id=held.id)
    session.add(held)
    await session.flush()
    if held.confirmed_at is None:
        await _send_code(session, actor, held)
    await record_audit(session, actor, "notice.keep_address", subject_id=held.id)
    return as_address(held)


async def confirm_address(
    session: AsyncSession, actor: Actor, address_id: UUID, code: str, sealing: Sealing
) -> Address | None:
    """Return the address, confirmed by the code that was sent there; None for another code, which is counted.

    Whoever was told there before is so no more. After five wrong ones it is given up. A repeat changes nothing. Raises
    NotFound.
    """
    is_right = await _is_right(session, actor, address_id, code, sealing)
    if is_right:
        row = await _taken_over(session, actor, address_id, sealing)
    else:
        row = await address_row_of(session, actor.account_id, address_id)
    if row.confirmed_at is not None:
        return as_address(row)
    if is_right:
        row.confirmed_at = actor.at
    else:
        row.code_failures += 1
    session.add(row)
    await session.flush()
    if row.code_failures >= MOST_WRONG_CODES:
        await _end(session, address_id, "wrong_codes", actor.at)
    await record_audit(session, actor, "notice.confirm_address", subject_id=address_id, count=int(is_right))
    return as_address(row) if is_right else None


async def _is_right(session: AsyncSession, actor: Actor, address_id: UUID, code: str, sealing: Sealing) -> bool:
    sent = await session.scalars(
        select(col(NoticeRow.due_at)).where(
            col(NoticeRow.account_id) == actor.account_id,
            col(NoticeRow.kind) == NoticeKind.confirm.value,
            col(NoticeRow.subject_id) == address_id,
            col(NoticeRow.due_at) > actor.at - CODE_LASTS,
        )
    )
    return is_code_of(sealing, code, address_id, sent.all())


async def _taken_over(session: AsyncSession, actor: Actor, address_id: UUID, sealing: Sealing) -> NoticeAddressRow:
    """Return the row of the caller's address, locked; whoever else was told there is so no more. Raises NotFound."""
    marks = await _all_marks(session, actor, address_id, sealing)
    await _hold(session, marks)
    mine, *others = await rows_at(session, actor.account_id, address_id, marks)
    if mine.confirmed_at is None:
        for other in others:
            await _end(session, other.id, "taken_over", actor.at)
    return mine


async def _all_marks(session: AsyncSession, actor: Actor, address_id: UUID, sealing: Sealing) -> tuple[bytes, ...]:
    """Return by which marks another account may have the same address: also of a former secret. Raises NotFound."""
    row = await address_row_of(session, actor.account_id, address_id, locked=False)
    if row.sealed is None:
        return (row.mark,)
    try:
        given = sealing.unseal(row.sealed, purpose=PURPOSE, row_id=row.id).decode()
    except CannotUnseal:
        return (row.mark,)
    return (row.mark, *marks_of(sealing, Channel(row.channel), given))


async def give_address_up(session: AsyncSession, actor: Actor, address_id: UUID) -> None:
    """Have the caller told nothing there any more, from this commit on; what waits for it neither. Raises NotFound."""
    row = await address_row_of(session, actor.account_id, address_id)
    await _end(session, row.id, "removed", actor.at)
    await record_audit(session, actor, "notice.remove_address", subject_id=address_id)


async def try_address_out(session: AsyncSession, actor: Actor, address_id: UUID) -> None:
    """Have a notice sent to one of the caller's addresses, to see that it works.

    Raises NotFound, IllegalTransition for one that is not confirmed, TooManyAttempts after twenty in a day.
    """
    row = await address_row_of(session, actor.account_id, address_id)
    if row.confirmed_at is None:
        raise IllegalTransition("Confirm this address first, with the code that was sent there.")
    await _require_few(session, actor, NoticeKind.try_out, MOST_TRIED_OUT_A_DAY)
    await queue_to_address(session, actor.account_id, row.id, NoticeKind.try_out, actor.at)
    await record_audit(session, actor, "notice.try_out", subject_id=address_id)


async def _in_use(
    session: AsyncSession, actor: Actor, channel: Channel, marks: tuple[bytes, ...]
) -> NoticeAddressRow | None:
    """Return who has this address; of one that a code confirms only the caller's own is looked for."""
    asked = select(NoticeAddressRow).where(
        col(NoticeAddressRow.mark).in_(marks), col(NoticeAddressRow.ended_at).is_(None)
    )
    if channel in CONFIRMED_BY_CODE:
        asked = asked.where(col(NoticeAddressRow.account_id) == actor.account_id)
    else:
        await _hold(session, marks)
    found = await session.execute(asked.with_for_update().execution_options(populate_existing=True))
    row: NoticeAddressRow | None = found.scalars().first()
    return row


async def _hold(session: AsyncSession, marks: tuple[bytes, ...]) -> None:
    """Be the only one to the end of the transaction who decides whose this address is. Before any row is locked."""
    await session.execute(_ONE_AT_AN_ADDRESS, {"marks": sorted({mark.hex() for mark in marks})})


async def _made(session: AsyncSession, actor: Actor, new: NewAddress, mark: bytes) -> NoticeAddressRow:
    held = select(func.count()).where(
        col(NoticeAddressRow.account_id) == actor.account_id, col(NoticeAddressRow.ended_at).is_(None)
    )
    if (await session.execute(held)).scalar_one() >= MOST_ADDRESSES:
        raise Conflict(f"An account has at most {MOST_ADDRESSES} addresses. Remove one first.")
    return NoticeAddressRow(
        id=new_id(),
        account_id=actor.account_id,
        channel=new.channel.value,
        name=new.name,
        mark=mark,
        made_at=actor.at,
        confirmed_at=None if new.channel in CONFIRMED_BY_CODE else actor.at,
    )


async def _send_code(session: AsyncSession, actor: Actor, row: NoticeAddressRow) -> None:
    await _require_few(session, actor, NoticeKind.confirm, MOST_CODES_A_DAY)
    await queue_to_address(session, actor.account_id, row.id, NoticeKind.confirm, actor.at)


async def _require_few(session: AsyncSession, actor: Actor, kind: NoticeKind, most: int) -> None:
    sent = select(func.count()).where(
        col(NoticeRow.account_id) == actor.account_id,
        col(NoticeRow.kind) == kind.value,
        col(NoticeRow.due_at) > actor.at - _A_DAY,
    )
    if (await session.execute(sent)).scalar_one() >= most:
        raise TooManyAttempts("Enough was sent for today. Try again tomorrow.", int(_A_DAY.total_seconds()))


async def _end(session: AsyncSession, address_id: UUID, reason: str, at: datetime) -> None:
    await session.execute(
        update(NoticeAddressRow)
        .where(col(NoticeAddressRow.id) == address_id)
        .values(ended_at=at, end_reason=reason, sealed=None)
        .execution_options(synchronize_session=False)
    )
