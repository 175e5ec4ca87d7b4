"""The people at home keep to their plans: each day they say of most of their steps that they did them.

Whoever has zones in their plan notes each day that they have none of the symptoms that these ask for. Looks first and
records only what nobody has answered that day, so that starting again doubles nothing. Refuses to know what the steps
are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from demo.connection import Json, Refused, SignIn, SignInEnds, Unreachable

LONDON = ZoneInfo("Europe/London")  # the service counts a plan's days as London lives them
UP_AT_HOUR = 8
LOOK_EVERY_SECONDS = 3600.0  # each look leaves a trace in the audit trail
RETRY_SECONDS = 30.0
AWAY = "Away from home today"


def answer(day: date, place: int, *, is_first: bool) -> Json | None:
    """Return how a person answers for a step of their plan on a day: done, skipped for a reason, or not at all (None).

    On the plan's first day everything is answered, for what is not would say that it was never due.
    """
    luck = (day.toordinal() + 3 * place) % 7
    if luck == 1 or (is_first and luck == 2):
        return {"skipped": AWAY}
    return None if luck == 2 else {}


def unanswered(plan: Json, now: datetime) -> list[tuple[str, Json]]:
    """Return what is to be recorded of a plan (as the service shows it) at an instant: action ids and answers."""
    today = _london(now)
    is_first = _london(datetime.fromisoformat(plan["published_at"])) == today
    if plan["status"] != "active" or (now.astimezone(LONDON).hour < UP_AT_HOUR and not is_first):
        return []
    completions = plan["recent_completions"]
    settled = {one["action_id"] for one in completions if _london(datetime.fromisoformat(one["done_at"])) == today}
    told = ((action["id"], answer(today, place, is_first=is_first)) for place, action in enumerate(plan["actions"]))
    return [(action_id, said) for action_id, said in told if said is not None and action_id not in settled]


def unnoted(plan: Json, now: datetime) -> Json | None:
    """Return a day's entry for the diary: that none of the symptoms of the plan's zones is there; None without any."""
    groups = [group for zone in plan["zones"] for group in zone["any_of"]]
    asked = sorted({each["symptom"] for group in groups for each in group["all_of"] if each["symptom"] is not None})
    if not asked:
        return None
    published_at, today = datetime.fromisoformat(plan["published_at"]), _london(now)
    is_first = _london(published_at) == today
    effective_at = published_at if is_first else datetime.combine(today, time(UP_AT_HOUR), LONDON)
    noticed = [{"symptom": symptom, "level": 0} for symptom in asked]
    return {"client_id": f"demo.{today}", "effective_at": effective_at.isoformat(), "symptoms": noticed}


def _london(at: datetime) -> date:
    return at.astimezone(LONDON).date()


async def keep_today(patient: SignIn, now: datetime) -> int:
    """Return how many answers one person gave just now. Raises Unreachable and Refused."""
    path = f"/v1/patients/{(await patient.ask('GET', '/v1/me'))['patient_id']}/action-plans"
    given = 0
    for listed in [item async for item in patient.every(path) if item["status"] == "active"]:
        plan = await patient.ask("GET", f"{path}/{listed['id']}")
        answers = unanswered(plan, now)
        if answers and (entry := unnoted(plan, now)) is not None:
            # Before the answers, of which there is then one today: under one name and time, it is kept once.
            await patient.ask("POST", f"{path.removesuffix('/action-plans')}/diary", json=entry)
        for action_id, said in answers:
            done = {"client_id": f"demo.{_london(now)}", "done_at": now.isoformat()} | said
            await patient.ask("POST", f"{path}/{plan['id']}/actions/{action_id}/completions", json=done)
            given += 1
    return given


async def keep(patients: Iterable[SignIn]) -> None:
    """Answer every day, without end; what cannot be recorded now is tried again soon.

    Whoever cannot be signed in any more is left to answer for themself.
    """
    at_home = list(patients)
    while True:
        pause = LOOK_EVERY_SECONDS
        for patient in tuple(at_home):
            try:
                await keep_today(patient, datetime.now(UTC))
            except SignInEnds:
                at_home.remove(patient)
            except (Unreachable, Refused):
                pause = RETRY_SECONDS
        await asyncio.sleep(pause)
