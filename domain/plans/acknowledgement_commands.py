"""Saying of a plan version that it was read and understood, or asking about it, and answering who asked.

Nothing of it is ever changed: it is said anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.instant import CLOCK_SKEW_TOLERATED
from domain.people.permission import Action
from domain.people.queries import permitted, permitted_patient
from domain.plans.acknowledgement_queries import (
    Acknowledgement,
    PlanAnswer,
    QuestionAnswer,
    acknowledgement_by_client_id,
    as_acknowledgement,
)
from domain.plans.commands import one_writer
from domain.plans.plan_queries import ActionPlan, plan_of_patient
from domain.plans.queries import acting_as
from domain.plans.tables import PlanAcknowledgementRow, PlanQuestionAnswerRow

# Of one version: beyond it an app repeats itself, or two people should talk.
MOST_OF_A_VERSION = 20


@dataclass(frozen=True, slots=True)
class NewAcknowledgement:
    """What is said of a plan version, and when (aware), under the sender's own id for saying so."""

    client_id: str
    answer: PlanAnswer
    said_at: datetime
    note: str | None = None


async def acknowledge_plan(
    session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, new: NewAcknowledgement
) -> Acknowledgement:
    """Return what was said of a plan version as recorded: kept once, however often it is sent.

    By the person, or whoever acts for them, who may read the plan and add to the record: nobody can say that they have
    read what they may not. Raises NotFound, NotPermitted, Invalid, IllegalTransition when the version had ended by
    then, AlreadyExists when a repeat disagrees, and Conflict when 20 things were said of it.
    """
    reader = await permitted_patient(session, actor, patient_id, Action.read_record)
    patient = permitted(actor, reader, Action.acknowledge_plans)
    await one_writer(session, patient_id)
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    said = await acknowledgement_by_client_id(session, plan_id, new.client_id)
    if said is not None and (said.answer, said.note, said.said_at) != (new.answer, new.note, new.said_at):
        raise AlreadyExists("Something else was said under this client_id.")
    is_new = said is None
    if said is None:
        _require_open(plan, new.said_at, actor.at)
        row = PlanAcknowledgementRow(
            plan_id=plan_id,
            patient_id=patient_id,
            client_id=new.client_id,
            answer=new.answer.value,
            note=new.note,
            said_at=new.said_at,
            recorded_by=actor.account_id,
            recorded_as=acting_as(patient).value,
            recorded_at=actor.at,
        )
        session.add(row)
        await session.flush()
        said = as_acknowledgement(row, None)
        await append_event(session, "plan.acknowledged", patient_id=patient_id, subject_ids=[plan_id])
    await record_audit(session, actor, "action_plan.acknowledge", patient, subject_id=plan_id, count=int(is_new))
    return said


async def answer_question(
    session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, question_id: UUID, note: str
) -> Acknowledgement:
    """Return a question about a plan version with its answer: by a clinician, once, for the person to read.

    Of a version that has ended too: a new one answers no question. Safe to repeat. Raises NotFound, NotPermitted and
    IllegalTransition when nothing was asked there, or somebody has answered otherwise.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.answer_plan_questions)
    await one_writer(session, patient_id)
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    question = next((each for each in plan.acknowledgements if each.id == question_id), None)
    if question is None:
        raise NotFound
    if question.answer is not PlanAnswer.question:
        raise IllegalTransition("This was no question: it was said that the plan is understood.")
    is_new = question.answered is None
    if question.answered is None:
        answered = QuestionAnswer(note, actor.account_id, actor.at)
        session.add(
            PlanQuestionAnswerRow(
                acknowledgement_id=question_id,
                patient_id=patient_id,
                note=note,
                answered_by=actor.account_id,
                answered_at=actor.at,
            )
        )
        await session.flush()
        question = replace(question, answered=answered)
        await append_event(session, "plan.answered", patient_id=patient_id, subject_ids=[plan_id])
    elif (question.answered.note, question.answered.answered_by) != (note, actor.account_id):
        raise IllegalTransition("This question was answered already. Read what was answered.")
    await record_audit(session, actor, "action_plan.answer", patient, subject_id=plan_id, count=int(is_new))
    return question


def _require_open(plan: ActionPlan, said_at: datetime, at: datetime) -> None:
    if not plan.days.instant(plan.agreed_on) <= said_at <= at + CLOCK_SKEW_TOLERATED:
        fault = Fault("/said_at", "implausible", "Give a time from the day of the agreement on, up to now.")
        raise Invalid("A plan cannot have been read then.", [fault])
    if plan.ending is not None and said_at > plan.ending.at + CLOCK_SKEW_TOLERATED:
        raise IllegalTransition("This version had ended by then. Read the one that is in force.")
    if len(plan.acknowledgements) >= MOST_OF_A_VERSION:
        raise Conflict(f"{MOST_OF_A_VERSION} things were said of this version. Talk with your team.")
