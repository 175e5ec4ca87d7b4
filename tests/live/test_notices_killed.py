"""Real workers that are killed while they send notices: each reaches its browser, and is shown there once.

A browser shows what has the tag of something that is shown already in its place: what a person sees is each id once.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from domain.keys.sealing import Sealing
from domain.notifications.words import NoticeKind
from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from tests.database.reminding import LONDON, Scene
from tests.databases import Troupe, clone, drop
from tests.live.processes import Installation, Process, installation
from tests.unit.notifications.peers import Asked, Peer, peer, pem, saying
from tests.unit.notifications.test_web_push import AUTH, BROWSERS_PUBLIC, read_by_the_browser

NOTICES, BROWSERS = 5, 3
PATIENCE_SECONDS = 60
KILLINGS = 6
_NOT_SETTLED = "select count(*) as n from notice_delivery where state = 'waiting'"
_AS_IF_NONE_WERE_NOTED = (
    "update notice_delivery set state = 'waiting', next_at = now(), settled_at = null where state <> 'dropped'"
)
_LEASES_ARE_OVER = "update notice_delivery set next_at = now() where state = 'waiting'"
# As if each plan had been agreed the day before: what it says of two minutes ago is due.
_SINCE_YESTERDAY = (
    "update action_plan set published_at = published_at - interval '1 day'",
    "update action set starts_on = starts_on - 1",
    "update action_due set after_at = after_at - interval '1 day', look_at = look_at - interval '1 day'",
)


@dataclass
class Shown:
    """What each browser got, by its path: the ids of notices, as its service worker reads them."""

    got: dict[str, Counter[str]] = field(default_factory=dict)
    at_each: Callable[[int], None] = lambda _: None
    requests: int = 0

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """Note what a browser is told: from here on it is accepted, whatever becomes of who told it."""
        told = orjson.loads(read_by_the_browser(asked.body))
        self.got.setdefault(asked.path, Counter())[told["id"]] += 1
        self.requests += 1
        self.at_each(self.requests)
        return saying(201)


@asynccontextmanager
async def browsers() -> AsyncIterator[tuple[Peer, Shown]]:
    """Yield the maker of all browsers, and what they got."""
    shown = Shown()
    async with peer(saying(201)) as maker:
        vars(maker)["answer"] = shown.answer
        yield maker, shown


@pytest.fixture
def url(cluster: Cluster, worker_id: str, everybody: Troupe) -> Iterator[str]:
    name = f"killed_{worker_id}"
    yield asyncio.run(clone(cluster, name, everybody.template))
    asyncio.run(drop(cluster, name))


@pytest.fixture
def installed(url: str, tmp_path: Path) -> Iterator[Installation]:
    key = pem(ec.generate_private_key(ec.SECP256R1()))
    with installation(url, tmp_path, VAPID_KEY=key, VAPID_CONTACT="mailto:push@riverside.example") as standing:
        yield standing


@pytest.fixture
async def scene(installed: Installation, everybody: Troupe) -> AsyncIterator[Scene]:
    database = Database(installed.database_url)
    made = Scene.of(database, copy.deepcopy(everybody.cast))
    made.sealing = Sealing.of(installed.environment["ENCRYPTION_KEY"])
    yield made
    await made.worker.close()
    await database.close()


async def have_something_due(scene: Scene, maker: Peer) -> None:
    """Have Rose be due to be told of five instants, all of them past, in each of three browsers."""
    for number in range(BROWSERS):
        at = {"endpoint": f"{maker.url}/{number}", "p256dh": BROWSERS_PUBLIC, "auth": AUTH}
        await scene.has(text=orjson.dumps(at).decode())
    await scene.wants(NoticeKind.something_due)
    now = datetime.now(LONDON).replace(second=0, microsecond=0)
    for number in range(NOTICES):
        await scene.publish((now - timedelta(minutes=2 + number)).time())
    for statement in _SINCE_YESTERDAY:
        await scene.do(statement)


async def until_all_are_settled(scene: Scene) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            [queued] = await scene.rows("select count(*) as n from notice_delivery")
            [waiting] = await scene.rows(_NOT_SETTLED)
            if queued.n == NOTICES * BROWSERS and not waiting.n:
                return
            await scene.do(_LEASES_ARE_OVER)
            await asyncio.sleep(0.2)


async def each_was_seen_once(scene: Scene, shown: Shown) -> None:
    notices = {str(row.id) for row in await scene.rows("select id from notice")}
    assert len(notices) == NOTICES
    assert len(shown.got) == BROWSERS
    for ids in shown.got.values():
        assert set(ids) == notices  # each at least once; shown by its id, and so once
    assert await scene.rows("select 1 from notice_delivery where state <> 'accepted'") == []


async def test_a_worker_killed_between_the_taking_and_its_note_leaves_each_notice_seen_once(
    scene: Scene, installed: Installation
) -> None:
    async with browsers() as (maker, shown):
        await have_something_due(scene, maker)
        standing: list[Process] = []

        def die_at(number: int) -> None:
            if number >= doom and standing:
                installed.kill(standing.pop())  # it was taken, and nobody has noted it

        shown.at_each = die_at
        for requests in (1, 2, 4):
            doom = shown.requests + requests
            await scene.do(_AS_IF_NONE_WERE_NOTED)
            standing.append(installed.start_worker())
            async with asyncio.timeout(PATIENCE_SECONDS):
                while standing:
                    await asyncio.sleep(0.05)
        installed.start_worker()
        await until_all_are_settled(scene)
        await each_was_seen_once(scene, shown)
    assert shown.requests > NOTICES * BROWSERS  # some came twice: they were killed where it matters


async def test_workers_killed_at_random_moments_leave_each_notice_seen_once(
    scene: Scene, installed: Installation
) -> None:
    chance = random.Random(20261123)
    async with browsers() as (maker, shown):
        await have_something_due(scene, maker)
        first = installed.start_worker()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not shown.requests:
                await asyncio.sleep(0.02)
        installed.kill(first)
        for _ in range(KILLINGS):
            doomed = installed.start_worker()
            await scene.do(_LEASES_ARE_OVER)
            await asyncio.sleep(chance.uniform(0.2, 2))
            installed.kill(doomed)
        installed.start_worker()
        await until_all_are_settled(scene)
        await each_was_seen_once(scene, shown)


async def test_two_workers_at_once_tell_each_browser_once(scene: Scene, installed: Installation) -> None:
    async with browsers() as (maker, shown):
        await have_something_due(scene, maker)
        for _ in range(2):
            installed.start_worker()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while shown.requests < NOTICES * BROWSERS or (await scene.rows(_NOT_SETTLED))[0].n:
                await asyncio.sleep(0.1)
        await each_was_seen_once(scene, shown)
        [tried] = await scene.rows("select sum(attempts) as n from notice_delivery")
    assert shown.requests <= tried.n  # nobody sent what another had taken
