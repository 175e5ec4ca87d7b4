"""What of a record is told again though nothing names it: what is worked out from what changed.

A goal's progress and the step from one questionnaire's total to the next are stored nowhere, so no event tells of them;
nor does one on the day on which somebody moves into a care home, as was planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.schemas.completions import CompletionOut
from api.schemas.observations import ObservationOut
from domain.changes.things import Thing
from domain.people.own_queries import next_admission_at
from domain.plans.judged_queries import judged_goals
from domain.questionnaires.next_queries import responses_compared_with

Things = Mapping[Thing, Sequence[UUID]]

# The app shows no progress that is older than a day; a phone that asks once a day is told again each time.
AGAIN_AFTER = timedelta(hours=12)
# What progress is worked out from: readings, what was done, and (the time zone of their days) the patient.
_RESTED_ON = frozenset({Thing.observation, Thing.completion, Thing.patient})


def is_old(again_at: datetime | None, at: datetime) -> bool:
    """Return whether what changes though nothing happens is to be told again."""
    return again_at is None or again_at <= at


def is_judged_anew(things: Things, again_at: datetime | None, at: datetime) -> bool:
    """Return whether progress is to be told again: what it rests on changed, or what was told has grown old."""
    return is_old(again_at, at) or not _RESTED_ON.isdisjoint(things)


def with_person(patient_id: UUID, things: Things) -> dict[Thing, list[UUID]]:
    """Return what changed, and the patient: a stay that was planned has begun by now, perhaps."""
    return _and(things, Thing.patient, [patient_id])


async def with_goals(session: AsyncSession, patient_id: UUID, things: Things) -> dict[Thing, list[UUID]]:
    """Return what changed, and every goal of which progress is told; for callers who have authorised."""
    return _and(things, Thing.goal, await judged_goals(session, patient_id))


async def with_compared(session: AsyncSession, patient_id: UUID, things: Things) -> dict[Thing, list[UUID]]:
    """Return what changed, and the responses whose total is compared with one that did; for authorised callers."""
    changed = things.get(Thing.questionnaire_response, ())
    found = await responses_compared_with(session, patient_id, changed) if changed else []
    return _and(things, Thing.questionnaire_response, found)


async def told_again_at(
    session: AsyncSession, patient_id: UUID, content: Mapping[str, Sequence[Any]], at: datetime
) -> datetime:
    """Return when what is told at an instant is to be told again though nothing happens; for authorised callers."""
    moves_at = await next_admission_at(session, patient_id, at)
    again = again_at(content, at)
    return again if moves_at is None else min(again, moves_at)


def again_at(content: Mapping[str, Sequence[Any]], at: datetime) -> datetime:
    """Return when progress that was told at an instant is to be told again: sooner, if some of it lies ahead.

    What was recorded while the answer was made may have counted or not; what a fast clock dated ahead does not yet.
    """
    instants = [at, *(each for told in content.values() for one in told for each in _instants(one))]
    ahead = max(instants)
    return ahead if ahead > at else at + AGAIN_AFTER


def _instants(told: object) -> tuple[datetime, ...]:
    match told:
        case ObservationOut(effective_at=effective_at, received_at=received_at):
            return (effective_at, received_at)
        case CompletionOut(done_at=done_at, recorded_at=recorded_at):
            return (done_at, recorded_at)
        case _:
            return ()


def _and(things: Things, thing: Thing, more: Sequence[UUID]) -> dict[Thing, list[UUID]]:
    """Return the things with more of one kind, each once."""
    found = {each: list(ids) for each, ids in things.items()}
    if more:
        found[thing] = list(dict.fromkeys([*found.get(thing, ()), *more]))
    return found
