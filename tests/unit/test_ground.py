"""On what ground a record is touched: the nearest basis, and the grant that carries it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from domain.access.actor import Actor, Grant, Role
from domain.access.ground import NEAREST_FIRST, Basis, Encounter, Purpose, ground_of, nearest

PRACTICE, NETWORK, HOME = UUID(int=1), UUID(int=2), UUID(int=3)


def actor(*grants: Grant) -> Actor:
    return Actor(UUID(int=7), datetime(2026, 3, 1, tzinfo=UTC), grants=grants)


@pytest.mark.parametrize("pair", list(permutations(NEAREST_FIRST, 2)))
def test_of_two_bases_the_one_nearer_to_the_patient_counts(pair: tuple[Basis, Basis]) -> None:
    assert nearest(pair) is min(pair, key=NEAREST_FIRST.index)
    assert NEAREST_FIRST[0] is Basis.self_
    assert NEAREST_FIRST[-1] is Basis.break_glass


def test_the_role_is_the_one_that_carries_the_basis_and_at_the_patient_s_own_place_if_held_there() -> None:
    grants = [Grant(Role.clinician, NETWORK), Grant(Role.care_home_staff, HOME), Grant(Role.clinician, PRACTICE)]
    who = actor(*grants)
    assert ground_of(who, Basis.practice, places=[PRACTICE, HOME]).grant == Grant(Role.clinician, PRACTICE)
    assert ground_of(who, Basis.care_home, places=[PRACTICE, HOME]).grant == Grant(Role.care_home_staff, HOME)
    assert ground_of(who, Basis.self_, places=[PRACTICE]).grant is None
    assert ground_of(actor(), Basis.practice).grant is None


@pytest.mark.parametrize(
    "basis, purpose",
    [
        (Basis.self_, Purpose.patient_requested),
        (Basis.delegate, Purpose.family_requested),
        (Basis.care_home, Purpose.treatment),
        (Basis.care_team, Purpose.treatment),
        (Basis.practice, Purpose.treatment),
        (Basis.break_glass, Purpose.break_the_glass),
        (Encounter.registration, Purpose.treatment),
        (Encounter.contact_file, Purpose.healthcare_operations),
        (Encounter.invitation, Purpose.healthcare_operations),
    ],
)
def test_every_ground_has_a_purpose_of_use(basis: Basis | Encounter, purpose: Purpose) -> None:
    assert ground_of(actor(), basis).purpose is purpose
