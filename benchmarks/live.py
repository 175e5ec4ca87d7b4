"""Live delivery: how long after a post a screen has it, and how many messages a second reach all screens.

Each beside a bare broadcast to as many screens, in the same run on the same cores. The posts go to one process, the
screens hang on another, and each of them is somebody else's.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.crowd import gather_crowd, tickets
from benchmarks.figures import Comparison, Figures, row, together
from benchmarks.findings import Findings, Say
from benchmarks.goals import Goal
from benchmarks.http_client import Connection
from benchmarks.load import echo_readings, readings
from benchmarks.screens import Screen, open_bare_screens, open_screens
from benchmarks.stage import NURSE, Stage

SCREENS = 200
POSTS_PER_SECOND = 10.0
FEWEST_POSTS = 150  # of fewer, the p99 is the slowest
WARMING_POSTS = 10
TURNS = 2
POSTING_CONNECTIONS = 8
LONGEST_WAIT_SECONDS = 30.0
_LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Poster:
    """Where posts go: the nth to the nth of these addresses, and on from the first; without a token to the echo."""

    port: int
    paths: Sequence[str]
    token: str = ""

    async def post(self, connection: Connection, number: int, each: int) -> None:
        """Post so many readings. Raises RuntimeError for any answer but 201."""
        body = readings(each) if self.token else echo_readings(each)
        status, answer = await connection.post(self.paths[number % len(self.paths)], body, self.token)
        if status != 201:
            raise RuntimeError(f"{self.paths[0]} answered {status}: {answer[:300]!r}")


@dataclass(frozen=True, slots=True)
class Audience:
    """Screens, and which of them are told of the nth post: all, or the nth alone."""

    screens: list[Screen]
    is_told_one_by_one: bool = False

    def told(self, number: int) -> list[Screen]:
        """Return who is told of the nth post."""
        return [self.screens[number % len(self.screens)]] if self.is_told_one_by_one else self.screens


async def live(stage: Stage, say: Say, seconds: float) -> AsyncIterator[Findings]:
    """Yield what screens are told and how soon, beside a bare broadcast, and which goals that meets."""
    await gather_crowd(stage.database_url, NURSE, SCREENS)
    posts = max(FEWEST_POSTS, int(seconds * POSTS_PER_SECOND))
    one, everybody = stage.patient_ids[:1], stage.patient_ids[:SCREENS]
    for name, title, watched, posted in (
        ("one screen", "1 screen", [one], one),
        ("screens of one", f"{SCREENS} screens of one patient", [one] * SCREENS, one),
        ("screens of each", f"{SCREENS} screens of {SCREENS} patients", [[each] for each in everybody], everybody),
    ):
        say(f"POST to {title}, {POSTS_PER_SECOND:g} a second…")
        async with _bare(stage, len(watched)) as bare:
            limit, _ = await _delays("bare broadcast", bare, _pusher_of(stage), posts)
        async with _watching(stage, watched, is_told_one_by_one=len(posted) > 1) as audience:
            ours, theirs = await _delays("POST to screen", audience, poster_of(stage, posted), posts)
        comparison = Comparison(f"POST in one process to {title} of another", ours, limit, by_rate=False)
        yield Findings((row(comparison),), in_time(name, comparison, theirs))
    for each, figure in ((1, "single_messages_per_second"), (100, "batched_messages_per_second")):
        say(f"To {SCREENS} screens, posts of {each} as fast as they are taken…")
        comparison = await _by_turns(stage, one, seconds, each)
        goals = (Goal(f"fan-out of {each}", comparison.ratio),)
        yield Findings((row(comparison),), goals, figures={figure: comparison.ours.per_second})


def in_time(name: str, comparison: Comparison, posts: Figures) -> tuple[Goal, ...]:
    """Return what the slow deliveries are held to: the bare broadcast's, and those of the posts themselves."""
    post = posts.percentile(0.99)
    beyond = comparison.ours.percentile(0.99) - post
    return (Goal(name, comparison.ratio), Goal(f"{name} beyond", beyond, f"{post:.1f} ms"))


def poster_of(stage: Stage, patient_ids: Sequence[str]) -> Poster:
    """Return where readings of these patients are posted."""
    paths = [f"/v1/patients/{patient}/observations" for patient in patient_ids]
    return Poster(stage.api_ports[0], paths, stage.token)


def _pusher_of(stage: Stage) -> Poster:
    return Poster(stage.limits_port, ["/push"])


@asynccontextmanager
async def _bare(stage: Stage, screens: int) -> AsyncIterator[Audience]:
    opened = await open_bare_screens(stage.limits_port, screens)
    yield Audience(opened)
    await _leave(opened)


@asynccontextmanager
async def _watching(
    stage: Stage, watched: Sequence[Sequence[str]], *, is_told_one_by_one: bool = False
) -> AsyncIterator[Audience]:
    good = await tickets(stage.database_url, len(watched))
    opened = await open_screens(stage.api_ports[1], good, watched)
    yield Audience(opened, is_told_one_by_one)
    await _leave(opened)


async def _leave(screens: Sequence[Screen]) -> None:
    closed = {screen.close_code for screen in screens} - {None}
    if closed:
        raise RuntimeError(f"screens were closed: {closed}")
    for screen in screens:
        screen.close()
    await asyncio.sleep(1)  # the ends of their watches are audited


async def _delays(name: str, audience: Audience, poster: Poster, posts: int) -> tuple[Figures, Figures]:
    """Return the delay of every message to every screen, and of the posts, which come at a gentle, even rate."""
    posted_at: list[float] = []
    posts_ms: list[float] = []
    awaited: list[tuple[Screen, int, int]] = []
    async with Connection(poster.port) as connection:
        for number in range(WARMING_POSTS):
            await poster.post(connection, number, 1)
        heard = await _settled(audience.screens)
        began = time.perf_counter()
        for number in range(posts):
            await asyncio.sleep(max(0.0, began + number / POSTS_PER_SECOND - time.perf_counter()))
            for screen in audience.told(number):
                awaited.append((screen, heard[screen], number))
                heard[screen] += 1
            posted_at.append(time.perf_counter())
            await poster.post(connection, number, 1)
            posts_ms.append((time.perf_counter() - posted_at[-1]) * 1000)
    await _all_heard(heard)
    taken = time.perf_counter() - began
    delays_ms = tuple((screen.heard_at[place] - posted_at[number]) * 1000 for screen, place, number in awaited)
    return Figures(name, delays_ms, taken), Figures("POST", tuple(posts_ms), taken)


async def _fan_out(name: str, audience: Audience, poster: Poster, seconds: float, each: int) -> Figures:
    """Return the messages that reach all screens while posts come as fast as they are taken, until the last is there.

    The delays are the posts'.
    """
    heard = await _settled(audience.screens)
    numbers, delays_ms = itertools.count(), []
    began = time.perf_counter()

    async def client() -> None:
        async with Connection(poster.port) as connection:
            while (posted_at := time.perf_counter()) < began + seconds:
                await poster.post(connection, next(numbers), each)
                delays_ms.append((time.perf_counter() - posted_at) * 1000)

    await asyncio.gather(*(client() for _ in range(POSTING_CONNECTIONS)))
    await _all_heard({screen: before + len(delays_ms) for screen, before in heard.items()})
    last = max(screen.heard_at[-1] for screen in heard)
    return Figures(name, tuple(delays_ms), last - began, each=len(audience.screens))


async def _by_turns(stage: Stage, watched: Sequence[str], seconds: float, each: int) -> Comparison:
    """Return how many messages reach all screens, beside the bare broadcast's: what else happens falls on both."""
    limit, ours = [], []
    async with _bare(stage, SCREENS) as bare, _watching(stage, [watched] * SCREENS) as audience:
        for _ in range(TURNS):
            limit.append(await _fan_out("bare broadcast", bare, _pusher_of(stage), seconds / TURNS, each))
            ours.append(await _fan_out("fan-out", audience, poster_of(stage, watched), seconds / TURNS, each))
    title = f"messages to {SCREENS} screens, posts of {each}"
    return Comparison(title, together(ours), together(limit), by_rate=True)


async def _settled(screens: Sequence[Screen]) -> dict[Screen, int]:
    """Return how many messages each has heard, once no more come."""
    while True:
        heard = {screen: len(screen.heard_at) for screen in screens}
        await asyncio.sleep(0.3)
        if heard == {screen: len(screen.heard_at) for screen in screens}:
            return heard


async def _all_heard(wanted: dict[Screen, int]) -> None:
    async with asyncio.timeout(LONGEST_WAIT_SECONDS):
        while any(len(screen.heard_at) < number and screen.close_code is None for screen, number in wanted.items()):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
    closed = {screen.close_code for screen in wanted} - {None}
    if closed:
        raise RuntimeError(f"screens were closed: {closed}")
