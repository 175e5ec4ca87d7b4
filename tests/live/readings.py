"""Readings as a phone posts them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from tests.live.client import Caller
from tests.live.processes import Process

_COUNTER = itertools.count()


def readings(how_many: int = 1) -> dict[str, object]:
    """Return a body of readings, each with an instant and an id of its own."""
    now = datetime.now(UTC)
    numbers = [next(_COUNTER) for _ in range(how_many)]
    return {
        "readings": [
            {
                "client_id": f"live-{n}",
                "sign": "heart_rate",
                "value": 60 + n % 40,
                "unit": "/min",
                "effective_at": (now - timedelta(days=1) + timedelta(milliseconds=10 * n)).isoformat(),
            }
            for n in numbers
        ]
    }


async def post(http: httpx.AsyncClient, api: Process, caller: Caller, patient: UUID, how_many: int = 1) -> list[str]:
    """Return the ids of the observations that were stored."""
    answer = await http.post(
        f"{api.url}/v1/patients/{patient}/observations", json=readings(how_many), headers=caller.headers
    )
    assert answer.status_code == 201, answer.text
    return [verdict["observation_id"] for verdict in answer.json()["verdicts"]]
