"""Reminders of what a plan asks to be recorded: not once it is in the record, and again once it was taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.diary.commands import record_entry
from domain.diary.entry import NewEntry
from domain.notifications.words import NoticeKind
from domain.observations.amendment_commands import retract_observation
from domain.observations.commands import record_observations
from domain.observations.reading import Reading
from domain.plans.asked import AskedFor, RecordKind
from domain.plans.plan_commands import NewAction
from domain.plans.schedule import schedule_of
from domain.questionnaires.answers import Answer
from domain.questionnaires.commands import record_response
from domain.questionnaires.response import NewResponse
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.reminding import ROSE, Scene, at_home

MINUTE = timedelta(minutes=1)
WEIGHT = AskedFor(RecordKind.reading, "body_weight")


@pytest.fixture
async def wanting(committing_database: Database, cast: Cast) -> AsyncIterator[Scene]:
    """Rose has a browser, and wants to be reminded."""
    made = Scene.of(committing_database, cast)
    await made.has()
    await made.wants(NoticeKind.something_due)
    yield made
    await made.worker.close()


async def ask_for(scene: Scene, asked_for: AskedFor, *times: time) -> None:
    schedule = schedule_of("FREQ=DAILY", at_home(scene.at, 0).date(), times)
    await scene.publish(actions=(NewAction("Asked for", None, schedule, (), asked_for),))


async def weigh(scene: Scene, at: datetime) -> UUID:
    reading = Reading(f"at {at.isoformat()}", "body_weight", at, "kg", Decimal(70))
    async with scene.database.writing() as session:
        [verdict] = await record_observations(session, scene.cast.actor(ROSE, at=at), scene.rose, [reading])
    assert verdict.observation_id is not None
    return verdict.observation_id


async def test_a_weight_that_is_there_is_not_reminded_of(wanting: Scene) -> None:
    await ask_for(wanting, WEIGHT, time(8))
    due = at_home(wanting.at, 8, days=1)
    await weigh(wanting, due - MINUTE)
    await wanting.work(due)
    assert (wanting.brought, await wanting.states()) == ([], [("dropped", "not_due")])
    await wanting.work(due + timedelta(days=1))
    assert len(wanting.brought) == 1


async def test_a_weight_that_was_taken_back_or_is_of_the_day_before_is_reminded_of(wanting: Scene) -> None:
    await ask_for(wanting, WEIGHT, time(8))
    due = at_home(wanting.at, 8, days=1)
    await weigh(wanting, at_home(wanting.at, 23, 59))
    made = await weigh(wanting, due - MINUTE)
    async with wanting.database.writing() as session:
        await retract_observation(session, wanting.cast.actor(ROSE, at=due), wanting.rose, made, "The cat stood on it")
    await wanting.work(due)
    assert len(wanting.brought) == 1


async def test_two_readings_of_the_morning_leave_the_evening_to_be_reminded_of(wanting: Scene) -> None:
    await ask_for(wanting, WEIGHT, time(8), time(20))
    morning, evening = at_home(wanting.at, 8, days=1), at_home(wanting.at, 20, days=1)
    await weigh(wanting, morning - MINUTE)
    await weigh(wanting, morning - 2 * MINUTE)
    await wanting.work(morning)
    assert wanting.brought == []
    await wanting.work(evening)
    assert len(wanting.brought) == 1


async def test_an_evening_that_was_measured_early_is_not_reminded_of_and_the_morning_before_it_was(
    wanting: Scene,
) -> None:
    await ask_for(wanting, WEIGHT, time(8), time(20))
    morning, evening = at_home(wanting.at, 8, days=1), at_home(wanting.at, 20, days=1)
    await wanting.work(morning)
    await weigh(wanting, at_home(wanting.at, 14))
    await wanting.work(evening)
    assert len(wanting.brought) == 1
    assert await wanting.states() == [("accepted", None), ("dropped", "not_due")]


async def test_a_check_in_that_was_answered_and_a_diary_that_was_kept_are_not_reminded_of(wanting: Scene) -> None:
    await ask_for(wanting, AskedFor(RecordKind.questionnaire, "phq-9"), time(8))
    await ask_for(wanting, AskedFor(RecordKind.diary_entry, None), time(9))
    first, second = at_home(wanting.at, 8, days=1), at_home(wanting.at, 9, days=1)
    actor = wanting.cast.actor(ROSE, at=first)
    async with wanting.database.writing() as session:
        answers = tuple(Answer(f"q{number}", 0) for number in range(1, 10))
        new = NewResponse("phq-9", "1", (first - MINUTE).isoformat(), answers, "one")
        await record_response(session, actor, wanting.rose, new)
        await record_entry(session, actor, wanting.rose, NewEntry(first - MINUTE, "Well"))
    await wanting.work(first)
    await wanting.work(second)
    assert (wanting.brought, await wanting.states()) == ([], [("dropped", "not_due")] * 2)
