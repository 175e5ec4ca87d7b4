"""A phone that keeps a copy of its owner's record by docs/offline.md, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.live.client import Caller
from tests.live.processes import Process

# As the answer names them, and as what is gone is named.
THINGS = {
    "observations": "observation",
    "goals": "goal",
    "action_plans": "action_plan",
    "care_plans": "care_plan",
    "pauses": "pause",
    "completions": "completion",
    "diary": "diary_entry",
    "questionnaire_responses": "questionnaire_response",
    "alerts": "alert",
    "personal_bests": "personal_best",
}
MOST_ANSWERS = 200


@dataclass
class Phone:
    """A copy, and how far it has come."""

    http: httpx.AsyncClient
    caller: Caller
    since: str | None = None
    copy: dict[tuple[str, str], Any] = field(default_factory=dict)
    resets: int = 0
    answers: int = 0
    number: int = -1

    async def sync(self, api: Process, *, days: int | None = None) -> None:
        """Ask until there is no more, and nothing that waits to be told."""
        for _ in range(MOST_ANSWERS):
            if not await self.ask(api, days=days):
                return
        raise AssertionError("there was always more")

    async def ask(self, api: Process, *, days: int | None = None) -> bool:
        """Ask once; return whether there is more, or will be."""
        asked = {name: each for name, each in (("since", self.since), ("days", days)) if each is not None}
        answer = await self.http.get(f"{api.url}/v1/me/changes", params=asked, headers=self.caller.headers)
        assert answer.status_code == 200, answer.text
        self.take(answer.json())
        self.answers += 1
        return bool(answer.json()["more"] or answer.json()["behind"])

    def take(self, told: dict[str, Any]) -> None:
        """Take an answer into the copy."""
        if told["reset"]:
            self.copy.clear()
            self.resets += 1
        if told["patient"] is not None:
            self.copy["patient", told["patient"]["id"]] = told["patient"]
        for name, thing in THINGS.items():
            for each in told[name]:
                self.copy[thing, each["id"]] = each
        for each in told["gone"]:
            self.copy.pop((each["thing"], each["id"]), None)
        self.since, self.number = told["since"], told["number"]

    def held(self) -> dict[tuple[str, str], Any]:
        """Return the copy without what depends on when it was told."""
        return {key: _standing(each) for key, each in self.copy.items()}


def _standing(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told without what depends on the instant at which it was asked for."""
    standing = {name: each for name, each in told.items() if name != "paused"}
    if standing.get("progress") is not None:
        at_once = {"as_of", "latest"}
        latest = standing["progress"]["latest"]
        standing["progress"] = {name: each for name, each in standing["progress"].items() if name not in at_once} | {
            "latest": None if latest is None else {name: each for name, each in latest.items() if name != "age_seconds"}
        }
    return standing
