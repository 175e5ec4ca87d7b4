"""Repeats: what agrees is a duplicate, what disagrees a conflict, and nothing that was taken back is revived."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import AlreadyExists
from domain.ids import new_id
from domain.observations import storing_commands
from domain.observations.amendment_commands import correct_observation, retract_observation
from domain.observations.commands import Posting, record_observations, record_together
from domain.observations.reading import Reading
from domain.observations.verdict import RefusalCode
from tests.cast import Cast
from tests.database.observations.stage import ASHA, ROSE, SAM, correct, pulse, record, retract, rows, told

BST = timezone(timedelta(hours=1))


async def test_a_repeat_that_agrees_is_a_duplicate_by_client_id_and_by_what_was_measured(
    session: AsyncSession, cast: Cast
) -> None:
    at = cast.now - timedelta(minutes=5)
    first = Reading("c-1", "body_temperature", at, "Cel", Decimal(37), source="ear-7")
    (stored,) = await record(session, cast, first)
    again = await record(
        session,
        cast,
        first,
        replace(first, client_id="after-reinstall"),
        replace(first, unit="[degF]", value=Decimal("98.6")),
        replace(first, effective_at=at.astimezone(BST)),
        replace(first, confirmed=True),
        by=ASHA,
    )
    assert told(again) == ["duplicate"] * 5
    assert {verdict.observation_id for verdict in again} == {stored.observation_id}
    (row,) = await rows(session)
    assert row.recorded_by == cast.accounts[ROSE]


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal(73)},
        {"sign": "respiratory_rate", "value": Decimal(18)},
        {"source": "ring-2"},
        {"client_id": "c-2", "value": Decimal(73)},
    ],
    ids=str,
)
async def test_a_repeat_that_disagrees_is_a_conflict_and_changes_nothing(
    session: AsyncSession, cast: Cast, change: dict[str, Any]
) -> None:
    await record(session, cast, pulse(cast))
    (verdict,) = await record(session, cast, replace(pulse(cast), **change))
    assert told([verdict]) == ["conflict"]
    assert verdict.observation_id is None
    assert verdict.refusal is not None
    assert not verdict.refusal.can_retry
    (row,) = await rows(session)
    assert (row.value, row.sign, row.source) == (72, b"H", "manual")


async def test_repeats_within_one_batch_are_judged_as_if_sent_one_after_another(
    session: AsyncSession, cast: Cast
) -> None:
    verdicts = await record(
        session,
        cast,
        pulse(cast, "a", "72"),
        pulse(cast, "a", "72"),
        pulse(cast, "a", "80"),
        pulse(cast, "b", "72"),
        pulse(cast, "b", "81", minutes_ago=9),
        pulse(cast, "c", "83"),
    )
    assert told(verdicts) == ["stored", "duplicate", "conflict", "duplicate", "stored", "conflict"]
    assert verdicts[0].observation_id == verdicts[1].observation_id == verdicts[3].observation_id
    assert [row.client_id for row in await rows(session)] == [b"b", b"a"]


async def test_the_same_client_id_of_two_patients_makes_two_observations(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, pulse(cast))
    verdicts = await record_observations(session, cast.actor(SAM), cast.patients["sam_at_home"], [pulse(cast)])
    assert told(verdicts) == ["stored"]
    assert len(await rows(session)) == 2


async def test_a_refused_reading_may_be_put_right_and_sent_again_under_its_id(
    session: AsyncSession, cast: Cast
) -> None:
    assert told(await record(session, cast, pulse(cast, value="7200"))) == ["out_of_range"]
    assert told(await record(session, cast, pulse(cast, value="72"))) == ["stored"]


async def test_a_repeat_of_what_was_once_accepted_stays_a_duplicate_though_it_would_now_need_confirming(
    session: AsyncSession, cast: Cast
) -> None:
    confirmed = pulse(cast, value="215", confirmed=True)
    (stored,) = await record(session, cast, confirmed)
    (again,) = await record(session, cast, replace(confirmed, confirmed=False))
    assert told([again]) == ["duplicate"]
    assert again.observation_id == stored.observation_id
    assert told(await record(session, cast, pulse(cast, value="216"))) == ["conflict"]


async def test_a_corrected_or_retracted_reading_that_is_sent_again_is_a_duplicate_and_not_revived(
    session: AsyncSession, cast: Cast
) -> None:
    rose, actor = cast.patients["rose_resident"], cast.actor(ROSE)
    wrong, mistaken = pulse(cast, "wrong", "27"), pulse(cast, "mistaken", "99", minutes_ago=9)
    stored = await record(session, cast, replace(wrong, confirmed=True), mistaken)
    assert stored[0].observation_id is not None
    assert stored[1].observation_id is not None
    corrected = replace(wrong, client_id="right", value=Decimal(72))
    new = await correct_observation(session, actor, rose, stored[0].observation_id, corrected, "digits swapped")
    await retract_observation(session, actor, rose, stored[1].observation_id, "not my finger")
    again = await record(session, cast, wrong, mistaken, corrected)
    assert told(again) == ["duplicate"] * 3
    assert [verdict.observation_id for verdict in again] == [
        stored[0].observation_id,
        stored[1].observation_id,
        new.id,
    ]
    assert len(await rows(session)) == 3


async def corrected_from(session: AsyncSession, cast: Cast, wrong: Reading, right: Reading) -> list[UUID]:
    """Record a reading and its correction; return the ids of both versions."""
    (stored,) = await record(session, cast, wrong)
    assert stored.observation_id is not None
    return [stored.observation_id, (await correct(session, cast, stored.observation_id, right, by=ROSE)).id]


async def test_a_repeat_under_another_id_is_judged_by_every_version_and_names_the_current_one_if_it_agrees(
    session: AsyncSession, cast: Cast
) -> None:
    versions = await corrected_from(session, cast, pulse(cast, "wrong", "62"), pulse(cast, "right", "72"))
    versions.append((await correct(session, cast, versions[1], pulse(cast, "exact", "73"), by=ROSE)).id)
    again = await record(session, cast, *(pulse(cast, f"anew-{value}", value) for value in ("62", "72", "73", "74")))
    assert told(again) == ["duplicate", "duplicate", "duplicate", "conflict"]
    assert [verdict.observation_id for verdict in again] == [*versions, None]
    # Back to the first value: two versions say so, and the one that stands is named.
    back = await correct(session, cast, versions[2], pulse(cast, "back", "62"), by=ROSE)
    (named,) = await record(session, cast, pulse(cast, "once more", "62"))
    assert named.observation_id == back.id
    assert len(await rows(session)) == 4


async def test_what_a_correction_moved_is_a_repeat_at_its_new_instant_too(session: AsyncSession, cast: Cast) -> None:
    moved = pulse(cast, "moved", "72", minutes_ago=30)
    versions = await corrected_from(session, cast, pulse(cast, "wrong"), moved)
    again = await record(
        session, cast, replace(moved, client_id="anew"), replace(moved, client_id="b", value=Decimal(73))
    )
    assert told(again) == ["duplicate", "conflict"]
    assert again[0].observation_id == versions[1]
    await retract(session, cast, versions[1], by=ROSE)
    assert told(await record(session, cast, replace(moved, client_id="anew"))) == ["withdrawn"]
    assert len(await rows(session)) == 2


async def test_a_correction_cannot_take_the_place_of_another_observation(session: AsyncSession, cast: Cast) -> None:
    first, _ = await record(session, cast, pulse(cast, "a", minutes_ago=5), pulse(cast, "b", minutes_ago=6))
    assert first.observation_id is not None
    onto_the_other = pulse(cast, "right", minutes_ago=6)
    with pytest.raises(AlreadyExists):
        await correct(session, cast, first.observation_id, onto_the_other, by=ROSE)
    by_another_device = replace(onto_the_other, source="ring-2")
    assert (await correct(session, cast, first.observation_id, by_another_device, by=ROSE)).source == "ring-2"


async def test_what_was_entered_in_error_is_not_said_to_be_recorded_when_another_states_it_anew(
    session: AsyncSession, cast: Cast
) -> None:
    rose, actor, mistaken = cast.patients["rose_resident"], cast.actor(ROSE), pulse(cast, "mistaken", "99")
    stored = await record(session, cast, mistaken)
    assert stored[0].observation_id is not None
    await retract_observation(session, actor, rose, stored[0].observation_id, "not my finger")
    anew = await record(session, cast, replace(mistaken, client_id="anew"), pulse(cast, "other value", "82"))
    assert [verdict.refusal and verdict.refusal.code for verdict in anew] == [RefusalCode.withdrawn] * 2
    moved = await record(session, cast, pulse(cast, "a minute earlier", "82", minutes_ago=2))
    assert told(moved) == ["stored"]


async def test_of_two_alike_under_one_id_the_first_is_stored_in_the_order_they_were_sent(
    session: AsyncSession, cast: Cast
) -> None:
    await record(session, cast, pulse(cast, "known"))
    verdicts = await record(
        session,
        cast,
        pulse(cast, "a", "80"),  # another reading stands at this instant
        pulse(cast, "a", "81", minutes_ago=9),
        pulse(cast, "b", "81", minutes_ago=9),
        pulse(cast, "a", "81", minutes_ago=9),
    )
    assert told(verdicts) == ["conflict", "stored", "duplicate", "duplicate"]
    assert [row.client_id for row in await rows(session)] == [b"a", b"known"]


async def test_readings_under_one_id_take_no_more_statements_than_as_many_under_their_own(
    session: AsyncSession, cast: Cast
) -> None:
    async def statements(*readings: Reading) -> int:
        heard: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            heard.append(statement)

        connection = (await session.connection()).sync_connection
        event.listen(connection, "before_cursor_execute", hear)
        verdicts = await record(session, cast, *readings)
        event.remove(connection, "before_cursor_execute", hear)
        assert told(verdicts)[0] == "stored"
        return len(heard)

    apart = await statements(*(pulse(cast, f"own-{n}", minutes_ago=n + 1) for n in range(1_000)))
    alike = await statements(*(pulse(cast, "same", minutes_ago=n + 2_000) for n in range(1_000)))
    assert alike <= apart + 2
    assert len(await rows(session)) == 1_001


async def test_ids_made_to_collide_with_another_patient_s_are_refused_and_tell_nothing_of_theirs(
    session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To find such a pair takes hours: another id is put in the place of what is worked out.
    made = new_id()
    monkeypatch.setattr(storing_commands, "observation_id", lambda *_: made)
    both = await record_together(
        session,
        [
            Posting(cast.actor(SAM), cast.patients["sam_at_home"], [pulse(cast)]),
            Posting(cast.actor(ROSE), cast.patients["rose_resident"], [pulse(cast)]),
        ],
    )
    assert [None if each is None else told(each) for each in both] == [["stored"], ["conflict"]]
    (refused,) = await record(session, cast, pulse(cast))
    assert refused.refusal is not None
    assert (refused.refusal.code, refused.refusal.field) == (RefusalCode.conflict, "client_id")
    assert refused.observation_id is None
    assert len(await rows(session)) == 1
