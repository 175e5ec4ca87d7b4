"""What is planned once, when nobody is recorded yet, looks up by index when there is much: under row security, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.ids import new_id
from domain.observations import first_queries, queries, recent_queries, series_queries, storing_commands
from domain.statements import Statement
from integrations.postgres.client import Database, connect
from integrations.postgres.roles import Role
from integrations.postgres.turns import TURN_SETTINGS

HOT = {
    "insert": storing_commands._INSERT,
    "insert and tell": storing_commands._INSERT_AND_TELL,
    "already": storing_commands._ALREADY,
    "before": storing_commands._BEFORE,
    "page": queries._PAGE,
    "history": queries._HISTORY,
    "standing": queries._STANDING,
    "latest": queries._LATEST,
    "by ids": queries._BY_IDS,
    "newest": recent_queries._NEWEST,
    "glucose": recent_queries._GLUCOSE,
    "heaps": recent_queries._HEAPS,
    "first of spans": first_queries._FIRST,
    **{f"series of {kind}": each for kind, each in series_queries._BY_READINGS.items()},
    **{f"days of {kind}": each for kind, each in series_queries._BY_DAYS.items()},
}
SEQUENTIAL = ("Seq Scan", "observation")
INDEXES = {
    "observation_pkey",
    "observation_by_sign_and_time",
    "observation_by_earlier_id",
    "observation_superseded_once",
    "observation_superseded_by",
}


def looks(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each look at the readings in a plan: by which index, and on what condition."""
    if node.get("Index Name") in INDEXES or (node["Node Type"], node.get("Relation Name")) == SEQUENTIAL:
        yield node
    for each in node.get("Plans", ()):
        yield from looks(each)


def is_narrow(look: dict[str, Any]) -> bool:
    """Return whether a look reads a few readings, not all there are or all of one person's."""
    told: str = look.get("Index Cond", "")
    match look.get("Index Name"):
        case "observation_by_sign_and_time":
            return "patient_id = " in told and "sign = " in told
        case "observation_by_earlier_id":
            return "patient_id = " in told and "client_id = " in told
        case "observation_pkey":
            return told.startswith("(id = ")
    return False


@pytest.mark.parametrize("statement", HOT.values(), ids=HOT.keys())
async def test_what_is_asked_of_readings_on_a_turn_is_looked_up_by_index(
    database: Database, statement: Statement
) -> None:
    connection = await connect(database.url, role=Role.runtime, settings=TURN_SETTINGS)
    try:
        async with connection.transaction():
            pair = [[new_id()], [new_id()]]
            await connection.execute("select enter_together($1::uuid[], $2::uuid[], now())", *pair)
            await connection.execute(f"prepare hot as {statement.sql}")
            nothing = ", ".join(["null"] * len(statement._names))
            plan = await connection.fetchval(f"explain (format json) execute hot({nothing})")
    finally:
        await connection.close()
    found = list(looks(json.loads(plan)[0]["Plan"]))
    assert found
    assert [look for look in found if not is_narrow(look)] == []
