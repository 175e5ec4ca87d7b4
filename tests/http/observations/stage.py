"""Readings as a phone sends them, and what the answers say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast

ROSE, GUS, ASHA, SAM, BEA = (
    "rose_herself",
    "gus_care_home_staff",
    "asha_clinician_of_practice",
    "sam_himself",
    "bea_clinician_elsewhere",
)
Json = dict[str, Any]


def ago(cast: Cast, **duration: float) -> str:
    return (cast.now - timedelta(**duration)).isoformat()


def pulse(cast: Cast, client_id: str = "c-1", minutes_ago: float = 5, **more: Any) -> Json:
    reading = {"client_id": client_id, "sign": "heart_rate", "value": 72, "unit": "/min"}
    return reading | {"effective_at": ago(cast, minutes=minutes_ago)} | more


async def post(client: AsyncClient, url: str, *readings: Any, **more: Any) -> Response:
    return await client.post(url, json={"readings": list(readings), **more})


async def stored_rows(session: AsyncSession) -> int:
    return int((await session.execute(text("select count(*) from observation"))).scalar_one())


def codes(answer: Response) -> list[str]:
    return [verdict["code"] or verdict["verdict"] for verdict in answer.json()["verdicts"]]


async def recorded(client: AsyncClient, url: str, cast: Cast) -> str:
    return str((await post(client, url, pulse(cast))).json()["verdicts"][0]["observation_id"])
