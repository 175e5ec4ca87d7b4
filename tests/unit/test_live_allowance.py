"""At most a hundred messages in any minute, and a thousand snapshots, as docs/live-protocol.md says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live.allowance import MESSAGES_PER_MINUTE, SNAPSHOTS_PER_MINUTE, Allowance
from api.live.protocol import MOST_PATIENTS, Close, Goodbye


def taken(times: list[float]) -> list[float]:
    """Return which of the messages said at these times are taken before the socket is closed."""
    allowance = Allowance()
    for count, now in enumerate(times):
        try:
            allowance.spend(now)
        except Goodbye:
            return times[:count]
    return times


@pytest.mark.parametrize("a_second", [1.7, 2, 3.3, 10, 1_000])
def test_no_minute_holds_more_than_a_hundred(a_second: float) -> None:
    assert len(taken([1_000 + number / a_second for number in range(1_000)])) == MESSAGES_PER_MINUTE


def test_almost_a_hundred_a_minute_may_be_said_for_ever() -> None:
    steady = [number * 0.625 for number in range(1_000)]  # 96 a minute
    assert taken(steady) == steady


def test_one_too_many_is_told_by_its_code() -> None:
    allowance = Allowance()
    for _ in range(MESSAGES_PER_MINUTE):
        allowance.spend(now=0)
    with pytest.raises(Goodbye) as goodbye:
        allowance.spend(now=0)
    assert goodbye.value.code is Close.too_many


def test_a_hundred_at_once_may_be_said_again_after_a_minute_and_not_before() -> None:
    bursts = [minute * 60.0 for minute in range(3) for _ in range(MESSAGES_PER_MINUTE)]
    assert taken(bursts) == bursts
    assert taken([*bursts, 179.9]) == bursts


def test_a_full_socket_may_be_asked_for_twice_in_any_minute_and_no_more() -> None:
    allowance = Allowance()
    allowance.ask(MOST_PATIENTS, now=0.0)
    allowance.ask(MOST_PATIENTS, now=30.0)
    allowance.ask(MOST_PATIENTS, now=60.0)
    with pytest.raises(Goodbye) as goodbye:
        allowance.ask(1, now=89.9)
    assert goodbye.value.code is Close.too_many


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, MOST_PATIENTS)), max_size=60))
def test_no_minute_holds_more_snapshots_than_may_be_asked_for(steps: list[tuple[float, int]]) -> None:
    allowance, now, taken = Allowance(), 0.0, list[tuple[float, int]]()
    for after, number in steps:
        now += after
        try:
            allowance.ask(number, now)
        except Goodbye:
            break
        taken.append((now, number))
    for begun, _ in taken:
        assert sum(number for at, number in taken if begun <= at < begun + 59.9) <= SNAPSHOTS_PER_MINUTE
