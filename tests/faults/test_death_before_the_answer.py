"""The server is killed between its commit and its answer. Who sends again gets the answer, and it was done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from integrations.postgres.client import Database
from tests.cast import PASSWORD, Cast
from tests.faults.dying_api import DIE
from tests.http.bad_input_asks import CASES, SAM, reading
from tests.live.processes import Process, installation


@asynccontextmanager
async def _signed_in(api: Process) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as client:
        body = {"email": f"{SAM}@example.test", "password": PASSWORD}
        session = (await client.post("/v1/sessions", json=body)).json()
        client.headers["Authorization"] = f"Bearer {session['access_token']}"
        yield client


async def test_idem_004_what_was_done_before_the_server_died_is_answered_by_the_next_and_not_done_again(
    committing_database: Database, cast: Cast, tmp_path: Path
) -> None:
    sam = f"/v1/patients/{cast.patients['sam_at_home']}"
    asked: list[tuple[str, dict[str, Any]]] = [
        (f"{sam}/goals", {"description": "To walk to the shop"}),
        (f"{sam}/observations", {"readings": [reading(cast.now, "k")]}),
    ]
    key = {"Idempotency-Key": str(uuid4())}
    with installation(committing_database.url, tmp_path) as installed:
        for path, body in asked:
            doomed = installed.start_variant("tests.faults.dying_api")
            async with _signed_in(doomed) as client:
                with pytest.raises(httpx.TransportError):
                    await client.post(path, json=body, headers=key | {DIE: "now"})
            assert doomed.ends_within(10)
            installed.processes.remove(doomed)
        next_one = installed.start_api()
        async with _signed_in(next_one) as client:
            goal, readings = [await client.post(path, json=body, headers=key) for path, body in asked]
            assert [goal.status_code, readings.status_code] == CASES["IDEM-004"]["expect"]["status"] * 2
            assert goal.headers["idempotent-replayed"] == "true"
            assert readings.json()["verdicts"][0]["verdict"] == "duplicate"  # its client_id tells
            listed = (await client.get(f"{sam}/goals")).json()["items"]
            assert [each["id"] for each in listed] == [goal.json()["id"]]
    async with committing_database.reading() as session:
        assert (await session.execute(text("select count(*) from observation"))).scalar_one() == 1
