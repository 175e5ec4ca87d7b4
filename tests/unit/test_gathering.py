"""What waits while work is under way is done together in the next turn, each gets their own outcome, nobody is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.gathering import Gathering, NoTurn


class Works:
    """Work that waits to be let go on, and remembers what it was given in each turn."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        self.under_way = self.most_under_way = 0

    async def __call__(self, items: list[int]) -> Sequence[int]:
        self.turns.append(items)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self.may_go_on.wait()
        self.under_way -= 1
        if 13 in items:
            raise LookupError("thirteen")
        return [item * 10 for item in items]


async def after_all_have_asked() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_while_a_turn_is_under_way_shares_the_next_one() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=60)
    first = asyncio.create_task(gathering.done(1))
    await after_all_have_asked()
    others = [asyncio.create_task(gathering.done(number)) for number in (2, 3, 4)]
    await after_all_have_asked()
    assert works.turns == [[1]]
    works.may_go_on.set()
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert works.turns == [[1], [2, 3, 4]]


async def test_beside_a_turn_under_way_another_begins_when_there_is_enough_for_it() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=60, at_once=2, worth=3)
    asked = []
    for number in range(1, 9):
        asked.append(asyncio.create_task(gathering.done(number)))
        await after_all_have_asked()
    assert works.turns == [[1], [2, 3, 4]]
    works.may_go_on.set()
    await asyncio.gather(*asked)
    assert works.turns == [[1], [2, 3, 4], [5, 6, 7, 8]]


async def test_beside_a_turn_that_takes_long_another_begins_for_whoever_waits() -> None:
    goes_on = asyncio.Event()

    async def work(items: list[int]) -> list[int]:
        if 1 in items:
            await goes_on.wait()
        return items

    gathering = Gathering(work, most=100, patience_seconds=60, at_once=2, worth=50)
    held_up = asyncio.create_task(gathering.done(1))
    await after_all_have_asked()
    async with asyncio.timeout(20):
        assert [await gathering.done(number) for number in (2, 3)] == [2, 3]
    goes_on.set()
    assert await held_up == 1
    assert not gathering._long


async def test_who_gave_up_waiting_makes_no_turn_worth_while() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=0.02, at_once=2, worth=2)
    first = asyncio.create_task(gathering.done(1))
    await after_all_have_asked()
    with pytest.raises(NoTurn):
        await gathering.done(2)
    last = asyncio.create_task(gathering.done(3))
    await after_all_have_asked()
    assert works.turns == [[1]]
    works.may_go_on.set()
    assert [await first, await last] == [10, 30]


async def test_no_two_turns_under_way_are_about_the_same_and_who_waits_for_that_goes_together() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=60, at_once=2, about=lambda number: number // 10)
    asked = []
    for number in (11, 12, 14, 21, 22, 15, 31):
        asked.append(asyncio.create_task(gathering.done(number)))
        await after_all_have_asked()
    assert works.turns == [[11], [21]]
    works.may_go_on.set()
    assert await asyncio.gather(*asked) == [110, 120, 140, 210, 220, 150, 310]
    assert works.turns[2:] == [[12, 14, 15, 31], [22]]


async def test_who_waits_for_what_is_under_way_makes_no_turn_worth_while() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=60, at_once=2, worth=2, about=lambda number: number // 10)
    asked = []
    for number in (11, 12, 14, 21, 22):
        asked.append(asyncio.create_task(gathering.done(number)))
        await after_all_have_asked()
        assert works.turns == ([[11]] if number < 22 else [[11], [21, 22]])
    assert gathering.waiting == 2
    works.may_go_on.set()
    assert await asyncio.gather(*asked) == [110, 120, 140, 210, 220]


@given(about=st.lists(st.integers(0, 4), min_size=1, max_size=30), worth=st.integers(1, 5), most=st.integers(1, 9))
async def test_whatever_it_is_about_everybody_is_served_and_who_shares_it_in_their_order(
    about: list[int], worth: int, most: int
) -> None:
    under_way: set[int] = set()
    served: list[int] = []

    async def work(items: list[int]) -> list[int]:
        mine = {item % 10 for item in items}
        assert not under_way & mine
        under_way.update(mine)
        await asyncio.sleep(0)
        under_way.difference_update(mine)
        served.extend(items)
        return items

    items = [number * 10 + what for number, what in enumerate(about)]
    gathering = Gathering(work, most=most, patience_seconds=60, at_once=3, worth=worth, about=lambda item: item % 10)
    assert await asyncio.wait_for(asyncio.gather(*map(gathering.done, items)), 10) == items
    for what in range(5):
        assert [item for item in served if item % 10 == what] == [item for item in items if item % 10 == what]


async def test_whose_turn_does_not_come_in_time_is_told_so_and_nothing_is_done_for_them() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=0.02)
    first = asyncio.create_task(gathering.done(1))
    await after_all_have_asked()
    late = [asyncio.create_task(gathering.done(number)) for number in (2, 3)]
    told = await asyncio.gather(*late, return_exceptions=True)
    assert [type(each) for each in told] == [NoTurn, NoTurn]
    assert gathering.waiting == 0
    cancelled = asyncio.create_task(gathering.done(4))
    await after_all_have_asked()
    cancelled.cancel()
    last = asyncio.create_task(gathering.done(5))
    await after_all_have_asked()
    assert gathering.waiting == 1
    works.may_go_on.set()
    assert [await first, await last] == [10, 50]
    assert works.turns == [[1], [5]]


async def test_who_comes_alone_waits_for_nobody() -> None:
    works = Works()
    works.may_go_on.set()
    gathering = Gathering(works, most=100, patience_seconds=60)
    assert [await gathering.done(number) for number in (1, 2)] == [10, 20]
    assert works.turns == [[1], [2]]


@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=30), most=st.integers(1, 12), at_once=st.integers(1, 3))
async def test_whatever_the_weights_everybody_is_served_in_order_and_no_turn_weighs_too_much(
    weights: list[int], most: int, at_once: int
) -> None:
    works = Works()
    items = [number * 100 + weight for number, weight in enumerate(weights)]
    gathering = Gathering(works, most=most, patience_seconds=60, at_once=at_once, weigh=lambda item: item % 100)
    asked = [asyncio.create_task(gathering.done(item)) for item in items if item != 13]
    await after_all_have_asked()
    works.may_go_on.set()
    assert await asyncio.gather(*asked) == [item * 10 for item in items if item != 13]
    assert [item for turn in works.turns for item in turn] == [item for item in items if item != 13]
    assert all(len(turn) == 1 or sum(item % 100 for item in turn) <= most for turn in works.turns)
    assert works.most_under_way <= at_once


async def test_what_a_turn_raises_is_raised_to_those_in_it_and_the_next_turn_is_taken() -> None:
    works = Works()
    gathering = Gathering(works, most=2, patience_seconds=60)
    asked = [asyncio.create_task(gathering.done(number)) for number in (12, 13, 14)]
    await after_all_have_asked()
    works.may_go_on.set()
    first, second, third = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, LookupError)
    assert isinstance(second, LookupError)
    assert third == 140


async def test_who_no_longer_waits_harms_nobody_they_share_with() -> None:
    works = Works()
    gathering = Gathering(works, most=100, patience_seconds=60)
    one, other = asyncio.create_task(gathering.done(1)), asyncio.create_task(gathering.done(2))
    await after_all_have_asked()
    one.cancel()
    await after_all_have_asked()
    works.may_go_on.set()
    assert await other == 20
    with pytest.raises(asyncio.CancelledError):
        await one


async def test_a_turn_that_is_cancelled_leaves_nobody_waiting() -> None:
    works = Works()
    gathering = Gathering(works, most=1, patience_seconds=60)
    taken, waiting = asyncio.create_task(gathering.done(1)), asyncio.create_task(gathering.done(2))
    await after_all_have_asked()
    (turns,) = gathering._turns
    turns.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(taken, 5)
    works.may_go_on.set()
    assert await asyncio.wait_for(waiting, 5) == 20


async def test_work_that_forgets_somebody_is_told_to_all() -> None:
    async def forgets(_: list[int]) -> Sequence[int]:
        return []

    gathering = Gathering(forgets, most=100, patience_seconds=60)
    asked = [asyncio.create_task(gathering.done(number)) for number in (1, 2)]
    for each in await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5):
        assert isinstance(each, RuntimeError)
