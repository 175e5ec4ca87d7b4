"""Reading back: pages that miss nothing, the latest with its age, exact series, and what corrections change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import AlreadyExists, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.ids import new_id
from domain.observations.amendment_commands import correct_observation, retract_observation
from domain.observations.commands import record_observations
from domain.observations.observation import Observation, Status
from domain.observations.queries import (
    latest_for_patients,
    latest_read,
    observation_page,
    observation_read,
    observations_by_ids,
    series_read,
)
from domain.observations.reading import Reading
from domain.observations.series import Point, Series, Span
from integrations.postgres.client import Database
from tests.cast import Cast, assemble, just_now

ROSE, GUS, ASHA, BEA = (
    "rose_herself",
    "gus_care_home_staff",
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
)


@pytest.fixture
async def cast(session: AsyncSession) -> Cast:
    return await assemble(session, just_now(), "not a hash: nobody signs in here")


@pytest.fixture
async def committed_cast(committing_database: Database) -> Cast:
    async with committing_database.writing() as session:
        return await assemble(session, just_now(), "not a hash: nobody signs in here")


def pulse(cast: Cast, minutes_ago: float, value: object = 72, **more: Any) -> Reading:
    at = cast.now - timedelta(minutes=minutes_ago)
    return Reading(more.pop("client_id", f"p-{minutes_ago}"), "heart_rate", at, "/min", Decimal(str(value)), **more)


def pressure(cast: Cast, minutes_ago: int, systolic: int, diastolic: int) -> Reading:
    at = cast.now - timedelta(minutes=minutes_ago)
    parts = Decimal(systolic), Decimal(diastolic)
    return Reading(f"bp-{minutes_ago}", "blood_pressure", at, "mm[Hg]", None, *parts)


async def record(session: AsyncSession, cast: Cast, *readings: Reading, by: str = GUS) -> list[UUID]:
    verdicts = await record_observations(session, cast.actor(by), cast.patients["rose_resident"], readings)
    ids = [verdict.observation_id for verdict in verdicts if verdict.observation_id is not None]
    assert len(ids) == len(readings), verdicts
    return ids


async def page(session: AsyncSession, cast: Cast, *, by: str = GUS, **more: Any) -> list[Observation]:
    asked: dict[str, Any] = {"sign": None, "from_at": None, "until_at": None, "after": None, "limit": 50} | more
    return await observation_page(session, cast.actor(by), cast.patients["rose_resident"], **asked)


async def walk(session: AsyncSession, cast: Cast, limit: int, **more: Any) -> list[Observation]:
    seen: list[Observation] = []
    after = None
    while True:
        found = await page(session, cast, limit=limit, after=after, **more)
        seen += found[:limit]
        if len(found) <= limit:
            return seen
        after = (seen[-1].effective_at, seen[-1].id)


async def correct(session: AsyncSession, cast: Cast, old: UUID, reading: Reading, *, by: str = GUS) -> Observation:
    return await correct_observation(session, cast.actor(by), cast.patients["rose_resident"], old, reading, "typo")


async def retract(
    session: AsyncSession, cast: Cast, old: UUID, *, by: str = GUS, why: str = "other person"
) -> Observation:
    return await retract_observation(session, cast.actor(by), cast.patients["rose_resident"], old, why)


# Pages


async def test_observations_are_listed_newest_first_with_the_offset_they_were_sent_with(
    session: AsyncSession, cast: Cast
) -> None:
    london = timezone(timedelta(hours=1))
    early = replace(pulse(cast, 30), effective_at=(cast.now - timedelta(minutes=30)).astimezone(london))
    await record(session, cast, early, pressure(cast, 10, 128, 82), pulse(cast, 20))
    found = await page(session, cast)
    assert [o.client_id for o in found] == ["bp-10", "p-20", "p-30"]
    assert found[2].effective_at.utcoffset() == timedelta(hours=1)
    assert (found[0].systolic, found[0].diastolic) == (Decimal(128), Decimal(82))
    assert (found[0].unit, found[0].loinc) == ("mm[Hg]", "85354-9")
    assert (found[1].value, found[1].unit, found[1].loinc, found[1].status) == (
        Decimal(72),
        "/min",
        "8867-4",
        Status.final,
    )


async def test_a_page_can_be_of_one_sign_and_of_a_half_open_span(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, *(pulse(cast, n) for n in (10, 20, 30)), pressure(cast, 20, 128, 82))
    assert [o.client_id for o in await page(session, cast, sign="heart_rate")] == ["p-10", "p-20", "p-30"]
    span: dict[str, Any] = {"from_at": cast.now - timedelta(minutes=20), "until_at": cast.now - timedelta(minutes=10)}
    assert {o.client_id for o in await page(session, cast, **span)} == {"p-20", "bp-20"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"sign": "mood"}, "sign_unknown"),
        ({"from_at": just_now(), "until_at": just_now() - timedelta(days=31)}, "ends_before_it_begins"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    session: AsyncSession, cast: Cast, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await page(session, cast, **asked)
    assert refused.value.faults[0].code == code


async def test_a_walk_through_pages_of_any_size_shows_each_once_also_where_instants_are_equal(
    session: AsyncSession, cast: Cast
) -> None:
    await record(session, cast, *(pulse(cast, n // 3, client_id=f"c-{n}", source=f"s-{n % 3}") for n in range(30)))
    everything = [o.id for o in await page(session, cast)]
    assert len(everything) == 30
    for limit in (1, 2, 3, 7, 29, 30, 31):
        assert [o.id for o in await walk(session, cast, limit)] == everything


async def test_rows_inserted_during_a_walk_make_it_neither_skip_nor_repeat(session: AsyncSession, cast: Cast) -> None:
    before = await record(session, cast, *(pulse(cast, n) for n in range(1, 12)))
    first = (await page(session, cast, limit=4))[:4]
    await record(session, cast, *(pulse(cast, n + 0.5) for n in range(11)))
    rest = await page(session, cast, after=(first[-1].effective_at, first[-1].id), limit=50)
    seen = [o.id for o in (*first, *rest)]
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


async def test_only_those_who_may_see_the_patient_read_and_every_read_is_audited_once(
    session: AsyncSession, cast: Cast
) -> None:
    rose, (one,) = cast.patients["rose_resident"], await record(session, cast, pulse(cast, 5))
    span = Span(cast.now - timedelta(days=1), cast.now, 10)

    async def each_read(name: str) -> None:
        actor = cast.actor(name)
        for read in (
            observation_page(session, actor, rose, sign=None, from_at=None, until_at=None, after=None, limit=5),
            observation_read(session, actor, rose, one),
            latest_read(session, actor, rose),
            series_read(session, actor, rose, sign="heart_rate", unit=None, span=span),
        ):
            if name == BEA:
                with pytest.raises(NotFound):
                    await read
            else:
                await read

    await each_read(BEA)
    await each_read(ASHA)
    audited = await session.execute(
        text(
            "select account_id, action, subject_id, patient_id from audit_event"
            " where action ~ '^observation' order by id"
        )
    )
    assert [(row.account_id, row.action, row.subject_id) for row in audited if row.patient_id == rose][1:] == [
        (cast.accounts[ASHA], "observation.list", None),
        (cast.accounts[ASHA], "observation.read", one),
        (cast.accounts[ASHA], "observation.latest", None),
        (cast.accounts[ASHA], "observation.series", None),
    ]


async def test_an_observation_is_not_found_under_another_patient_or_when_there_is_none(
    session: AsyncSession, cast: Cast
) -> None:
    (one,) = await record(session, cast, pulse(cast, 5))
    for patient, wanted in (("sam_at_home", one), ("rose_resident", new_id())):
        with pytest.raises(NotFound):
            await observation_read(session, cast.actor(ASHA), cast.patients[patient], wanted)


async def test_observations_are_found_by_their_ids_whatever_their_status(session: AsyncSession, cast: Cast) -> None:
    first, second = await record(session, cast, pulse(cast, 5), pulse(cast, 6))
    await retract(session, cast, first)
    found = await observations_by_ids(session, [second, first, new_id()])
    assert {o.id: o.status for o in found} == {first: Status.entered_in_error, second: Status.final}


# Latest


async def test_the_latest_of_each_sign_has_its_age_and_a_sign_never_taken_is_absent(
    session: AsyncSession, cast: Cast
) -> None:
    weight = Reading("w", "body_weight", cast.now - timedelta(hours=25), "kg", Decimal(80))
    warm = Reading("t", "body_temperature", cast.now - timedelta(hours=24, seconds=1), "Cel", Decimal(37))
    ahead = replace(pulse(cast, 0), effective_at=cast.now + timedelta(seconds=90))
    await record(session, cast, weight, warm, pulse(cast, 30), pressure(cast, 1440, 128, 82), ahead, pulse(cast, 10))
    latest = await latest_read(session, cast.actor(ASHA), cast.patients["rose_resident"])
    assert [(x.observation.sign, x.age_seconds, x.stale) for x in latest] == [
        ("heart_rate", 0, False),
        ("blood_pressure", 24 * 3600, False),
        ("body_temperature", 24 * 3600 + 1, True),
        ("body_weight", 25 * 3600, False),
    ]


async def test_the_latest_of_several_patients_is_read_at_once_and_nobody_without_any_is_made_up(
    session: AsyncSession, cast: Cast
) -> None:
    await record(session, cast, pulse(cast, 5, 71), pulse(cast, 3, 72))
    sam, tess = cast.patients["sam_at_home"], cast.patients["tess_of_other_practice"]
    await record_observations(session, cast.actor(ASHA), sam, [pulse(cast, 4, 73), pressure(cast, 4, 120, 80)])
    found = await latest_for_patients(session, [tess, sam, cast.patients["rose_resident"]], at=cast.now)
    assert {patient: [x.observation.sign for x in latest] for patient, latest in found.items()} == {
        sam: ["heart_rate", "blood_pressure"],
        cast.patients["rose_resident"]: ["heart_rate"],
    }
    assert found[cast.patients["rose_resident"]][0].observation.value == 72


async def test_what_was_superseded_or_entered_in_error_is_not_the_latest(session: AsyncSession, cast: Cast) -> None:
    _, wrong, mistaken = await record(session, cast, pulse(cast, 9, 60), pulse(cast, 5, 70), pulse(cast, 3, 80))
    await correct(session, cast, wrong, pulse(cast, 5, 75, client_id="right"))
    await retract(session, cast, mistaken)
    (latest,) = await latest_read(session, cast.actor(ASHA), cast.patients["rose_resident"])
    assert (latest.observation.value, latest.observation.status) == (Decimal(75), Status.corrected)


# Series


async def series(session: AsyncSession, cast: Cast, sign: str, span: Span, unit: str | None = None) -> Series:
    return await series_read(session, cast.actor(GUS), cast.patients["rose_resident"], sign=sign, unit=unit, span=span)


def hour(cast: Cast, buckets: int) -> Span:
    return Span(cast.now - timedelta(hours=1), cast.now, buckets)


async def test_each_bucket_has_its_number_least_greatest_and_mean_and_empty_ones_are_absent(
    session: AsyncSession, cast: Cast
) -> None:
    await record(
        session, cast, *(pulse(cast, n, v) for n, v in ((60, 60), (55, 61), (51, "65.5"), (10, 90), (0.5, 80)))
    )
    found = await series(session, cast, "heart_rate", hour(cast, 6))
    assert (found.unit, found.span.bucket_seconds, found.parts) == ("/min", 600, None)
    start = cast.now - timedelta(hours=1)
    assert found.points == (
        Point(start, 3, Decimal(60), Decimal("65.5"), Decimal("186.5")),
        Point(start + timedelta(minutes=50), 2, Decimal(80), Decimal(90), Decimal(170)),
    )
    assert [point.mean for point in found.points] == [Decimal("62.1667"), Decimal(85)]


async def test_a_series_of_pressures_has_both_parts(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, pressure(cast, 30, 120, 80), pressure(cast, 20, 130, 84))
    found = await series(session, cast, "blood_pressure", hour(cast, 1))
    assert found.points is None
    assert found.parts is not None
    assert {part: (p.least, p.greatest, p.mean) for part, (p,) in found.parts.items()} == {
        "systolic": (Decimal(120), Decimal(130), Decimal(125)),
        "diastolic": (Decimal(80), Decimal(84), Decimal(82)),
    }


async def test_oxygen_flow_and_concentration_are_never_drawn_together(session: AsyncSession, cast: Cast) -> None:
    def oxygen(minutes_ago: int, value: int, unit: str) -> Reading:
        at = cast.now - timedelta(minutes=minutes_ago)
        return Reading(f"o-{minutes_ago}", "inspired_oxygen", at, unit, Decimal(value))

    await record(session, cast, oxygen(9, 2, "L/min"), oxygen(8, 28, "%"), oxygen(7, 4, "L/min"))
    flow = await series(session, cast, "inspired_oxygen", hour(cast, 1), "L/min")
    share = await series(session, cast, "inspired_oxygen", hour(cast, 1), "%")
    assert flow.points is not None
    assert share.points is not None
    assert ([p.total for p in flow.points], [p.total for p in share.points]) == ([Decimal(6)], [Decimal(28)])


async def test_values_sent_in_other_units_are_drawn_in_the_canonical_one(session: AsyncSession, cast: Cast) -> None:
    at = cast.now - timedelta(minutes=5)
    await record(
        session,
        cast,
        Reading("f", "body_temperature", at, "[degF]", Decimal("98.6")),
        Reading("c", "body_temperature", at - timedelta(minutes=1), "Cel", Decimal(38)),
    )
    found = await series(session, cast, "body_temperature", hour(cast, 1))
    assert found.points is not None
    assert [(p.count, p.total) for p in found.points] == [(2, Decimal(75))]


@pytest.mark.parametrize(
    ("sign", "unit", "code"),
    [
        ("mood", None, "sign_unknown"),
        ("consciousness_acvpu", None, "sign_not_numeric"),
        ("inspired_oxygen", None, "unit_missing"),
        ("body_weight", "[lb_av]", "unit_unknown"),
    ],
)
async def test_a_series_that_cannot_be_drawn_is_refused(
    session: AsyncSession, cast: Cast, sign: str, unit: str | None, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await series(session, cast, sign, hour(cast, 10), unit)
    assert refused.value.faults[0].code == code


async def test_a_series_must_end_after_it_begins(session: AsyncSession, cast: Cast) -> None:
    with pytest.raises(Invalid):
        await series(session, cast, "heart_rate", Span(cast.now, cast.now, 10))


@given(seconds=st.integers(1, 10**9), buckets=st.integers(1, 1000))
def test_a_span_is_never_cut_into_more_buckets_than_asked_for(seconds: int, buckets: int) -> None:
    span = Span(datetime(2026, 1, 1), datetime(2026, 1, 1) + timedelta(seconds=seconds), buckets)
    assert 1 <= -(-seconds // span.bucket_seconds) <= buckets


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    values=st.lists(
        st.tuples(st.integers(1, 3599), st.decimals(30, 200, places=3)),
        min_size=1,
        max_size=40,
        unique_by=lambda v: v[0],
    ),
    buckets=st.integers(1, 60),
)
async def test_a_series_adds_up_to_the_raw_values_exactly(
    session: AsyncSession, cast: Cast, values: list[tuple[int, Decimal]], buckets: int
) -> None:
    async with session.begin_nested() as trial:
        readings = [
            Reading(f"c-{second}", "heart_rate", cast.now - timedelta(seconds=second), "/min", value)
            for second, value in values
        ]
        await record(session, cast, *readings)
        points = (await series(session, cast, "heart_rate", hour(cast, buckets))).points
        await trial.rollback()
    assert points is not None
    assert sum(p.count for p in points) == len(values)
    assert sum((p.total for p in points), Decimal()) == sum((value for _, value in values), Decimal())
    assert min(p.least for p in points) == min(value for _, value in values)
    assert max(p.greatest for p in points) == max(value for _, value in values)
    for point in points:
        assert abs(Fraction(point.mean) - Fraction(point.total) / point.count) <= Fraction(1, 20_000)
        assert point.least <= point.mean + Decimal("0.0001")
        assert point.mean <= point.greatest + Decimal("0.0001")
    assert len(points) <= buckets


# Corrections and retractions


async def test_a_correction_takes_the_place_of_what_it_corrects_and_both_are_kept(
    session: AsyncSession, cast: Cast
) -> None:
    (old,) = await record(session, cast, pulse(cast, 5, 27 * 3))
    await session.execute(text("delete from event_outbox"))
    new = await correct(session, cast, old, pulse(cast, 4, 72, client_id="right"), by=ASHA)
    assert (new.value, new.status, new.supersedes_id, new.reason) == (Decimal(72), Status.corrected, old, "typo")
    assert (new.recorded_by, new.recorded_as) == (cast.accounts[ASHA], "care_team")
    assert [o.id for o in await page(session, cast)] == [new.id]
    before = await observation_read(session, cast.actor(GUS), cast.patients["rose_resident"], old)
    assert (before.value, before.status, before.superseded_by_id) == (Decimal(81), Status.superseded, new.id)
    (event,) = await session.execute(text("select kind, subject_ids from event_outbox"))
    assert (event.kind, event.subject_ids) == ("observation.corrected", [new.id, old])


async def test_a_correction_can_itself_be_corrected_but_only_the_current_version(
    session: AsyncSession, cast: Cast
) -> None:
    (old,) = await record(session, cast, pulse(cast, 5, 80))
    second = await correct(session, cast, old, pulse(cast, 5, 81, client_id="2"))
    third = await correct(session, cast, second.id, pulse(cast, 5, 82, client_id="3"))
    assert [o.value for o in await page(session, cast)] == [82]
    for stale in (old, second.id):
        with pytest.raises(IllegalTransition):
            await correct(session, cast, stale, pulse(cast, 5, 83, client_id="4"))
        with pytest.raises(IllegalTransition):
            await retract(session, cast, stale)
    assert (await retract(session, cast, third.id)).status is Status.entered_in_error
    assert await page(session, cast) == []


async def test_a_repeated_correction_returns_the_version_it_made(session: AsyncSession, cast: Cast) -> None:
    (old,) = await record(session, cast, pulse(cast, 5, 80))
    right = pulse(cast, 5, 81, client_id="right")
    new = await correct(session, cast, old, right)
    assert (await correct(session, cast, old, right)).id == new.id
    with pytest.raises(IllegalTransition):
        await correct(session, cast, old, replace(right, value=Decimal(82)))
    assert len(await page(session, cast)) == 1


async def test_a_correction_is_judged_like_any_reading(session: AsyncSession, cast: Cast) -> None:
    (old,) = await record(session, cast, pulse(cast, 5, 80))
    right = pulse(cast, 5, 81, client_id="right")
    for wrong, pointer, code in (
        (replace(right, value=Decimal(8100)), "/reading/value", "out_of_range"),
        (replace(right, value=Decimal(210)), "/reading/value", "needs_confirmation"),
        (replace(right, unit="bpm"), "/reading/unit", "unit_unknown"),
        (replace(right, effective_at=cast.now + timedelta(hours=1)), "/reading/effective_at", "future_time"),
        (pressure(cast, 5, 120, 80), "/reading/sign", "sign_differs"),
    ):
        with pytest.raises(Invalid) as refused:
            await correct(session, cast, old, wrong)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [(pointer, code)]
    assert (await correct(session, cast, old, replace(right, value=Decimal(210), confirmed=True))).confirmed


async def test_a_corrected_weight_is_not_compared_with_the_slip_it_corrects(session: AsyncSession, cast: Cast) -> None:
    def weight(client_id: str, kilograms: int, days_ago: int, **more: Any) -> Reading:
        at = cast.now - timedelta(days=days_ago)
        return Reading(client_id, "body_weight", at, "kg", Decimal(kilograms), **more)

    _, slip = await record(session, cast, weight("a", 80, 9), weight("b", 180, 5, confirmed=True))
    new = await correct(session, cast, slip, weight("right", 81, 4))
    assert new.value == 81


async def test_a_correction_cannot_take_the_client_id_of_another_reading(session: AsyncSession, cast: Cast) -> None:
    old, _ = await record(session, cast, pulse(cast, 5, 80), pulse(cast, 9, 70, client_id="taken"))
    with pytest.raises(AlreadyExists):
        await correct(session, cast, old, pulse(cast, 5, 81, client_id="taken"))
    assert {o.value for o in await page(session, cast)} == {80, 70}


async def test_a_person_amends_what_they_recorded_themself_and_staff_amend_anything(
    session: AsyncSession, cast: Cast
) -> None:
    (own,) = await record(session, cast, pulse(cast, 5, 80), by=ROSE)
    (staffs,) = await record(session, cast, pulse(cast, 6, 80), by=GUS)
    with pytest.raises(NotPermitted):
        await correct(session, cast, staffs, pulse(cast, 6, 81, client_id="x"), by=ROSE)
    with pytest.raises(NotPermitted):
        await retract(session, cast, staffs, by=ROSE)
    with pytest.raises(NotFound):
        await correct(session, cast, staffs, pulse(cast, 6, 81, client_id="x"), by=BEA)
    with pytest.raises(NotFound):
        await retract(session, cast, staffs, by=BEA)
    corrected = await correct(session, cast, own, pulse(cast, 5, 81, client_id="y"), by=ROSE)
    assert corrected.recorded_as == "self"
    assert (await retract(session, cast, corrected.id, by=ASHA)).status is Status.entered_in_error


async def test_what_is_entered_in_error_is_hidden_and_kept_with_its_reason(session: AsyncSession, cast: Cast) -> None:
    kept, wrong = await record(session, cast, pulse(cast, 9, 70), pulse(cast, 5, 80))
    await session.execute(text("delete from event_outbox"))
    await retract(session, cast, wrong)
    assert [o.id for o in await page(session, cast)] == [kept]
    assert (await series(session, cast, "heart_rate", hour(cast, 1))).points == (
        Point(cast.now - timedelta(hours=1), 1, Decimal(70), Decimal(70), Decimal(70)),
    )
    found = await observation_read(session, cast.actor(ROSE), cast.patients["rose_resident"], wrong)
    assert (found.status, found.reason, found.value) == (Status.entered_in_error, "other person", Decimal(80))
    assert [tuple(row) for row in await session.execute(text("select kind, subject_ids from event_outbox"))] == [
        ("observation.retracted", [wrong])
    ]


async def test_a_repeated_retraction_changes_nothing_and_another_one_is_refused(
    session: AsyncSession, cast: Cast
) -> None:
    (wrong,) = await record(session, cast, pulse(cast, 5))
    await retract(session, cast, wrong)
    await session.execute(text("delete from event_outbox"))
    assert (await retract(session, cast, wrong)).status is Status.entered_in_error
    assert (await session.execute(text("select count(*) from event_outbox"))).scalar_one() == 0
    for by, why in ((ASHA, "other person"), (GUS, "another reason")):
        with pytest.raises(IllegalTransition):
            await retract(session, cast, wrong, by=by, why=why)
    with pytest.raises(IllegalTransition):
        await correct(session, cast, wrong, pulse(cast, 5, 81, client_id="x"))


async def outcomes_of(*attempts: Any) -> Sequence[Any]:
    return await asyncio.gather(*attempts, return_exceptions=True)


async def test_of_ten_who_amend_at_once_exactly_one_does(committing_database: Database, committed_cast: Cast) -> None:
    cast = committed_cast
    async with committing_database.writing() as session:
        (old,) = await record(session, cast, pulse(cast, 5, 80))

    async def corrects(n: int) -> Observation:
        async with committing_database.writing() as session:
            return await correct(session, cast, old, pulse(cast, 5, 60 + n, client_id=f"n-{n}"))

    async def retracts(n: int) -> Observation:
        async with committing_database.writing() as session:
            return await retract(session, cast, old, why=f"reason {n}")

    outcomes = await outcomes_of(*(corrects(n) for n in range(7)), *(retracts(n) for n in range(3)))
    winners = [outcome for outcome in outcomes if isinstance(outcome, Observation)]
    assert len(winners) == 1
    assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 9
    async with committing_database.writing() as session:
        assert len(await page(session, cast)) <= 1
        versions = (await session.execute(text("select count(*) from observation"))).scalar_one()
    assert versions == (2 if winners[0].status is Status.corrected else 1)
