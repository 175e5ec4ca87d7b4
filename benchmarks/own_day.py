"""A person's own day through the API, with a year of readings and of doings: of one with much, and of one as usual."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from benchmarks.figures import Comparison, Figures, row
from benchmarks.findings import Findings, Say
from benchmarks.goals import Goal
from benchmarks.http_client import LOOPBACK, Connection
from benchmarks.stage import NURSE, Stage, signed_in

OWN_DAY_SECONDS = 60.0
"""What putting in those years and looking at the days take."""
LOOKS, WARM_UP, P95 = 300, 30, 0.95
YEAR = timedelta(days=365)
_TARGETS: tuple[dict[str, Any], ...] = (
    {"sign": "blood_pressure", "part": "systolic", "comparator": "<", "value": 135, "unit": "mm[Hg]"},
    {"sign": "heart_rate", "comparator": "<", "value": 80, "unit": "/min"},
    {"sign": "body_weight", "comparator": "<", "value": 75, "unit": "kg"},
    {"sign": "blood_glucose", "comparator": "<", "value": 8, "unit": "mmol/L"},
    {"counted": "completions", "comparator": ">=", "value": 5, "unit": "/wk"},
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose day is looked at: what a year left of them. `place` is theirs among people and accounts."""

    goal: str
    place: int
    readings: int
    actions_of_plans: tuple[int, ...]
    goals: int

    @property
    def title(self) -> str:
        """Return what stands in the row."""
        plans, actions = len(self.actions_of_plans), sum(self.actions_of_plans)
        return f"one's own day: {plans} plans, {actions} actions, {self.goals} goals, {self.readings:,} readings"


MUCH = Person("own day p95", 1, 50_000, (4, 3, 3), 5)
"""A monitor at home, 137 readings a day, and more goals and plans than anybody keeps up."""
USUAL = Person("usual day p95", 2, 1_460, (2, 2), 2)
"""Four readings a day."""
PEOPLE = (MUCH, USUAL)

# A year up to now, by turns of these four signs, put in with what triggers keep beside them.
_READINGS = """
insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes, confirmed,
    sign, source, client_id, recorded_as, value, systolic, diastolic, original_unit)
select observation_id_of($1::uuid, r.name), $1, (select id from account where email = $2), r.at, r.at, 0, false,
    sign_letter(s.sign), 'device', r.name, 'p', case when s.sign <> 'blood_pressure' then s.middle + r.n % 10 end,
    case when s.sign = 'blood_pressure' then s.middle + r.n % 10 end,
    case when s.sign = 'blood_pressure' then 80 end, s.unit
from (select n, now() - n * interval '365 days' / $3::int as at, decode('00', 'hex') || uuid_send(uuidv7()) as name
    from generate_series(0, $3 - 1) n) r
join (values (0, 'blood_pressure', 130, 'mm[Hg]'), (1, 'heart_rate', 74, '/min'), (2, 'body_weight', 72, 'kg'),
    (3, 'blood_glucose', 5, 'mmol/L')) s(turn, sign, middle, unit) on s.turn = r.n % 4
"""
_DONE = """
insert into action_completion (id, action_id, client_id, done_at, done_offset_minutes, recorded_by, recorded_as,
    recorded_at)
select uuidv7(), a.id, 'day-' || d, now() - d * interval '1 day', 0, (select id from account where email = $2),
    'clinician', now()
from action a join action_plan p on p.id = a.plan_id, generate_series(0, 364) d where p.patient_id = $1::uuid
"""
_THEIR_OWN = "update patient set account_id = (select id from account where email = $2) where id = $1::uuid"
_AS_AGREED = "update action_plan set published_at = now() - interval '365 days' where patient_id = $1::uuid"


async def own_day(stage: Stage, say: Say) -> AsyncIterator[Findings]:
    """Yield how long each person's own day takes, beside an echo of one reading, which does nothing else."""
    for person in PEOPLE:
        say(f"A person's own record: {person.readings:,} readings…")
        patient_id, email = stage.patient_ids[-person.place], stage.emails[person.place]
        await _agreed(stage, patient_id, person)
        connection = await asyncpg.connect(stage.superuser_url)
        try:
            await connection.execute(_READINGS, patient_id, NURSE, person.readings)
            await connection.execute(_DONE, patient_id, NURSE)
            await connection.execute(_THEIR_OWN, patient_id, email)
            await connection.execute(_AS_AGREED, patient_id)
            await connection.execute("vacuum (analyze) action_completion")
        finally:
            await connection.close()
        token = await signed_in(stage.api_ports[0], email)
        ours = await _look(stage.api_ports[0], token)
        yield held(person, ours, await _echo(stage.limits_port))


def held(person: Person, ours: Figures, echo: Figures) -> Findings:
    """Return the row of a person's own day beside the echo, and how quick it was to be."""
    found = Comparison(person.title, ours, echo, by_rate=False, share=P95)
    return Findings((row(found),), (Goal(person.goal, ours.percentile(P95)),))


async def _agreed(stage: Stage, patient_id: str, person: Person) -> None:
    """Have a clinician agree goals and plans with the person a year ago."""
    began, ends = (datetime.now(UTC) - YEAR).date().isoformat(), (datetime.now(UTC) + YEAR).date().isoformat()
    headers = {"authorization": f"Bearer {stage.token}"}
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{stage.api_ports[0]}", headers=headers) as client:

        async def made(noun: str, body: dict[str, Any]) -> str:
            answer = await client.post(f"/v1/patients/{patient_id}/{noun}", json=body)
            return str(answer.raise_for_status().json()["id"])

        goals = []
        for target in (*_TARGETS[: person.goals - 1], _TARGETS[-1]):
            goal = {"description": "Well", "start_on": began, "target": {**target, "due_on": ends}}
            goals.append(await made("goals", goal))
            for status in ("accepted", "active"):
                step = {"lifecycle_status": status, "note": "Agreed by telephone"}
                (await client.post(f"/v1/patients/{patient_id}/goals/{goals[-1]}/status", json=step)).raise_for_status()
        for number, actions in enumerate(person.actions_of_plans):
            schedule = {"rrule": "FREQ=DAILY", "times": ["08:00", "20:00"]}
            steps: list[dict[str, Any]] = [
                {"title": f"Step {n}", "schedule": schedule, "goal_ids": [goals[-1]]} for n in range(actions)
            ]
            steps[0]["asks_for"] = {"kind": "reading", "of": _TARGETS[number]["sign"]}
            plan = {"title": f"Plan {number}", "agreed_on": began, "review_on": ends, "goal_ids": goals}
            await made("action-plans", {**plan, "actions": steps})


async def _look(port: int, token: str) -> Figures:
    delays_ms: list[float] = []
    started = time.perf_counter()
    async with Connection(port) as connection:
        for _ in range(WARM_UP + LOOKS):
            began = time.perf_counter()
            status, answer = await connection.get("/v1/me/today", token)
            delays_ms.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise RuntimeError(f"one's own day answered {status}: {answer[:300]!r}")
    return Figures("GET", tuple(delays_ms[WARM_UP:]), time.perf_counter() - started)


async def _echo(port: int) -> Figures:
    body = (
        b'{"readings":[{"client_id":"echo","sign":"heart_rate","effective_at":"2026-11-23T09:00:00Z",'
        b'"unit":"/min","value":72}]}'
    )
    delays_ms: list[float] = []
    started = time.perf_counter()
    async with Connection(port) as connection:
        for _ in range(WARM_UP + LOOKS):
            began = time.perf_counter()
            await connection.post("/echo", body)
            delays_ms.append((time.perf_counter() - began) * 1000)
    return Figures("FastAPI echo", tuple(delays_ms[WARM_UP:]), time.perf_counter() - started)
