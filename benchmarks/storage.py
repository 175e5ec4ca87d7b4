"""How many bytes a reading takes on disk with everything kept because of it: indexes, events, audit, seals."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import orjson

from benchmarks.findings import Findings, Say
from benchmarks.goals import Goal
from benchmarks.http_client import Connection
from benchmarks.stage import Stage
from domain.ids import new_id

CONNECTIONS = 8
PEOPLE = 20
PATIENTS = 2 * PEOPLE  # of either form of ids
IN_BATCHES = 120_000
"""Some 850 of each of seven signs of each person: enough that what is laid out once for each table does not count."""
SINGLES = 18_000
SETTLED_WITHIN_SECONDS = 60
UUIDS, AS_IN_README = "each id a UUIDv7", "each id a random UUID, as in README.md"
# What is kept for as long as readings are, as the trail is, as events are. The rest comes and goes, or is there once.
_KINDS = {
    "reading": ("observation",),
    "audit": ("audit_event", "audit_stretch", "audit_seal", "audit_checkpoint"),
    "event": ("event_feed",),
}
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


@dataclass(frozen=True, slots=True)
class Sent:
    """So many readings of these patients, so many a post, and how a post's readings are called."""

    patient_ids: Sequence[str]
    ids: Callable[[int], list[str]]
    readings: int
    each: int


async def storage(stage: Stage, say: Say) -> AsyncIterator[Findings]:
    """Yield what readings take that are sent in batches of 100, and one by one, under ids of either form."""
    others = stage.patient_ids[PEOPLE:PATIENTS]
    for name_ids, ending, ids, sent_of in (
        (UUIDS, "", uuids, stage.patient_ids[:PEOPLE]),
        (AS_IN_README, ", README", ids_as_in_readme, others),
    ):
        for how, readings, each in (("batched", IN_BATCHES, 100), ("single", SINGLES, 1)):
            title = f"{'batches of 100' if each > 1 else 'singles'}, {name_ids}"
            say(f"What a reading takes on disk: {title}…")
            found = await _stored(stage, title, Sent(sent_of, ids, readings, each))
            yield Findings(
                goals=(Goal(f"bytes {how}{ending}", found.each),),
                stored=(storage_row(found),),
                # Projected from is what an app sends that was written after the README.
                figures=figures(found, how) if ending else {},
            )


def storage_row(found: Storage) -> str:
    """Return the sizes as a row of a Markdown table: what, bytes a reading, of these."""
    of_these = ", ".join(f"{table} {taken / found.readings:,.0f}" for table, taken in _greatest_first(found))
    return f"| {found.title} | {found.each:,.0f} | {of_these} |"


def figures(found: Storage, how: str) -> dict[str, float]:
    """Return the bytes of a reading by for how long they are kept. Raises KeyError for a table that is no more."""
    return {
        f"{kind}_bytes_{how}": sum(found.by_table[table] for table in tables) / found.readings
        for kind, tables in _KINDS.items()
    }


def _greatest_first(found: Storage) -> list[tuple[str, int]]:
    told = [(table, taken) for table, taken in found.by_table.items() if taken >= found.readings / 2]
    return sorted(told, key=lambda item: -item[1])


async def _stored(stage: Stage, title: str, sent: Sent) -> Storage:
    connection = await asyncpg.connect(stage.superuser_url)
    try:
        before = await _sizes(connection)
        await _post(stage, sent)
        after = await _sizes(connection)
    finally:
        await connection.close()
    return Storage(title, sent.readings, {table: after[table] - before[table] for table in after})


async def _sizes(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the size of each table once what was posted has come to rest and was tidied up."""
    give_up_at = time.monotonic() + SETTLED_WITHIN_SECONDS
    while await connection.fetchval(_UNSETTLED):
        if time.monotonic() > give_up_at:
            raise TimeoutError("the relay or the sealing does not keep up")
        await asyncio.sleep(0.2)
    await connection.execute("vacuum (analyze)")
    return {row["relname"]: row["bytes"] for row in await connection.fetch(_SIZES)}


async def _post(stage: Stage, sent: Sent) -> None:
    places = itertools.cycle(sent.patient_ids)
    waiting = iter(range(sent.readings // sent.each))

    async def client() -> None:
        async with Connection(stage.api_ports[0]) as connection:
            for _ in waiting:
                path = f"/v1/patients/{next(places)}/observations"
                status, answer = await connection.post(path, _body(sent.ids(sent.each)), stage.token)
                if status != 201:
                    raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))


def uuids(count: int) -> list[str]:
    """Return an id for each reading as openapi.yaml shows them: version 7 UUIDs."""
    return [str(new_id()) for _ in range(count)]


def ids_as_in_readme(count: int) -> list[str]:
    """Return an id for each reading as README.md shows them: random UUIDs."""
    return [str(uuid4()) for _ in range(count)]


def _body(client_ids: Sequence[str]) -> bytes:
    """Return readings of seven signs in turn under these ids."""
    begun_at = datetime.now(UTC) - timedelta(days=200)
    return orjson.dumps(
        {
            "readings": [
                _SIGNS[serial % len(_SIGNS)]
                | {
                    "client_id": client_id,
                    "effective_at": (begun_at + timedelta(seconds=serial)).isoformat(),
                    "source": "watch-3",
                }
                for client_id, serial in zip(client_ids, _serial, strict=False)
            ]
        }
    )
