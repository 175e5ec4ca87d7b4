"""Care and support plans on a real database: whatever is done in whatever order, one is in force and none changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.care_plans.commands import NewSection, draft_care_plan, publish_care_plan, withdraw_care_plan
from domain.care_plans.lifecycle import Agreement, CarePlanStatus
from domain.care_plans.queries import CarePlan, care_plan_in_force, care_plans_by_ids, care_plans_read
from domain.care_plans.section import CareSection, WordsOf
from domain.errors import DomainError
from integrations.postgres.client import Database
from integrations.postgres.roles import Role
from tests.cast import Cast
from tests.database.care_plans.stage import ASHA, CARL, GUS, MATTERS, ROSE, UMA, in_force, new, rose, says

WHO = st.sampled_from([ROSE, ASHA, CARL, GUS, UMA])
_SECTIONS = st.lists(
    st.builds(
        NewSection,
        st.sampled_from([CareSection.matters, CareSection.needs, CareSection.contingency]),
        st.sampled_from(["So", "Otherwise"]),
        st.sampled_from(WordsOf),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.section,
)
_HOW = st.sampled_from([None, Agreement.with_person, Agreement.best_interests])
# What is done, by whom: a draft is made against what is in force or against any version, then one of all is decided on.
_DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("draft"), WHO, _SECTIONS, st.none() | st.integers(0, 9)),
        st.tuples(st.just("publish"), WHO, st.integers(0, 9), _HOW),
        st.tuples(st.just("withdraw"), WHO, st.integers(0, 9), st.sampled_from(["No", "Not yet"])),
    ),
    min_size=4,
    max_size=14,
)
_ADD_NEEDS = text(
    "insert into care_plan_section (plan_id, patient_id, section, text, words_of, written_by, written_as, written_at)"
    " select :plan, :whose, 'needs', 'More', words_of, written_by, written_as, written_at"
    " from care_plan_section where plan_id = :plan"
)
_WITHDRAW = text(
    "insert into care_plan_decision (plan_id, patient_id, decision, decided_by, decided_as, decided_at)"
    " select id, :whose, 'withdrawn', drafted_by, drafted_as, drafted_at from care_plan where id = :plan"
)
Told = tuple[object, ...]
# What was settled goes on but so: another takes its place, or a draft that was overtaken is put away.
GOES_ON = {
    (CarePlanStatus.published, CarePlanStatus.superseded),
    (CarePlanStatus.overtaken, CarePlanStatus.withdrawn),
}


@dataclass
class World:
    """What was ever drafted, as it was first read, and what was in force one after the other."""

    ids: list[UUID] = field(default_factory=list)
    first_read: dict[UUID, Told] = field(default_factory=dict)
    published: list[UUID] = field(default_factory=list)
    settled: dict[UUID, CarePlanStatus] = field(default_factory=dict)

    def any(self, number: int) -> UUID:
        return self.ids[number % len(self.ids)] if self.ids else UUID(int=0)


def written(plan: CarePlan) -> Told:
    """Return all of a version but where it stands."""
    return plan.client_id, plan.supersedes_id, plan.review_on, plan.drafted_by, plan.drafted_at, plan.sections


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(deeds=_DEEDS)
async def test_one_is_in_force_and_none_ever_changes(session: AsyncSession, cast: Cast, deeds: list[Told]) -> None:
    async with session.begin_nested() as trial:
        world = World()
        for number, deed in enumerate(deeds):
            try:
                async with session.begin_nested():
                    await done(session, cast, world, number, deed)
            except DomainError:
                pass
            await hold(session, cast, world)
        await trial.rollback()


async def done(session: AsyncSession, cast: Cast, world: World, number: int, deed: Told) -> None:
    kind, who, what, more = deed
    actor = cast.actor(str(who))
    if kind == "draft":
        assert isinstance(what, list)
        against = world.any(more) if isinstance(more, int) else (world.published[-1] if world.published else None)
        drafted = new(cast, f"draft-{number}", *what, supersedes_id=against)
        world.ids.append(await draft_care_plan(session, actor, rose(cast), drafted))
        return
    assert isinstance(what, int)
    plan_id = world.any(what)
    if kind == "publish":
        how = more if isinstance(more, Agreement) else None
        await publish_care_plan(session, actor, rose(cast), plan_id, how, "He sleeps" if how else None)
        if plan_id not in world.published:
            world.published.append(plan_id)
    else:
        await withdraw_care_plan(session, actor, rose(cast), plan_id, str(more))


async def hold(session: AsyncSession, cast: Cast, world: World) -> None:
    found = await care_plans_read(session, cast.actor(ASHA), rose(cast), before=None, limit=100)
    assert {each.id for each in found} == set(world.ids)
    for each in found:
        assert world.first_read.setdefault(each.id, written(each)) == written(each)
        before = world.settled.get(each.id)
        assert before in (None, each.status) or (before, each.status) in GOES_ON
        if each.status is not CarePlanStatus.draft:
            world.settled[each.id] = each.status
    now = [each for each in found if each.status is CarePlanStatus.published]
    assert [each.id for each in now] == world.published[-1:]
    present = await care_plan_in_force(session, rose(cast))
    assert present == (now[0] if now else None)
    chain = {each.id: each for each in found}
    for number, (this, following) in enumerate(zip(world.published, [*world.published[1:], None], strict=False), 1):
        decision = chain[this].decision
        assert decision is not None
        assert (decision.version, chain[this].successor_id) == (number, following)
        assert following is None or chain[following].supersedes_id == this


async def test_of_eight_who_publish_at_once_one_does(committing_database: Database, cast: Cast) -> None:
    drafts = []
    for number in range(8):
        async with committing_database.writing() as session:
            drafts.append(await draft_care_plan(session, cast.actor(ROSE), rose(cast), new(cast, f"draft-{number}")))

    async def publish(plan_id: UUID) -> bool:
        try:
            async with committing_database.writing() as session:
                await publish_care_plan(session, cast.actor(ROSE), rose(cast), plan_id)
        except DomainError:
            return False
        return True

    assert sum(await asyncio.gather(*map(publish, drafts))) == 1
    async with committing_database.reading() as session:
        stand = [each.status for each in await care_plans_by_ids(session, rose(cast), drafts)]
    assert sorted(stand) == [CarePlanStatus.overtaken] * 7 + [CarePlanStatus.published]


@pytest.mark.parametrize(
    "statement",
    [
        "update care_plan_section set text = 'Otherwise'",
        "update care_plan set review_on = '2030-01-01'",
        "update care_plan_decision set version = 9",
        "delete from care_plan_section",
        "delete from care_plan_decision",
        "delete from care_plan",
    ],
)
async def test_the_application_has_no_right_to_change_or_remove_anything(
    session: AsyncSession, cast: Cast, statement: str
) -> None:
    await in_force(session, cast, ASHA, says(MATTERS, "My garden"))
    await session.execute(text("select set_config('role', :role, true)"), {"role": Role.runtime.value})
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(text(statement))


async def test_the_database_itself_has_no_room_for_two_in_force(session: AsyncSession, cast: Cast) -> None:
    first = await in_force(session, cast, ASHA)
    draft = await draft_care_plan(session, cast.actor(ROSE), rose(cast), new(cast, "more", supersedes_id=first))
    with pytest.raises(DBAPIError, match="care_plan_decision_numbered"):
        await session.execute(
            text(
                "insert into care_plan_decision (plan_id, patient_id, decision, version, agreement, decided_by,"
                " decided_as, decided_at) select :draft, patient_id, decision, version, agreement, decided_by,"
                " decided_as, decided_at from care_plan_decision where plan_id = :first"
            ),
            {"draft": draft, "first": first},
        )


async def test_to_what_was_decided_no_section_is_added_and_to_a_draft_none_of_another_patient(
    session: AsyncSession, cast: Cast
) -> None:
    made = await in_force(session, cast, ASHA)
    draft = await draft_care_plan(session, cast.actor(ROSE), rose(cast), new(cast, "more", supersedes_id=made))
    other = cast.patients["sam_at_home"]
    for plan_id, whose, refused in (
        (made, rose(cast), "is decided: nothing is added"),
        (draft, other, "care_plan_section_of_own"),
    ):
        with pytest.raises(DBAPIError, match=refused):
            async with session.begin_nested():
                await session.execute(_ADD_NEEDS, {"plan": plan_id, "whose": whose})
    await session.execute(_ADD_NEEDS, {"plan": draft, "whose": rose(cast)})
    with pytest.raises(DBAPIError, match="care_plan_decision_of_own"):
        async with session.begin_nested():
            await session.execute(_WITHDRAW, {"plan": draft, "whose": other})
