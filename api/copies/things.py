"""How each kind of thing is told to a phone that keeps a copy of one's record: page by page, and those of some ids.

Read by the queries that answer the person anywhere else. Knows nothing of how far a phone has come.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.schemas.action_plans import ActionPlanOut
from api.schemas.care_plans import CarePlanOut
from api.schemas.changes import GoneOut
from api.schemas.completions import CompletionOut
from api.schemas.diary import DiaryEntryOut
from api.schemas.goals import GoalOut
from api.schemas.observations import ObservationOut
from api.schemas.patients import PatientOut
from api.schemas.pauses import PauseOut
from api.schemas.personal_bests import StatedBestOut
from api.schemas.questionnaires import QuestionnaireResponseOut
from api.schemas.today import AlertTodayOut
from domain.access.actor import Actor
from domain.alerts.alert import AlertStatus
from domain.alerts.queries import alerts_by_ids, own_open_alerts_read
from domain.care_plans.queries import care_plans_by_ids, care_plans_read
from domain.changes.things import Thing
from domain.diary import queries as diary
from domain.diary.entry import Standing
from domain.observations.observation import Status
from domain.observations.personal_best_queries import personal_best_read, stated_by_ids
from domain.observations.queries import Sought, observation_page, observations_by_ids
from domain.people.queries import care_homes_of, patient_read, visible_patient
from domain.plans.completion_queries import completions_by_ids, steps_done_read
from domain.plans.goal_lifecycle import Lifecycle
from domain.plans.pause_queries import pauses_by_ids, pauses_read
from domain.plans.plan_queries import plans_by_ids, plans_read
from domain.plans.queries import goals_by_ids, goals_read
from domain.questionnaires.queries import responses_by_ids, responses_read

PAGE = 200
GOALS_A_PAGE = 50
_COUNTS = {Status.final, Status.corrected}

Shown = list[tuple[UUID, Any]]
ByIds = Callable[[AsyncSession, Actor, UUID, Sequence[UUID]], Awaitable[Shown]]
NextPage = Callable[[AsyncSession, Actor, UUID, "Place"], Awaitable["Page"]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a thing's pages to go on (None: at the beginning), and from which instant on the copy reaches back."""

    after: str | None
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a thing as it is told, and where the next one begins: None when this was the last."""

    items: list[Any]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """How one kind of thing is told: under which name, those of some ids, and page by page.

    Of those asked for by id, one that is told as None no longer counts.
    """

    name: str
    by_ids: ByIds
    next_page: NextPage


async def changed_things(
    session: AsyncSession, actor: Actor, patient_id: UUID, things: Mapping[Thing, Sequence[UUID]]
) -> tuple[dict[str, Any], list[GoneOut]]:
    """Return these things as they are now, by the names under which they are told, and those that no longer count."""
    told: dict[str, Any] = {}
    gone: list[GoneOut] = []
    for thing, ids in things.items():
        found = await COPIED[thing].by_ids(session, actor, patient_id, ids)
        told[COPIED[thing].name] = [shown for _, shown in found if shown is not None]
        gone += [GoneOut(thing=thing, id=each) for each, shown in found if shown is None]
    return told, gone


async def _patient(session: AsyncSession, actor: Actor, patient_id: UUID, _: Sequence[UUID]) -> Shown:
    found = await visible_patient(session, actor, patient_id)
    return [(patient_id, PatientOut.of(found, await care_homes_of(session, [found])))]


async def _patient_page(session: AsyncSession, actor: Actor, patient_id: UUID, _: Place) -> Page:
    found = await patient_read(session, actor, patient_id)
    return Page([PatientOut.of(found, await care_homes_of(session, [found]))])


async def _observations(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = [each for each in await observations_by_ids(session, ids) if each.patient_id == patient_id]
    return [(each.id, ObservationOut.of(each) if each.status in _COUNTS else None) for each in found]


async def _observations_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    sought = Sought(from_at=place.from_at)
    found = await observation_page(session, actor, patient_id, sought, after=_instant(place.after), limit=PAGE)
    shown = found[:PAGE]
    after = _written(shown[-1].effective_at, shown[-1].id) if len(found) > PAGE else None
    return Page([ObservationOut.of(each) for each in shown], after)


async def _goals(session: AsyncSession, actor: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await goals_by_ids(session, actor, patient_id, ids)
    return [
        (each.id, None if each.state.lifecycle is Lifecycle.entered_in_error else GoalOut.of(each)) for each in found
    ]


async def _goals_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    found = await goals_read(session, actor, patient_id, before=_id(place.after), limit=GOALS_A_PAGE)
    shown = found[:GOALS_A_PAGE]
    return Page([GoalOut.of(each) for each in shown], str(shown[-1].id) if len(found) > GOALS_A_PAGE else None)


async def _plans(session: AsyncSession, actor: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await plans_by_ids(session, patient_id, ids, actor.at)
    return [(each.id, ActionPlanOut.of(each, actor.at)) for each in found]


async def _plans_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    found = await plans_read(session, actor, patient_id, before=_id(place.after), limit=GOALS_A_PAGE)
    shown = found[:GOALS_A_PAGE]
    items = [ActionPlanOut.of(each, actor.at) for each in shown]
    return Page(items, str(shown[-1].id) if len(found) > GOALS_A_PAGE else None)


async def _care_plans(session: AsyncSession, actor: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await care_plans_by_ids(session, patient_id, ids)
    return [(each.id, CarePlanOut.of(each, actor.at)) for each in found]


async def _care_plans_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    found = await care_plans_read(session, actor, patient_id, before=_id(place.after), limit=GOALS_A_PAGE)
    shown = found[:GOALS_A_PAGE]
    items = [CarePlanOut.of(each, actor.at) for each in shown]
    return Page(items, str(shown[-1].id) if len(found) > GOALS_A_PAGE else None)


async def _completions(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await completions_by_ids(session, patient_id, ids)
    return [(each.id, CompletionOut.of(each) if each.taken_back is None else None) for each in found]


async def _completions_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    found = await steps_done_read(session, actor, patient_id, before=_instant(place.after), limit=PAGE)
    looked_at = [each.completion for each in found[:PAGE] if each.completion.done_at >= place.from_at]
    is_last = len(found) <= PAGE or len(looked_at) < PAGE
    return Page(
        [CompletionOut.of(each) for each in looked_at if each.taken_back is None],
        None if is_last else _written(looked_at[-1].done_at, looked_at[-1].id),
    )


async def _pauses(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    return [(each.id, PauseOut.of(each)) for each in await pauses_by_ids(session, patient_id, ids)]


async def _pauses_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    found = await pauses_read(session, actor, patient_id, before=_id(place.after), limit=PAGE)
    shown = found[:PAGE]
    return Page([PauseOut.of(each) for each in shown], str(shown[-1].id) if len(found) > PAGE else None)


async def _diary(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await diary.entries_by_ids(session, patient_id, ids)
    return [(each.id, DiaryEntryOut.of(each) if each.standing is Standing.current else None) for each in found]


async def _diary_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    sought = diary.Sought(from_at=place.from_at)
    found = await diary.entries_read(session, actor, patient_id, sought, before=_instant(place.after), limit=PAGE)
    shown = found[:PAGE]
    after = _written(shown[-1].effective_at, shown[-1].id) if len(found) > PAGE else None
    return Page([DiaryEntryOut.of(each) for each in shown], after)


async def _responses(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await responses_by_ids(session, patient_id, ids)
    return [(each.id, QuestionnaireResponseOut.of(each) if each.withdrawn is None else None) for each in found]


async def _responses_page(session: AsyncSession, actor: Actor, patient_id: UUID, place: Place) -> Page:
    before = _instant(place.after)
    found = await responses_read(
        session, actor, patient_id, questionnaire=None, history=False, before=before, limit=PAGE
    )
    shown = found[:PAGE]
    after = _written(shown[-1].authored_at, shown[-1].id) if len(found) > PAGE else None
    return Page([QuestionnaireResponseOut.of(each) for each in shown], after)


async def _alerts(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await alerts_by_ids(session, patient_id, ids)
    return [(each.id, None if each.state is AlertStatus.resolved else AlertTodayOut.of(each)) for each in found]


async def _alerts_page(session: AsyncSession, actor: Actor, patient_id: UUID, _: Place) -> Page:
    return Page([AlertTodayOut.of(each) for each in await own_open_alerts_read(session, actor, patient_id)])


async def _bests(session: AsyncSession, _: Actor, patient_id: UUID, ids: Sequence[UUID]) -> Shown:
    found = await stated_by_ids(session, patient_id, ids)
    return [(each.id, StatedBestOut.of(each) if each.retracted_at is None else None) for each in found]


async def _bests_page(session: AsyncSession, actor: Actor, patient_id: UUID, _: Place) -> Page:
    found = await personal_best_read(session, actor, patient_id)
    return Page([StatedBestOut.of(each) for each in found.stated if each.retracted_at is None])


# In the order in which a phone that begins anew is told: what a screen shows first comes first.
COPIED: Mapping[Thing, Copied] = MappingProxyType(
    {
        Thing.patient: Copied("patient", _patient, _patient_page),
        Thing.alert: Copied("alerts", _alerts, _alerts_page),
        Thing.goal: Copied("goals", _goals, _goals_page),
        Thing.action_plan: Copied("action_plans", _plans, _plans_page),
        Thing.care_plan: Copied("care_plans", _care_plans, _care_plans_page),
        Thing.pause: Copied("pauses", _pauses, _pauses_page),
        Thing.completion: Copied("completions", _completions, _completions_page),
        Thing.personal_best: Copied("personal_bests", _bests, _bests_page),
        Thing.observation: Copied("observations", _observations, _observations_page),
        Thing.diary_entry: Copied("diary", _diary, _diary_page),
        Thing.questionnaire_response: Copied("questionnaire_responses", _responses, _responses_page),
    }
)


def _id(after: str | None) -> UUID | None:
    return None if after is None else UUID(after)


def _instant(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, _, row_id = after.partition(" ")
    return datetime.fromisoformat(at), UUID(row_id)


def _written(at: datetime, row_id: UUID) -> str:
    return f"{at.isoformat()} {row_id}"
