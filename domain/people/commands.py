"""Registering patients, and recording where they live and whose account is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.access.ground import Encounter, Touched, ground_of
from domain.accounts.no_person_queries import require_may_see_persons
from domain.accounts.queries import account_is_kept, organisation
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.errors import AlreadyExists, Conflict, Fault, Invalid, NotFound, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import PatientRow, ResidenceRow
from domain.versions import Seen, require_seen

# No verified life is longer (the oldest, Jeanne Calment, reached 122): an earlier birth date is a slip.
OLDEST_AGE_YEARS = 130
LATEST_ADMISSION = timedelta(days=92)  # a planned move; further off it is a slip

# Asked of PostgreSQL's own functions: the person may be one whose record row security keeps from this caller.
OF_NHS_NUMBER = text("select patient_of_nhs_number(:nhs_number)")
_OF_ACCOUNT = text("select patient_of_account(:account)")


@dataclass(frozen=True, slots=True)
class NewPatient:
    """A person to be registered at a practice; the NHS number (10 checked digits) is optional."""

    given_name: str
    family_name: str
    born_on: date
    practice_id: UUID
    nhs_number: str | None


@dataclass(frozen=True, slots=True)
class NewResidence:
    """A stay in a care home from a date on, perhaps to come; it ends when it is ended."""

    care_home_id: UUID
    from_on: date
    room: str | None


class AlreadyRegistered(AlreadyExists):
    """The NHS number is a known patient's. Whose is for the audit trail, never for the caller."""

    def __init__(self, patient_id: UUID) -> None:
        super().__init__("A patient with this NHS number is already registered.")
        self.patient_id = patient_id


async def register_patient(session: AsyncSession, actor: Actor, new: NewPatient) -> UUID:
    """Return the id of a new patient, registered at a practice where the actor is a clinician.

    Raises NotPermitted, NotFound, Invalid, and AlreadyRegistered: then call `audit_refused_registration` once this
    transaction has been rolled back, before the caller is told.
    """
    if new.practice_id not in actor.organisations_as(Role.clinician):
        raise NotPermitted("Only a clinician of the practice may register a patient there.")
    if (await organisation(session, new.practice_id)).kind != "practice":
        raise Invalid("Not a practice.", [Fault("/practice_id", "not_a_practice", "Name a general practice.")])
    require_plausible_birth(new.born_on, actor.at)
    made: UUID | None = (
        await session.execute(
            insert(PatientRow)
            .values(
                id=new_id(),
                nhs_number=new.nhs_number,
                given_name=new.given_name,
                family_name=new.family_name,
                born_on=new.born_on,
                practice_id=new.practice_id,
                created_at=actor.at,
                created_by=actor.account_id,
            )
            .on_conflict_do_nothing(index_elements=["nhs_number"])
            .returning(col(PatientRow.id))
        )
    ).scalar_one_or_none()
    if made is None:
        known = await session.execute(OF_NHS_NUMBER, {"nhs_number": new.nhs_number})
        raise AlreadyRegistered(known.scalar_one())
    # Whoever watches "all my patients" has one more now.
    await append_event(session, "access.changed", patient_id=made)
    ground = ground_of(actor, Encounter.registration, places=[new.practice_id])
    await record_audit(session, actor, "patient.register", Touched(made, ground))
    return made


def require_plausible_birth(born_on: date, at: datetime) -> None:
    """Raise Invalid for a birth date in the future, or before anybody's who can be alive."""
    today = london_date(at)
    if not today.year - OLDEST_AGE_YEARS <= born_on.year or born_on > today:
        raise Invalid("No such birth date.", [Fault("/born_on", "implausible", "Check the date of birth.")])


async def audit_refused_registration(session: AsyncSession, actor: Actor, refused: AlreadyRegistered) -> None:
    """Record that the actor was told that an NHS number is known: whoever tries numbers leaves a trail."""
    ground = ground_of(actor, Encounter.registration)
    await record_audit(session, actor, "patient.register_refused", Touched(refused.patient_id, ground))


async def link_account(
    session: AsyncSession, actor: Actor, patient_id: UUID, account_id: UUID, seen: Seen | None = None
) -> None:
    """Give the patient an account of their own, by a clinician who sees them; linking the same one again does nothing.

    Never the clinician's own account, and never in place of another one: either would outlive the relationship that
    allowed it, or lock the patient out. Nor one that administers or reads outcomes: by it nobody sees a person.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.link_account)
    if account_id == actor.account_id or not await account_is_kept(session, account_id):
        raise Invalid("Not the patient's.", [Fault("/account_id", "unknown_account", "Name the patient's own.")])
    # Both sides are locked, in one order, so that of two who link at once the second sees what the first did.
    await require_may_see_persons(session, account_id, actor.at)
    held = await session.execute(
        select(col(PatientRow.account_id), col(PatientRow.version))
        .where(col(PatientRow.id) == patient_id)
        .with_for_update()
    )
    row, others = held.one(), await session.scalar(_OF_ACCOUNT, {"account": account_id})
    if row.account_id != account_id:
        require_seen(row.version, seen)
        if row.account_id is not None or others is not None:
            raise Conflict("The patient has another account already, or the account another patient.")
        linked = update(PatientRow).where(col(PatientRow.id) == patient_id)
        await session.execute(linked.values(account_id=account_id, version=PatientRow.version + 1))
        await append_event(session, "access.changed", patient_id=patient_id, subject_ids=[account_id])
    # Linking again changes nothing, and yet confirms whose account it is: that leaves a trail as well.
    await record_audit(session, actor, "patient.link_account", patient, subject_id=account_id)


async def admit_to_care_home(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewResidence) -> UUID:
    """Return the id of a new residence; a residence still open must be ended first."""
    patient = await permitted_patient(session, actor, patient_id, Action.admit_to_care_home)
    await _require_care_home(session, new.care_home_id)
    if not patient.born_on <= new.from_on <= london_date(actor.at) + LATEST_ADMISSION:
        fault = Fault("/from_on", "implausible", "Give a date after birth, and at most three months ahead.")
        raise Invalid("No such stay.", [fault])
    await session.execute(select(col(PatientRow.id)).where(col(PatientRow.id) == patient_id).with_for_update())
    overlapping = await session.scalar(
        select(func.count())
        .select_from(ResidenceRow)
        .where(
            col(ResidenceRow.patient_id) == patient_id,
            or_(col(ResidenceRow.until_on).is_(None), col(ResidenceRow.until_on) > new.from_on),
        )
    )
    if overlapping:
        raise Conflict("The patient lives, or lived until later, in a care home. End that residence first.")
    row = ResidenceRow(patient_id=patient_id, care_home_id=new.care_home_id, from_on=new.from_on, room=new.room)
    session.add(row)
    await session.flush()
    await append_event(session, "access.changed", patient_id=patient_id)
    await record_audit(session, actor, "residence.start", patient, subject_id=row.id)
    return row.id


async def _require_care_home(session: AsyncSession, organisation_id: UUID) -> None:
    fault = Fault("/care_home_id", "not_a_care_home", "Name a care home.")
    try:
        home = await organisation(session, organisation_id)
    except NotFound:
        raise Invalid("Not a care home.", [fault]) from None
    if home.kind != "care_home":
        raise Invalid("Not a care home.", [fault])


async def end_residence(session: AsyncSession, actor: Actor, residence_id: UUID, until_on: date) -> None:
    """End a residence: the home's staff lose sight of the person on that date (half-open)."""
    row = await session.get(ResidenceRow, residence_id, with_for_update=True)
    if row is None:
        raise NotFound
    patient = await permitted_patient(session, actor, row.patient_id, Action.end_residence)
    if row.until_on is not None:
        raise Conflict("This residence has been ended already.")
    # A stay that was planned and does not come about ends on the day it would have begun.
    if not row.from_on <= until_on <= max(row.from_on, london_date(actor.at)):
        raise Invalid("No such end.", [Fault("/until_on", "implausible", "Give a date from the start up to today.")])
    row.until_on = until_on
    session.add(row)
    await session.flush()
    await append_event(session, "access.changed", patient_id=patient.id)
    await record_audit(session, actor, "residence.end", patient, subject_id=residence_id)
