"""Putting what is alike together hides nothing, wherever a page ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.audit.entry import AuditEntry
from domain.rights.access_log import grouped

NOW = datetime(2026, 3, 28, 23, 50, tzinfo=UTC)


def entry(number: int, account: int, action: str, minutes: int) -> AuditEntry:
    return AuditEntry(
        id=number,
        at=NOW - timedelta(minutes=minutes),
        account_id=UUID(int=account),
        action=action,
        about=None,
        basis="practice",
        role="clinician",
        organisation_id=None,
        purpose="TREAT",
        reason=None,
        outcome="done",
        subject_id=None,
        count=None,
        request_id="",
    )


DRAWN = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["patient.read", "goal.list"]), st.integers(0, 4000)), max_size=40
)


@given(DRAWN, st.integers(1, 5))
def test_walking_the_pages_tells_every_entry_once_and_each_page_ends_in_time(
    drawn: list[tuple[int, str, int]], most: int
) -> None:
    entries = [entry(number, *each) for number, each in enumerate(drawn)]
    left = sorted(entries, key=lambda each: (each.at, each.id), reverse=True)
    told: Counter[tuple[UUID, str]] = Counter()
    while left:
        groups, taken = grouped(left, most)
        assert 1 <= len(groups) <= most
        assert sum(group.times for group in groups) == taken
        for group in groups:
            told[group.latest.account_id, group.latest.action] += group.times
            assert group.first_at <= group.latest.at
        left = left[taken:]
    assert told == Counter((each.account_id, each.action) for each in entries)


def test_a_day_is_england_s_day() -> None:
    # 23:50 UTC on 28 March 2026 is still the 28th in London; half an hour later it is the 29th.
    groups, _ = grouped([entry(2, 1, "patient.read", -30), entry(1, 1, "patient.read", 0)], 10)
    assert [group.times for group in groups] == [1, 1]
    summer = NOW + timedelta(days=30, minutes=-60)  # 22:50 UTC, 23:50 in London
    evening, night = (replace(entry(1, 1, "patient.read", 0), at=at) for at in (summer, summer + timedelta(minutes=20)))
    assert [group.times for group in grouped([night, evening], 10)[0]] == [1, 1]


def test_what_was_done_by_another_right_stands_apart() -> None:
    entries = [entry(number, 1, "patient.read", number) for number in (3, 2, 1)]
    groups, taken = grouped(entries, 10, right=lambda each: each.id > 1)
    assert ([group.times for group in groups], taken) == ([2, 1], 3)
