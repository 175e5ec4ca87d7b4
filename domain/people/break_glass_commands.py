"""Breaking the glass: the grant, its audit row and the alert to privacy officers are one transaction, or none is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Basis, Touched, ground_of
from domain.accounts.queries import lock_account
from domain.audit.commands import record_audit
from domain.errors import Conflict, NotFound, TooManyAttempts
from domain.events.commands import append_event
from domain.people.break_glass import (
    MOST_OPENED,
    MOST_WRONG,
    OPENED_WITHIN,
    WRONG_WITHIN,
    AlertState,
    Emergency,
)
from domain.people.permission import Action, decision
from domain.people.queries import visible_patient
from domain.people.tables import BreakGlassAttemptRow, BreakGlassRow, PrivacyAlertRow

# Asked of PostgreSQL's own function: row security keeps the person from this caller, who has broken no glass yet.
_TYPED = text("select id, practice_id, born_then from patient_by_number_and_birth(:nhs_number, :born_on)")


@dataclass(frozen=True, slots=True)
class Opened:
    """A record that is open to be read until an instant."""

    id: UUID
    patient_id: UUID
    until_at: datetime
    # Where whoever answers for privacy is to be told of it: the person's practice, and the clinician's own place.
    answer_for_it: tuple[UUID, ...] = ()


async def break_glass(session: AsyncSession, actor: Actor, emergency: Emergency) -> Opened | None:
    """Return what was opened, for a clinician: one record, to read, for at most four hours.

    None when number and birth date are not one person's: that is counted, and audited, so commit before saying it.
    Raises NotPermitted; TooManyAttempts; and Conflict when the caller reads the record without it, or has it open
    already: it is not prolonged, only typed anew when it is over.
    """
    require_role(actor, Role.clinician)
    await _require_patience(session, actor)
    typed = {"nhs_number": emergency.nhs_number, "born_on": emergency.born_on}
    found = (await session.execute(_TYPED, typed)).one_or_none()
    if found is None or not found.born_then:
        await _note_wrong_pair(session, actor, None if found is None else found.id)
        return None
    await _require_not_open(session, actor, found.id)
    await _require_not_read_anyway(session, actor, found.id)
    return await _open(session, actor, found.id, found.practice_id, emergency)


async def _note_wrong_pair(session: AsyncSession, actor: Actor, patient_id: UUID | None) -> None:
    """Count a wrong pair against the actor, and leave a trail where the number was somebody's."""
    await session.execute(insert(BreakGlassAttemptRow).values(account_id=actor.account_id, at=actor.at))
    touched = None if patient_id is None else Touched(patient_id, ground_of(actor, Basis.break_glass))
    await record_audit(session, actor, "break_glass.refused", touched)


async def end_break_glass(session: AsyncSession, actor: Actor, break_glass_id: UUID) -> None:
    """Close what the actor opened, before its time. Raises NotFound unless it is theirs and open."""
    ended = await session.execute(
        update(BreakGlassRow)
        .where(
            col(BreakGlassRow.id) == break_glass_id,
            col(BreakGlassRow.account_id) == actor.account_id,
            col(BreakGlassRow.ended_at).is_(None),
            col(BreakGlassRow.until_at) > actor.at,
        )
        .values(ended_at=actor.at)
        .execution_options(synchronize_session=False)
        .returning(col(BreakGlassRow.patient_id))
    )
    patient_id = ended.scalar_one_or_none()
    if patient_id is None:
        raise NotFound
    await append_event(session, "access.changed", patient_id=patient_id, subject_ids=[actor.account_id])
    await append_event(session, "break_glass.ended", patient_id=patient_id, subject_ids=[break_glass_id])
    touched = Touched(patient_id, ground_of(actor, Basis.break_glass))
    await record_audit(session, actor, "break_glass.end", touched, subject_id=break_glass_id)


async def _require_patience(session: AsyncSession, actor: Actor) -> None:
    """Raise TooManyAttempts after five wrong pairs in an hour, or twenty glasses broken in a day."""
    await lock_account(session, actor.account_id)  # of many who ask at once, each is judged by those before it
    for row, at, within, most in (
        (BreakGlassAttemptRow, col(BreakGlassAttemptRow.at), WRONG_WITHIN, MOST_WRONG),
        (BreakGlassRow, col(BreakGlassRow.opened_at), OPENED_WITHIN, MOST_OPENED),
    ):
        query = select(func.count(), func.min(at)).where(
            col(row.account_id) == actor.account_id, at > actor.at - within
        )
        number, oldest = (await session.execute(query)).one()
        if number >= most:
            seconds = max(1, int((oldest + within - actor.at).total_seconds()))
            raise TooManyAttempts("Too often. Telephone the person's practice, or your privacy officer.", seconds)


async def _require_not_open(session: AsyncSession, actor: Actor, patient_id: UUID) -> None:
    """Raise Conflict for what the actor has open, also from a later instant than theirs: of two who ask at one moment.

    Asked under the account's lock. Of what access rests on, an opening later than the request would be no part.
    """
    is_open = exists().where(
        col(BreakGlassRow.account_id) == actor.account_id,
        col(BreakGlassRow.patient_id) == patient_id,
        col(BreakGlassRow.until_at) > actor.at,
        col(BreakGlassRow.ended_at).is_(None),
    )
    if await session.scalar(select(is_open)):
        raise Conflict("You have this record open already. When that is over, say anew why you need it.")


async def _require_not_read_anyway(session: AsyncSession, actor: Actor, patient_id: UUID) -> None:
    """Raise Conflict for who reads the record without it. Who only records or writes for somebody does not."""
    try:
        patient = await visible_patient(session, actor, patient_id)
    except NotFound:
        return
    if decision(patient.standing, Action.read_record).allowed:
        raise Conflict("You see this person without breaking the glass: look in your list.")


async def _open(
    session: AsyncSession, actor: Actor, patient_id: UUID, practice_id: UUID, emergency: Emergency
) -> Opened:
    row = BreakGlassRow(
        account_id=actor.account_id,
        patient_id=patient_id,
        organisation_id=actor.organisations_as(Role.clinician)[0],
        reason_code=emergency.reason_code.value,
        reason=emergency.reason,
        opened_at=actor.at,
        until_at=actor.at + timedelta(hours=emergency.hours),
    )
    session.add(row)
    await session.flush()
    alert = PrivacyAlertRow(
        break_glass_id=row.id,
        practice_id=practice_id,
        organisation_id=row.organisation_id,
        raised_at=actor.at,
        state=AlertState.open.value,
    )
    session.add(alert)
    await session.flush()
    # The alert that is told to officers names itself and nobody else.
    await append_event(session, "privacy_alert.raised", subject_ids=[alert.id])
    await append_event(session, "access.changed", patient_id=patient_id, subject_ids=[actor.account_id])
    await append_event(session, "break_glass.opened", patient_id=patient_id, subject_ids=[row.id])
    reason = f"{row.reason_code}: {row.reason}"
    touched = Touched(patient_id, ground_of(actor, Basis.break_glass, reason=reason))
    await record_audit(session, actor, "break_glass.open", touched, subject_id=row.id)
    return Opened(row.id, patient_id, row.until_at, (practice_id, row.organisation_id))
