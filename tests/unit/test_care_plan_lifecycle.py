"""Where versions of care and support plans stand, and what may be changed by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.ground import Basis
from domain.care_plans.lifecycle import Agreement, CarePlanStatus, Decided, Written, changed, not_agreed, status
from domain.care_plans.section import HEADINGS, MAY_WRITE, ORDER, CareSection, WordsOf

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
A, B, C = (UUID(int=each) for each in (1, 2, 3))


def written(
    section: CareSection, said: str = "So", by: Basis = Basis.self_, words_of: WordsOf = WordsOf.carer
) -> Written:
    return Written(section, said, words_of, A, by, AT)


@pytest.mark.parametrize(
    ("decided", "in_force", "supersedes", "stands"),
    [
        (None, None, None, CarePlanStatus.draft),
        (None, B, B, CarePlanStatus.draft),
        (None, C, B, CarePlanStatus.overtaken),
        (None, B, None, CarePlanStatus.overtaken),
        (Decided.withdrawn, B, B, CarePlanStatus.withdrawn),
        (Decided.withdrawn, C, B, CarePlanStatus.withdrawn),
        (Decided.published, A, None, CarePlanStatus.published),
        (Decided.published, B, None, CarePlanStatus.superseded),
    ],
)
def test_where_a_version_stands_follows_from_what_was_decided_and_what_is_in_force(
    decided: Decided | None, in_force: UUID | None, supersedes: UUID | None, stands: CarePlanStatus
) -> None:
    assert status(decided, plan_id=A, supersedes_id=supersedes, in_force_id=in_force) is stands


def test_a_section_is_changed_when_it_reads_otherwise_or_is_new_or_gone() -> None:
    before = [written(CareSection.matters), written(CareSection.needs), written(CareSection.people)]
    after = [written(CareSection.matters), written(CareSection.needs, "Otherwise"), written(CareSection.contingency)]
    assert changed(before, after) == {
        CareSection.people: before[2],
        CareSection.needs: before[1],
        CareSection.contingency: None,
    }


# Who wrote what stands there; who drafts and who publishes the change, and how it was agreed; whether it may change.
CASES = [
    ("self_", "self_", "self_", "by_person", True),
    ("self_", "practice", "practice", "with_person", False),
    ("self_", "practice", "self_", "by_person", True),
    ("self_", "self_", "practice", "with_person", True),
    ("self_", "delegate", "practice", "with_person", False),
    ("self_", "practice", "delegate", "by_delegate", True),
    ("self_", "care_home", "care_team", "best_interests", True),
    ("delegate", "delegate", "practice", "with_person", True),
    ("delegate", "practice", "practice", "with_person", False),
    ("practice", "self_", "self_", "by_person", False),
    ("practice", "self_", "care_team", "with_person", True),
    ("care_team", "practice", "self_", "by_person", True),
    ("practice", "care_home", "self_", "by_person", False),
    ("practice", "delegate", "delegate", "by_delegate", False),
    ("care_home", "care_home", "self_", "by_person", True),
    ("care_home", "self_", "practice", "with_person", True),
    ("care_home", "self_", "self_", "by_person", False),
]


@pytest.mark.parametrize(("stood", "drafted", "published", "agreed", "may"), CASES)
def test_what_one_side_wrote_is_not_changed_by_the_other_alone(
    stood: str, drafted: str, published: str, agreed: str, may: bool
) -> None:
    sections = {CareSection.decisions: written(CareSection.decisions, by=Basis[stood])}
    lacking = not_agreed(
        sections, drafted_as=Basis[drafted], published_as=Basis[published], agreement=Agreement(agreed)
    )
    assert lacking == ([] if may else [CareSection.decisions])


@pytest.mark.parametrize("wrote", [Basis.practice, Basis.care_team, Basis.care_home])
def test_what_the_person_said_is_theirs_to_say_otherwise_whoever_wrote_it_down(wrote: Basis) -> None:
    said = {CareSection.matters: written(CareSection.matters, by=wrote, words_of=WordsOf.person)}
    theirs = {"drafted_as": Basis.self_, "published_as": Basis.self_}
    assert not_agreed(said, **theirs, agreement=Agreement.by_person) == []
    as_delegate = not_agreed(
        said, drafted_as=Basis.delegate, published_as=Basis.delegate, agreement=Agreement.with_person
    )
    assert as_delegate == [CareSection.matters]


_TIES = st.sampled_from([Basis.self_, Basis.delegate, Basis.care_home, Basis.care_team, Basis.practice])
_PLANS = st.dictionaries(st.sampled_from(ORDER), st.sampled_from(["So", "Otherwise"]))


@given(_PLANS, _PLANS, _TIES, _TIES)
def test_what_is_not_changed_or_is_new_needs_nobody_s_leave(
    before: dict[CareSection, str], after: dict[CareSection, str], drafted: Basis, published: Basis
) -> None:
    old, new = ([written(each, said) for each, said in plan.items()] for plan in (before, after))
    found = changed(old, new)
    assert set(found) == {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
    assert list(found) == [each for each in ORDER if each in found]
    lacking = not_agreed(found, drafted_as=drafted, published_as=published, agreement=Agreement.with_person)
    assert set(lacking) <= before.keys()
    assert not lacking or Basis.self_ not in (drafted, published)


def test_every_section_has_its_heading_and_the_codes_are_the_standard_s() -> None:
    assert set(HEADINGS) == set(CareSection)
    codes = [heading.code for heading in HEADINGS.values() if heading.code is not None]
    assert len(codes) == len(set(codes)) == len(CareSection) - 1
    assert HEADINGS[CareSection.contingency].code is None
    assert all(_has_right_check_digit(code) for code in codes)


def _has_right_check_digit(code: str) -> bool:
    """Return whether the last digit is the Verhoeff check digit of the others (SNOMED CT, identifiers)."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _TIMES[check][_turned(place % 8, int(digit))]
    return check == 0


_TIMES: tuple[tuple[int, ...], ...] = tuple(
    tuple(
        (one + other) % 5 + 5 * (one // 5 ^ other // 5) if one < 5 else (one - other) % 5 + 5 * (one // 5 ^ other // 5)
        for other in range(10)
    )
    for one in range(10)
)
_ONCE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _turned(times: int, digit: int) -> int:
    step: Callable[[int], int] = _ONCE.__getitem__
    for _ in range(times):
        digit = step(digit)
    return digit


def test_nobody_speaks_as_a_clinician_who_is_none() -> None:
    assert {tie for tie, words in MAY_WRITE.items() if WordsOf.clinician in words} == {Basis.care_team, Basis.practice}
    assert MAY_WRITE[Basis.self_] == {WordsOf.person}
