"""Phones that keep copies of a record catch up exactly, whatever happened while they were away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from domain.changes.queries import EVENTS_AT_ONCE
from domain.clock import london_date
from integrations.postgres.client import Database
from tests.http.scene import ZONES
from tests.live.client import Caller
from tests.live.conftest import Scene
from tests.live.phone import Phone
from tests.live.readings import post

ASHA, TESS = "bea_clinician_elsewhere", "tess_herself"
STEPS, PATIENCE_SECONDS = 60, 20
MEASURES = ({"sign": "heart_rate", "unit": "/min"}, {"counted": "completions", "unit": "1"})


@dataclass
class Life:
    """One person's record being lived in: by herself, and by her clinician."""

    http: httpx.AsyncClient
    url: str
    herself: Caller
    clinician: Caller
    chance: random.Random
    readings: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    plans: list[tuple[str, str]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    care_plan: str | None = None
    pauses: list[str] = field(default_factory=list)
    responses: list[str] = field(default_factory=list)
    bests: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """Do something."""
        deeds: list[Callable[[], Awaitable[None]]] = [
            self.measure, self.measure, self.measure, self.retract, self.correct, self.set_goal, self.move_goal,
            self.mistake_goal, self.note, self.unnote, self.publish, self.complete, self.complete, self.care,
            self.uncomplete, self.pause, self.resume, self.answer, self.unanswer, self.worry, self.see_to,
            self.state_best, self.take_best_back,
        ]  # fmt: skip
        await self.chance.choice(deeds)()

    async def post(self, caller: Caller, path: str, body: dict[str, Any] | None, *, may: tuple[int, ...] = ()) -> Any:
        answer = await self.http.post(f"{self.url}/{path}", json=body, headers=caller.headers)
        assert answer.is_success or answer.status_code in may, (path, answer.text)
        return answer.json()

    async def measure(self) -> None:
        at = datetime.now(UTC) - timedelta(seconds=self.chance.randint(60, 80 * 86_400))
        reading = {"client_id": str(uuid4()), "sign": "heart_rate", "value": self.chance.randint(50, 99)}
        body = {"readings": [reading | {"unit": "/min", "effective_at": at.isoformat()}]}
        verdicts = (await self.post(self.herself, "observations", body))["verdicts"]
        self.readings += [each["observation_id"] for each in verdicts if each["observation_id"]]

    async def retract(self) -> None:
        if self.readings:
            taken = self.readings.pop(self.chance.randrange(len(self.readings)))
            await self.post(self.clinician, f"observations/{taken}/retraction", {"reason": "Not hers"})

    async def correct(self) -> None:
        if not self.readings:
            return
        taken = self.readings.pop(self.chance.randrange(len(self.readings)))
        at = (datetime.now(UTC) - timedelta(hours=self.chance.randint(1, 500))).isoformat()
        right = {"client_id": str(uuid4()), "sign": "heart_rate", "value": 77, "unit": "/min", "effective_at": at}
        made = await self.post(
            self.clinician, f"observations/{taken}/correction", {"reason": "Misread", "reading": right}
        )
        self.readings.append(made["id"])

    async def set_goal(self) -> None:
        await self.set_goal_of(self.chance.choice([None, *MEASURES]), is_begun=self.chance.random() < 0.8)

    async def set_goal_of(self, measure: dict[str, str] | None, *, is_begun: bool) -> None:
        """Set a goal that nothing is measured by, or one of readings, or of what is done."""
        today = london_date(datetime.now(UTC))
        body: dict[str, Any] = {"description": f"Goal {self.chance.random()}"}
        if measure is not None:
            target = {"comparator": ">=", "value": 75, "due_on": (today + timedelta(days=90)).isoformat()}
            body |= {"start_on": (today - timedelta(days=100)).isoformat(), "target": measure | target}
        made = await self.post(self.herself, "goals", body)
        self.goals.append(made["id"])
        if is_begun:
            await self.post(self.herself, f"goals/{made['id']}/status", {"lifecycle_status": "active"})

    async def move_goal(self) -> None:
        if self.goals:
            body = {"lifecycle_status": self.chance.choice(["active", "on-hold"])}
            await self.post(self.herself, f"goals/{self.chance.choice(self.goals)}/status", body)

    async def mistake_goal(self) -> None:
        if self.goals:
            taken = self.goals.pop(self.chance.randrange(len(self.goals)))
            body = {"lifecycle_status": "entered-in-error", "note": "Twice"}
            await self.post(self.herself, f"goals/{taken}/status", body)

    async def note(self) -> None:
        body = {"effective_at": datetime.now(UTC).isoformat(), "note": f"A note {self.chance.random()}"}
        self.entries.append((await self.post(self.herself, "diary", body))["id"])

    async def unnote(self) -> None:
        if self.entries:
            taken = self.entries.pop(self.chance.randrange(len(self.entries)))
            await self.post(self.herself, f"diary/{taken}/retraction", {"reason": "A slip"})

    async def publish(self) -> None:
        today = london_date(datetime.now(UTC))
        body: dict[str, Any] = {
            "title": f"Plan {self.chance.random()}",
            "agreed_on": today.isoformat(),
            "review_on": (today + timedelta(days=30)).isoformat(),
            "actions": [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}],
            "zones": ZONES,
            "template": {"key": "copd", "version": 1},
        }
        if self.plans and self.chance.random() < 0.7:
            body["supersedes_id"] = self.plans.pop()[0]
        if self.goals:
            body["goal_ids"] = body["actions"][0]["goal_ids"] = self.goals[-1:]
        made = await self.post(self.clinician, "action-plans", body)
        self.plans.append((made["id"], made["actions"][0]["id"]))

    async def care(self) -> None:
        """Draft a care and support plan, and put the draft in force, or decline it, or leave it."""
        body: dict[str, Any] = {
            "client_id": str(uuid4()),
            "review_on": (london_date(datetime.now(UTC)) + timedelta(days=30)).isoformat(),
            "sections": [{"section": "matters", "text": f"To walk {self.chance.random()}", "words_of": "person"}],
            "supersedes_id": self.care_plan,
        }
        drafted = await self.post(self.herself, "care-plans", body, may=(409,))
        if "id" in drafted and self.chance.random() < 0.6:
            await self.post(self.herself, f"care-plans/{drafted['id']}/publication", {})
            self.care_plan = drafted["id"]
        elif "id" in drafted and self.chance.random() < 0.7:
            await self.post(self.herself, f"care-plans/{drafted['id']}/withdrawal", {"reason": "Not so"})

    async def complete(self) -> None:
        if self.plans:
            plan, action = self.chance.choice(self.plans)
            body = {"client_id": str(uuid4()), "done_at": datetime.now(UTC).isoformat()}
            path = f"action-plans/{plan}/actions/{action}/completions"
            self.done.append(f"{path}/{(await self.post(self.herself, path, body))['id']}")

    async def uncomplete(self) -> None:
        if self.done:
            taken = self.done.pop(self.chance.randrange(len(self.done)))
            await self.post(self.herself, f"{taken}/retraction", {"reason": "A slip of the finger"})

    async def answer(self) -> None:
        """Answer now, or as of before what was answered already: so that a later one is compared with it."""
        at = datetime.now(UTC) - self.chance.choice([0, 1]) * timedelta(minutes=self.chance.randint(1, 90_000))
        grade = str(self.chance.randint(1, 5))
        body = {
            "questionnaire": "mrc-dyspnoea",
            "version": "1",
            "client_id": str(uuid4()),
            "authored_at": at.isoformat(),
            "answers": [{"link_id": "grade", "value": grade}],
        }
        self.responses.append((await self.post(self.herself, "questionnaire-responses", body))["id"])

    async def reply(self, at: datetime, score: int) -> str:
        """Return the id of a response with so much in all, from 0 to 7."""
        answers = [{"link_id": f"q{place}", "value": int(place <= score)} for place in range(1, 8)]
        body = {"questionnaire": "gad-7", "version": "1", "client_id": str(uuid4()), "authored_at": at.isoformat()}
        made = await self.post(self.herself, "questionnaire-responses", body | {"answers": answers})
        return str(made["id"])

    async def unanswer(self) -> None:
        if self.responses:
            taken = self.responses.pop(self.chance.randrange(len(self.responses)))
            await self.post(self.herself, f"questionnaire-responses/{taken}/retraction", {"reason": "Misread"})

    async def worry(self) -> None:
        """Give an answer that raises an alert, or adds to it."""
        answers = [{"link_id": f"q{place}", "value": int(place == 9)} for place in range(1, 10)]
        body = {
            "questionnaire": "phq-9",
            "version": "1",
            "client_id": str(uuid4()),
            "authored_at": datetime.now(UTC).isoformat(),
            "answers": answers,
        }
        self.responses.append((await self.post(self.herself, "questionnaire-responses", body))["id"])

    async def see_to(self) -> None:
        """Take on the open alert, or say what came of it."""
        answer = await self.http.get(f"{self.url}/alerts", headers=self.clinician.headers)
        for each in answer.json()["items"]:
            if each["status"] == "raised":
                await self.post(self.clinician, f"alerts/{each['id']}/acknowledgement", {"note": "I call her"})
            elif each["status"] == "acknowledged":
                body = {"outcome": "spoke_with_them", "note": "Safe"}
                await self.post(self.clinician, f"alerts/{each['id']}/resolution", body)

    async def state_best(self) -> None:
        path = f"{self.url}/personal-best"
        seen = (await self.http.get(path, headers=self.clinician.headers)).headers["etag"]
        body = {"value": self.chance.randint(300, 600), "unit": "L/min", "reason": "A well fortnight"}
        made = await self.http.put(path, json=body, headers=self.clinician.headers | {"If-Match": seen})
        assert made.is_success, made.text
        self.bests.append(made.json()["stated"][0]["id"])

    async def take_best_back(self) -> None:
        if self.bests:
            taken = self.bests.pop(self.chance.randrange(len(self.bests)))
            await self.post(self.clinician, f"personal-best/{taken}/retraction", {"reason": "Another meter"})

    async def pause(self) -> None:
        today = london_date(datetime.now(UTC))
        days = {"from_on": today.isoformat(), "until_on": (today + timedelta(days=3)).isoformat()}
        self.pauses.append((await self.post(self.herself, "pauses", {"kind": "holiday", **days}))["id"])

    async def resume(self) -> None:
        if self.pauses:
            await self.post(self.herself, f"pauses/{self.chance.choice(self.pauses)}/end", None, may=(409, 422))


async def life_of(scene: Scene, http: httpx.AsyncClient, seed: int) -> Life:
    url = f"{scene.apis[seed % 2].url}/v1/patients/{scene.patient('tess_of_other_practice')}"
    herself, clinician = await scene.signed_in(http, TESS), await scene.signed_in(http, ASHA)
    return Life(http, url, herself, clinician, random.Random(seed))


def told_counts(phone: Phone, goals: list[str]) -> list[int]:
    """Return from how many readings or notes each goal's progress was worked out, as the phone was told."""
    return [phone.copy["goal", each]["progress"]["count"] for each in goals]


def change_told(phone: Phone, response: str) -> int | None:
    """Return by how much a response's total is above the one before it, as the phone was told."""
    told: int | None = phone.copy["questionnaire_response", response]["change"]
    return told


async def quiet(database: Database) -> None:
    """Wait until all that happened has its number."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.reading() as session:
                if (await session.execute(text("select count(*) from event_outbox"))).scalar_one() == 0:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", range(3))
async def test_two_phones_that_sync_when_they_can_hold_the_same_as_a_copy_begun_anew(
    scene: Scene, http: httpx.AsyncClient, seed: int
) -> None:
    life = await life_of(scene, http, seed)
    phones = [Phone(http, life.herself), Phone(http, life.herself)]
    await phones[0].sync(scene.apis[0])
    for _ in range(STEPS):
        await life.step()
        if life.chance.random() < 0.25:
            await life.chance.choice(phones).ask(life.chance.choice(scene.apis))
    # One of each that is looked for below, whatever chance had in store.
    for deed in (life.set_goal, life.publish, life.complete, life.worry, life.state_best):
        await deed()
    anew = Phone(http, life.herself)
    for place, phone in enumerate([*phones, anew]):
        await phone.sync(scene.apis[place % 2])
    assert phones[0].held() == phones[1].held() == anew.held()
    assert (phones[0].resets, anew.resets) == (1, 1)
    every_kind = {"patient", "observation", "goal", "action_plan", "completion", "alert", "personal_best"}
    assert {thing for thing, _ in anew.copy} >= every_kind


async def test_a_goals_progress_is_told_again_when_readings_or_what_was_done_change_it(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    life = await life_of(scene, http, 19)
    for measure in MEASURES:
        await life.set_goal_of(measure, is_begun=True)
    await life.publish()
    phone = Phone(http, life.herself)
    await phone.sync(scene.apis[0])
    counts = [told_counts(phone, life.goals)]
    for deed in (life.measure, life.complete, life.retract, life.uncomplete):
        await deed()
        await phone.sync(scene.apis[1])
        counts.append(told_counts(phone, life.goals))
    before = counts[0]
    assert [[now - then for now, then in zip(each, before, strict=True)] for each in counts] == [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
        [0, 0],
    ]


async def test_a_response_is_told_again_when_the_one_it_is_compared_with_changes(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    life = await life_of(scene, http, 23)
    at = datetime.now(UTC) - timedelta(days=500)
    given = [await life.reply(at + timedelta(days=days), score) for days, score in ((0, 1), (20, 5))]
    phone = Phone(http, life.herself)
    await phone.sync(scene.apis[0])
    changes = [change_told(phone, given[1])]
    late = await life.reply(at + timedelta(days=10), 4)
    await phone.sync(scene.apis[0])
    changes.append(change_told(phone, given[1]))
    for each in (late, given[0]):
        await life.post(life.herself, f"questionnaire-responses/{each}/retraction", {"reason": "Misread"})
        await phone.sync(scene.apis[1])
        changes.append(change_told(phone, given[1]))
    assert changes == [4, 1, 4, None]


async def test_the_zones_by_which_days_are_reckoned_are_told_as_they_were_chosen(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    life = await life_of(scene, http, 29)
    url = f"{life.url}/time-zone"
    chosen, days = [], {london_date(datetime.now(UTC))}
    # Their clocks go as London's: nobody's days in the other tests are others for it.
    for name in ("Europe/Dublin", "Europe/Jersey"):
        seen = (await http.get(url, headers=life.herself.headers)).headers["etag"]
        made = await http.put(url, json={"time_zone": name}, headers=life.herself.headers | {"If-Match": seen})
        assert made.is_success, made.text
        chosen.append(name)
    told = (await http.get(f"{scene.apis[0].url}/v1/me/changes", headers=life.herself.headers)).json()
    assert [each["time_zone"] for each in told["time_zones"]] == chosen
    days.add(london_date(datetime.now(UTC)))
    tomorrows = {(day + timedelta(days=1)).isoformat() for day in days}
    assert {each["from_on"] for each in told["time_zones"]} <= tomorrows
    assert told["time_zone"] == "Europe/London"


async def test_what_changes_while_the_whole_is_told_is_told_after_it(scene: Scene, http: httpx.AsyncClient) -> None:
    life = await life_of(scene, http, 7)
    for _ in range(5):
        await life.measure()
        await life.set_goal()
    phone = Phone(http, life.herself)
    while await phone.ask(scene.apis[0]):
        await life.step()
        if phone.answers > STEPS:
            break
    await phone.sync(scene.apis[0])
    anew = Phone(http, life.herself)
    await anew.sync(scene.apis[1])
    assert phone.held() == anew.held()
    assert phone.resets == 1


async def test_a_phone_that_was_away_for_longer_than_changes_are_kept_begins_anew(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    life = await life_of(scene, http, 11)
    await life.measure()
    await quiet(live_database)
    phone, up_to_date = Phone(http, life.herself), Phone(http, life.herself)
    await phone.sync(scene.apis[0])
    await life.measure()
    await life.retract()
    await quiet(live_database)
    await up_to_date.sync(scene.apis[0])
    async with live_database.writing() as session:
        await session.execute(text("delete from event_feed where number <= :n"), {"n": phone.number + 1})
    for each in (phone, up_to_date):
        await each.sync(scene.apis[0])
    assert (phone.resets, up_to_date.resets) == (2, 1)
    assert phone.held() == up_to_date.held()


async def test_what_changed_by_hundreds_is_told_in_pieces_and_whole(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    life = await life_of(scene, http, 12)
    phone = Phone(http, life.herself)
    await phone.sync(scene.apis[0])
    answers = phone.answers
    posted = await post(http, scene.apis[0], life.herself, scene.patient("tess_of_other_practice"), 900)
    for _ in range(EVENTS_AT_ONCE // 8 + 1):
        await asyncio.gather(*(life.note() for _ in range(8)))
    await quiet(live_database)
    await phone.sync(scene.apis[1])
    assert phone.answers - answers > 4
    assert {("observation", each) for each in posted} <= phone.copy.keys()
    assert {("diary_entry", each) for each in life.entries} <= phone.copy.keys()
    assert phone.resets == 1


async def test_a_copy_begun_anew_reaches_as_far_back_as_it_is_asked_to(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    life = await life_of(scene, http, 13)
    url = f"{life.url}/observations"
    for days in (3, 300):
        at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        reading = {"client_id": f"far-{days}", "sign": "heart_rate", "value": 60 + days / 10, "unit": "/min"}
        body = {"readings": [reading | {"effective_at": at}]}
        assert (await http.post(url, json=body, headers=life.herself.headers)).status_code == 201
    await quiet(live_database)
    held = []
    for asked in (None, 400, 1):
        phone = Phone(http, life.herself)
        await phone.sync(scene.apis[0], days=asked)
        held.append({each["client_id"] for (thing, _), each in phone.copy.items() if thing == "observation"})
    assert {"far-3"} == held[0] & {"far-3", "far-300"}
    assert {"far-3", "far-300"} <= held[1]
    assert not held[2] & {"far-3", "far-300"}


async def test_how_far_a_phone_has_come_is_good_for_nobody_else_and_is_not_made_up(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    life = await life_of(scene, http, 17)
    phone = Phone(http, life.herself)
    await phone.sync(scene.apis[0])
    rose = await scene.signed_in(http, "rose_herself")
    for since, caller in ((phone.since, rose), ("1", life.herself), (f"{phone.since}A", life.herself)):
        params = {"since": since or ""}
        answer = await http.get(f"{scene.apis[0].url}/v1/me/changes", params=params, headers=caller.headers)
        assert answer.status_code == 400, answer.text
    asha = await scene.signed_in(http, ASHA)
    answer = await http.get(f"{scene.apis[0].url}/v1/me/changes", headers=asha.headers)
    assert answer.status_code == 404
