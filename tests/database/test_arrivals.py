"""Whoever took a notice is asked whether it arrived; nothing is taken for arrived that nobody told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from api.arriving import ask_what_arrived
from api.metrics import WorkerMetrics
from api.notifying import Bringers, Sending
from domain.notifications.words import Channel, NoticeKind
from integrations.notifications.errors import NotSent
from integrations.notifications.notice import Arrival
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.reminding import Scene, at_home

ASKED_FOR = timedelta(hours=76)


@pytest.fixture
async def scene(committing_database: Database, cast: Cast) -> AsyncIterator[Scene]:
    made = Scene.of(committing_database, cast)
    yield made
    await made.worker.close()


class Told:
    """What whoever took it answers, one after the other, and what they were asked."""

    def __init__(self, *answers: Arrival | NotSent | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def arrival_of(self, reference: str) -> Arrival | None:
        """Answer, or fail."""
        self.asked.append(reference)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, NotSent):
            raise answer
        return answer


def asking(scene: Scene, told: Told, channel: Channel = Channel.web_push) -> Sending:
    """Return a worker whose bringer of this channel can be asked."""
    by = Bringers(dict.fromkeys(Channel, scene.bring), arrivals={channel: told.arrival_of})
    return Sending(scene.worker, scene.clock, scene.sealing, by, WorkerMetrics())


async def handed_over(scene: Scene, told: Told, channel: Channel = Channel.web_push) -> None:
    """Have Rose's reminder of nine in the morning be taken."""
    await scene.has()
    await scene.wants(NoticeKind.something_due)
    nine = at_home(scene.at, 9, days=1)
    await scene.publish(nine.timetz().replace(tzinfo=None))
    await scene.work(nine, arrivals={channel: told.arrival_of})
    assert await scene.states() == [("accepted", None)]


async def asked_until(scene: Scene, told: Told, after: timedelta) -> None:
    """Have the worker ask every minute until so long after now."""
    until = scene.at + after
    while scene.at < until:
        scene.at += timedelta(minutes=1)
        await ask_what_arrived(asking(scene, told))


async def test_what_arrived_is_said_to_have_and_is_asked_about_no_more(scene: Scene) -> None:
    told = Told(None, Arrival())
    await handed_over(scene, told)
    await ask_what_arrived(asking(scene, told))
    assert told.asked == []  # a minute is given it
    await asked_until(scene, told, timedelta(minutes=10))
    assert told.asked == ["theirs", "theirs"]
    assert await scene.states() == [("delivered", None)]


@pytest.mark.parametrize(
    ("arrival", "ends"),
    [(Arrival("not_reached"), None), (Arrival("address_refused", has_ended=True), "gone")],
)
async def test_what_did_not_arrive_has_failed_and_an_address_that_is_none_ends(
    scene: Scene, arrival: Arrival, ends: str | None
) -> None:
    told = Told(arrival)
    await handed_over(scene, told)
    await asked_until(scene, told, timedelta(minutes=5))
    assert await scene.states() == [("failed", arrival.reason)]
    [address] = await scene.rows("select end_reason, sealed from notice_address")
    assert (address.end_reason, address.sealed is None) == (ends, ends is not None)
    assert len(told.asked) == 1


async def test_what_nobody_ever_tells_of_stays_handed_over_and_is_asked_about_for_three_days(scene: Scene) -> None:
    told = Told(NotSent("no_answer", can_retry=True))
    await handed_over(scene, told)
    begun = scene.at
    while (next_ask := (await scene.rows("select ask_at from notice_delivery"))[0].ask_at) is not None:
        assert next_ask > scene.at
        scene.at = next_ask
        await ask_what_arrived(asking(scene, told))
    assert ASKED_FOR <= scene.at - begun < ASKED_FOR + timedelta(hours=2)
    assert 40 < len(told.asked) < 60
    assert await scene.states() == [("accepted", None)]


async def test_two_workers_ask_once(scene: Scene) -> None:
    told = Told(*[Arrival()] * 2)
    await handed_over(scene, told)
    scene.at += timedelta(minutes=2)
    await asyncio.gather(*(ask_what_arrived(asking(scene, told)) for _ in range(4)))
    assert told.asked == ["theirs"]


async def test_of_a_way_of_which_nobody_can_tell_nobody_is_asked(scene: Scene) -> None:
    told = Told(Arrival())
    await handed_over(scene, told, Channel.sms)  # it went to a browser
    await asked_until(scene, told, timedelta(minutes=5))
    assert told.asked == []
    assert await scene.states() == [("accepted", None)]
