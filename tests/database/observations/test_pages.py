"""Pages that miss nothing and repeat nothing, and every read audited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid, NotFound
from domain.ids import new_id
from domain.observations.observation import Status
from domain.observations.queries import (
    Sought,
    latest_read,
    observation_page,
    observation_read,
    observations_by_ids,
)
from domain.observations.series import Span
from domain.observations.series_queries import series_read
from tests.cast import Cast, just_now
from tests.database.observations.stage import ASHA, BEA, beat, correct, page, pressure, recorded, retract, walk


async def test_observations_are_listed_newest_first_with_the_offset_they_were_sent_with(
    session: AsyncSession, cast: Cast
) -> None:
    london = timezone(timedelta(hours=1))
    early = replace(beat(cast, 30), effective_at=(cast.now - timedelta(minutes=30)).astimezone(london))
    await recorded(session, cast, early, pressure(cast, 10, 128, 82), beat(cast, 20))
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
    await recorded(session, cast, *(beat(cast, n) for n in (10, 20, 30)), pressure(cast, 20, 128, 82))
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
    await recorded(session, cast, *(beat(cast, n // 3, client_id=f"c-{n}", source=f"s-{n % 3}") for n in range(30)))
    everything = [o.id for o in await page(session, cast)]
    assert len(everything) == 30
    for limit in (1, 2, 3, 7, 29, 30, 31):
        assert [o.id for o in await walk(session, cast, limit)] == everything


async def test_rows_inserted_during_a_walk_make_it_neither_skip_nor_repeat(session: AsyncSession, cast: Cast) -> None:
    before = await recorded(session, cast, *(beat(cast, n) for n in range(1, 12)))
    first = (await page(session, cast, limit=4))[:4]
    await recorded(session, cast, *(beat(cast, n + 0.5) for n in range(11)))
    rest = await page(session, cast, after=(first[-1].effective_at, first[-1].id), limit=50)
    seen = [o.id for o in (*first, *rest)]
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


async def test_the_history_has_every_version_newest_first_and_a_walk_through_it_shows_each_once(
    session: AsyncSession, cast: Cast
) -> None:
    slip, mistaken, kept = await recorded(session, cast, beat(cast, 5, 80), beat(cast, 6, 81), beat(cast, 7, 82))
    later = cast.now + timedelta(seconds=1)  # of one instant the one received last is the newest
    second = await correct(session, cast, slip, beat(cast, 5, 75, client_id="second"), at=later)
    third = await correct(session, cast, second.id, beat(cast, 8, 76, client_id="third"))
    await recorded(session, cast, pressure(cast, 9, 128, 82))
    await retract(session, cast, mistaken)
    assert [o.value for o in await page(session, cast, sign="heart_rate")] == [82, 76]
    history = await page(session, cast, sign="heart_rate", history=True)
    assert [(o.id, o.status, o.superseded_by_id) for o in history] == [
        (second.id, Status.superseded, third.id),
        (slip, Status.superseded, second.id),
        (mistaken, Status.entered_in_error, None),
        (kept, Status.final, None),
        (third.id, Status.corrected, None),
    ]
    everything = [o.id for o in await page(session, cast, history=True)]
    assert len(everything) == 6
    for limit in (1, 2, 5, 6):
        assert [o.id for o in await walk(session, cast, limit, history=True)] == everything


async def test_only_those_who_may_see_the_patient_read_and_every_read_is_audited_once(
    session: AsyncSession, cast: Cast
) -> None:
    rose, (one,) = cast.patients["rose_resident"], await recorded(session, cast, beat(cast, 5))
    span = Span(cast.now - timedelta(days=1), cast.now, 10)

    async def each_read(name: str) -> None:
        actor = cast.actor(name)
        for read in (
            observation_page(session, actor, rose, Sought(), after=None, limit=5),
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
    (one,) = await recorded(session, cast, beat(cast, 5))
    for patient, wanted in (("sam_at_home", one), ("rose_resident", new_id())):
        with pytest.raises(NotFound):
            await observation_read(session, cast.actor(ASHA), cast.patients[patient], wanted)


async def test_observations_are_found_by_their_ids_whatever_their_status(session: AsyncSession, cast: Cast) -> None:
    first, second = await recorded(session, cast, beat(cast, 5), beat(cast, 6))
    await retract(session, cast, first)
    found = await observations_by_ids(session, [second, first, new_id()])
    assert {o.id: o.status for o in found} == {first: Status.entered_in_error, second: Status.final}
