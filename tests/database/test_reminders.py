"""Reminders on a real database: each instant once, only what is still to be done, only to who wants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.events.commands import number_events, settle_epoch
from domain.notifications.attempts import KEPT_FOR, LEASE, MOST_ATTEMPTS
from domain.notifications.delivery_commands import (
    About,
    NewNotice,
    claim_deliveries,
    forget_notices,
    queue_notices,
)
from domain.notifications.quiet_hours import QuietHours
from domain.notifications.words import Channel, Language, NoticeKind
from domain.people.local_days_commands import choose_time_zone
from domain.plans.completion_commands import NewCompletion, Which, complete_action, take_back_completion
from domain.plans.pause import NewPause, PauseKind
from domain.plans.pause_commands import pause_plans
from domain.plans.plan_commands import end_plan
from domain.plans.plan_queries import plan_read
from integrations.notifications.errors import AddressEnded, NotSent
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.reminding import ASHA, ROSE, SAM, SEALING, Scene, at_home

MINUTE = timedelta(minutes=1)
_ENDED = """
    insert into enrolment (id, pathway_id, patient_id, practice_id, enrolled_on, known_from, recorded_at, recorded_by,
        ended_on, end_reason, end_recorded_at, ended_by)
    select gen_random_uuid(), :pathway, id, practice_id, :day, :day, :at, account_id, :day, '{reason}', :at, account_id
    from patient where id = :patient
"""
_RESTRICTED = """
    insert into consent (id, patient_id, purpose, provision, text_version, language, text_sha256, decided_at,
        decided_by, decided_as, authority, is_restriction)
    select gen_random_uuid(), id, 'research', 'deny', 1, 'en', decode('01', 'hex'), :at, account_id, 'self', 'self',
        true
    from patient where id = :patient
"""


@pytest.fixture
async def scene(committing_database: Database, cast: Cast) -> AsyncIterator[Scene]:
    made = Scene.of(committing_database, cast)
    yield made
    await made.worker.close()


@pytest.fixture
async def wanting(scene: Scene) -> Scene:
    """Rose has a browser, wants to be reminded, and has something to do at eight each morning."""
    await scene.has()
    await scene.wants(NoticeKind.something_due)
    await scene.publish(time(8))
    return scene


async def action_of(scene: Scene) -> tuple[object, object]:
    [row, *_] = await scene.rows("select id, plan_id from action order by id desc")
    return row.plan_id, row.id


async def complete(scene: Scene, at: datetime, *, skipped: str | None = None) -> object:
    plan_id, action_id = await action_of(scene)
    new = NewCompletion(f"done at {at.isoformat()}", at.astimezone(UTC), skipped=skipped)
    async with scene.database.writing() as session:
        return await complete_action(session, scene.cast.actor(ROSE, at=at), scene.rose, plan_id, action_id, new)  # type: ignore[arg-type]


async def test_somebody_who_chose_it_is_reminded_when_it_is_due_and_once(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await wanting.work(due - MINUTE)
    assert wanting.brought == []
    for _ in range(3):
        await wanting.work(due)
    [(to, notice)] = wanting.brought
    assert (to, notice.kind, notice.text) == (
        "{}",
        NoticeKind.something_due,
        "Something is due. Open Tendwell to see it.",
    )
    assert await wanting.states() == [("accepted", None)]
    await wanting.work(due + timedelta(days=1))
    assert len({notice.id for _, notice in wanting.brought}) == 2


async def test_nobody_is_told_anything_that_they_have_not_chosen(scene: Scene) -> None:
    await scene.has()
    await scene.publish(time(8))
    await scene.work(at_home(scene.at, 9, days=1))
    assert scene.brought == []
    assert await scene.rows("select 1 from action_due") == []
    await scene.wants(NoticeKind.something_new)
    await scene.work(at_home(scene.at, 9, days=1))
    assert [notice.kind for _, notice in scene.brought] == []


async def test_of_the_time_before_somebody_chose_they_are_not_reminded(scene: Scene) -> None:
    await scene.has()
    await scene.publish(time(8))
    scene.at = at_home(scene.at, 9, days=1)
    await scene.wants(NoticeKind.something_due)
    await scene.work()
    assert scene.brought == []
    await scene.work(at_home(scene.at, 8, days=1))
    assert len(scene.brought) == 1


async def test_several_actions_due_at_one_instant_are_one_notice(wanting: Scene) -> None:
    await wanting.publish(time(8))
    await wanting.work(at_home(wanting.at, 8, days=1))
    assert len(wanting.brought) == 1
    assert len(await wanting.rows("select 1 from notice_action")) == 2


async def joined_later(scene: Scene, due: datetime) -> None:
    """Have another action fall due at the same instant, which a worker looks at ten minutes later than the first."""
    [first] = await scene.rows("select id from action")
    await scene.publish(time(8))
    await scene.do(
        "update action_due set look_at = :later where action_id <> :first", later=due + 10 * MINUTE, first=first.id
    )


async def complete_first(scene: Scene, at: datetime) -> None:
    [row, *_] = await scene.rows("select id, plan_id from action order by id")
    async with scene.database.writing() as session:
        actor = scene.cast.actor(ROSE, at=at)
        await complete_action(
            session, actor, scene.rose, row.plan_id, row.id, NewCompletion("done", at.astimezone(UTC))
        )


async def test_what_joins_a_reminder_that_was_dropped_as_done_is_reminded_of_once(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await joined_later(wanting, due)
    await complete_first(wanting, due - MINUTE)
    await wanting.work(due)
    assert (wanting.brought, await wanting.states()) == ([], [("dropped", "not_due")])
    for minutes in (10, 11, 60):
        await wanting.work(due + minutes * MINUTE)
    assert (len(wanting.brought), await wanting.states()) == (1, [("accepted", None)])
    assert len(await wanting.rows("select 1 from notice_action")) == 2


async def test_what_joins_a_reminder_and_is_done_itself_is_not_reminded_of(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await joined_later(wanting, due)
    await complete_first(wanting, due - MINUTE)
    await wanting.work(due)
    await complete(wanting, due + MINUTE)
    await wanting.work(due + 10 * MINUTE)
    assert (wanting.brought, await wanting.states()) == ([], [("dropped", "not_due")])


async def test_who_was_told_already_is_not_told_again_because_something_joins(wanting: Scene) -> None:
    """By one of two ways: the other one had failed, and was dropped when it was done."""
    await wanting.has(text='{"endpoint": "another"}')
    due = at_home(wanting.at, 8, days=1)
    await joined_later(wanting, due)
    wanting.fails = [NotSent("status_503", can_retry=True)]
    await wanting.work(due)
    await complete_first(wanting, due + MINUTE)
    await wanting.work(due + 9 * MINUTE)
    before = await wanting.states()
    assert sorted(before) == [("accepted", None), ("dropped", "not_due")]
    await wanting.work(due + 10 * MINUTE)
    assert (len(wanting.brought), await wanting.states()) == (1, before)


@pytest.mark.parametrize(
    ("statement", "settled"),
    [
        ("delete from notice_preference", ("dropped", "not_wanted")),
        (
            "update notice_address set ended_at = now(), end_reason = 'removed', sealed = null",
            ("dropped", "address_ended"),
        ),
        ("update patient set account_id = null where account_id is not null", ("dropped", "not_theirs")),
        (None, ("failed", "status_400")),
    ],
)
async def test_what_was_not_told_for_another_reason_is_not_brought_back_by_what_joins(
    wanting: Scene, statement: str | None, settled: tuple[str, str]
) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_503", can_retry=True) if statement else NotSent("status_400", can_retry=False)]
    await wanting.work(due)
    if statement:
        await wanting.do(statement)
        await wanting.work(due + timedelta(hours=1))
    assert await wanting.states() == [settled]
    again = NewNotice(
        wanting.cast.accounts[ROSE], wanting.rose, NoticeKind.something_due, wanting.rose, due, (await about(wanting),)
    )
    await queue(wanting, again, due + timedelta(hours=1))
    assert await wanting.states() == [settled]


async def about(scene: Scene) -> About:
    """Return what a reminder of a second action of the plan would be about."""
    await scene.do(
        "insert into action (id, plan_id, place, title, rrule, starts_on, times)"
        " select gen_random_uuid(), id, 100, 'x', 'FREQ=DAILY', '2026-01-01', '{}' from action_plan"
    )
    [row] = await scene.rows("select id from action where place = 100")
    day = at_home(scene.at, 0)
    return About(row.id, day.date(), 1, day, day + timedelta(days=1))


async def queue(scene: Scene, new: NewNotice, at: datetime) -> None:
    async with scene.worker.writing() as session:
        await queue_notices(session, [new], at)


async def test_what_joins_while_a_worker_drops_the_reminder_is_not_lost(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_503", can_retry=True)]
    await wanting.work(due)
    await complete_first(wanting, due + MINUTE)
    another = NewNotice(
        wanting.cast.accounts[ROSE], wanting.rose, NoticeKind.something_due, wanting.rose, due, (await about(wanting),)
    )
    async with wanting.worker.writing() as session:
        assert (await claim_deliveries(session, SEALING, due + timedelta(hours=1))).dropped == 1
        joining = asyncio.create_task(queue(wanting, another, due + timedelta(hours=1)))
        await asyncio.sleep(0.2)
        assert not joining.done()
    await joining
    await wanting.work(due + timedelta(hours=1))
    assert (len(wanting.brought), await wanting.states()) == (1, [("accepted", None)])


async def test_what_was_done_or_skipped_before_it_is_due_is_not_reminded_of(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await complete(wanting, due - MINUTE)
    await wanting.work(due)
    await complete(wanting, due + timedelta(days=1) - MINUTE, skipped="Not today")
    await wanting.work(due + timedelta(days=1))
    assert wanting.brought == []
    assert await wanting.states() == [("dropped", "not_due")] * 2


async def test_what_was_done_between_the_queue_and_the_sending_is_not_reminded_of(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_503", can_retry=True)]
    await wanting.work(due)
    assert await wanting.states() == [("waiting", "status_503")]
    await complete(wanting, due + MINUTE)
    await wanting.work(due + timedelta(hours=1))
    assert wanting.brought == []
    assert await wanting.states() == [("dropped", "not_due")]


async def test_what_was_taken_back_is_to_be_done_again(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    made = await complete(wanting, due - MINUTE)
    plan_id, action_id = await action_of(wanting)
    async with wanting.database.writing() as session:
        which = Which(wanting.rose, plan_id, action_id, made.id)  # type: ignore[arg-type,attr-defined]
        await take_back_completion(session, wanting.cast.actor(ROSE, at=due), which, "By mistake")
    await wanting.work(due)
    assert len(wanting.brought) == 1


async def test_the_second_time_of_a_day_is_reminded_of_though_the_first_was_done(scene: Scene) -> None:
    await scene.has()
    await scene.wants(NoticeKind.something_due)
    await scene.publish(time(8), time(20))
    morning, evening = at_home(scene.at, 8, days=1), at_home(scene.at, 20, days=1)
    await complete(scene, morning - MINUTE)
    await scene.work(morning)
    await scene.work(evening)
    assert len(scene.brought) == 1
    assert await scene.states() == [("dropped", "not_due"), ("accepted", None)]


async def test_what_may_be_done_at_any_time_of_a_day_is_reminded_of_in_the_evening(scene: Scene) -> None:
    await scene.has()
    await scene.wants(NoticeKind.something_due)
    await scene.publish()
    await scene.work(at_home(scene.at, 17, 59, days=1))
    earlier = len(scene.brought)
    await scene.work(at_home(scene.at, 18))
    assert len(scene.brought) == earlier + 1


async def test_a_pause_and_the_end_of_a_plan_are_kept_to(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    async with wanting.database.writing() as session:
        pause = NewPause(None, PauseKind.holiday, None, due.date(), due.date())
        await pause_plans(session, wanting.cast.actor(ROSE), wanting.rose, pause)
    await wanting.work(due)
    assert await wanting.states() == [("dropped", "not_due")]
    await wanting.work(due + timedelta(days=1))
    assert len(wanting.brought) == 1
    plan_id, _ = await action_of(wanting)
    async with wanting.database.writing() as session:
        actor = wanting.cast.actor(ASHA, at=wanting.at)
        await end_plan(session, actor, wanting.rose, plan_id, "It has come to its end")  # type: ignore[arg-type]
    await wanting.work(due + timedelta(days=2))
    assert len(wanting.brought) == 1
    assert await wanting.rows("select 1 from action_due") == []


async def test_a_plan_that_is_changed_reminds_of_no_instant_twice(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await wanting.work(due)
    plan_id, _ = await action_of(wanting)
    wanting.at = due + MINUTE
    await wanting.publish(time(8), supersedes_id=plan_id)
    await wanting.work(due + 2 * MINUTE)
    await wanting.work(due + timedelta(hours=1))
    assert len(wanting.brought) == 1
    await wanting.work(due + timedelta(days=1))
    assert len(wanting.brought) == 2


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("update account set disabled_at = :at where id = :account", "account_closed"),
        ("update patient set account_id = null where id = :patient", "not_theirs"),
        ("delete from notice_preference where account_id = :account", "not_wanted"),
        ("update notice_preference set chosen = '{something_due/sms}' where account_id = :account", "not_wanted"),
        (_ENDED.format(reason="died"), "died"),
        (_ENDED.format(reason="withdrew"), "withdrew"),
        (_RESTRICTED, "restricted"),
        ("update notice_address set ended_at = :at, end_reason = 'removed', sealed = null", "address_ended"),
    ],
)
async def test_who_has_withdrawn_died_or_left_is_not_reminded_though_it_was_queued(
    wanting: Scene, statement: str, why: str
) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_503", can_retry=True)]
    await wanting.work(due)
    given = {"at": due, "account": wanting.cast.accounts[ROSE], "patient": wanting.rose, "day": due.date()}
    if ":pathway" in statement:
        await wanting.do(
            "insert into pathway (id, code, name, description, commissioner_id, created_at, created_by)"
            " select gen_random_uuid(), 'x', 'A pathway', '', id, now(), :account from organisation limit 1",
            account=given["account"],
        )
        [given["pathway"]] = [row.id for row in await wanting.rows("select id from pathway limit 1")]
    await wanting.do(statement, **{name: each for name, each in given.items() if f":{name}" in statement})
    await wanting.work(due + timedelta(hours=1))
    assert wanting.brought == []
    assert await wanting.states() == [("dropped", why)]


async def test_who_chooses_reminders_after_they_withdrew_gets_them(wanting: Scene) -> None:
    await wanting.do(_RESTRICTED, patient=wanting.rose, at=wanting.at)
    wanting.at += MINUTE
    await wanting.wants(NoticeKind.something_due, language=Language.welsh)
    await wanting.work(at_home(wanting.at, 8, days=1))
    [(_, notice)] = wanting.brought
    assert notice.text == "Mae rhywbeth i'w wneud. Agorwch Tendwell i'w weld."


async def test_quiet_hours_are_kept_by_the_person_s_own_clock_and_then_it_is_told(wanting: Scene) -> None:
    async with wanting.database.writing() as session:
        actor = wanting.cast.actor(ROSE, at=wanting.at)
        await choose_time_zone(session, actor, wanting.rose, "America/New_York", frozenset({1}))
    await wanting.wants(NoticeKind.something_due, quiet=QuietHours(time(21), time(8, 30)))
    day = at_home(wanting.at, 12, days=3)
    wanting.at = day
    await wanting.work_until(day + timedelta(hours=22), timedelta(minutes=10))
    brought = [
        row.settled_at for row in await wanting.rows("select settled_at from notice_delivery order by settled_at")
    ]
    assert len(brought) >= 1
    assert {(at - timedelta(hours=5)).strftime("%H:%M") for at in brought[-1:]} == {"08:30"}
    assert await wanting.rows("select 1 from notice_delivery where attempts <> 1") == []


async def test_what_was_done_in_quiet_hours_is_not_told_when_they_end(wanting: Scene) -> None:
    await wanting.wants(NoticeKind.something_due, quiet=QuietHours(time(7), time(10)))
    due = at_home(wanting.at, 8, days=1)
    await wanting.work(due)
    assert (await wanting.states(), wanting.brought) == ([("waiting", None)], [])
    await complete(wanting, due + MINUTE)
    await wanting.work(due + timedelta(hours=2))
    assert (await wanting.states(), wanting.brought) == ([("dropped", "not_due")], [])


async def test_a_worker_that_was_away_reminds_of_what_is_due_now_and_not_of_each_time_that_passed(
    wanting: Scene,
) -> None:
    await wanting.work(at_home(wanting.at, 9, days=5))
    assert len(wanting.brought) == 1
    await wanting.work(at_home(wanting.at, 7, days=5))
    assert len(wanting.brought) == 1  # that of the morning before is old news by the evening


async def test_two_workers_at_once_send_each_notice_once(wanting: Scene) -> None:
    for number in range(15):
        await wanting.has(text=f'{{"endpoint": "{number}"}}')
    due = at_home(wanting.at, 8, days=1)
    await asyncio.gather(*(wanting.work(due) for _ in range(4)))
    to = [each for each, _ in wanting.brought]
    assert (len(to), len(set(to)), len({notice.id for _, notice in wanting.brought})) == (16, 16, 1)


async def test_what_a_worker_took_and_left_is_another_s_when_its_lease_is_over(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_503", can_retry=True)]
    await wanting.work(due)
    async with wanting.worker.writing() as session:
        [taken] = (await claim_deliveries(session, SEALING, due + timedelta(hours=1))).claimed
    await wanting.work(due + timedelta(hours=1) + LEASE - MINUTE)
    assert wanting.brought == []
    await wanting.work(due + timedelta(hours=1) + LEASE)
    [(_, notice)] = wanting.brought
    assert (notice.id, notice.is_repeat) == (taken.notice_id, True)


async def test_a_notice_is_given_up_when_it_was_tried_often_enough_or_is_old_news(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("no_answer", can_retry=True) for _ in range(2 * MOST_ATTEMPTS)]
    wanting.at = due
    await wanting.work(due)
    await wanting.work_until(due + timedelta(hours=14), timedelta(minutes=20))
    [(state, reason)] = await wanting.states()
    assert (state, reason) in {("failed", "no_answer"), ("dropped", "too_late")}
    tried = 2 * MOST_ATTEMPTS - len(wanting.fails)
    assert 8 <= tried <= MOST_ATTEMPTS
    wanting.fails = [NotSent("status_400", can_retry=False)]
    await wanting.work(due + timedelta(days=1))
    assert (await wanting.states())[-1] == ("failed", "status_400")


async def test_an_address_that_is_no_more_is_never_used_again(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [AddressEnded("status_410")]
    await wanting.work(due)
    await wanting.work(due + timedelta(days=1))
    assert wanting.brought == []
    [row] = await wanting.rows("select end_reason, sealed from notice_address")
    assert (row.end_reason, row.sealed) == ("gone", None)


async def test_whoever_signs_in_next_on_a_shared_telephone_takes_it_over(wanting: Scene) -> None:
    await wanting.has(who=SAM)
    await wanting.work(at_home(wanting.at, 8, days=1))
    assert wanting.brought == []
    ends = await wanting.rows("select account_id, end_reason from notice_address order by id")
    assert [row.end_reason for row in ends] == ["taken_over", None]


async def test_a_move_to_another_zone_neither_skips_nor_repeats_an_instant(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await wanting.work(due)
    async with wanting.database.writing() as session:
        actor = wanting.cast.actor(ROSE, at=due + MINUTE)
        await choose_time_zone(session, actor, wanting.rose, "Pacific/Auckland", frozenset({1}))
    await wanting.work_until(due + timedelta(days=4), timedelta(minutes=30))
    rows = await wanting.rows("select due_at from notice order by due_at")
    hours = [row.due_at.astimezone(UTC) for row in rows]
    assert len(hours) == len(wanting.brought) == len(set(hours))
    [*days] = [row.on_day for row in await wanting.rows("select on_day from notice_action order by on_day")]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert isinstance(days[0], date)


async def test_what_was_sent_is_forgotten_after_thirty_days(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    await wanting.work(due)
    async with wanting.worker.writing() as session:
        assert await forget_notices(session, at=due + KEPT_FOR - MINUTE, most=10) == 0
        assert await forget_notices(session, at=due + KEPT_FOR, most=10) == 1
    assert await wanting.rows("select 1 from notice_delivery") == []


async def test_a_tick_looks_at_what_is_due_and_at_no_other_row(scene: Scene) -> None:
    await scene.wants(NoticeKind.something_due)
    await scene.publish(time(8))
    await scene.do(
        "insert into action (id, plan_id, place, title, rrule, starts_on, times)"
        " select gen_random_uuid(), p.id, n, 'x', 'FREQ=DAILY', '2026-01-01', '{}' from action_plan p,"
        " generate_series(100, 10100) n"
    )
    await scene.do(
        "update action_due set look_at = look_at + interval '1 year'"
        " where action_id in (select action_id from action_due offset 3)"
    )
    await scene.do("analyze action_due")
    plan = await scene.rows(
        "explain select action_id from action_due where look_at <= now() + interval '1 day'"
        " order by look_at, action_id limit 200 for update skip locked"
    )
    assert any("actions_to_look_at" in row[0] for row in plan)


async def test_a_plan_for_somebody_is_news_to_them_by_the_ways_they_chose(scene: Scene) -> None:
    await scene.has()
    await scene.has(Channel.fcm, "a-token")
    await scene.wants(NoticeKind.something_new, ways=frozenset({Channel.fcm}))
    async with scene.database.writing() as session:
        await settle_epoch(session)
    await scene.work()
    await scene.publish(time(8))
    async with scene.database.writing() as session:
        await number_events(session)
    await scene.work()
    [(to, notice)] = scene.brought
    assert (to, notice.kind) == ("a-token", NoticeKind.something_new)


async def test_a_reminder_that_was_not_sent_leaves_the_action_missed_in_the_plan(wanting: Scene) -> None:
    due = at_home(wanting.at, 8, days=1)
    wanting.fails = [NotSent("status_400", can_retry=False)]
    await wanting.work(due)
    plan_id, _ = await action_of(wanting)
    async with wanting.database.writing() as session:
        actor = wanting.cast.actor(ROSE, at=due + MINUTE)
        found = await plan_read(session, actor, wanting.rose, plan_id)  # type: ignore[arg-type]
    [action] = found.plan.actions
    assert found.adherence[action.id].missed >= 1
