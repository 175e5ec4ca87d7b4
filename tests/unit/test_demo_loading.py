"""What loading the demo waits for and what it does not; and which sign-ins are shown when it stopped half-way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from demo import installation
from demo.__main__ import SHOWN, sign_ins
from demo.cast import CAREFUL_CLINICIAN, CLINICIAN, COLLEAGUES
from demo.connection import Connection, Refused, Unreachable
from demo.load.everything import PATIENCE_SECONDS, load_once_reachable
from demo.parts import NotLoaded
from demo.surroundings import Surroundings

ADMINISTRATOR = "administrator@tendwell.example"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Tried:
    """A load of a service that answers everything alike: what it said, for how long it waited, how often it asked."""

    def __init__(self, tmp_path: Path, answer: httpx.Response | None) -> None:
        self.told = Surroundings(("http://one",), tmp_path / "demo.json", ADMINISTRATOR, "a password")
        self.said: list[str] = []
        self.pauses: list[float] = []
        self.requests = 0
        self.worked_for = self.worked_for_first = 0.0
        self._answer = answer

    def _respond(self, _request: httpx.Request) -> httpx.Response:
        self.requests += 1
        self.worked_for = self.worked_for_first
        if self._answer is None:
            raise httpx.ConnectError("refused")
        return self._answer

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def _seconds(self) -> float:
        return self.worked_for + sum(self.pauses)

    def load(self) -> None:
        """Load, with a clock that waiting alone moves, and what the first request takes."""
        connection = Connection(self.told.addresses, httpx.MockTransport(self._respond))
        loading = load_once_reachable(self.told, connection, self.said.append, pause=self._pause, clock=self._seconds)
        asyncio.run(loading)


@pytest.mark.parametrize("status", [400, 401, 403, 500, 502])
def test_what_no_repeat_will_change_is_asked_once_and_told_with_its_request(tmp_path: Path, status: int) -> None:
    problem = {"type": "https://x/problems/unexpected", "detail": "Not our day.", "request_id": "abc"}
    tried = Tried(tmp_path, httpx.Response(status, json=problem))
    with pytest.raises(Refused, match=rf"POST /v1/sessions: {status} unexpected \(Not our day\.\) request abc"):
        tried.load()
    assert (tried.requests, tried.pauses, tried.said) == (1, [], [])


@pytest.mark.parametrize("answer", [None, httpx.Response(503), httpx.Response(429)])
def test_what_passes_by_itself_is_waited_for_a_minute_and_said_once(
    tmp_path: Path, answer: httpx.Response | None
) -> None:
    tried = Tried(tmp_path, answer)
    with pytest.raises(Unreachable):
        tried.load()
    assert (sum(tried.pauses), len(tried.said)) == (PATIENCE_SECONDS, 1)
    assert tried.requests == len(tried.pauses) + 1


def test_the_minute_begins_when_something_is_in_the_way_however_long_was_loaded_before(tmp_path: Path) -> None:
    tried = Tried(tmp_path, httpx.Response(503))
    tried.worked_for_first = PATIENCE_SECONDS + 1
    with pytest.raises(Unreachable):
        tried.load()
    assert (sum(tried.pauses), len(tried.said)) == (PATIENCE_SECONDS, 1)


def test_a_service_that_says_when_to_come_again_is_asked_then(tmp_path: Path) -> None:
    tried = Tried(tmp_path, httpx.Response(429, headers={"Retry-After": "25"}))
    with pytest.raises(Unreachable):
        tried.load()
    assert tried.pauses == [25, 25]


def shown(told: Surroundings, capsys: pytest.CaptureFixture[str], *, devices_play: bool) -> str:
    away = Connection(told.addresses, httpx.MockTransport(lambda _request: httpx.Response(503)))
    asyncio.run(sign_ins(told, away, devices_play=devices_play))
    return capsys.readouterr().out


def test_before_anybody_is_there_the_administrator_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = Surroundings(("http://one",), tmp_path / "demo.json", ADMINISTRATOR, "a password")
    printed = shown(told, capsys, devices_play=False)
    assert f"administrator     {ADMINISTRATOR}" in printed
    assert "a password" in printed
    assert "@demo.tendwell.example" not in printed
    assert "monitors" not in printed
    with pytest.raises(NotLoaded):
        shown(Surroundings(("http://one",), told.file, "", ""), capsys, devices_play=False)


def test_whose_account_is_not_there_yet_is_not_shown_and_who_is_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Surroundings(("http://one",), tmp_path / "demo.json", ADMINISTRATOR, "a password")
    held = installation.ensure(told.file, [who.email for who in COLLEAGUES], at=NOON, fresh=True)
    installation.remember_settled(told.file, CLINICIAN.email)
    printed = shown(told, capsys, devices_play=False)
    assert held.passwords[CLINICIAN.email] in printed
    assert [who.email for who in SHOWN if who.email in printed] == [CLINICIAN.email]
    assert "make code" not in printed
    assert "emergency access" not in printed

    for who in SHOWN[1:]:
        installation.remember_settled(told.file, who.email)
    installation.remember_authenticator(told.file, CAREFUL_CLINICIAN.email, "SECRET")
    printed = shown(told, capsys, devices_play=True)
    assert [who.email for who in SHOWN if who.email in printed] == [who.email for who in SHOWN]
    assert "make code" in printed
    assert "emergency access" in printed
    assert "monitors" in printed
