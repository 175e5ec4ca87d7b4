"""Plans on a real database: versions that never change, and what was done, counted by London days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.errors import AlreadyExists, IllegalTransition, Invalid, NotPermitted
from domain.plans.completion_commands import NewCompletion, complete_action
from domain.plans.goal_lifecycle import Party
from domain.plans.plan_commands import NewAction, end_plan, publish_plan
from domain.plans.plan_queries import plan_read
from domain.plans.schedule import schedule_of
from tests.cast import Cast
from tests.database.plans.stage import (
    ASHA,
    CARL,
    GUS,
    ROSE,
    goal,
    made_plan,
    plan,
    rose,
    today,
)


async def test_a_plan_is_read_back_as_it_was_agreed(session: AsyncSession, cast: Cast) -> None:
    made = [(await goal(session, cast, ROSE)).goal.id for _ in range(2)]
    new = plan(cast, goal_ids=tuple(reversed(made)))
    plan_id = await publish_plan(session, cast.actor(ASHA), rose(cast), new)
    found = (await plan_read(session, cast.actor(ROSE), rose(cast), plan_id)).plan
    assert (found.title, found.agreed_on, found.review_on) == (new.title, new.agreed_on, new.review_on)
    assert set(found.goal_ids) == set(made)
    kept = tuple(NewAction(one.title, one.instructions, one.schedule) for one in found.actions)
    assert kept == new.actions
    assert (found.version, found.supersedes_id, found.ending) == (1, None, None)
    assert found.published_as is Party.clinician


async def test_a_change_is_a_new_version_and_the_old_one_stays_as_it_was(session: AsyncSession, cast: Cast) -> None:
    first = await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
    before = (await plan_read(session, cast.actor(ROSE), rose(cast), first)).plan
    changed = plan(cast, title="Keep it going better", supersedes_id=first)
    later = cast.actor(CARL, at=cast.now + timedelta(hours=1))
    second = await publish_plan(session, later, rose(cast), changed)
    after = (await plan_read(session, cast.actor(ROSE), rose(cast), first)).plan
    assert replace(after, ending=None) == before
    assert after.ending is not None
    assert (after.ending.successor_id, after.ending.at) == (second, later.at)
    newest = (await plan_read(session, cast.actor(ROSE), rose(cast), second)).plan
    assert (newest.version, newest.supersedes_id, newest.ending) == (2, first, None)
    with pytest.raises(IllegalTransition):
        await publish_plan(session, later, rose(cast), changed)
    with pytest.raises(IllegalTransition):
        await end_plan(session, later, rose(cast), first, "Again")


async def test_a_patient_changes_their_own_plan_and_may_end_anybody_s(session: AsyncSession, cast: Cast) -> None:
    own = await publish_plan(session, cast.actor(ROSE), rose(cast), plan(cast))
    await publish_plan(session, cast.actor(ROSE), rose(cast), plan(cast, supersedes_id=own))
    given_plan = await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
    with pytest.raises(NotPermitted):
        await publish_plan(session, cast.actor(ROSE), rose(cast), plan(cast, supersedes_id=given_plan))
    await end_plan(session, cast.actor(ROSE), rose(cast), given_plan, "It is too much for me")
    found = (await plan_read(session, cast.actor(ROSE), rose(cast), given_plan)).plan
    assert found.ending is not None
    assert (found.ending.reason, found.ending.ended_as) == ("It is too much for me", Party.patient)


async def test_a_plan_sent_again_is_kept_once_whatever_the_order_of_its_goals(
    session: AsyncSession, cast: Cast
) -> None:
    made = [(await goal(session, cast, ROSE)).goal.id for _ in range(2)]
    first = await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
    serves_both = replace(plan(cast).actions[0], goal_ids=tuple(reversed(made)))
    new = plan(cast, client_id="phone-1", goal_ids=tuple(made), supersedes_id=first, actions=(serves_both,))
    second = await publish_plan(session, cast.actor(ASHA), rose(cast), new)
    again = replace(new, goal_ids=tuple(reversed(made)))
    assert await publish_plan(session, cast.actor(ASHA), rose(cast), again) == second
    with pytest.raises(AlreadyExists):
        await publish_plan(session, cast.actor(ASHA), rose(cast), replace(new, title="Another"))


async def test_a_plan_is_checked_as_a_whole(session: AsyncSession, cast: Cast) -> None:
    tomorrow = today(cast) + timedelta(days=1)
    early = NewAction("Too early", None, schedule_of("FREQ=DAILY;COUNT=1", today(cast) - timedelta(days=1), ()))
    new = plan(cast, agreed_on=tomorrow, review_on=today(cast), goal_ids=(uuid4(),), actions=(early,))
    with pytest.raises(Invalid) as refused:
        await publish_plan(session, cast.actor(ASHA), rose(cast), new)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/agreed_on", "implausible"),
        ("/review_on", "implausible"),
        ("/goal_ids/0", "unknown_goal"),
        ("/actions/0/schedule/starts_on", "implausible"),
    ]


@pytest.mark.parametrize(
    ("by", "party"), [(ROSE, Party.patient), (GUS, Party.care_home_staff), (CARL, Party.clinician)]
)
async def test_who_recorded_a_completion_is_kept_and_its_offset_too(
    session: AsyncSession, cast: Cast, by: str, party: Party
) -> None:
    plan_id, action_id = await made_plan(session, cast)
    done_at = (cast.now - timedelta(minutes=10)).astimezone(timezone(timedelta(hours=5, minutes=30)))
    new = NewCompletion("phone-1", done_at, note="Fine")
    found = await complete_action(session, cast.actor(by), rose(cast), plan_id, action_id, new)
    assert (found.recorded_by, found.recorded_as) == (cast.accounts[by], party)
    assert found.done_at.isoformat() == done_at.isoformat()
    shown = (await plan_read(session, cast.actor(ROSE), rose(cast), plan_id)).completions
    assert shown == (found,)


async def test_a_repeat_that_disagrees_is_a_conflict(session: AsyncSession, cast: Cast) -> None:
    plan_id, action_id = await made_plan(session, cast)
    new = NewCompletion("phone-1", cast.now)
    await complete_action(session, cast.actor(ROSE), rose(cast), plan_id, action_id, new)
    for other in (
        replace(new, note="x"),
        replace(new, skipped="Ill"),
        replace(new, done_at=cast.now - timedelta(1e-4)),
    ):
        with pytest.raises((AlreadyExists, Invalid)):
            await complete_action(session, cast.actor(ROSE), rose(cast), plan_id, action_id, other)


async def test_what_was_done_while_the_plan_was_in_force_may_arrive_later(session: AsyncSession, cast: Cast) -> None:
    plan_id, action_id = await made_plan(session, cast)
    await end_plan(session, cast.actor(ROSE), rose(cast), plan_id, "Done with it")
    tomorrow = cast.actor(ROSE, at=cast.now + timedelta(days=1))
    late = NewCompletion("late", cast.now - timedelta(seconds=1))
    assert await complete_action(session, tomorrow, rose(cast), plan_id, action_id, late)
    with pytest.raises(IllegalTransition):
        after = NewCompletion("after", cast.now + timedelta(hours=1))
        await complete_action(session, tomorrow, rose(cast), plan_id, action_id, after)


@pytest.mark.parametrize(
    ("heard", "is_kept"),
    [
        (None, False),
        (timedelta(minutes=30), False),
        (timedelta(minutes=2), False),
        (timedelta(seconds=119), True),
        (timedelta(), True),
        (timedelta(days=-3), True),
    ],
)
async def test_what_was_done_by_a_copy_that_had_not_heard_of_a_newer_version_is_kept_of_the_former(
    session: AsyncSession, cast: Cast, heard: timedelta | None, is_kept: bool
) -> None:
    plan_id, action_id = await made_plan(session, cast)
    replaced_at = cast.now + timedelta(hours=1)
    newer = replace(plan(cast), supersedes_id=plan_id)
    await publish_plan(session, cast.actor(ASHA, at=replaced_at), rose(cast), newer)
    as_of = None if heard is None else replaced_at + heard
    done = NewCompletion("offline", replaced_at + timedelta(hours=4), as_of=as_of)
    keeping = complete_action(
        session, cast.actor(ROSE, at=replaced_at + timedelta(days=2)), rose(cast), plan_id, action_id, done
    )
    if is_kept:
        assert (await keeping).done_at == done.done_at
    else:
        with pytest.raises(IllegalTransition):
            await keeping


async def test_what_was_done_of_a_plan_that_had_ended_for_good_is_not_kept_whatever_the_copy_knew(
    session: AsyncSession, cast: Cast
) -> None:
    plan_id, action_id = await made_plan(session, cast)
    await end_plan(session, cast.actor(ASHA), rose(cast), plan_id, "It harms")
    done = NewCompletion("offline", cast.now + timedelta(hours=4), as_of=cast.now - timedelta(days=1))
    with pytest.raises(IllegalTransition):
        await complete_action(
            session, cast.actor(ROSE, at=cast.now + timedelta(days=1)), rose(cast), plan_id, action_id, done
        )


@pytest.mark.parametrize(("off", "code"), [(timedelta(minutes=3), "future_time"), (timedelta(days=-2), "before_plan")])
async def test_nothing_is_done_in_the_future_or_before_its_plan(
    session: AsyncSession, cast: Cast, off: timedelta, code: str
) -> None:
    plan_id, action_id = await made_plan(session, cast)
    with pytest.raises(Invalid) as refused:
        await complete_action(
            session, cast.actor(ROSE), rose(cast), plan_id, action_id, NewCompletion("c", cast.now + off)
        )
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/done_at", code)]


async def test_adherence_counts_london_days(session: AsyncSession, cast: Cast) -> None:
    # Published a month before the clocks went back on 26 October 2025; asked on the evening of the 28th.
    asha = cast.actor(ASHA, at=datetime.fromisoformat("2025-09-28T09:00:00+01:00"))
    start = london_date(asha.at)
    schedule = schedule_of("FREQ=DAILY", start, (time(8), time(20)))
    new = plan(
        cast, agreed_on=start, review_on=start + timedelta(days=90), actions=(NewAction("Walk", None, schedule),)
    )
    # The cast was assembled yesterday: its members' grants are younger than this plan, so the patient publishes it.
    self_published = replace(asha, account_id=cast.accounts[ROSE])
    plan_id = await publish_plan(session, self_published, rose(cast), new)
    now = cast.actor(ROSE, at=datetime.fromisoformat("2025-10-28T21:00:00+00:00"))
    action_id = (await plan_read(session, now, rose(cast), plan_id)).plan.actions[0].id
    for client_id, done_at, skipped in (
        ("last of the 25th", "2025-10-25T23:59:00+01:00", None),
        ("first of the 26th, as the clock still stood", "2025-10-26T00:00:00+01:00", None),
        ("last of the 26th", "2025-10-26T23:59:00+00:00", None),
        ("three times that day", "2025-10-26T12:00:00+00:00", None),
        ("27th", "2025-10-27T08:00:00+00:00", "Ill"),
        ("before the window", "2025-10-21T23:59:00+01:00", None),
    ):
        done = NewCompletion(client_id, datetime.fromisoformat(done_at), skipped=skipped)
        await complete_action(session, now, rose(cast), plan_id, action_id, done)
    found = (await plan_read(session, now, rose(cast), plan_id)).adherence[action_id]
    assert found.from_on == date(2025, 10, 22)
    assert (found.due, found.done, found.skipped, found.missed) == (14, 3, 1, 10)


@pytest.mark.parametrize(
    "impossible",
    [
        "update goal set target_sign = 'heart_rate'",
        "update goal set lifecycle_status = 'draft'",
        "update goal set description = ''",
        "update goal_step set number = 2",
        "insert into action_plan_end select * from action_plan_end",
        "update action_plan set review_on = agreed_on - 1",
        "update action_completion set done_offset_minutes = 900",
    ],
)
async def test_rows_that_make_no_sense_are_impossible_whoever_writes_them(
    session: AsyncSession, cast: Cast, impossible: str
) -> None:
    await goal(session, cast, ROSE)
    plan_id, action_id = await made_plan(session, cast)
    await complete_action(session, cast.actor(ROSE), rose(cast), plan_id, action_id, NewCompletion("c", cast.now))
    await end_plan(session, cast.actor(ROSE), rose(cast), plan_id, "Enough")
    with pytest.raises(DBAPIError):
        await session.execute(text(impossible))
