"""Making pathways, enrolling people on them and ending that. `release_commands.py` reads what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, require_role
from domain.accounts.queries import organisation, organisations_below
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.outcomes.queries import (
    OWNERS,
    database_now,
    death_of,
    visible_pathway,
)
from domain.outcomes.tables import EnrolmentRow, PathwayRow
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient, registered_on

_OWNING_KINDS = frozenset({"commissioner", "network"})
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('enrolment ' || cast(cast(:id as uuid) as text), 0))")


class EndReason(StrEnum):
    """Why a person left a pathway. Each ends the clock of their person-days."""

    completed = "completed"
    died = "died"
    moved = "moved"
    withdrew = "withdrew"
    other = "other"


@dataclass(frozen=True, slots=True)
class NewPathway:
    """A pathway to be made, and the body that will read its outcomes."""

    commissioner_id: UUID
    code: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A person to be put on a pathway from a date on.

    `known_from` is where the history of their contacts begins; None: where their record here was made.
    """

    patient_id: UUID
    enrolled_on: date
    known_from: date | None


async def create_pathway(session: AsyncSession, actor: Actor, new: NewPathway) -> UUID:
    """Return the id of a new pathway, owned by a commissioner or network within the actor's tree.

    Raises NotPermitted, NotFound, Invalid, AlreadyExists.
    """
    require_role(actor, *OWNERS)
    if new.commissioner_id not in await organisations_below(session, actor.organisations_as(*OWNERS)):
        raise NotFound
    if (await organisation(session, new.commissioner_id)).kind not in _OWNING_KINDS:
        fault = Fault("/commissioner_id", "not_a_commissioner", "Name a commissioner or a network.")
        raise Invalid("This organisation cannot own a pathway.", [fault])
    row = {
        "id": new_id(),
        "commissioner_id": new.commissioner_id,
        "code": new.code,
        "name": new.name,
        "description": new.description,
        "created_at": actor.at,
        "created_by": actor.account_id,
    }
    statement = insert(PathwayRow).values(row).on_conflict_do_nothing().returning(col(PathwayRow.id))
    made: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    if made is None:
        raise AlreadyExists("The organisation already has a pathway of this code.")
    await append_event(session, "pathway.created", subject_ids=[made])
    await record_audit(session, actor, "pathway.create", subject_id=made)
    return made


async def enrol_patient(session: AsyncSession, actor: Actor, pathway_id: UUID, new: NewEnrolment) -> UUID:
    """Return the id of a patient's new enrolment, by a clinician who sees them.

    Raises NotFound, NotPermitted, Invalid for dates that cannot be, and Conflict when they are on it already or from
    the day of death on. One for a time before a known death ends with it.
    """
    pathway = await visible_pathway(session, actor, pathway_id)
    patient = await permitted_patient(session, actor, new.patient_id, Action.enrol)
    known_from = await _require_dates(session, new, patient, london_date(actor.at))
    await session.execute(_ONE_WRITER, {"id": patient.id})
    await _hold_cohort(session, pathway.id)
    died_on = await _require_alive(session, patient.id, new.enrolled_on)
    await _require_apart(session, pathway.id, patient.id, new.enrolled_on)
    row = EnrolmentRow(
        pathway_id=pathway.id,
        patient_id=patient.id,
        practice_id=patient.practice_id,
        care_home_id=patient.care_home_id,
        enrolled_on=new.enrolled_on,
        known_from=known_from,
        recorded_at=await database_now(session),
        recorded_by=actor.account_id,
    )
    session.add(row)
    await session.flush()
    await append_event(session, "enrolment.started", patient_id=patient.id, subject_ids=[row.id])
    await record_audit(session, actor, "enrolment.create", patient, subject_id=row.id)
    if died_on is not None:
        await _end_all(session, actor, patient, died_on)
    return row.id


async def end_enrolment(
    session: AsyncSession, actor: Actor, enrolment_id: UUID, ended_on: date, reason: EndReason
) -> None:
    """End an enrolment: the person's days count up to, not including, `ended_on`.

    Death ends every other open enrolment of the person with it: nobody is alive on one pathway and dead on another.
    Raises NotFound, NotPermitted, Invalid for a date that cannot be, and IllegalTransition when it has ended.
    """
    row = await session.get(EnrolmentRow, enrolment_id)
    if row is None:
        raise NotFound
    patient = await permitted_patient(session, actor, row.patient_id, Action.enrol)
    if not row.enrolled_on <= ended_on <= london_date(actor.at):
        fault = Fault("/ended_on", "implausible", "Give a date from the enrolment up to today.")
        raise Invalid("No such end.", [fault])
    await session.execute(_ONE_WRITER, {"id": patient.id})
    this = col(EnrolmentRow.id) == enrolment_id
    await _hold_cohort(session, row.pathway_id)
    if not await _end(session, actor, patient, this, ended_on=ended_on, reason=reason):
        raise IllegalTransition("This enrolment has ended already.")
    if reason is EndReason.died:
        await _end_all(session, actor, patient, ended_on)


async def _end_all(session: AsyncSession, actor: Actor, patient: VisiblePatient, died_on: date) -> None:
    """End every open enrolment of a person who died, on whatever pathway; one that began later has no days."""
    theirs = col(EnrolmentRow.patient_id) == patient.id
    still_open = select(col(EnrolmentRow.pathway_id)).where(theirs, col(EnrolmentRow.ended_on).is_(None))
    for pathway_id in sorted((await session.execute(still_open)).scalars()):
        await _hold_cohort(session, pathway_id)
    began_later = func.greatest(col(EnrolmentRow.enrolled_on), died_on)
    await _end(session, actor, patient, theirs, ended_on=began_later, reason=EndReason.died)


async def _end(
    session: AsyncSession,
    actor: Actor,
    patient: VisiblePatient,
    which: ColumnElement[bool],
    *,
    ended_on: date | ColumnElement[date],
    reason: EndReason,
) -> bool:
    """Return whether there was an open enrolment to end. All change at one instant; each is audited."""
    statement = (
        update(EnrolmentRow)
        .where(which, col(EnrolmentRow.ended_on).is_(None))
        .values(
            ended_on=ended_on,
            end_reason=reason.value,
            end_recorded_at=await database_now(session),
            ended_by=actor.account_id,
        )
        .returning(col(EnrolmentRow.id))
    )
    ended: list[UUID] = list((await session.execute(statement)).scalars())
    if ended:
        await append_event(session, "enrolment.ended", patient_id=patient.id, subject_ids=ended)
    for enrolment_id in ended:
        await record_audit(session, actor, "enrolment.end", patient, subject_id=enrolment_id)
    return bool(ended)


async def _hold_cohort(session: AsyncSession, pathway_id: UUID) -> None:
    """Keep the pathway from being counted until this transaction ends; others may enrol at the same time."""
    statement = select(col(PathwayRow.id)).where(col(PathwayRow.id) == pathway_id)
    await session.execute(statement.with_for_update(read=True, key_share=True))


async def _require_dates(session: AsyncSession, new: NewEnrolment, patient: VisiblePatient, today: date) -> date:
    """Return from when the patient's history is known: if nobody says, from when they are registered here.

    Days of which nothing is known are not days without contacts.
    """
    if not patient.born_on <= new.enrolled_on <= today:
        fault = Fault("/enrolled_on", "implausible", "Give a date up to today, after birth.")
        raise Invalid("No such enrolment.", [fault])
    registered = min(await registered_on(session, patient.id), new.enrolled_on)
    known_from = max(new.known_from or registered, patient.born_on)
    if known_from > new.enrolled_on:
        fault = Fault("/known_from", "implausible", "Give a date up to the enrolment.")
        raise Invalid("No such enrolment.", [fault])
    return known_from


async def _require_alive(session: AsyncSession, patient_id: UUID, enrolled_on: date) -> date | None:
    """Return the day on which the person died later, if they did. Raises Conflict from that day on."""
    died_on = await death_of(session, patient_id)
    if died_on is not None and enrolled_on >= died_on:
        raise Conflict("A death is recorded for this patient: nobody joins a pathway from the day of death on.")
    return died_on


async def _require_apart(session: AsyncSession, pathway_id: UUID, patient_id: UUID, enrolled_on: date) -> None:
    """Raise Conflict when the person is, or until later was, on the pathway: two spans would count a day twice."""
    overlapping = await session.scalar(
        select(func.count())
        .select_from(EnrolmentRow)
        .where(
            col(EnrolmentRow.pathway_id) == pathway_id,
            col(EnrolmentRow.patient_id) == patient_id,
            func.coalesce(col(EnrolmentRow.ended_on), date.max) > enrolled_on,
        )
    )
    if overlapping:
        raise Conflict("The patient is, or until later was, on this pathway. End that enrolment first.")
