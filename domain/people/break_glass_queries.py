"""Reading broken glasses: one's own that are open, those over one person, and the alerts of privacy officers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Basis, Encounter, Touched, ground_of
from domain.accounts.queries import Organisation, names_of_accounts, organisations_below, organisations_by_id
from domain.audit.commands import record_audit, record_audits
from domain.errors import NotFound
from domain.people.break_glass import AlertState, ReasonCode
from domain.people.break_glass_commands import Opened
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import BreakGlassRow, PrivacyAlertRow


@dataclass(frozen=True, slots=True)
class PrivacyAlert:
    """Who broke the glass, where, when and why; whose record it was is told by one alert alone, and audited."""

    id: UUID
    raised_at: datetime
    clinician: str
    organisation: Organisation
    practice: Organisation
    reason_code: ReasonCode
    reason: str
    until_at: datetime
    ended_at: datetime | None
    state: AlertState
    note: str | None
    reviewed_at: datetime | None
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class WhoseRecord:
    """Whose record an alert is about: as much as their practice can be asked by, and nothing of the record."""

    patient_id: UUID
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    nhs_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """That a clinician opened one person's record in an emergency: who, from where, when, why and until when."""

    id: UUID
    clinician: str
    organisation: Organisation
    reason_code: ReasonCode
    reason: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None
    is_open: bool


# Asked of PostgreSQL's own function: a privacy officer sees no patient, but is told whom an alert is about.
_WHOSE = text("select given_name, family_name, nhs_number from person_of_alert(:alert)")


async def open_break_glasses(session: AsyncSession, actor: Actor) -> list[Opened]:
    """Return the records that the actor has open by break-glass; audited for each."""
    query = select(BreakGlassRow).where(
        col(BreakGlassRow.account_id) == actor.account_id,
        col(BreakGlassRow.until_at) > actor.at,
        col(BreakGlassRow.ended_at).is_(None),
    )
    found = [
        Opened(row.id, row.patient_id, row.until_at)
        for row in (await session.execute(query.order_by(col(BreakGlassRow.id)))).scalars()
    ]
    ground = ground_of(actor, Basis.break_glass)
    await record_audits(session, actor, "break_glass.list_own", [Touched(each.patient_id, ground) for each in found])
    return found


async def privacy_alerts(
    session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int, state: AlertState | None = None
) -> list[PrivacyAlert]:
    """Return a page of the alerts that the actor answers for as privacy officer, newest first: one beyond if any.

    They name the clinician, never the patient. Raises NotPermitted.
    """
    query = await answered_for(session, actor)
    if before is not None:
        query = query.where(col(PrivacyAlertRow.id) < before)
    if state is not None:
        query = query.where(col(PrivacyAlertRow.state) == state.value)
    rows = (await session.execute(query.order_by(col(PrivacyAlertRow.id).desc()).limit(limit + 1))).all()
    found = await _alerts(session, [(alert, broken) for alert, broken in rows])
    await record_audit(session, actor, "privacy_alert.list", count=min(limit, len(found)))
    return found


async def emergency_accesses(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[EmergencyAccess]:
    """Return a page of when this person's record was opened in an emergency, newest first: one beyond if any.

    For whoever may read who looked, and audited as that. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_access_log)
    query = select(BreakGlassRow).where(col(BreakGlassRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(BreakGlassRow.id) < before)
    rows = list((await session.execute(query.order_by(col(BreakGlassRow.id).desc()).limit(limit + 1))).scalars())
    names = await names_of_accounts(session, {row.account_id for row in rows})
    places = await organisations_by_id(session, {row.organisation_id for row in rows})
    await record_audit(session, actor, "access_log.read", patient, count=min(limit, len(rows)))
    return [
        EmergencyAccess(
            id=row.id,
            clinician=names[row.account_id],
            organisation=places[row.organisation_id],
            reason_code=ReasonCode(row.reason_code),
            reason=row.reason,
            opened_at=row.opened_at,
            until_at=row.until_at,
            ended_at=row.ended_at,
            is_open=row.ended_at is None and row.until_at > actor.at,
        )
        for row in rows
    ]


async def privacy_alert(session: AsyncSession, actor: Actor, alert_id: UUID) -> tuple[PrivacyAlert, WhoseRecord]:
    """Return one alert that the actor answers for, and whose record it was: the person's trail says that they asked.

    Raises NotFound, NotPermitted.
    """
    query = (await answered_for(session, actor)).where(col(PrivacyAlertRow.id) == alert_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    alert, broken = row
    (found,) = await _alerts(session, [(alert, broken)])
    touched = Touched(broken.patient_id, ground_of(actor, Encounter.privacy_review))
    await record_audit(session, actor, "privacy_alert.read", touched, subject_id=alert_id)
    who = (await session.execute(_WHOSE, {"alert": alert_id})).one()
    return found, WhoseRecord(broken.patient_id, who.given_name, who.family_name, who.nhs_number)


async def answered_for(session: AsyncSession, actor: Actor) -> Select[PrivacyAlertRow, BreakGlassRow]:
    """Return SQL for the alerts of the organisations where the actor is privacy officer, and of those below.

    Of the patient's practice and of the clinician's own place. Nobody answers for their own. Raises NotPermitted.
    """
    require_role(actor, Role.privacy_officer)
    tree = await organisations_below(session, actor.organisations_as(Role.privacy_officer))
    return (
        select(PrivacyAlertRow, BreakGlassRow)
        .join(BreakGlassRow, col(BreakGlassRow.id) == col(PrivacyAlertRow.break_glass_id))
        .where(
            or_(col(PrivacyAlertRow.practice_id).in_(tree), col(PrivacyAlertRow.organisation_id).in_(tree)),
            col(BreakGlassRow.account_id) != actor.account_id,
        )
    )


async def _alerts(session: AsyncSession, rows: list[tuple[PrivacyAlertRow, BreakGlassRow]]) -> list[PrivacyAlert]:
    places = await organisations_by_id(
        session, {place for a, _ in rows for place in (a.practice_id, a.organisation_id)}
    )
    people = {broken.account_id for _, broken in rows} | {a.reviewed_by for a, _ in rows if a.reviewed_by is not None}
    names = await names_of_accounts(session, people)
    return [
        PrivacyAlert(
            id=alert.id,
            raised_at=alert.raised_at,
            clinician=names[broken.account_id],
            organisation=places[alert.organisation_id],
            practice=places[alert.practice_id],
            reason_code=ReasonCode(broken.reason_code),
            reason=broken.reason,
            until_at=broken.until_at,
            ended_at=broken.ended_at,
            state=AlertState(alert.state),
            note=alert.note,
            reviewed_at=alert.reviewed_at,
            reviewer=None if alert.reviewed_by is None else names[alert.reviewed_by],
        )
        for alert, broken in rows
    ]
