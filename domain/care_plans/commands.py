"""Drafting care and support plans, publishing a draft, and withdrawing one. Nothing that was written ever changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.care_plans.lifecycle import Agreement, CarePlanStatus, Decided, Written, changed, not_agreed
from domain.care_plans.queries import (
    CarePlan,
    care_plan_by_client_id,
    care_plan_in_force,
    care_plan_of,
    drafts_against,
)
from domain.care_plans.section import HEADINGS, MAY_WRITE, CareSection, WordsOf
from domain.care_plans.tables import CarePlanDecisionRow, CarePlanRow, CarePlanSectionRow
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted, permitted_patient

LATEST_REVIEW = timedelta(days=10 * 366)
# Open at a time: beyond it an app repeats itself, or people should talk with each other.
MOST_DRAFTS = 10
_MOVED_ON = "Another version is in force by now. Read it, and draft anew."
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('care plan ' || cast(cast(:id as uuid) as text), 0))")


@dataclass(frozen=True, slots=True)
class NewSection:
    """What a section is to say, and whose words they are."""

    section: CareSection
    text: str
    words_of: WordsOf


@dataclass(frozen=True, slots=True)
class NewCarePlan:
    """A whole version to be drafted, against the one in force (None: there is none), under the sender's own id."""

    client_id: str
    review_on: date
    sections: tuple[NewSection, ...]
    supersedes_id: UUID | None = None


async def draft_care_plan(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewCarePlan) -> UUID:
    """Return the id of a draft. A section that reads as in the version in force stays whoever wrote it there.

    Safe to repeat. By the person, who cares for them by their work, or who reads and records for them. Raises NotFound,
    NotPermitted, Invalid, IllegalTransition when another version is in force than the one named, AlreadyExists when a
    repeat disagrees, and Conflict when 10 drafts are open.
    """
    reader = await permitted_patient(session, actor, patient_id, Action.read_record)
    patient = permitted(actor, reader, Action.propose_care_plans)
    await _one_writer(session, patient_id)
    before = await care_plan_by_client_id(session, patient_id, new.client_id)
    if before is not None:
        if _as_new(before) != _in_order(new):
            raise AlreadyExists("Another draft is recorded under this client_id.")
        await record_audit(session, actor, "care_plan.draft", patient, subject_id=before.id, count=0)
        return before.id
    in_force = await _replaced(session, patient_id, new.supersedes_id)
    today = (await local_days(session, patient_id)).day_of(actor.at)
    written = _written(actor, Basis(patient.ground.basis), new, () if in_force is None else in_force.sections)
    _require_sensible(new, today)
    if len(await drafts_against(session, patient_id, new.supersedes_id)) >= MOST_DRAFTS:
        raise Conflict(f"{MOST_DRAFTS} drafts are open. Publish or withdraw one first.")
    made = await _insert(session, actor, patient, new, written)
    await append_event(session, "care_plan.drafted", patient_id=patient_id, subject_ids=[made])
    await record_audit(session, actor, "care_plan.draft", patient, subject_id=made, count=1)
    return made


async def publish_care_plan(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    plan_id: UUID,
    agreement: Agreement | None = None,
    note: str | None = None,
) -> None:
    """Put a draft in force, in the place of the version that it was drafted against.

    By the person, by who decides for them in law, or by a clinician, who says how it was agreed. What the other side
    wrote is changed only with them (`lifecycle.not_agreed`). To ask again changes nothing. Raises NotFound,
    NotPermitted, Invalid, and IllegalTransition when it was withdrawn, or another version is in force by now.
    """
    reader = await permitted_patient(session, actor, patient_id, Action.read_record)
    patient = permitted(actor, permitted(actor, reader, Action.propose_care_plans), Action.agree_care_plans)
    agreed = _agreement(Basis(patient.ground.basis), agreement, note)
    await _one_writer(session, patient_id)
    plan = await care_plan_of(session, patient_id, plan_id)
    decision = plan.decision
    if decision is not None and (decision.by, decision.agreement, decision.note) == (actor.account_id, agreed, note):
        await record_audit(session, actor, "care_plan.publish", patient, subject_id=plan_id, count=0)
        return
    _require_draft(plan)
    if (await local_days(session, patient_id)).day_of(actor.at) > plan.review_on:
        raise IllegalTransition("The day on which it was to be looked at again has passed. Draft anew.")
    in_force = await care_plan_in_force(session, patient_id)
    _require_agreed(plan, in_force, Basis(patient.ground.basis), agreed)
    row = _decided(actor, patient, plan_id, Decided.published, note)
    row.version, row.agreement = _next_version(in_force), agreed.value
    await _put_in_force(session, plan, in_force, row)
    await record_audit(session, actor, "care_plan.publish", patient, subject_id=plan_id, count=1)


async def withdraw_care_plan(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, reason: str) -> None:
    """Take back a draft, or decline it, for a stated reason: by whoever drafted it, or may agree to it.

    To ask again changes nothing. Raises NotFound, NotPermitted, and IllegalTransition when it was published.
    """
    reader = await permitted_patient(session, actor, patient_id, Action.read_record)
    patient = permitted(actor, reader, Action.propose_care_plans)
    await _one_writer(session, patient_id)
    plan = await care_plan_of(session, patient_id, plan_id)
    if plan.drafted_by != actor.account_id:
        patient = permitted(actor, patient, Action.agree_care_plans)
    decision = plan.decision
    is_new = decision is None
    if decision is not None and (decision.decided, decision.by, decision.note) != (
        Decided.withdrawn,
        actor.account_id,
        reason,
    ):
        raise IllegalTransition("What became of this draft has been decided already.")
    if is_new:
        session.add(_decided(actor, patient, plan_id, Decided.withdrawn, reason))
        await session.flush()
        await append_event(session, "care_plan.withdrawn", patient_id=patient_id, subject_ids=[plan_id])
    await record_audit(session, actor, "care_plan.withdraw", patient, subject_id=plan_id, count=int(is_new))


async def _put_in_force(
    session: AsyncSession, plan: CarePlan, in_force: CarePlan | None, row: CarePlanDecisionRow
) -> None:
    """Keep that a draft is in force, and tell of each version that stands otherwise now: phones keep copies of all."""
    against = await drafts_against(session, plan.patient_id, plan.supersedes_id)
    session.add(row)
    await session.flush()
    replaced = [] if in_force is None else [in_force.id]
    told = [plan.id, *replaced, *(each for each in against if each != plan.id)]
    await append_event(session, "care_plan.published", patient_id=plan.patient_id, subject_ids=told)


def _next_version(in_force: CarePlan | None) -> int:
    before = None if in_force is None or in_force.decision is None else in_force.decision.version
    return 1 if before is None else before + 1


async def _one_writer(session: AsyncSession, patient_id: UUID) -> None:
    await session.execute(_ONE_WRITER, {"id": patient_id})


async def _replaced(session: AsyncSession, patient_id: UUID, supersedes_id: UUID | None) -> CarePlan | None:
    """Return the version in force, which a draft must name. Raises Invalid, IllegalTransition."""
    in_force = await care_plan_in_force(session, patient_id)
    if supersedes_id == (None if in_force is None else in_force.id):
        return in_force
    if supersedes_id is not None:
        named = [] if in_force is None else await _published(session, patient_id, supersedes_id)
        if not named:
            fault = Fault("/supersedes_id", "unknown_plan", "Name the version of this patient that is in force.")
            raise Invalid("There is no such version to supersede.", [fault])
    raise IllegalTransition(_MOVED_ON)


async def _published(session: AsyncSession, patient_id: UUID, plan_id: UUID) -> list[UUID]:
    row = await session.get(CarePlanDecisionRow, plan_id)
    return [plan_id] if row is not None and row.patient_id == patient_id and row.version is not None else []


def _require_sensible(new: NewCarePlan, today: date) -> None:
    if not today <= new.review_on <= today + LATEST_REVIEW:
        fault = Fault("/review_on", "implausible", "Give a date from today on, within ten years.")
        raise Invalid("The plan cannot be drafted as written.", [fault])


def _written(actor: Actor, written_as: Basis, new: NewCarePlan, before: Sequence[Written]) -> list[Written]:
    """Return the sections as they are kept: what reads as before stays whoever wrote it. Raises Invalid."""
    stood = {each.says: each for each in before}
    written: list[Written] = []
    faults: list[Fault] = []
    for place, each in enumerate(new.sections):
        kept = stood.get((each.section, each.text, each.words_of))
        if kept is None and each.words_of not in MAY_WRITE[written_as]:
            pointer = f"/sections/{place}/words_of"
            faults.append(
                Fault(pointer, "not_your_words", "Say whose words they are: nobody else's than you may write.")
            )
        if each.section in {one.section for one in new.sections[:place]}:
            faults.append(Fault(f"/sections/{place}/section", "named_twice", "Write each section once."))
        written.append(kept or Written(each.section, each.text, each.words_of, actor.account_id, written_as, actor.at))
    if faults:
        raise Invalid("The plan cannot be drafted as written.", faults)
    return written


async def _insert(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, new: NewCarePlan, written: Sequence[Written]
) -> UUID:
    row = CarePlanRow(
        id=new_id(),
        patient_id=patient.id,
        client_id=new.client_id,
        supersedes_id=new.supersedes_id,
        review_on=new.review_on,
        drafted_by=actor.account_id,
        drafted_as=patient.ground.basis,
        drafted_at=actor.at,
    )
    session.add(row)
    await session.flush()
    session.add_all(
        CarePlanSectionRow(
            plan_id=row.id,
            section=each.section.value,
            patient_id=patient.id,
            text=each.text,
            words_of=each.words_of.value,
            written_by=each.written_by,
            written_as=each.written_as.value,
            written_at=each.written_at,
        )
        for each in written
    )
    await session.flush()
    return row.id


def _agreement(basis: Basis, said: Agreement | None, note: str | None) -> Agreement:
    """Return how it was agreed: a clinician says it, of who decides it is plain. Raises Invalid."""
    plain = {Basis.self_: Agreement.by_person, Basis.delegate: Agreement.by_delegate}.get(basis)
    if plain is not None:
        if said not in (None, plain):
            fault = Fault("/agreement", "not_yours_to_say", "Leave it out: you agree yourself.")
            raise Invalid("It cannot be published so.", [fault])
        return plain
    if said not in (Agreement.with_person, Agreement.best_interests):
        fault = Fault("/agreement", "missing", "Say how it was agreed: with_person or best_interests.")
        raise Invalid("It cannot be published so.", [fault])
    if said is Agreement.best_interests and note is None:
        fault = Fault("/note", "missing", "Say why the person cannot decide, and who was asked.")
        raise Invalid("It cannot be published so.", [fault])
    return said


def _require_draft(plan: CarePlan) -> None:
    if plan.status is CarePlanStatus.overtaken:
        raise IllegalTransition(_MOVED_ON)
    if plan.status is not CarePlanStatus.draft:
        raise IllegalTransition("What became of this draft has been decided already.")


def _require_agreed(plan: CarePlan, in_force: CarePlan | None, published_as: Basis, agreement: Agreement) -> None:
    sections = changed(() if in_force is None else in_force.sections, plan.sections)
    lacking = not_agreed(sections, drafted_as=plan.drafted_as, published_as=published_as, agreement=agreement)
    if lacking:
        named = "; ".join(HEADINGS[each].label for each in lacking)
        raise NotPermitted(f"Whoever wrote these sections has not agreed that they change: {named}.")


def _decided(
    actor: Actor, patient: VisiblePatient, plan_id: UUID, decided: Decided, note: str | None
) -> CarePlanDecisionRow:
    return CarePlanDecisionRow(
        plan_id=plan_id,
        patient_id=patient.id,
        decision=decided.value,
        note=note,
        decided_by=actor.account_id,
        decided_as=patient.ground.basis,
        decided_at=actor.at,
    )


def _in_order(new: NewCarePlan) -> NewCarePlan:
    sections = tuple(sorted(new.sections, key=lambda each: each.section.value))
    return NewCarePlan(new.client_id, new.review_on, sections, new.supersedes_id)


def _as_new(plan: CarePlan) -> NewCarePlan:
    sections = tuple(NewSection(each.section, each.text, each.words_of) for each in plan.sections)
    return _in_order(NewCarePlan(plan.client_id, plan.review_on, sections, plan.supersedes_id))
