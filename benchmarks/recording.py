"""Recording: single readings beside a bare echo of the same body, batches beside a raw insert of as many rows.

By turns, ours and its limit: what else happens on the machine falls on both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from benchmarks.figures import Comparison, Figures, row, together
from benchmarks.findings import Findings, Say
from benchmarks.goals import Goal
from benchmarks.load import BODY_WEIGHT, HEART_RATE, Target, post_load, raw_insert
from benchmarks.stage import Stage

CONNECTIONS = 32
BATCH_CONNECTIONS = 4
PATIENTS = 32
TURNS = 4
WARM_UP_SECONDS = 1.0  # statements are made ready on each connection
SINGLE, WEIGHT, HUNDREDS, THOUSANDS = (
    f"single POST, {CONNECTIONS} connections, one process",
    f"single weights, each judged by the one before, {CONNECTIONS} connections",
    f"batches of 100, {BATCH_CONNECTIONS} connections",
    f"batches of 1000, {BATCH_CONNECTIONS} connections",
)

# Of each the goal that its ratio is held to, and what its rate is called where many patients are projected from it.
_RATES = {
    SINGLE: ("single rate", "singles_per_second"),
    HUNDREDS: ("hundreds", "batched_per_second"),
    THOUSANDS: ("thousands", ""),
}

# A load of so many seconds.
Load = Callable[[float], Awaitable[Figures]]


async def recording(stage: Stage, say: Say, seconds: float) -> AsyncIterator[Findings]:
    """Yield what is recorded: singles, weights, hundreds, thousands."""
    ours, echo = _ours(stage, "POST", stage.api_ports[0]), Target("FastAPI echo", stage.limits_port, ["/echo"])
    for title, sign in ((SINGLE, HEART_RATE), (WEIGHT, BODY_WEIGHT)):
        say(f"{title}…")
        single = partial(post_load, connections=CONNECTIONS, each=1, sign=sign)
        yield recorded(await _by_turns(title, partial(single, ours), partial(single, echo), seconds))
    for title, each in ((HUNDREDS, 100), (THOUSANDS, 1000)):
        say(f"{title}…")
        batch = partial(post_load, ours, connections=BATCH_CONNECTIONS, each=each)
        insert = partial(raw_insert, stage.database_url, connections=BATCH_CONNECTIONS, each=each)
        yield recorded(await _by_turns(title, batch, insert, seconds))


def recorded(found: Comparison) -> Findings:
    """Return a load's row, which goals it is held to, and its rate where many patients are projected from it."""
    goals: tuple[Goal, ...] = ()
    figures = {}
    if found.title in _RATES:
        name, figure = _RATES[found.title]
        goals = (Goal(name, found.ratio),)
        figures = {figure: found.ours.per_second} if figure else {}
    if found.title == SINGLE:
        goals += (Goal("single p99", found.ours.percentile(0.99) / found.limit.percentile(0.99)),)
    return Findings((row(found),), goals, figures=figures)


async def second_net(stage: Stage, say: Say, seconds: float) -> AsyncIterator[Findings]:
    """Yield readings with row security beside the same without."""
    async with stage.unguarded() as unguarded:
        guarded, unguarded_ones = _ours(stage, "with", stage.api_ports[0]), _ours(stage, "without", unguarded)
        for each, connections in ((1, CONNECTIONS), (100, BATCH_CONNECTIONS)):
            say(f"Row security, {each} a POST…")
            post = partial(post_load, connections=connections, each=each)
            title = f"row security: POST of {each}, {connections} connections"
            yield recorded(await _by_turns(title, partial(post, guarded), partial(post, unguarded_ones), seconds))


def _ours(stage: Stage, name: str, port: int) -> Target:
    return Target(name, port, [f"/v1/patients/{patient}/observations" for patient in stage.patient_ids], stage.token)


async def _by_turns(title: str, ours: Load, limit: Load, seconds: float) -> Comparison:
    told: dict[Load, list[Figures]] = {ours: [], limit: []}
    for load in told:
        await load(WARM_UP_SECONDS)
    for _ in range(TURNS):
        for load, figures in told.items():
            figures.append(await load(seconds / TURNS))
    return Comparison(title, together(told[ours]), together(told[limit]), by_rate=True)
