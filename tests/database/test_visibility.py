"""Who may see whom: one member of the cast fails by each single clause of the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.ground import Basis
from domain.accounts.presence_queries import Shown, actor_of_session
from domain.clock import london_date
from domain.errors import NotAuthenticated, NotFound
from domain.people.commands import end_residence
from domain.people.queries import visible_patient, visible_patient_ids
from domain.people.reach_queries import visible_pairs
from tests.cast import DELEGATES, PATIENTS, STAFF, Cast
from tests.in_one_role import entered

SEES: dict[str, dict[str, set[Basis]]] = {
    "asha_clinician_of_practice": {
        # Asha made the team, and so is on it as well.
        "rose_resident": {Basis.practice, Basis.care_team},
        "sam_at_home": {Basis.practice},
        # Asha's own practice keeps sight of who does not share beyond it; her place on the team gives her none.
        "will_not_sharing": {Basis.practice},
    },
    "bea_clinician_elsewhere": {"tess_of_other_practice": {Basis.practice}},
    "carl_clinician_on_care_team": {"rose_resident": {Basis.care_team}},
    "gus_care_home_staff": {"rose_resident": {Basis.care_home}},
    "rose_herself": {"rose_resident": {Basis.self_}},
    "sam_himself": {"sam_at_home": {Basis.self_}},
    "tess_herself": {"tess_of_other_practice": {Basis.self_}},
    "will_himself": {"will_not_sharing": {Basis.self_}},
    "uma_delegate": {"rose_resident": {Basis.delegate}},
    "vic_delegate_who_records": {"rose_resident": {Basis.delegate}},
    "pia_clinician_broke_glass": {"rose_resident": {Basis.break_glass}},
}
# Related, but not by what reads a record; or by what lists nobody.
READS_NOT, LISTS_NOT = "vic_delegate_who_records", "pia_clinician_broke_glass"
EVERYBODY = (*STAFF, *PATIENTS.values(), *DELEGATES, "admin", "nobody_at_all")


@pytest.mark.parametrize("name", EVERYBODY)
async def test_each_of_the_cast_sees_exactly_whom_the_rule_says(session: AsyncSession, cast: Cast, name: str) -> None:
    seen: dict[str, set[Basis]] = {}
    for patient, patient_id in cast.patients.items():
        try:
            found = await visible_patient(session, cast.actor(name), patient_id)
        except NotFound:
            continue
        seen[patient] = set(found.standing.bases)
    assert seen == SEES.get(name, {})
    listed = await visible_patient_ids(session, cast.actor(name), 100)
    assert set(listed) == (set() if name in {READS_NOT, LISTS_NOT} else {cast.patients[patient] for patient in seen})


async def test_the_live_feed_s_rule_is_the_same_rule(session: AsyncSession, cast: Cast) -> None:
    everyone = {(a, p) for a in cast.accounts.values() for p in cast.patients.values()}
    stand = await visible_pairs(session, everyone, cast.now)
    expected = {(cast.accounts[n], cast.patients[p]) for n, seen in SEES.items() if n != READS_NOT for p in seen}
    assert stand == expected


async def test_care_home_staff_lose_sight_of_a_resident_on_the_day_they_leave(
    session: AsyncSession, cast: Cast
) -> None:
    asha = cast.actor("asha_clinician_of_practice")
    await end_residence(session, asha, cast.others["residence_of_rose"], london_date(cast.now))
    with pytest.raises(NotFound):
        await visible_patient(session, cast.actor("gus_care_home_staff"), cast.patients["rose_resident"])


async def test_a_membership_that_expires_later_stops_working_then(session: AsyncSession, cast: Cast) -> None:
    earl = "earl_clinician_membership_expired"
    sam = cast.patients["sam_at_home"]
    before = cast.actor(earl, at=cast.now - timedelta(seconds=1))
    assert (await visible_patient(session, before, sam)).standing.bases == {Basis.practice}
    with pytest.raises(NotFound):
        await visible_patient(session, cast.actor(earl, at=cast.now), sam)


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("mona_clinician_from_tomorrow", "sam_at_home"),
        ("ned_clinician_on_team_from_tomorrow", "rose_resident"),
        ("olga_staff_of_future_home", "tess_of_other_practice"),
        ("yara_delegate_from_tomorrow", "rose_resident"),
    ],
)
async def test_who_will_be_related_sees_nothing_today_and_the_person_when_the_time_has_come(
    session: AsyncSession, cast: Cast, name: str, patient: str
) -> None:
    with pytest.raises(NotFound):
        await visible_patient(session, cast.actor(name), cast.patients[patient])
    then = cast.actor(name, at=cast.now + timedelta(days=2))
    assert await visible_patient(session, then, cast.patients[patient])


async def test_who_was_related_saw_the_person_until_the_instant_agreed_for_its_end(
    session: AsyncSession, cast: Cast
) -> None:
    just_before = cast.now - timedelta(seconds=1)
    for name in ("xeno_delegate_run_out", "gus_care_home_staff"):
        assert await visible_patient(session, cast.actor(name, at=just_before), cast.patients["rose_resident"]), name


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("dora_clinician_left_care_team", "rose_resident"),
        ("lena_clinician_patient_left_team", "rose_resident"),
        ("wanda_delegate_revoked", "rose_resident"),
        ("remy_clinician_glass_ended", "rose_resident"),
        ("gus_care_home_staff", "will_not_sharing"),
    ],
)
async def test_what_somebody_has_ended_is_over_for_a_node_whose_clock_is_behind_as_well(
    session: AsyncSession, cast: Cast, name: str, patient: str
) -> None:
    behind = cast.actor(name, at=cast.now - timedelta(seconds=30))
    with pytest.raises(NotFound):
        await visible_patient(session, behind, cast.patients[patient])
    await entered(session, behind)
    assert cast.patients[patient] not in await session.scalar(text("select visible_patients()"))


async def test_a_session_that_does_not_exist_is_nobody(session: AsyncSession, cast: Cast) -> None:
    with pytest.raises(NotAuthenticated):
        shown = Shown(cast.accounts["admin"], cast.accounts["admin"])
        await actor_of_session(session, shown, at=cast.now, request_id="test")
