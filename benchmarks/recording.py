"""Recording: single readings beside a bare echo of the same body, batches beside a raw insert of as many rows.

By turns, ours and its limit: what else happens on the machine falls on both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from benchmarks.figures import Comparison, Figures, together
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

# A load of so many seconds.
Load = Callable[[float], Awaitable[Figures]]


async def recording(stage: Stage, say: Callable[[str], None], seconds: float) -> list[Comparison]:
    """Return what is recorded: singles, weights, hundreds, thousands."""
    ours, echo = _ours(stage, "POST", stage.api_ports[0]), Target("FastAPI echo", stage.limits_port, ["/echo"])
    found = []
    for title, sign in ((SINGLE, HEART_RATE), (WEIGHT, BODY_WEIGHT)):
        say(f"{title}…")
        single = partial(post_load, connections=CONNECTIONS, each=1, sign=sign)
        found.append(await _by_turns(title, partial(single, ours), partial(single, echo), seconds))
    for title, each in ((HUNDREDS, 100), (THOUSANDS, 1000)):
        say(f"{title}…")
        batch = partial(post_load, ours, connections=BATCH_CONNECTIONS, each=each)
        insert = partial(raw_insert, stage.database_url, connections=BATCH_CONNECTIONS, each=each)
        found.append(await _by_turns(title, batch, insert, seconds))
    return found


def recording_goals(found: Sequence[Comparison]) -> list[Goal]:
    """Return what recording was to reach, and whether it does."""
    of = {each.title: each for each in found}
    single = of[SINGLE]
    slow = single.ours.percentile(0.99) / single.limit.percentile(0.99)
    return [
        Goal.at_least(SINGLE, single.ratio, 0.35, "of the echo's rate"),
        Goal.at_most(f"{SINGLE}, p99", slow, 4, "× the echo's"),
        Goal.at_least(HUNDREDS, of[HUNDREDS].ratio, 0.15, "of the raw rows"),
        Goal.at_least(THOUSANDS, of[THOUSANDS].ratio, 0.20, "of the raw rows"),
    ]


async def second_net(stage: Stage, say: Callable[[str], None], seconds: float) -> list[Comparison]:
    """Return readings with row security beside the same without."""
    found = []
    async with stage.unguarded() as unguarded:
        guarded, unguarded_ones = _ours(stage, "with", stage.api_ports[0]), _ours(stage, "without", unguarded)
        for each, connections in ((1, CONNECTIONS), (100, BATCH_CONNECTIONS)):
            say(f"Row security, {each} a POST…")
            post = partial(post_load, connections=connections, each=each)
            title = f"row security: POST of {each}, {connections} connections"
            found.append(await _by_turns(title, partial(post, guarded), partial(post, unguarded_ones), seconds))
    return found


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
