"""Keeping what a phone did for its owner while it had no network: each thing by itself, none lost by another's fault.

Each is kept by the command that keeps it anywhere else, in a transaction of its own: what is judged kept is committed.
Whatever is sent again is kept once. What the record says otherwise is named as a conflict, and left as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.copies.taking_back import take_back
from api.deps import Transaction
from api.problems import MAX_FAULTS, TYPE_PREFIX, problem_type
from api.recording import Recording
from api.schemas.diary import DiaryEntryIn
from api.schemas.goals import GoalIn
from api.schemas.questionnaires import QuestionnaireResponseIn, QuestionnaireResponseOut, SafetyOut
from api.schemas.sendings import (
    KINDS,
    SendingFaultOut,
    SendingOutcome,
    SentAcknowledgementIn,
    SentCompletionIn,
    SentIn,
    SentOut,
    SentRatingIn,
    SentRetractionIn,
    SentStatusIn,
    SentWordingIn,
)
from api.schemas.strict import Token
from api.validation_faults import faults_of
from domain.access.actor import Actor
from domain.diary.commands import record_entry
from domain.errors import Conflict, DomainError, Fault, Invalid, Stale
from domain.observations.commands import Posting
from domain.observations.verdict import RefusalCode, Verdict
from domain.plans.acknowledgement_commands import acknowledge_plan
from domain.plans.commands import change_goal_status, propose_goal
from domain.plans.completion_commands import complete_action
from domain.plans.rating_commands import rate_goal
from domain.plans.rewording_commands import reword_goal
from domain.questionnaires.commands import record_response
from integrations.postgres.errors import DatabaseUnavailable

_NAME: TypeAdapter[str] = TypeAdapter(Token)
_IN_CONFLICT = frozenset({RefusalCode.conflict, RefusalCode.withdrawn})

Keep = Callable[[AsyncSession, "Keeping", Any], Awaitable["Kept"]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What something is recorded as, or what it is about; `safety` where what was said cannot wait."""

    id: UUID
    safety: SafetyOut | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whose record, by whom, the ways into it, and what the phone's clock showed as it sent, if it told that."""

    actor: Actor
    patient_id: UUID
    writing: Transaction
    recording: Recording
    sent_at: datetime | None

    async def kept(self, items: Sequence[object]) -> list[SentOut]:
        """Return what became of each item. After the database is away, the rest is for later."""
        read = [_read(index, item) for index, item in enumerate(items)]
        found: list[SentOut] = []
        is_away = False
        for is_reading, group in groupby(read, key=_is_reading):
            some = list(group)
            steps = [some] if is_reading else [[each] for each in some]
            for step in steps:
                told = [_later(*each) for each in step] if is_away else await self._step(step)
                is_away = is_away or any(each.outcome is SendingOutcome.later for each in told)
                found += told
        return found

    async def _step(self, step: list[tuple[int, SentIn | SentOut]]) -> list[SentOut]:
        sent = [(index, each) for index, each in step if isinstance(each, SentIn)]
        if not sent:
            return [each for _, each in step if isinstance(each, SentOut)]
        try:
            if sent[0][1].reading is not None:
                return await self._readings(sent)
            return [await self._one(*sent[0])]
        except DatabaseUnavailable:
            return [_later(*each) for each in sent]

    async def _readings(self, sent: list[tuple[int, SentIn]]) -> list[SentOut]:
        readings = [each.reading.to_reading() for _, each in sent if each.reading is not None]
        try:
            verdicts = await self.recording.recorded(Posting(self.actor, self.patient_id, readings, None))
        except DomainError as refusal:
            return [_refused(index, each.item, refusal) for index, each in sent]
        return [_judged(index, each.item, verdict) for (index, each), verdict in zip(sent, verdicts, strict=True)]

    async def _one(self, index: int, sent: SentIn) -> SentOut:
        kind = next(name for name in KINDS if getattr(sent, name) is not None)
        try:
            async with self.writing() as session:
                kept = await _KEEP[kind](session, self, getattr(sent, kind))
        except DomainError as refusal:
            return _refused(index, sent.item, refusal, kind)
        return _told(index, sent.item, SendingOutcome.kept, row_id=kept.id, safety=kept.safety)


async def _diary_entry(session: AsyncSession, to: Keeping, sent: DiaryEntryIn) -> Kept:
    return Kept(await record_entry(session, to.actor, to.patient_id, sent.to_new_entry()))


async def _completion(session: AsyncSession, to: Keeping, sent: SentCompletionIn) -> Kept:
    new = sent.to_new_completion()
    return Kept((await complete_action(session, to.actor, to.patient_id, sent.plan_id, sent.action_id, new)).id)


async def _goal(session: AsyncSession, to: Keeping, sent: GoalIn) -> Kept:
    return Kept(await propose_goal(session, to.actor, to.patient_id, sent.to_new_goal()))


async def _goal_status(session: AsyncSession, to: Keeping, sent: SentStatusIn) -> Kept:
    seen = None if sent.seen_version is None else frozenset({sent.seen_version})
    await change_goal_status(session, to.actor, to.patient_id, sent.goal_id, sent.to_change(), seen)
    return Kept(sent.goal_id)


async def _goal_wording(session: AsyncSession, to: Keeping, sent: SentWordingIn) -> Kept:
    seen = frozenset({sent.seen_version})
    await reword_goal(session, to.actor, to.patient_id, sent.goal_id, sent.to_wording(), note=sent.note, seen=seen)
    return Kept(sent.goal_id)


async def _goal_rating(session: AsyncSession, to: Keeping, sent: SentRatingIn) -> Kept:
    return Kept((await rate_goal(session, to.actor, to.patient_id, sent.goal_id, sent.to_new_rating())).id)


async def _response(session: AsyncSession, to: Keeping, sent: QuestionnaireResponseIn) -> Kept:
    told = QuestionnaireResponseOut.of(
        await record_response(session, to.actor, to.patient_id, sent.to_new_response(to.sent_at))
    )
    return Kept(told.id, told.safety)


async def _acknowledgement(session: AsyncSession, to: Keeping, sent: SentAcknowledgementIn) -> Kept:
    said = await acknowledge_plan(session, to.actor, to.patient_id, sent.plan_id, sent.to_new_acknowledgement())
    return Kept(said.id)


async def _retraction(session: AsyncSession, to: Keeping, sent: SentRetractionIn) -> Kept:
    return Kept(await take_back(session, to.actor, to.patient_id, sent))


_KEEP: Mapping[str, Keep] = MappingProxyType(
    {
        "diary_entry": _diary_entry,
        "completion": _completion,
        "goal": _goal,
        "goal_status": _goal_status,
        "goal_wording": _goal_wording,
        "goal_rating": _goal_rating,
        "questionnaire_response": _response,
        "plan_acknowledgement": _acknowledgement,
        "retraction": _retraction,
    }
)


def _is_reading(read: tuple[int, SentIn | SentOut]) -> bool:
    return isinstance(read[1], SentIn) and read[1].reading is not None


def _read(index: int, item: object) -> tuple[int, SentIn | SentOut]:
    """Return the item in our words, or the verdict on one that cannot be read."""
    try:
        return index, SentIn.model_validate(item)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False, include_input=False)
    faults = faults_of([{**each, "loc": ("body", *each["loc"])} for each in errors], item)
    return index, _refused(index, _name(item), Invalid("This cannot be read as written.", faults))


def _name(item: object) -> str | None:
    if not isinstance(item, Mapping):
        return None
    try:
        return _NAME.validate_python(item.get("item"), strict=True)
    except ValidationError:
        return None


def _judged(index: int, item: str, verdict: Verdict) -> SentOut:
    refusal = verdict.refusal
    if refusal is None:
        return _told(index, item, SendingOutcome.kept, row_id=verdict.observation_id)
    is_conflict = refusal.code in _IN_CONFLICT
    fault = Fault(f"/reading/{refusal.field}", refusal.code.value, refusal.detail)
    error: DomainError = Conflict(refusal.detail) if is_conflict else Invalid(refusal.detail, [fault])
    return _told(
        index,
        item,
        SendingOutcome.conflict if is_conflict else SendingOutcome.refused,
        row_id=verdict.observation_id,
        error=error,
        faults=[fault],
        confirm=refusal.can_retry,
    )


def _refused(index: int, item: str | None, refusal: DomainError, kind: str | None = None) -> SentOut:
    outcome = SendingOutcome.conflict if isinstance(refusal, Conflict | Stale) else SendingOutcome.refused
    faults = refusal.faults if isinstance(refusal, Invalid) else ()
    below = "" if kind is None else f"/{kind}"
    placed = [Fault(f"{below}{fault.pointer}", fault.code, fault.message) for fault in faults]
    return _told(index, item, outcome, error=refusal, faults=placed)


def _later(index: int, sent: SentIn | SentOut) -> SentOut:
    if isinstance(sent, SentOut):
        return sent  # whatever the database does, it cannot be read
    return _told(index, sent.item, SendingOutcome.later, error=DatabaseUnavailable())


def _told(
    index: int,
    item: str | None,
    outcome: SendingOutcome,
    *,
    row_id: UUID | None = None,
    error: Exception | None = None,
    faults: Iterable[Fault] = (),
    confirm: bool = False,
    safety: SafetyOut | None = None,
) -> SentOut:
    row = None if error is None else problem_type(error)
    return SentOut(
        index=index,
        item=item,
        outcome=outcome,
        id=row_id,
        problem=None if row is None else f"{TYPE_PREFIX}{row.slug}",
        detail=None if row is None else getattr(error, "detail", None) or row.meaning,
        errors=[
            SendingFaultOut(pointer=each.pointer, code=each.code, message=each.message)
            for each in list(faults)[:MAX_FAULTS]
        ],
        confirm=confirm,
        safety=safety,
    )
