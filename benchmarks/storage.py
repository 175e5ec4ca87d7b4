"""How many bytes a reading takes on disk with everything kept because of it: indexes, events, audit, seals."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson

from benchmarks.goals import Goal
from benchmarks.http_client import Connection
from benchmarks.stage import Stage
from domain.ids import new_id

CONNECTIONS = 8
PEOPLE = 20
IN_BATCHES = 120_000
"""Some 850 of each of seven signs of each person: enough that what is laid out once for each table does not count."""
SINGLES = 18_000
SETTLED_WITHIN_SECONDS = 60
MOST_BYTES = (350, 700)  # of a reading in a batch of 100, and of a single
_SIGNS = (
    {"sign": "heart_rate", "value": 71, "unit": "/min"},
    {"sign": "respiratory_rate", "value": 16, "unit": "/min"},
    {"sign": "oxygen_saturation", "value": 96, "unit": "%"},
    {"sign": "blood_pressure", "systolic": 128, "diastolic": 79, "unit": "mm[Hg]"},
    {"sign": "body_temperature", "value": 36.7, "unit": "Cel"},
    {"sign": "body_weight", "value": 71.4, "unit": "kg"},
    {"sign": "blood_glucose", "value": 5.6, "unit": "mmol/L"},
)
_SIZES = """
select coalesce(whole.relname, c.relname) as relname, sum(pg_total_relation_size(c.oid))::bigint as bytes
from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class whole on whole.oid = i.inhparent
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' group by 1
"""
# What a reading leaves behind is moved on by the relay and sealed by the worker: until then it lies there twice.
_UNSETTLED = """
select exists (select from event_outbox)
    or (select count(*) from audit_event) > (select position from audit_log) as it_is
"""
_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class Storage:
    """What a number of readings took, in bytes of each table with its indexes."""

    title: str
    readings: int
    by_table: Mapping[str, int]

    @property
    def each(self) -> float:
        """Return the bytes of one reading."""
        return sum(self.by_table.values()) / self.readings


async def storage(stage: Stage) -> list[Storage]:
    """Return what readings take that are sent in batches of 100, and one by one."""
    return [
        await _stored(stage, "batches of 100", readings=IN_BATCHES, each=100),
        await _stored(stage, "singles", readings=SINGLES, each=1),
    ]


def storage_goals(found: list[Storage]) -> list[Goal]:
    """Return how few bytes a reading was to take, and whether it does."""
    return [
        Goal.at_most(f"storage, {s.title}", s.each, most, "bytes") for s, most in zip(found, MOST_BYTES, strict=True)
    ]


def storage_table(found: list[Storage]) -> str:
    """Return the sizes as a Markdown table."""
    rows = [
        f"| {s.title} | {s.each:,.0f} | "
        + ", ".join(f"{table} {taken / s.readings:,.0f}" for table, taken in _greatest_first(s))
        + " |"
        for s in found
    ]
    head = ["| storage, indexes included | bytes a reading | of these |", "|---|---|---|"]
    return "\n".join([*head, *rows])


def _greatest_first(found: Storage) -> list[tuple[str, int]]:
    told = [(table, taken) for table, taken in found.by_table.items() if taken >= found.readings / 2]
    return sorted(told, key=lambda item: -item[1])


async def _stored(stage: Stage, title: str, *, readings: int, each: int) -> Storage:
    connection = await asyncpg.connect(stage.superuser_url)
    try:
        before = await _sizes(connection)
        await _post(stage, posts=readings // each, each=each)
        after = await _sizes(connection)
    finally:
        await connection.close()
    return Storage(title, readings, {table: after[table] - before[table] for table in after})


async def _sizes(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the size of each table once what was posted has come to rest and was tidied up."""
    give_up_at = time.monotonic() + SETTLED_WITHIN_SECONDS
    while await connection.fetchval(_UNSETTLED):
        if time.monotonic() > give_up_at:
            raise TimeoutError("the relay or the sealing does not keep up")
        await asyncio.sleep(0.2)
    await connection.execute("vacuum (analyze)")
    return {row["relname"]: row["bytes"] for row in await connection.fetch(_SIZES)}


async def _post(stage: Stage, *, posts: int, each: int) -> None:
    places = itertools.cycle(stage.patient_ids[:PEOPLE])
    waiting = iter(range(posts))

    async def client() -> None:
        async with Connection(stage.api_ports[0]) as connection:
            for _ in waiting:
                path = f"/v1/patients/{next(places)}/observations"
                status, answer = await connection.post(path, _body(each), stage.token)
                if status != 201:
                    raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))


def _body(count: int) -> bytes:
    """Return readings of seven signs in turn, each under an id of its own as the documentation shows them."""
    begun_at = datetime.now(UTC) - timedelta(days=200)
    return orjson.dumps(
        {
            "readings": [
                _SIGNS[serial % len(_SIGNS)]
                | {
                    "client_id": str(new_id()),
                    "effective_at": (begun_at + timedelta(seconds=serial)).isoformat(),
                    "source": "watch-3",
                }
                for serial in itertools.islice(_serial, count)
            ]
        }
    )
