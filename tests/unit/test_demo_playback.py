"""When the demo sends what, what it does with verdicts, and how it behaves while the service is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import pytest

from demo.connection import Connection, SignIn, seconds_to_wait
from demo.measurements import BloodPressure, Consciousness, Quantity, Reading, Recorded, as_reading
from demo.playback import evenly, halves, hastened, laps, slowed
from demo.replay import MEMORY, REFUSED_WAIT, Device, Part, Tally, play
from demo.verdicts import settle

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
HEART = Quantity("heart_rate", 80, "/min")


def recorded(*seconds: float) -> tuple[Recorded, ...]:
    """Return heart rates taken so many seconds after the start."""
    return tuple(Recorded(timedelta(seconds=after), HEART, "monitor") for after in seconds)


def after(recording: tuple[Recorded, ...]) -> list[float]:
    """Return the seconds of each measurement."""
    return [one.after.total_seconds() for one in recording]


def test_a_hastened_recording_keeps_its_proportions_but_no_pause_longer_than_allowed() -> None:
    hours = recorded(0, 3600, 5400, 90 * 3600)
    assert after(hastened(hours, times=60, longest_pause=timedelta(seconds=90))) == [0, 60, 90, 180]


def test_an_even_recording_keeps_what_was_taken_together_together() -> None:
    assert after(evenly(recorded(0, 0, 7, 900), every=timedelta(seconds=45))) == [0, 0, 45, 90]


def test_the_halves_of_a_recording_are_all_of_it_and_the_second_starts_anew() -> None:
    early, late = halves(recorded(0, 10, 50, 60, 100))
    assert (after(early), after(late)) == ([0, 10], [0, 10, 50])


def test_laps_follow_each_other_without_end_and_every_measurement_has_its_own_place() -> None:
    dues = list(islice(laps(recorded(0, 1, 1), pause=timedelta(seconds=1)), 4))
    assert [(due[0].elapsed.total_seconds(), len(due)) for due in dues] == [(0, 1), (1, 2), (2, 1), (3, 2)]
    assert len({(one.lap, one.place) for due in dues for one in due}) == 6


def test_after_its_lively_time_a_recording_is_sent_one_set_a_minute_however_long_it_plays() -> None:
    every_second = recorded(*range(481))
    lively, minute = timedelta(minutes=30), timedelta(minutes=1)
    played = slowed(laps(every_second, pause=timedelta(seconds=1)), lively=lively, every=minute)
    seconds = [due[0].elapsed.total_seconds() for due in islice(played, 1800 + 1440)]
    assert seconds[:1800] == list(range(1800))
    assert seconds[1800:] == list(range(1800, 1800 + 1440 * 60, 60))
    places = {
        due[0].place for due in islice(slowed(laps(every_second, pause=minute), lively=lively, every=minute), 3000)
    }
    assert len(places) == 481, "what is sent is not the same second of the recording again and again"


def test_a_recording_with_gaps_sends_the_first_set_after_each_minute() -> None:
    sets = slowed(
        laps(recorded(0, 50, 110, 130, 200), pause=timedelta(hours=1)), lively=timedelta(), every=timedelta(minutes=1)
    )
    assert [due[0].elapsed.total_seconds() for due in islice(sets, 3)] == [0, 110, 200]


def test_a_lively_part_slows_down_and_any_other_sends_everything() -> None:
    service, twice = Service(), timedelta(seconds=2)
    for lively, sent in ((None, [0, 1, 2, 3]), (twice, [0, 1, 2, 62])):
        part = Part("p", service.sign_in(), recorded(*range(300)), timedelta(seconds=1), lively=lively)
        assert [due[0].elapsed.total_seconds() for due in islice(part.sets(), 4)] == sent


def test_a_reading_carries_its_own_unit_instant_and_device() -> None:
    reading = as_reading(recorded(0)[0], client_id="a", at=NOON)
    assert reading == {
        "client_id": "a",
        "sign": "heart_rate",
        "effective_at": "2025-07-01T12:00:00+00:00",
        "source": "monitor",
        "value": 80,
        "unit": "/min",
    }


def test_a_blood_pressure_is_one_reading_of_two_parts_and_consciousness_has_no_unit() -> None:
    pressure = as_reading(Recorded(timedelta(), BloodPressure(120, 70.5), "cuff"), client_id="a", at=NOON)
    assert (pressure["systolic"], pressure["diastolic"], pressure["unit"]) == (120, 70.5, "mm[Hg]")
    level = as_reading(Recorded(timedelta(), Consciousness("V"), "chart"), client_id="a", at=NOON)
    assert level["code"] == "V"
    assert "unit" not in level


def verdict(index: int, outcome: str, code: str | None = None, *, can_retry: bool | None = None) -> dict[str, Any]:
    """Return one verdict as the service words it."""
    return {"index": index, "verdict": outcome, "code": code, "can_retry": can_retry}


def test_an_unusual_reading_is_confirmed_once_and_never_a_second_time() -> None:
    sent: list[Reading] = [{"client_id": "a"}, {"client_id": "b", "confirmed": True}]
    judged = [verdict(n, "refused", "needs_confirmation", can_retry=True) for n in (0, 1)]
    settled = settle(sent, judged)
    assert settled.again == ({"client_id": "a", "confirmed": True},)
    assert settled.refused == {"needs_confirmation": 1}


def test_stored_and_duplicate_count_as_in_the_record_and_other_refusals_are_final() -> None:
    sent: list[Reading] = [{"client_id": "a"}, {"client_id": "b"}, {"client_id": "c"}]
    judged = [verdict(0, "stored"), verdict(1, "duplicate"), verdict(2, "refused", "out_of_range", can_retry=False)]
    settled = settle(sent, judged)
    assert (settled.stored, settled.again, settled.refused) == (2, (), {"out_of_range": 1})


class Service:
    """A recorded service: it lets anybody sign in, and answers each post with the next of its replies."""

    def __init__(self, *replies: Callable[[list[Reading]], httpx.Response]) -> None:
        self.replies = list(replies)
        self.at_the_door: int = httpx.codes.CREATED
        self.posted: list[list[Reading]] = []
        self.hosts: list[str] = []
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        self.paths.append(request.url.path)
        if request.url.path.startswith("/v1/sessions"):
            session = {"access_token": "t", "refresh_token": "r", "expires_in": 600}
            return httpx.Response(self.at_the_door, json=session if self.at_the_door == httpx.codes.CREATED else {})
        readings = json.loads(request.content)["readings"]
        self.posted.append(readings)
        return (self.replies.pop(0) if self.replies else stored)(readings)

    def sign_in(self, *addresses: str) -> SignIn:
        """Return somebody signed in here."""
        return SignIn(Connection(addresses or ("http://one",), httpx.MockTransport(self)), "e", "p")


def stored(readings: list[Reading]) -> httpx.Response:
    """Answer that everything is in the record."""
    return httpx.Response(201, json={"verdicts": [verdict(n, "stored") for n in range(len(readings))]})


def away(_: list[Reading]) -> httpx.Response:
    """Answer as a proxy does for a service that is away."""
    return httpx.Response(503, headers={"retry-after": "7"}, text="<html>")


def cut(_: list[Reading]) -> httpx.Response:
    """Break the connection."""
    raise httpx.ReadError("cut")


def hidden(_: list[Reading]) -> httpx.Response:
    """Answer that there is no such patient for this caller."""
    return httpx.Response(404, json={"type": "/problems/not-found"})


def device(service: Service, *seconds: float) -> tuple[Device, Tally]:
    """Return a device that plays heart rates to the service."""
    tally = Tally()
    part = Part("p", service.sign_in(), recorded(*seconds), timedelta(hours=1))
    return Device(part, "run", datetime.now(UTC), tally), tally


async def test_what_is_due_together_is_one_request_with_ids_that_say_which_row_it_was() -> None:
    service = Service()
    one, tally = device(service, 0, 0, 3600)
    recording = asyncio.create_task(one.record())
    while one.waiting < 2:
        await asyncio.sleep(0.001)
    recording.cancel()
    assert await one.send_once() is None
    (readings,) = service.posted
    assert [reading["client_id"] for reading in readings] == ["run.monitor.0.0", "run.monitor.0.1"]
    assert (tally.stored, one.waiting) == (2, 0)


async def due_already(one: Device) -> None:
    """Let a device record what is due by now."""
    recording = asyncio.create_task(one.record())
    while not one.waiting:
        await asyncio.sleep(0.001)
    recording.cancel()


async def test_an_answer_that_never_came_is_asked_for_again_with_the_same_ids() -> None:
    service = Service(cut, away)
    one, tally = device(service, 0, 3600)
    await due_already(one)
    assert await one.send_once() == 0.0
    assert await one.send_once() == 7.0
    assert await one.send_once() is None
    assert service.posted[0] == service.posted[1] == service.posted[2]
    assert tally.stored == 1


async def test_a_device_that_may_not_write_any_more_keeps_its_readings_and_waits_long() -> None:
    one, _ = device(Service(hidden), 0, 3600)
    await due_already(one)
    assert await one.send_once() == REFUSED_WAIT
    assert one.waiting == 1


@pytest.mark.parametrize(("status", "least"), [(403, REFUSED_WAIT), (500, 0.0), (502, 0.0), (504, 0.0)])
async def test_a_device_that_is_refused_its_session_waits_long_and_one_whose_service_fails_at_it_does_not(
    status: int, least: float
) -> None:
    service = Service()
    service.at_the_door = status
    one, _ = device(service, 0, 3600)
    await due_already(one)
    assert await one.send_once() == least
    assert one.waiting == 1
    service.at_the_door = httpx.codes.CREATED
    assert await one.send_once() is None


async def test_a_long_silence_loses_the_oldest_readings_and_counts_them() -> None:
    one, tally = device(Service(), *[0] * (MEMORY + 5), 3600)
    await due_already(one)
    assert (one.waiting, tally.lost) == (MEMORY, 5)


async def test_playing_ends_when_told_to_and_sends_what_still_waits() -> None:
    service = Service()
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stop.set)
    part = Part("p", service.sign_in(), recorded(0, 3600), timedelta(hours=1))
    tally = await play([part], stop, lambda _, __: None, every=60)
    assert tally.stored == 1


async def test_requests_take_turns_and_pass_over_an_address_that_does_not_answer() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "down":
            raise httpx.ConnectError("refused")
        seen.append(request.url.host)
        return httpx.Response(200)

    connection = Connection(("http://one", "http://down", "http://two/"), httpx.MockTransport(answer))
    for _ in range(6):
        await connection.send("GET", "/x")
    assert seen == ["one", "two", "two", "one", "two", "two"]


async def test_a_session_that_was_ended_is_replaced_once() -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if request.url.path == "/v1/sessions":
            token = f"t{calls.count('/v1/sessions')}"
            return httpx.Response(201, json={"access_token": token, "refresh_token": "r", "expires_in": 600})
        return httpx.Response(200 if request.headers["authorization"] == "Bearer t2" else 401, json={"items": []})

    sign_in = SignIn(Connection(("http://one",), httpx.MockTransport(answer)), "e", "p")
    assert (await sign_in.call("GET", "/v1/patients")).status_code == 200
    assert calls == ["/v1/sessions", "/v1/patients", "/v1/sessions", "/v1/patients"]


async def test_a_token_near_its_end_is_renewed_with_the_refresh_token() -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        if request.url.path.startswith("/v1/sessions"):
            return httpx.Response(201, json={"access_token": "t", "refresh_token": "r", "expires_in": 5})
        return httpx.Response(200, json={})

    sign_in = SignIn(Connection(("http://one",), httpx.MockTransport(answer)), "e", "p")
    await sign_in.call("GET", "/a")
    await sign_in.call("GET", "/b")
    assert paths == ["/v1/sessions", "/a", "/v1/sessions/refresh", "/b"]


def test_a_retry_after_that_is_no_number_of_seconds_or_too_long_is_bounded() -> None:
    assert [seconds_to_wait(text) for text in (None, "x", "5", "99999")] == [0, 0, 5, 30]
