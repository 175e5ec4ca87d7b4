"""A copy of everything about oneself, gathered by a worker page by page: asking for it, gathering, handing over.

All pages tell of one instant, in which one worker holds the database's state: when that worker dies, the next begins
anew, under a lease. The copy is gone once it was handed over whole, and after a day in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.accounts.queries import account_is_kept
from domain.audit.commands import record_audit
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.mail.commands import give_letter_up
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, patient_of_account, permitted_patient

LEASE = timedelta(minutes=1)
KEPT_FOR = timedelta(hours=24)
# Of workers that died at it: each leaves the pages it had gathered.
ATTEMPTS_AT_MOST = 20

_ASK = text(
    """
    insert into own_export (id, account_id, patient_id, asked_at) values (:id, :account_id, :patient_id, :at)
    on conflict do nothing returning id
    """
)
_CLAIM = text(
    """
    update own_export set state = 'working', attempts = attempts + 1, claimed_until = :until, section = 0, parts = 0,
        taken_at = null
    where id = (
        select id from own_export
        where state in ('waiting', 'working') and coalesce(claimed_until < :now, true)
        order by asked_at, id limit 1 for update skip locked)
    returning id, account_id, patient_id, attempts
    """
)
_HELD = "id = :id and attempts = :attempts and state = 'working'"
_TAKE = text(f"update own_export set taken_at = :taken_at where {_HELD} returning id")
_MOVE_ON = text(
    f"""
    update own_export set section = :section, parts = :parts, claimed_until = :until
    where {_HELD} returning id
    """
)
_KEEP = text("insert into own_export_part (export_id, number, section, items) values (:id, :number, :section, :items)")
_END = text(
    f"""
    update own_export set state = :state, ended_at = :now, expires_at = :expires_at, claimed_until = null
    where {_HELD} returning id
    """
)
_TELL = text("update own_export set letter_id = :letter_id where id = :id")
_HAND_OVER = text(
    """
    update own_export set state = 'handed_over', ended_at = :now
    where id = :id and account_id = :account_id and state = 'ready' returning letter_id
    """
)
_FORGET_PARTS = text("delete from own_export_part where export_id = :id")
_EXPIRE = text(
    """
    with old as (update own_export set state = 'expired' where state = 'ready' and expires_at <= :now returning id)
    delete from own_export_part where export_id in (select id from old)
    """
)
# A worker that is at it loses its lease, and stops.
_DROP_ALL = text(
    """
    update own_export set state = 'expired', ended_at = coalesce(ended_at, :now), claimed_until = null
    where account_id = :account_id and state in ('waiting', 'working', 'ready') returning letter_id
    """
)
_DROP_PARTS = text(
    "delete from own_export_part where export_id in (select id from own_export where account_id = :account_id)"
)


# Which section, and where in it to go on.
Step = tuple[int, str | None]


class LeaseLost(Exception):
    """Another worker has taken the export over: this one must stop."""


@dataclass(frozen=True, slots=True)
class ClaimedExport:
    """An export that this worker may gather until its lease runs out, and how far it is.

    `section` is the part of the record being gathered and `after` where within it to go on.
    """

    id: UUID
    account_id: UUID
    patient_id: UUID
    attempts: int
    section: int = 0
    after: str | None = None
    parts: int = 0


async def ask_for_export(session: AsyncSession, actor: Actor) -> UUID:
    """Return the id of a new export of the caller's own record.

    Raises NotFound for who is no patient, and Conflict while another is under way or waits to be fetched.
    """
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        raise NotFound
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    asked = {"id": new_id(), "account_id": actor.account_id, "patient_id": patient_id, "at": actor.at}
    made: UUID | None = (await session.execute(_ASK, asked)).scalar_one_or_none()
    if made is None:
        raise Conflict("A copy is being made already, or is ready to be fetched.")
    await record_audit(session, actor, "own_export.ask", patient, subject_id=made)
    return made


async def claim_export(session: AsyncSession, now: datetime) -> ClaimedExport | None:
    """Return the export that has waited longest, under a lease, to begin with; None when none waits.

    What another worker left of it tells of another instant, and is forgotten.
    """
    row = (await session.execute(_CLAIM, {"now": now, "until": now + LEASE})).one_or_none()
    if row is None:
        return None
    await session.execute(_FORGET_PARTS, {"id": row.id})
    return ClaimedExport(*row)


async def note_instant(session: AsyncSession, claimed: ClaimedExport, taken_at: datetime) -> None:
    """Note of which instant the copy tells. Raises LeaseLost."""
    await _held(session, _TAKE, claimed, taken_at=taken_at)


async def owner(session: AsyncSession, claimed: ClaimedExport, at: datetime, now: datetime) -> Actor | None:
    """Return the account that asked, as seeing what it sees at an instant and looking now.

    None when it is closed now, or that patient no longer.
    """
    if not await account_is_kept(session, claimed.account_id):
        return None
    if await patient_of_account(session, claimed.account_id) != claimed.patient_id:
        return None
    return Actor(claimed.account_id, at, request_id=f"own-export-{claimed.id}", acts_at=now)


async def keep_page(
    session: AsyncSession,
    claimed: ClaimedExport,
    section: str,
    items: str,
    *,
    now: datetime,
    step: tuple[int, str | None],
) -> ClaimedExport:
    """Return the export moved on to `step` (the section, and where in it), its next page kept. Raises LeaseLost."""
    number, after = step
    moved = replace(claimed, section=number, after=after, parts=claimed.parts + 1)
    await _held(session, _MOVE_ON, claimed, section=number, parts=moved.parts, until=now + LEASE)
    await session.execute(_KEEP, {"id": claimed.id, "number": claimed.parts, "section": section, "items": items})
    return moved


async def end_export(session: AsyncSession, claimed: ClaimedExport, *, now: datetime, is_whole: bool) -> None:
    """Say that the copy is ready for a day, or that it could not be made. Raises LeaseLost."""
    state = "ready" if is_whole else "failed"
    await _held(session, _END, claimed, state=state, now=now, expires_at=now + KEPT_FOR)
    if not is_whole:
        await session.execute(_FORGET_PARTS, {"id": claimed.id})


async def note_letter(session: AsyncSession, export_id: UUID, letter_id: UUID) -> None:
    """Note which letter says that the copy is ready."""
    await session.execute(_TELL, {"id": export_id, "letter_id": letter_id})


async def hand_over(session: AsyncSession, actor: Actor, export_id: UUID) -> None:
    """Delete a copy that its owner has been given whole: it cannot be fetched again, and no letter says so any more.

    In a transaction over accounts, too, whose letters are.
    """
    asked = {"id": export_id, "account_id": actor.account_id, "now": actor.at}
    handed = (await session.execute(_HAND_OVER, asked)).one_or_none()
    if handed is not None:
        await session.execute(_FORGET_PARTS, {"id": export_id})
        await _give_up(session, handed.letter_id, actor.at)


async def require_still_theirs(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return the patient of a copy. Raises NotFound when the caller is that patient no longer."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if Basis.self_ not in patient.standing.bases:
        raise NotFound
    return patient


async def audit_fetching(session: AsyncSession, actor: Actor, export_id: UUID, patient: VisiblePatient) -> None:
    """Record that a copy is being handed over."""
    await record_audit(session, actor, "own_export.hand_over", patient, subject_id=export_id)


async def expire_exports(session: AsyncSession, now: datetime) -> None:
    """Delete copies that nobody fetched within a day."""
    await session.execute(_EXPIRE, {"now": now})


async def drop_exports_of(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Delete what was gathered for an account that is closed, and have no worker go on with it, nor tell of it."""
    asked = {"account_id": account_id, "now": now}
    for dropped in (await session.execute(_DROP_ALL, asked)).all():
        await _give_up(session, dropped.letter_id, now)
    await session.execute(_DROP_PARTS, {"account_id": account_id})


async def _give_up(session: AsyncSession, letter_id: UUID | None, now: datetime) -> None:
    if letter_id is not None:
        await give_letter_up(session, letter_id, at=now)


async def _held(session: AsyncSession, statement: Any, claimed: ClaimedExport, **values: Any) -> None:
    asked = {"id": claimed.id, "attempts": claimed.attempts, **values}
    if (await session.execute(statement, asked)).one_or_none() is None:
        raise LeaseLost
