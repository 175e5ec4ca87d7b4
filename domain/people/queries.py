"""Reading patients: one, a page, or just their ids. Whom a caller may see is decided in `reach_queries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, func, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Ground, Touched, ground_of, nearest
from domain.accounts.queries import Organisation, organisations_by_id
from domain.audit.commands import record_audit, record_audits
from domain.clock import london_date
from domain.errors import NotFound, NotPermitted
from domain.people.reach_queries import TODAY, instants, lives_there_on, reach
from domain.people.tables import FormerPatientRow, PatientRow, ResidenceRow

CLINICIANS = (Basis.practice, Basis.care_team)
STAFF = (Basis.practice, Basis.care_team, Basis.care_home)


@dataclass(frozen=True, slots=True)
class VisiblePatient:
    """A patient this caller may see, on which bases, and on what ground they look."""

    id: UUID
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    practice_id: UUID
    account_id: UUID | None
    care_home_id: UUID | None
    room: str | None
    bases: frozenset[Basis]
    ground: Ground
    version: int


_ACCOUNT = bindparam("account", type_=Uuid())
_PATIENT = bindparam("patient", type_=Uuid())
Visible = Select[PatientRow, list[str], UUID | None, str | None]


def _all_visible() -> Visible:
    """Return SQL for the patients that :account may see, with the bases, and the home they live in."""
    within = reach().subquery("reach")
    mine = (
        select(within.c.patient_id, func.array_agg(within.c.basis.distinct()).label("bases"))
        .where(within.c.account_id == _ACCOUNT)
        .group_by(within.c.patient_id)
        .subquery("mine")
    )
    return (
        select(PatientRow, mine.c.bases, col(ResidenceRow.care_home_id), col(ResidenceRow.room))
        .join(mine, mine.c.patient_id == col(PatientRow.id))
        .outerjoin(ResidenceRow, and_(col(ResidenceRow.patient_id) == col(PatientRow.id), lives_there_on(TODAY)))
    )


_ALL_VISIBLE = _all_visible()
_ONE_VISIBLE = _ALL_VISIBLE.where(col(PatientRow.id) == _PATIENT)


def _as_visible(
    actor: Actor, row: PatientRow, bases: list[str], care_home_id: UUID | None, room: str | None
) -> VisiblePatient:
    held = frozenset(Basis(basis) for basis in bases)
    return VisiblePatient(
        id=row.id,
        nhs_number=row.nhs_number,
        given_name=row.given_name,
        family_name=row.family_name,
        born_on=row.born_on,
        practice_id=row.practice_id,
        account_id=row.account_id,
        care_home_id=care_home_id,
        room=room,
        bases=held,
        ground=ground_of(actor, nearest(held), places=(row.practice_id, care_home_id)),
        version=row.version,
    )


async def visible_patient(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return the patient if this actor may know that they exist; raise NotFound in every other case."""
    asked = {"account": actor.account_id, "patient": patient_id, **instants(actor.at)}
    row = (await session.execute(_ONE_VISIBLE, asked)).first()
    if row is None:
        raise NotFound
    return _as_visible(actor, *row)


def require_basis(patient: VisiblePatient, *bases: Basis) -> None:
    """Raise NotPermitted unless the actor sees this patient on one of these bases."""
    if patient.bases.isdisjoint(bases):
        raise NotPermitted("Your relationship with this patient does not allow this.")


async def visible_patients(
    session: AsyncSession,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    care_home_id: UUID | None = None,
    action: str = "patient.list",
) -> list[VisiblePatient]:
    """Return the patients this actor may see, by id: `limit` of them, and one beyond when there are more.

    The reading of each of the `limit` is audited; the one beyond only says that a next page exists.
    """
    asked = {"account": actor.account_id, **instants(actor.at)}
    query = _ALL_VISIBLE.order_by(col(PatientRow.id)).limit(limit + 1)
    if after is not None:
        query = query.where(col(PatientRow.id) > after)
    if care_home_id is not None:
        query = query.where(col(ResidenceRow.care_home_id) == care_home_id)
    found = [_as_visible(actor, *row) for row in await session.execute(query, asked)]
    await record_audits(session, actor, action, [Touched(p.id, p.ground) for p in found[:limit]])
    return found


async def patient_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return one visible patient, audited; raise NotFound."""
    patient = await visible_patient(session, actor, patient_id)
    await record_audit(session, actor, "patient.read", patient)
    return patient


@dataclass(frozen=True, slots=True)
class FormerPatient:
    """What a record said of who the patient is, until somebody put it right."""

    version: int
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    replaced_at: datetime
    replaced_by: UUID


async def former_particulars(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: int | None, limit: int
) -> list[FormerPatient]:
    """Return what a patient's record said before, newest first: one beyond the limit if any. Raises NotFound.

    For clinicians of the practice, who alone may change it; NotPermitted for others who see the patient.
    """
    patient = await visible_patient(session, actor, patient_id)
    require_basis(patient, Basis.practice)
    query = select(FormerPatientRow).where(col(FormerPatientRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(FormerPatientRow.version) < before)
    rows = await session.execute(query.order_by(col(FormerPatientRow.version).desc()).limit(limit + 1))
    found = [
        FormerPatient(
            version=row.version,
            nhs_number=row.nhs_number,
            given_name=row.given_name,
            family_name=row.family_name,
            born_on=row.born_on,
            replaced_at=row.replaced_at,
            replaced_by=row.replaced_by,
        )
        for row in rows.scalars()
    ]
    await record_audit(session, actor, "patient.history", patient, count=min(limit, len(found)))
    return found


async def care_homes_of(session: AsyncSession, patients: Iterable[VisiblePatient]) -> dict[UUID, Organisation]:
    """Return the care homes that these patients live in today, by id."""
    return await organisations_by_id(session, {p.care_home_id for p in patients if p.care_home_id is not None})


def _visible_ids() -> Select[UUID]:
    within = reach().subquery("reach")
    found = select(within.c.patient_id).where(within.c.account_id == _ACCOUNT)
    return found.distinct().order_by(within.c.patient_id)


_VISIBLE_IDS = _visible_ids()


async def visible_patient_ids(session: AsyncSession, actor: Actor, limit: int) -> list[UUID]:
    """Return the ids of the patients this actor may see, at most `limit`."""
    asked = {"account": actor.account_id, **instants(actor.at)}
    return list((await session.execute(_VISIBLE_IDS.limit(limit), asked)).scalars())


async def registered_on(session: AsyncSession, patient_id: UUID) -> date:
    """Return the London date on which the patient's record was made."""
    made = await session.execute(select(col(PatientRow.created_at)).where(col(PatientRow.id) == patient_id))
    return london_date(made.scalar_one())


async def patient_of_account(session: AsyncSession, account_id: UUID) -> UUID | None:
    """Return the patient that this account is, if any."""
    return await session.scalar(select(col(PatientRow.id)).where(col(PatientRow.account_id) == account_id))


_REGISTERED = text(
    """
    select id, nhs_number, born_on from patient
    where practice_id = any(cast(:practices as uuid[]))
        and (nhs_number = any(cast(:nhs_numbers as text[])) or id = any(cast(:patient_ids as uuid[])))
    """
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient registered at one of the practices asked about."""

    patient_id: UUID
    nhs_number: str | None
    born_on: date


async def registered_patients(
    session: AsyncSession,
    practice_ids: Collection[UUID],
    *,
    nhs_numbers: Collection[str],
    patient_ids: Collection[UUID],
) -> list[Registered]:
    """Return which of these people are registered at these practices. For commands that show nobody the answer."""
    rows = await session.execute(
        _REGISTERED,
        {"practices": list(practice_ids), "nhs_numbers": list(nhs_numbers), "patient_ids": list(patient_ids)},
    )
    return [Registered(row.id, row.nhs_number, row.born_on) for row in rows]
