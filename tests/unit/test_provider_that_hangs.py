"""What a provider is asked, and how often, while it does not answer: nobody waits for those before them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from integrations.identity.errors import ProviderUnavailable, ProviderUnfit
from integrations.identity.kept import FAILURE_REMEMBERED_FOR, Kept

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY, MOMENT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
Outcome = str | ProviderUnavailable


class Asked:
    """A question that hangs until the test answers it, and how often it was asked."""

    def __init__(self) -> None:
        self.times = 0
        self._answers: asyncio.Queue[Outcome] = asyncio.Queue()

    async def __call__(self, _: datetime) -> str:
        self.times += 1
        outcome = await self._answers.get()
        if isinstance(outcome, ProviderUnavailable):
            raise outcome
        return outcome

    def answers(self, outcome: Outcome) -> None:
        self._answers.put_nowait(outcome)


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def _until_it_hangs() -> None:
    """Let every task go on until it waits: nothing here waits for anything outside this loop."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _told(kept: Kept[str], asked: Asked, outcome: Outcome, at: datetime) -> str:
    asked.answers(outcome)
    return await kept.younger_than(HOUR, at)


@pytest.mark.parametrize("outcome", ["what it says", ProviderUnavailable("timed_out")])
async def test_of_fifty_who_ask_at_once_one_asks_and_all_get_its_answer(asked: Asked, outcome: Outcome) -> None:
    kept = Kept(asked)
    callers = [asyncio.create_task(kept.younger_than(HOUR, NOON)) for _ in range(50)]
    await _until_it_hangs()
    asked.answers(outcome)
    told = await asyncio.gather(*callers, return_exceptions=True)
    assert {repr(each) for each in told} == {repr(outcome)}
    assert asked.times == 1


async def test_a_failure_is_remembered_for_half_a_minute_and_then_it_is_asked_again(asked: Asked) -> None:
    kept = Kept(asked)
    with pytest.raises(ProviderUnavailable, match="timed_out"):
        await _told(kept, asked, ProviderUnavailable("timed_out"), NOON)
    for at in (NOON, NOON + FAILURE_REMEMBERED_FOR - MOMENT):
        with pytest.raises(ProviderUnavailable, match="timed_out"):
            await asyncio.wait_for(kept.younger_than(HOUR, at), 5)
    assert asked.times == 1
    assert await _told(kept, asked, "what it says", NOON + FAILURE_REMEMBERED_FOR) == "what it says"
    assert asked.times == 2


async def test_while_it_is_asked_anew_and_after_it_failed_what_is_still_believed_is_handed_out(asked: Asked) -> None:
    kept = Kept(asked, believed_for=DAY)
    assert await _told(kept, asked, "of old", NOON) == "of old"
    first = asyncio.create_task(kept.younger_than(HOUR, NOON + HOUR))
    await _until_it_hangs()
    assert await asyncio.wait_for(kept.younger_than(HOUR, NOON + HOUR), 5) == "of old", "while another one asks"
    asked.answers(ProviderUnavailable("timed_out"))
    assert await first == "of old"
    assert await asyncio.wait_for(kept.younger_than(HOUR, NOON + HOUR), 5) == "of old"
    assert asked.times == 2
    with pytest.raises(ProviderUnavailable):
        await _told(kept, asked, ProviderUnavailable("timed_out"), NOON + DAY)


async def test_what_it_answered_is_not_believed_once_it_has_said_something_unfit(asked: Asked) -> None:
    kept = Kept(asked, believed_for=DAY)
    await _told(kept, asked, "of old", NOON)
    with pytest.raises(ProviderUnfit, match="issuer"):
        await _told(kept, asked, ProviderUnfit("issuer"), NOON + HOUR)
    with pytest.raises(ProviderUnfit, match="issuer"):
        await asyncio.wait_for(kept.younger_than(HOUR, NOON + HOUR), 5)
    with pytest.raises(ProviderUnavailable, match="timed_out"):
        await _told(kept, asked, ProviderUnavailable("timed_out"), NOON + HOUR + FAILURE_REMEMBERED_FOR)


async def test_whoever_asked_first_may_go_away_and_the_others_still_get_the_answer(asked: Asked) -> None:
    kept = Kept(asked)
    first = asyncio.create_task(kept.younger_than(HOUR, NOON))
    await _until_it_hangs()
    second = asyncio.create_task(kept.younger_than(HOUR, NOON))
    await _until_it_hangs()
    first.cancel()
    await _until_it_hangs()
    asked.answers("what it says")
    assert await second == "what it says"
    assert asked.times == 1


async def test_an_answer_that_must_be_newer_is_asked_for_and_what_is_kept_goes_on_for_those_whom_it_is_good_enough(
    asked: Asked,
) -> None:
    kept = Kept(asked)
    await _told(kept, asked, "of old", NOON)
    asked.answers(ProviderUnavailable("timed_out"))
    with pytest.raises(ProviderUnavailable):
        await kept.younger_than(timedelta(minutes=1), NOON + timedelta(minutes=1))
    assert await kept.younger_than(HOUR, NOON + timedelta(minutes=1)) == "of old"
