"""Counting a pathway's contacts and person-days, and releasing them to its commissioner."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NotFound
from domain.ids import new_id
from domain.outcomes import commands
from domain.outcomes.cautions import Caution
from domain.outcomes.cohort_queries import Cohort, unreleased_outcomes
from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, ContactKind, MeasureKey
from domain.outcomes.disclosure import Exact, Places, cell
from domain.outcomes.person_time import Membership, before_and_since, contributes, person_days
from domain.outcomes.policy import Release, Why
from domain.outcomes.release_commands import read_outcomes
from tests.cast import Cast
from tests.pathway_cast import (
    ASHA,
    CUT_OFF,
    IRIS,
    PATHWAY,
    VISITS,
    add_people,
    audited,
    enrol,
    new_pathway,
    noon,
    outcomes,
    visit,
)


class TestCounting:
    async def test_the_worked_example_by_hand(self, session: AsyncSession, worked: Cast) -> None:
        report = await outcomes(session, worked)
        [found] = report.results
        assert report.cut_off == CUT_OFF
        assert found.people.value == 10  # 9 of them count: the tenth joined after the cut-off
        assert (found.before.events.value, found.since.events.value) == (20, 10)  # 22 and 12
        assert (found.before.person_days.value, found.since.person_days.value) == (750, 650)  # 750 and 634
        assert found.before.rate.value == 27.0  # 20 / 750 * 1000 = 26.67
        assert found.since.rate.value == 15.0  # 10 / 650 * 1000 = 15.38
        assert found.ratio.value == 0.58  # 15.38 / 26.67
        assert found.percent_change.value == -42.0
        assert found.ratio.low is not None and found.ratio.high is not None
        assert found.ratio.low < 0.58
        assert found.ratio.high > 1
        assert found.claim.name == "L1"
        assert "includes no change" in found.claim.sentence
        assert Caution.implausible_effect in found.cautions

    async def test_the_exact_counts_beneath_are_those_of_the_table(self, session: AsyncSession, worked: Cast) -> None:
        cohort = Cohort(worked.others[PATHWAY], datetime.now(UTC))
        exact = (await unreleased_outcomes(session, cohort, cut_off=CUT_OFF))._exact
        assert (exact.enrolled, exact.people, exact.lived_before, exact.lived_since) == (
            9,
            9,
            Places(0, 9),
            Places(0, 9),
        )
        assert (exact.days_since, exact.days_before[90]) == (634, 750)
        assert (exact.events[cell(VISITS, 90)], exact.events[cell(VISITS, None)]) == (22, 12)
        assert exact.events[cell(MeasureKey.emergency_attendances, None)] == 1

    async def test_reading_is_audited_without_a_patient(self, session: AsyncSession, worked: Cast) -> None:
        await outcomes(session, worked)
        [row] = await audited(session, "outcome.read")
        assert (row.account_id, row.patient_id, row.subject_id) == (
            worked.accounts[IRIS],
            None,
            worked.others[PATHWAY],
        )

    async def test_nobody_but_its_commissioner_reads_a_pathways_outcomes(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        pathway = cast.others[PATHWAY]
        for name in (ASHA, "admin", "gus_care_home_staff", "rose_herself", "nobody_at_all"):
            with pytest.raises(NotFound):
                await read_outcomes(session, cast.actor(name), pathway, measures=[VISITS], baseline_days=90)

    async def test_contacts_of_an_import_that_is_not_stored_yet_do_not_count(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        made = new_id()
        await session.execute(
            text(
                "insert into contact_import (id, state, scope, sha256, bytes_received, rows_read, rows_total,"
                " rows_stored, rows_duplicate, faults_total, uploaded_by, uploaded_at, attempts)"
                " values (:id, 'storing', '{}', '', 0, 0, 0, 0, 0, 0, :by, now(), 0)"
            ),
            {"id": made, "by": worked.accounts["admin"]},
        )
        await session.execute(text("update contact set import_id = :id"), {"id": made})
        assert (await outcomes(session, worked)).results[0].since.events.value == 0

    async def test_fewer_than_eight_people_release_only_the_statement(self, session: AsyncSession, cast: Cast) -> None:
        for person in await add_people(session, cast, 7):
            await enrol(session, cast, person, date(2026, 8, 1))
            await visit(session, cast, person, [noon(date(2026, 9, day)) for day in range(1, 20)])
        [found] = (await outcomes(session, cast)).results
        assert found.people.status is Release.suppressed
        assert found.since.events.reason == Why.fewer_than_eight_people

    async def test_the_residents_of_one_home_are_not_released(self, session: AsyncSession, cast: Cast) -> None:
        people = await add_people(session, cast, 12)
        for person in people:
            await enrol(session, cast, person, date(2026, 8, 1))
        await session.execute(
            text("update enrolment set care_home_id = :home"), {"home": cast.organisations["care_home"]}
        )
        [found] = (await outcomes(session, cast)).results
        assert found.people.reason == Why.too_few_care_homes

    async def test_one_person_behind_seven_who_have_no_days_is_not_released(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        people, joined = await add_people(session, cast, 8), date(2026, 8, 1)
        for person in people[:7]:
            await enrol(session, cast, person, joined, until=joined)
        await enrol(session, cast, people[7], joined)
        await visit(session, cast, people[7], [noon(date(2026, 9, day)) for day in range(1, 13)])
        [found] = (await outcomes(session, cast)).results
        assert (found.people.value, found.since.events.reason) == (None, Why.fewer_than_eight_people)

    async def test_one_whose_history_was_known_behind_seven_whose_was_not_is_not_released(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        people, joined = await add_people(session, cast, 9), date(2026, 8, 1)
        for person in people[:7]:
            await enrol(session, cast, person, joined, known_from=joined)
        for person in people[7:]:
            await enrol(session, cast, person, joined)
        assert (await outcomes(session, cast)).results[0].since.events.reason == Why.fewer_than_eight_people
        for person in await add_people(session, cast, 8):
            await enrol(session, cast, person, joined)
        assert (await outcomes(session, cast)).results[0].people.value == 10

    async def test_homes_in_which_nobody_has_days_since_hide_no_home(self, session: AsyncSession, cast: Cast) -> None:
        """Ten people who all live in one home, of whom two joined first, for no day at all, in two others."""
        people, joined = await add_people(session, cast, 10), date(2026, 8, 1)
        for person in people[:2]:
            await enrol(session, cast, person, joined, until=joined)
        for person in people:
            await enrol(session, cast, person, joined)
        homes = {"one": cast.organisations["care_home"], "two": cast.organisations["former_home"]}
        await session.execute(text("update enrolment set care_home_id = :one"), homes)
        await session.execute(text("update enrolment set care_home_id = :two where ended_on = enrolled_on"), homes)
        cohort = Cohort(cast.others[PATHWAY], datetime.now(UTC))
        exact = (await unreleased_outcomes(session, cohort, cut_off=CUT_OFF))._exact
        assert (exact.lived_before.homes, exact.lived_since.homes) == (2, 1)


Memberships = dict[UUID, list[Membership]]
Contacts = list[tuple[UUID, ContactKind, date]]


@pytest.mark.parametrize("seed", range(4))
async def test_the_statement_counts_as_the_pure_definition_does(session: AsyncSession, cast: Cast, seed: int) -> None:
    """Random memberships and contacts, some touching every edge, counted by PostgreSQL and by `person_time`."""
    chance = random.Random(seed)
    people = await add_people(session, cast, 25)
    memberships, contacts = _random_memberships(chance, people), _random_contacts(chance, people)
    deaths = {person: _some_day(chance) for person in people if chance.random() < 0.4}
    await _insert_memberships(session, cast, memberships)
    await _insert_contacts(session, cast, contacts)
    await _insert_deaths(session, cast, deaths)
    known_at = datetime.now(UTC) + timedelta(minutes=1)
    counted = await unreleased_outcomes(session, Cohort(cast.others[PATHWAY], known_at), cut_off=CUT_OFF)
    for baseline in BASELINES_DAYS:
        _require_same(counted._exact, memberships, contacts, deaths, baseline)


def _some_day(chance: random.Random) -> date:
    return date(2024, 1, 1) + timedelta(days=chance.randrange(1000))


def _random_memberships(chance: random.Random, people: list[UUID]) -> Memberships:
    found: Memberships = {}
    for person in people:
        day = _some_day(chance)
        for _ in range(chance.randrange(4)):
            left = None if chance.random() < 0.3 else day + timedelta(days=chance.choice([0, 1, 30, 200]))
            known = day - timedelta(days=chance.choice([0, 40, 90, 91, 5000]))
            found.setdefault(person, []).append(Membership(day, left, known))
            if left is None:
                break
            day = left + timedelta(days=chance.choice([0, 1, 50]))
    return found


def _random_contacts(chance: random.Random, people: list[UUID]) -> Contacts:
    first, kinds = date(2021, 10, 24), list(ContactKind)
    return [
        (person, chance.choice(kinds), first + timedelta(days=chance.randrange(1900)))
        for person in people
        for _ in range(60)
    ]


def _require_same(
    exact: Exact, memberships: Memberships, contacts: Contacts, deaths: dict[UUID, date], baseline: int
) -> None:
    enrolled = {
        person: before_and_since(held, baseline_days=baseline, cut_off=CUT_OFF, died_on=deaths.get(person))
        for person, held in memberships.items()
    }
    spans = {person: windows for person, windows in enrolled.items() if contributes(*windows)}
    assert exact.enrolled == sum(before is not None for before, _ in enrolled.values())
    assert exact.people == len(spans) < exact.enrolled
    assert exact.days_before[baseline] == sum(before.days for before, _ in spans.values() if before)
    assert exact.days_since == sum(person_days(since) for _, since in spans.values())
    for measure in MEASURES.values():
        of_kind = [(person, day) for person, kind, day in contacts if kind in measure.kinds and person in spans]
        in_before = sum(bool((span := spans[person][0]) and span.holds(day)) for person, day in of_kind)
        in_since = sum(any(span.holds(day) for span in spans[person][1]) for person, day in of_kind)
        assert exact.events[cell(measure.key, baseline)] == in_before
        assert exact.events[cell(measure.key, None)] == in_since


async def _insert_memberships(session: AsyncSession, cast: Cast, memberships: Memberships) -> None:
    rows = [
        {
            "id": new_id(),
            "pathway": cast.others[PATHWAY],
            "patient": person,
            "practice": cast.organisations["practice"],
            "by": cast.accounts[ASHA],
            "on": held.joined_on,
            "known": held.known_from,
            "until": held.left_on,
            "reason": "moved" if held.left_on else None,
            "ended_at": datetime.now(UTC) if held.left_on else None,
            "ended_by": cast.accounts[ASHA] if held.left_on else None,
        }
        for person, listed in memberships.items()
        for held in listed
    ]
    await session.execute(
        text(
            "insert into enrolment (id, pathway_id, patient_id, practice_id, enrolled_on, known_from, ended_on,"
            " end_reason, end_recorded_at, ended_by, recorded_by) values (:id, :pathway, :patient, :practice, :on,"
            " :known, :until, :reason, :ended_at, :ended_by, :by)"
        ),
        rows,
    )


async def _insert_deaths(session: AsyncSession, cast: Cast, deaths: dict[UUID, date]) -> None:
    """Record the deaths on another pathway."""
    other = await commands.create_pathway(session, cast.actor(IRIS), new_pathway(cast, "other"))
    await session.execute(
        text(
            "insert into enrolment (id, pathway_id, patient_id, practice_id, enrolled_on, known_from, ended_on,"
            " end_reason, end_recorded_at, ended_by, recorded_by) values (:id, :pathway, :patient, :practice, :on,"
            " :on, :on, 'died', now(), :by, :by)"
        ),
        [
            {
                "id": new_id(),
                "pathway": other,
                "patient": person,
                "practice": cast.organisations["practice"],
                "on": day,
                "by": cast.accounts[ASHA],
            }
            for person, day in deaths.items()
        ],
    )


async def _insert_contacts(session: AsyncSession, cast: Cast, contacts: Contacts) -> None:
    rows = [
        {
            "id": new_id(),
            "patient": person,
            "kind": kind.value,
            "at": noon(day) + timedelta(seconds=number),
            "day": day,
            "organisation": cast.organisations["practice"],
            "by": cast.accounts[ASHA],
        }
        for number, (person, kind, day) in enumerate(contacts)
    ]
    await session.execute(
        text(
            "insert into contact (id, patient_id, kind, started_at, offset_minutes, started_on, organisation_id,"
            " source, recorded_at, recorded_by) values (:id, :patient, :kind, :at, 0, :day, :organisation, 'x',"
            " now(), :by)"
        ),
        rows,
    )
