"""The loads: many connections that post as fast as answers come, and a raw insert that does the same."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson

from benchmarks.figures import Figures
from benchmarks.http_client import Connection

HEART_RATE, BODY_WEIGHT = "heart_rate", "body_weight"
# In which unit, the least, and by how much the next is more until it begins anew: of no weight is asked whether its
# change is meant.
_SENT = {HEART_RATE: ("/min", 60, 1), BODY_WEIGHT: ("kg", 80, 0.01)}
_serial = itertools.count()
_begun_at = datetime.now(UTC) - timedelta(days=300)


def readings(count: int, sign: str = HEART_RATE) -> bytes:
    """Return a body of `count` readings that were never sent before: distinct ids and instants."""
    unit, least, step = _SENT[sign]
    items = []
    for _ in range(count):
        serial = next(_serial)
        items.append(
            {
                "client_id": f"bench-{serial}",
                "sign": sign,
                "value": round(least + serial % 40 * step, 2),
                "unit": unit,
                "effective_at": (_begun_at + timedelta(seconds=serial)).isoformat(),
                "source": "bench",
            }
        )
    return orjson.dumps({"readings": items})


def echo_readings(count: int) -> bytes:
    """Return a body of the same size for the echo, whose model knows no source."""
    items = orjson.loads(readings(count))["readings"]
    return orjson.dumps({"readings": [{k: v for k, v in item.items() if k != "source"} for item in items]})


async def _repeat(seconds: float, operation: Callable[[], Awaitable[None]], delays_ms: list[float]) -> None:
    give_up_at = time.perf_counter() + seconds
    while (started := time.perf_counter()) < give_up_at:
        await operation()
        delays_ms.append((time.perf_counter() - started) * 1000)


@dataclass(frozen=True, slots=True)
class Target:
    """Where posts go: each client to one of these addresses; without a token to the echo."""

    name: str
    port: int
    paths: Sequence[str]
    token: str = ""


async def post_load(target: Target, seconds: float, *, connections: int, each: int, sign: str = HEART_RATE) -> Figures:
    """Return what `connections` clients achieved that post bodies of `each` readings for so many seconds."""
    delays_ms: list[float] = []

    def make_body() -> bytes:
        return readings(each, sign) if target.token else echo_readings(each)

    async def client(path: str) -> None:
        async with Connection(target.port) as connection:

            async def once() -> None:
                status, answer = await connection.post(path, make_body(), target.token)
                if status != 201:
                    raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")

            await _repeat(seconds, once, delays_ms)

    started = time.perf_counter()
    await asyncio.gather(*(client(target.paths[i % len(target.paths)]) for i in range(connections)))
    return Figures(target.name, tuple(delays_ms), time.perf_counter() - started, each)


RAW_TABLE = """
create table if not exists bench_raw (id uuid primary key, patient_id uuid not null, sign text not null,
  effective_at timestamptz not null, received_at timestamptz not null default now(), value numeric not null,
  client_id text not null, unique (patient_id, client_id))
"""
RAW_INSERT = """
insert into bench_raw (id, patient_id, sign, effective_at, value, client_id)
select gen_random_uuid(), gen_random_uuid(), 'heart_rate', now(), 70, n::text from unnest($1::bigint[]) n
"""


async def raw_insert(url: str, seconds: float, *, connections: int, each: int) -> Figures:
    """Return what bare durable inserts of `each` rows through `unnest` achieve: no parsing, access, audit or event."""
    delays_ms: list[float] = []
    pool = await asyncpg.create_pool(url, min_size=connections, max_size=connections)
    await pool.execute(RAW_TABLE)
    serial = itertools.count()

    async def client() -> None:
        async with pool.acquire() as connection:

            async def once() -> None:
                await connection.execute(RAW_INSERT, [next(serial) for _ in range(each)])

            await _repeat(seconds, once, delays_ms)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    taken = time.perf_counter() - started
    await pool.execute("drop table bench_raw")
    await pool.close()
    return Figures(f"raw insert of {each}", tuple(delays_ms), taken, each)
