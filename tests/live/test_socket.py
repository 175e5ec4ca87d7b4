"""One socket: how it begins, what it is told, what it may not do, and how it ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api.worker import tidy
from domain.accounts.tables import LiveTicketRow
from domain.clock import utc_now
from integrations.postgres.client import Database
from tests.live.client import hello, opened, watching
from tests.live.conftest import Scene, long_ago
from tests.live.readings import post

ASHA = "asha_clinician_of_practice"


async def test_a_posted_reading_reaches_a_watcher_at_another_process(scene: Scene, http: httpx.AsyncClient) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    here, there = scene.apis
    async with watching(http, there, asha, [rose]) as socket:
        welcome = await socket.hear()
        assert (welcome["type"], welcome["resumed"], welcome["patients"]) == ("welcome", False, [str(rose)])
        assert (await socket.hear_a("snapshot"))["patient_id"] == str(rose)
        (stored,) = await post(http, here, asha, rose)
        event = await socket.hear_a("event")
    assert (event["kind"], event["patient_id"], event["previous"]) == (
        "observation.recorded",
        str(rose),
        welcome["number"],
    )
    (observation,) = event["observations"]
    assert (observation["id"], observation["unit"], observation["status"]) == (stored, "/min", "final")
    assert 86_000 < observation["age_seconds"] <= 86_460
    assert event["subject_ids"] == [stored]


async def test_what_is_told_is_what_is_read(scene: Scene, http: httpx.AsyncClient) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    api = scene.apis[0]
    async with watching(http, api, asha, [rose]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        (stored,) = await post(http, api, asha, rose)
        event = await socket.hear_a("event")
        async with watching(http, api, asha, [rose]) as second:
            await second.hear_a("welcome")
            snapshot = await second.hear_a("snapshot")
    read = await http.get(f"{api.url}/v1/patients/{rose}/observations/{stored}", headers=asha.headers)
    (told,) = event["observations"]
    assert {key: value for key, value in told.items() if key != "age_seconds"} == read.json()
    latest = await http.get(f"{api.url}/v1/patients/{rose}/observations/latest", headers=asha.headers)
    plain = [{"sign": each["sign"], "observation": each["observation"]} for each in latest.json()["items"]]
    assert [{"sign": each["sign"], "observation": each["observation"]} for each in snapshot["latest"]] == plain
    assert snapshot["number"] >= event["number"]


async def test_a_list_is_everybody_the_caller_may_see(scene: Scene, http: httpx.AsyncClient) -> None:
    asha = await scene.signed_in(http, ASHA)
    async with watching(http, scene.apis[0], asha) as socket:
        welcome = await socket.hear()
        expected = {str(scene.patient(name)) for name in ("rose_resident", "sam_at_home", "will_not_sharing")}
        assert (set(welcome["patients"]), welcome["whole_list"]) == (expected, True)
        assert {(await socket.hear_a("snapshot"))["patient_id"] for _ in expected} == expected


async def test_whom_the_caller_may_not_see_is_not_watched_and_looks_like_nobody(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha, rose, tess = (
        await scene.signed_in(http, ASHA),
        scene.patient("rose_resident"),
        scene.patient("tess_of_other_practice"),
    )
    nobody = uuid4()
    async with watching(http, scene.apis[0], asha, [tess, rose, nobody]) as socket:
        assert (await socket.hear())["patients"] == [str(rose)]
        for hidden in (tess, nobody):
            assert await socket.hear() == {"type": "unwatched", "patient_id": str(hidden), "reason": "access"}
    for hidden in (tess, nobody):
        async with watching(http, scene.apis[0], asha, [hidden]) as socket:
            assert await socket.close_code() == 4403


async def test_patients_can_be_watched_and_unwatched_on_the_way(scene: Scene, http: httpx.AsyncClient) -> None:
    asha, api = await scene.signed_in(http, ASHA), scene.apis[0]
    rose, sam, tess = (scene.patient(n) for n in ("rose_resident", "sam_at_home", "tess_of_other_practice"))
    async with watching(http, api, asha, [rose]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        await socket.say({"type": "watch", "patients": [str(sam), str(tess)]})
        assert (await socket.hear_a("watching"))["patients"] == [str(sam)]
        assert (await socket.hear_a("unwatched"))["patient_id"] == str(tess)
        assert (await socket.hear_a("snapshot"))["patient_id"] == str(sam)
        await post(http, api, asha, sam)
        first = await socket.hear_a("event")
        assert first["patient_id"] == str(sam)
        await socket.say({"type": "unwatch", "patients": [str(sam)]})
        assert await socket.hear_a("unwatched") == {"type": "unwatched", "patient_id": str(sam), "reason": "asked"}
        await post(http, api, asha, sam)
        await post(http, api, asha, rose)
        second = await socket.hear_a("event")
        assert (second["patient_id"], second["previous"]) == (str(rose), first["number"])


async def test_heartbeats_tell_the_time_and_how_far_everything_was_told(scene: Scene, http: httpx.AsyncClient) -> None:
    asha, api = await scene.signed_in(http, ASHA), scene.apis[0]
    rose, sam = scene.patient("rose_resident"), scene.patient("sam_at_home")
    async with watching(http, api, asha, [rose]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        await post(http, api, asha, rose)
        event = await socket.hear_a("event")
        await post(http, api, asha, sam)
        await socket.say({"type": "ping"})
        assert (await socket.hear_a("pong")).keys() == {"type", "server_time"}
        beat = await socket.hear()
        assert beat["type"] == "heartbeat" and beat["server_time"]
        assert beat["last"] == event["number"]
        assert beat["number"] >= event["number"] + 1, "the number goes on with what others are told"


async def test_a_ticket_works_once(scene: Scene, http: httpx.AsyncClient) -> None:
    asha = await scene.signed_in(http, ASHA)
    ticket = await asha.ticket(http, scene.apis[0])
    async with opened(scene.apis[0]) as first, opened(scene.apis[1]) as second:
        said = hello(ticket, [scene.patient("rose_resident")])
        await asyncio.gather(first.say(said), second.say(said))
        codes = []
        for socket in (first, second):
            try:
                assert (await socket.hear())["type"] == "welcome"
            except ConnectionClosed:
                codes.append(socket.socket.close_code)
    assert codes == [4401]


async def test_a_ticket_lapses(scene: Scene, http: httpx.AsyncClient, live_database: Database) -> None:
    asha = await scene.signed_in(http, ASHA)
    ticket = await asha.ticket(http, scene.apis[0])
    async with live_database.writing() as session:
        await session.execute(text(f"update {LiveTicketRow.__tablename__} set expires_at = now()"))
    async with opened(scene.apis[0]) as socket:
        await socket.say(hello(ticket))
        assert await socket.close_code() == 4401


async def test_a_ticket_needs_a_session(scene: Scene, http: httpx.AsyncClient) -> None:
    assert (await http.post(f"{scene.apis[0].url}/v1/live/tickets")).status_code == 401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example", "http://["]
)
async def test_a_page_of_another_site_is_refused_before_the_socket_opens(scene: Scene, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(scene.apis[0], origin=Origin(origin)):
            pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body or b"")["type"] == "/problems/not-permitted"


async def test_our_own_pages_and_the_public_address_may_open_it(scene: Scene) -> None:
    for origin in (scene.apis[0].url, "http://tendwell.test"):
        async with opened(scene.apis[0], origin=Origin(origin)) as socket:
            assert socket.socket.subprotocol == "tendwell.v1"


async def test_a_token_in_the_address_is_refused_and_never_logged(scene: Scene, http: httpx.AsyncClient) -> None:
    asha = await scene.signed_in(http, ASHA)
    ticket = await asha.ticket(http, scene.apis[0])
    with pytest.raises(InvalidStatus) as refused:
        async with opened(scene.apis[0], uri=f"{scene.apis[0].live_url}?ticket={ticket}"):
            pass
    assert refused.value.response.status_code == 400
    await http.get(f"{scene.apis[0].url}/health/live")
    assert ticket not in scene.installed.printed()


async def test_the_subprotocol_must_be_asked_for(scene: Scene) -> None:
    for asked in (None, [Subprotocol("tendwell.v2")]):
        with pytest.raises(InvalidStatus) as refused:
            async with opened(scene.apis[0], subprotocols=asked):
                pass
        assert refused.value.response.status_code == 400


@pytest.mark.parametrize("said", ["{nope", "[" * 60_000, '{"type":"ping"}', '{"type":"hello"}', "", "\x00", b"{}"])
async def test_a_bad_first_message_is_answered_and_the_socket_closed(scene: Scene, said: str | bytes) -> None:
    async with opened(scene.apis[0]) as socket:
        await socket.socket.send(said)
        answer = await socket.hear()
        assert (answer["type"], answer["code"]) == ("error", "bad_message")
        assert await socket.close_code() == 4400


async def test_a_bad_message_later_on_closes_the_socket_too(scene: Scene, http: httpx.AsyncClient) -> None:
    asha = await scene.signed_in(http, ASHA)
    for said in ("{nope", json.dumps(hello("again"))):
        async with watching(http, scene.apis[0], asha, [scene.patient("sam_at_home")]) as socket:
            await socket.hear_a("welcome")
            await socket.socket.send(said)
            await socket.hear_a("snapshot", "error")
            assert await socket.close_code() == 4400


@pytest.mark.parametrize("size", [65_537, 16 * 1024 * 1024])
async def test_a_message_of_more_than_64_kilobytes_closes_with_1009(scene: Scene, size: int) -> None:
    async with opened(scene.apis[0]) as socket:
        closed = asyncio.create_task(socket.close_code())
        with suppress(ConnectionClosed):
            await socket.socket.send("x" * size)
        assert await closed == 1009


async def test_ws_011_no_compression_is_spoken_so_nothing_small_becomes_large(scene: Scene) -> None:
    async with opened(scene.apis[0], compression="deflate") as conversation:
        socket = conversation.socket
        assert socket.request is not None
        assert "permessage-deflate" in socket.request.headers["Sec-WebSocket-Extensions"]
        assert socket.protocol.extensions == []


@pytest.mark.parametrize("fragment", ["x", ""])
async def test_endless_fragments_close_with_1009(scene: Scene, fragment: str) -> None:
    async def endless() -> AsyncIterator[str]:
        for _ in range(5_000):
            yield fragment

    async with opened(scene.apis[0]) as socket:
        closed = asyncio.create_task(socket.close_code())
        with suppress(ConnectionClosed):
            await socket.socket.send(endless())
        assert await closed == 1009


async def test_a_flood_closes_with_4429(scene: Scene, http: httpx.AsyncClient) -> None:
    asha = await scene.signed_in(http, ASHA)
    async with watching(http, scene.apis[0], asha, [scene.patient("sam_at_home")]) as socket:
        await socket.hear_a("welcome")
        closed = asyncio.create_task(socket.close_code())
        with suppress(ConnectionClosed):
            for _ in range(1_000):
                await socket.say({"type": "ping"})
        assert await closed == 4429


async def test_of_a_hundred_messages_all_are_answered_and_of_one_more_none(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha = await scene.signed_in(http, ASHA)
    async with watching(http, scene.apis[0], asha, [scene.patient("sam_at_home")]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        for _ in range(99):
            await socket.say({"type": "ping"})
            await socket.hear_a("pong")
        await socket.say({"type": "ping"})
        assert await socket.close_code() == 4429


async def test_an_account_may_not_open_any_number_of_sockets(scene: Scene, http: httpx.AsyncClient) -> None:
    bea = await scene.signed_in(http, "bea_clinician_elsewhere")
    async with asyncio.timeout(60):
        sockets = [watching(http, scene.apis[1], bea) for _ in range(20)]
        for socket in sockets:
            await (await socket.__aenter__()).hear_a("welcome")
        async with watching(http, scene.apis[1], bea) as one_too_many:
            assert await one_too_many.close_code() == 4429
        for socket in sockets:
            await socket.__aexit__(None, None, None)


async def test_who_says_nothing_is_let_go_after_five_seconds(scene: Scene) -> None:
    async with opened(scene.apis[0]) as socket:
        began = time.monotonic()
        assert await socket.close_code() == 4401
        assert 4 < time.monotonic() - began < 9


async def test_a_cursor_of_another_epoch_or_of_the_future_is_answered_with_resync_and_snapshots(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    async with watching(http, scene.apis[0], asha, [rose]) as socket:
        welcome = await socket.hear()
    for cursor, reason in (((str(uuid4()), 1), "epoch"), ((welcome["epoch"], 2**62), "future")):
        async with watching(http, scene.apis[0], asha, [rose], cursor) as socket:
            again = await socket.hear()
            assert (again["type"], again["resumed"], again["epoch"]) == ("welcome", False, welcome["epoch"])
            assert await socket.hear() == {"type": "resync", "reason": reason}
            assert (await socket.hear())["type"] == "snapshot"


async def test_what_happened_meanwhile_is_told_once_in_order(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    await long_ago(live_database)
    asha, rose, sam = await scene.signed_in(http, ASHA), scene.patient("rose_resident"), scene.patient("sam_at_home")
    async with watching(http, scene.apis[0], asha, [rose]) as socket:
        welcome = await socket.hear()
    stored = []
    for _ in range(3):
        stored += await post(http, scene.apis[0], asha, rose)
        await post(http, scene.apis[0], asha, sam)
    async with watching(http, scene.apis[1], asha, [rose], (welcome["epoch"], welcome["number"])) as socket:
        assert (await socket.hear())["resumed"]
        told = [await socket.hear_a("event") for _ in range(3)]
        stored += await post(http, scene.apis[0], asha, rose)
        told.append(await socket.hear_a("event"))
    assert [event["subject_ids"][0] for event in told] == stored
    assert [event["previous"] for event in told] == [welcome["number"], *(event["number"] for event in told[:-1])]


async def test_every_watch_is_audited_with_how_much_was_told(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, sam = await scene.signed_in_afresh(http, ASHA), scene.patient("sam_at_home")
    async with watching(http, scene.apis[0], asha, [sam]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        await post(http, scene.apis[0], asha, sam)
        await post(http, scene.apis[0], asha, sam)
        await socket.hear_a("event")
        await socket.hear_a("event")
    mine = text(
        "select action, count from audit_event where patient_id = :sam and action like 'observation.%watch'"
        " and session_id = (select session_id from audit_event where action = 'session.open' order by id desc limit 1)"
        " order by id"
    )

    async def audited() -> list[tuple[str, int | None]]:
        async with live_database.reading() as session:
            return [(action, count) for action, count in await session.execute(mine, {"sam": sam})]

    async with asyncio.timeout(10):
        while len(found := await audited()) < 2:
            await asyncio.sleep(0.05)
    assert found == [("observation.watch", None), ("observation.unwatch", 2)]


async def test_a_cursor_from_before_retention_is_answered_with_resync(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    async with watching(http, scene.apis[0], asha, [rose]) as socket:
        welcome = await socket.hear()
        await socket.hear_a("snapshot")
        for _ in range(3):
            await post(http, scene.apis[0], asha, rose)
            newest = await socket.hear_a("event")
    await tidy(live_database, utc_now, events_kept=2)
    async with watching(http, scene.apis[0], asha, [rose], (welcome["epoch"], welcome["number"])) as socket:
        assert not (await socket.hear())["resumed"]
        assert await socket.hear() == {"type": "resync", "reason": "retention"}
    async with watching(http, scene.apis[0], asha, [rose], (welcome["epoch"], newest["number"])) as socket:
        assert (await socket.hear())["resumed"]
