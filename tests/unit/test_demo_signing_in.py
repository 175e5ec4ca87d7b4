"""Whoever tries the demo out may give its people passwords and second steps of their own: what the demo does then."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from demo import installation
from demo.__main__ import sign_ins
from demo.cast import CLINICIAN, COLLEAGUES, MONITORS, PATIENT, PLAYED, SECOND_PATIENT
from demo.connection import Connection, MoreIsAsked, RefusedBefore, SignIn, SignInEnds, WrongPassword
from demo.keeping import keep
from demo.measurements import Quantity, Recorded
from demo.parts import cast_parts
from demo.replay import Part, play
from demo.signing_in import sign_in_of
from demo.surroundings import Surroundings

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ADMINISTRATOR = "administrator@tendwell.example"
SECOND_STEP = httpx.Response(202, json={"state": "second_factor_required", "sign_in_token": "t"})
SESSION = httpx.Response(201, json={"access_token": "t", "refresh_token": "r", "expires_in": 600})


class Service:
    """A recorded service at which some people sign in as the demo knows them, and some do not."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "demo.json"
        self.held = installation.ensure(self.file, [who.email for who in COLLEAGUES], at=NOON, fresh=True)
        for who in COLLEAGUES:
            installation.remember_settled(self.file, who.email)
        self.own_password: set[str] = set()
        self.own_step: set[str] = set()
        self.guesses: list[str] = []
        self.stored = 0
        self.ended = 0
        self.said: list[str] = []
        self.connection = Connection(("http://one",), httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            self.ended += 1
            return httpx.Response(204)
        if request.url.path == "/v1/sessions":
            email = json.loads(request.content)["email"]
            self.guesses.append(email)
            if email in self.own_password:
                return httpx.Response(401, json={"type": "/problems/not-authenticated"})
            return SECOND_STEP if email in self.own_step else SESSION
        readings = json.loads(request.content)["readings"]
        self.stored += len(readings)
        told = [{"index": n, "verdict": "stored", "code": None, "can_retry": None} for n in range(len(readings))]
        return httpx.Response(201, json={"verdicts": told})

    def sign_in(self, email: str) -> SignIn:
        return sign_in_of(self.connection, self.file, email, self.held.passwords[email], self.said.append)

    def printed(self, capsys: pytest.CaptureFixture[str]) -> str:
        told = Surroundings(("http://one",), self.file, ADMINISTRATOR, "of the first day")
        asyncio.run(sign_ins(told, self.connection, devices_play=False))
        return capsys.readouterr().out


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


async def test_a_password_that_was_refused_is_not_shown_a_second_time_not_even_after_a_new_start(
    service: Service,
) -> None:
    service.own_password.add(PATIENT.email)
    cuff = service.sign_in(PATIENT.email)
    for _ in range(2):
        with pytest.raises(WrongPassword):
            await cuff.call("GET", "/v1/me")
    with pytest.raises(RefusedBefore):
        await service.sign_in(PATIENT.email).call("GET", "/v1/me")
    line = "Walter Hesketh signs in with another password now: his cuff and his plan are not played"
    assert (service.guesses, service.said) == ([PATIENT.email], [line, line])


async def test_another_password_in_the_demo_s_file_is_tried(service: Service) -> None:
    service.own_password.add(PATIENT.email)
    with pytest.raises(WrongPassword):
        await service.sign_in(PATIENT.email).call("GET", "/v1/me")
    held = json.loads(service.file.read_text())
    held["passwords"][PATIENT.email] = service.held.passwords[PATIENT.email] = "what Walter chose"
    service.file.write_text(json.dumps(held))
    service.own_password.clear()
    assert (await service.sign_in(PATIENT.email).call("DELETE", "/v1/sessions/current")).is_success


async def test_who_has_a_second_step_is_asked_again_only_at_a_new_start(service: Service) -> None:
    service.own_step.add(PATIENT.email)
    cuff = service.sign_in(PATIENT.email)
    for _ in range(2):
        with pytest.raises(MoreIsAsked):
            await cuff.call("GET", "/v1/me")
    assert service.guesses == [PATIENT.email]
    assert service.said == ["Walter Hesketh signs in with a second step now: his cuff and his plan are not played"]
    service.own_step.clear()
    assert (await service.sign_in(PATIENT.email).call("DELETE", "/v1/sessions/current")).is_success


async def test_one_device_whose_sign_in_ends_stops_alone_and_the_others_play_on(service: Service) -> None:
    service.own_step.add(PATIENT.email)
    once_a_moment = tuple(
        Recorded(timedelta(milliseconds=10 * n), Quantity("heart_rate", 80, "/min"), "m") for n in range(500)
    )
    parts = [
        Part(who, service.sign_in(who), once_a_moment, timedelta(hours=1)) for who in (PATIENT.email, MONITORS.email)
    ]
    stop = asyncio.Event()
    reports: list[int] = []

    def enough(tally: object, _waiting: int) -> None:
        reports.append(service.stored)
        if service.stored >= 5:
            stop.set()

    async with asyncio.timeout(10):
        tally = await play(parts, stop, enough, every=0.02)
    assert tally.stored >= 5
    assert tally.lost > 0
    assert len(reports) < 100, "a device that has ended does not make the loop spin"
    assert service.guesses.count(PATIENT.email) == len(service.said) == 1


async def test_when_nobody_of_the_demo_can_be_signed_in_nothing_is_played_and_nothing_fails(service: Service) -> None:
    service.own_password.update(PLAYED)
    people = {email: service.sign_in(email) for email in PLAYED}
    assert await cast_parts(people, timedelta()) == []
    with pytest.raises(SignInEnds):
        await people[SECOND_PATIENT.email].call("GET", "/v1/me")
    keeping = asyncio.create_task(keep([people[PATIENT.email], people[SECOND_PATIENT.email]]))
    await asyncio.sleep(0)
    assert not keeping.done()
    keeping.cancel()
    assert sorted(service.guesses) == sorted(PLAYED)


def test_what_is_printed_says_whose_password_or_second_step_is_their_own_now(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "their own" not in service.printed(capsys)
    assert service.ended == len(service.guesses), "whoever was looked at is signed out again"
    service.own_password.update({PATIENT.email, ADMINISTRATOR})
    service.own_step.add(CLINICIAN.email)
    for _ in range(2):
        printed = service.printed(capsys)
        rows = {email: line for line in printed.splitlines() for email in line.split() if "@" in email}
        assert rows[PATIENT.email].endswith("(a password of their own now)")
        assert service.held.passwords[PATIENT.email] not in printed
        assert "of the first day" not in printed
        assert rows[CLINICIAN.email].endswith(
            f"{service.held.passwords[CLINICIAN.email]} and a second step of their own"
        )
    assert service.guesses.count(PATIENT.email) == service.guesses.count(ADMINISTRATOR) == 2
