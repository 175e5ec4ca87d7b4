"""Budgets: so much in a minute and no more, told as it is spent, at next to no cost."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.budgets import Budgets, Rates, told
from api.refusals import TooManyRequests

ROSE = uuid4()


@dataclass
class Clock:
    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


def request(method: str = "GET", client: str = "192.0.2.1", operation: str = "x") -> dict[str, Any]:
    route = type("Route", (), {"name": operation})()
    return {"type": "http", "method": method, "client": (client, 5), "route": route, "state": {}}


def budgets(clock: Clock, **rates: int) -> Budgets:
    return Budgets(Rates(**rates), now=clock)


def test_so_many_and_no_more_and_one_more_when_its_time_has_passed() -> None:
    clock = Clock()
    kept = budgets(clock, reads=60)
    for left in range(59, -1, -1):
        asked = request()
        kept.charge(asked, ROSE)
        assert told(asked) == ('"read";q=60;w=60', f'"read";r={left};t={60 - left}')
    with pytest.raises(TooManyRequests) as refused:
        kept.charge(request(), ROSE)
    assert refused.value.retry_after_seconds == 1
    clock.at += 1
    kept.charge(request(), ROSE)
    with pytest.raises(TooManyRequests):
        kept.charge(request(), ROSE)


def test_accounts_and_kinds_of_request_have_budgets_of_their_own() -> None:
    kept = budgets(Clock(), reads=1, writes=1, exports=1)
    kept.charge(request("GET"), ROSE)
    kept.charge(request("POST"), ROSE)
    kept.charge(request("GET"), uuid4())
    with pytest.raises(TooManyRequests):
        kept.charge(request("HEAD"), ROSE)
    with pytest.raises(TooManyRequests):
        kept.charge(request("DELETE"), ROSE)
    other = uuid4()
    kept.charge(request(operation="get_outcome_summary"), other)
    with pytest.raises(TooManyRequests):
        kept.charge(request(operation="get_outcome_summary"), other)


def test_every_budget_that_a_request_was_taken_from_is_told_the_one_that_refused_too() -> None:
    kept = budgets(Clock(), reads=60, exports=1)
    for _ in range(2):
        asked = request(operation="get_outcome_summary")
        with suppress(TooManyRequests):
            kept.charge(asked, ROSE)
            assert told(asked) == ('"export";q=1;w=60, "read";q=60;w=60', '"export";r=0;t=60, "read";r=59;t=1')
    assert told(asked) == ('"export";q=1;w=60', '"export";r=0;t=60')


def test_readings_are_counted_one_by_one_and_a_batch_larger_than_the_budget_is_taken_from_a_full_one() -> None:
    clock = Clock()
    kept = budgets(clock, readings=100, writes=1)
    for _ in range(3):
        kept.charge(request("POST", operation="post_observations"), ROSE)  # not counted as requests
    kept.charge_readings(request("POST"), ROSE, 1000)
    with pytest.raises(TooManyRequests) as refused:
        kept.charge_readings(request("POST"), ROSE, 1000)
    clock.at += refused.value.retry_after_seconds
    kept.charge_readings(request("POST"), ROSE, 1000)


def test_no_budget_no_limit_and_nothing_is_told() -> None:
    kept, asked = budgets(Clock()), request()
    for _ in range(10_000):
        kept.charge(asked, ROSE)
    assert told(asked) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),  # one subscriber
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_an_address_is_a_place_not_one_of_its_many_names(one: str, other: str, same: bool) -> None:
    kept = budgets(Clock(), address=1)
    kept.charge_address(request(client=one))
    if same:
        with pytest.raises(TooManyRequests):
            kept.charge_address(request(client=other))
    else:
        kept.charge_address(request(client=other))


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 40)), max_size=80))
def test_in_no_minute_is_more_allowed_than_twice_the_budget_and_after_a_quiet_one_it_is_whole(
    asks: list[tuple[float, int]],
) -> None:
    clock, quota = Clock(), 100
    kept, taken = budgets(clock, readings=quota), []
    for pause, cost in asks:
        clock.at += pause
        with suppress(TooManyRequests):
            kept.charge_readings(request("POST"), ROSE, cost)
            taken.append((clock.at, cost))
        assert sum(cost for at, cost in taken if at > clock.at - 60) <= 2 * quota
    clock.at += 60
    kept.charge_readings(request("POST"), ROSE, quota)


def test_who_is_remembered_is_bounded() -> None:
    kept = Budgets(Rates(reads=1), most_keys=100)
    for number in range(1_000):
        kept.charge(request(), UUID(int=number))
    assert len(kept._used_up_at) == 100


def test_counting_a_request_costs_less_than_twenty_microseconds() -> None:
    kept, asked = Budgets(Rates(reads=10**9)), request()
    best = min(_seconds_of_a_thousand(kept, asked) for _ in range(5))
    assert best / 1000 < 20e-6


def _seconds_of_a_thousand(kept: Budgets, asked: dict[str, Any]) -> float:
    began = time.perf_counter()
    for _ in range(1000):
        kept.charge(asked, ROSE)
    return time.perf_counter() - began
