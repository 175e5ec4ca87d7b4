"""At most a hundred messages in any minute, as docs/live-protocol.md says."""

from __future__ import annotations

import pytest

from api.live.allowance import MESSAGES_PER_MINUTE, Allowance
from api.live.protocol import Close, Goodbye


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
