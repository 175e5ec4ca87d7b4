"""Access that ends while a socket is open ends there too, within a second; what begins to be visible appears."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import httpx

from integrations.postgres.client import Database
from tests.live.client import watching
from tests.live.conftest import Scene, long_ago
from tests.live.readings import post

ASHA = "asha_clinician_of_practice"
CARL = "carl_clinician_on_care_team"
AT_ONCE_SECONDS = 1.0
# A date passes without an event: it is noticed at the next re-authorisation, every five seconds.
BY_DATE_SECONDS = 6.0
# On a machine that is busy with other tests, an answer itself may take this long.
SLACK_SECONDS = 1.0


async def test_who_leaves_a_care_team_is_told_nothing_more_and_who_joins_again_is_shown_the_patient(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha, carl, rose = (
        await scene.signed_in(http, ASHA),
        await scene.signed_in(http, CARL),
        scene.patient("rose_resident"),
    )
    here, there = scene.apis
    members = f"{here.url}/v1/care-teams/{scene.cast.others['team']}/members"
    async with watching(http, there, carl) as listed, watching(http, there, carl, [rose]) as named:
        for socket in (listed, named):
            assert (await socket.hear())["patients"] == [str(rose)]
            await socket.hear_a("snapshot")
        began = time.monotonic()
        answer = await http.delete(f"{members}/{scene.cast.accounts[CARL]}", headers=asha.headers)
        assert answer.status_code == 204, answer.text
        for socket in (listed, named):
            ended = await socket.hear_a("unwatched")
            assert ended == {"type": "unwatched", "patient_id": str(rose), "reason": "access"}
        assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS
        await post(http, here, asha, rose)
        await http.post(members, json={"account_id": str(scene.cast.accounts[CARL])}, headers=asha.headers)
        # Had the reading been told, it would have come before this.
        assert (await listed.hear_a("watching"))["patients"] == [str(rose)]
        assert len((await listed.hear_a("snapshot"))["latest"]) == 1
        await named.say({"type": "watch", "patients": [str(rose)]})
        assert (await named.hear_a("watching"))["patients"] == [str(rose)]


async def test_who_came_to_be_visible_during_a_break_is_shown_on_resuming_and_nobody_else_is(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    await long_ago(live_database)
    asha, carl = await scene.signed_in(http, ASHA), await scene.signed_in(http, CARL)
    rose, sam, here = scene.patient("rose_resident"), scene.patient("sam_at_home"), scene.apis[0]
    team = f"{here.url}/v1/care-teams/{scene.cast.others['team']}"
    async with watching(http, here, carl) as socket:
        welcome = await socket.hear()
        await socket.hear_a("snapshot")
        await post(http, here, asha, rose)
        cursor = (welcome["epoch"], (await socket.hear_a("event"))["number"])
    (unseen,) = await post(http, here, asha, sam)
    answer = await http.post(f"{team}/patients", json={"patient_id": str(sam)}, headers=asha.headers)
    assert answer.status_code in (200, 201, 204), answer.text
    (missed,) = await post(http, here, asha, rose)
    try:
        async with watching(http, scene.apis[1], carl, None, cursor) as socket:
            again = await socket.hear()
            assert (again["resumed"], set(again["patients"])) == (True, {str(rose), str(sam)})
            # What was posted last may have no number yet when the socket resumes: then it comes after the snapshot.
            told = [await socket.hear_a("event", "snapshot") for _ in range(3)]
            assert [each["subject_ids"] for each in told if each["type"] == "event"] == [[unseen], [missed]]
            (shown,) = (each for each in told if each["type"] == "snapshot")
            assert shown["patient_id"] == str(sam)
            assert unseen in {latest["observation"]["id"] for latest in shown["latest"]}
            await socket.say({"type": "ping"})
            assert await socket.hear_a("pong"), "a snapshot of somebody who was visible all along"
    finally:
        await http.delete(f"{team}/patients/{sam}", headers=asha.headers)


async def test_who_came_to_be_visible_just_before_the_cursor_is_shown_on_resuming(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    await long_ago(live_database)
    asha, carl = await scene.signed_in(http, ASHA), await scene.signed_in(http, CARL)
    rose, sam, here = scene.patient("rose_resident"), scene.patient("sam_at_home"), scene.apis[0]
    team = f"{here.url}/v1/care-teams/{scene.cast.others['team']}"
    async with watching(http, here, carl, [rose]) as socket:  # by name: a list might be followed before it breaks
        welcome = await socket.hear()
        await socket.hear_a("snapshot")
        answer = await http.post(f"{team}/patients", json={"patient_id": str(sam)}, headers=asha.headers)
        assert answer.status_code in (200, 201, 204), answer.text
        await post(http, here, asha, rose)
        above_the_change = (await socket.hear_a("event"))["number"]
    try:
        async with watching(http, here, carl, None, (welcome["epoch"], above_the_change)) as socket:
            assert set((await socket.hear())["patients"]) == {str(rose), str(sam)}
            assert (await socket.hear_a("snapshot"))["patient_id"] == str(sam)
    finally:
        await http.delete(f"{team}/patients/{sam}", headers=asha.headers)


async def test_after_a_new_role_a_socket_that_resumes_is_shown_whom_it_brought(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    admin, name, tess = await scene.signed_in(http, "admin"), "dora_clinician_left_care_team", "tess_of_other_practice"
    dora, here = await scene.signed_in(http, name), scene.apis[0]
    async with watching(http, here, dora) as socket:
        welcome = await socket.hear()
    memberships = f"{here.url}/v1/accounts/{scene.cast.accounts[name]}/memberships"
    practice = str(scene.cast.organisations["other_practice"])
    made = await http.post(memberships, json={"organisation_id": practice, "role": "clinician"}, headers=admin.headers)
    assert made.status_code == 201, made.text
    try:
        async with watching(http, here, dora, None, (welcome["epoch"], welcome["number"])) as socket:
            assert (await socket.hear())["resumed"]
            assert (await socket.hear_a("snapshot"))["patient_id"] == str(scene.patient(tess))
    finally:
        await http.delete(f"{here.url}/v1/memberships/{made.json()['id']}", headers=admin.headers)


async def test_signing_out_closes_the_session_s_sockets_at_every_process(scene: Scene, http: httpx.AsyncClient) -> None:
    asha, other, sam = (
        await scene.signed_in_afresh(http, ASHA),
        await scene.signed_in(http, ASHA),
        scene.patient("sam_at_home"),
    )
    here, there = scene.apis
    async with (
        watching(http, here, asha, [sam]) as first,
        watching(http, there, asha, [sam]) as second,
        watching(http, there, other, [sam]) as kept,
    ):
        for socket in (first, second, kept):
            await socket.hear_a("welcome")
            await socket.hear_a("snapshot")
        began = time.monotonic()
        answer = await http.delete(f"{here.url}/v1/sessions/current", headers=asha.headers)
        assert answer.status_code == 204
        assert {await first.close_code(), await second.close_code()} == {4401}
        assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS
        await kept.say({"type": "ping"})
        assert await kept.hear_a("pong")


async def test_a_disabled_account_is_closed_even_when_it_watches_nobody(scene: Scene, http: httpx.AsyncClient) -> None:
    admin, nobody = await scene.signed_in(http, "admin"), await scene.signed_in(http, "nobody_at_all")
    async with watching(http, scene.apis[1], nobody) as socket:
        assert (await socket.hear())["patients"] == []
        began = time.monotonic()
        account = scene.cast.accounts["nobody_at_all"]
        answer = await http.post(f"{scene.apis[0].url}/v1/accounts/{account}/disable", headers=admin.headers)
        assert answer.status_code == 204, answer.text
        assert await socket.close_code() == 4401
        assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS


async def test_a_role_that_expires_ends_its_watches_without_any_event(scene: Scene, http: httpx.AsyncClient) -> None:
    admin, name, tess = await scene.signed_in(http, "admin"), "dora_clinician_left_care_team", "tess_of_other_practice"
    dora, api = await scene.signed_in(http, name), scene.apis[0]
    expires_at = datetime.now(UTC) + timedelta(seconds=3)
    answer = await http.post(
        f"{api.url}/v1/accounts/{scene.cast.accounts[name]}/memberships",
        json={
            "organisation_id": str(scene.cast.organisations["other_practice"]),
            "role": "clinician",
            "expires_at": expires_at.isoformat(),
        },
        headers=admin.headers,
    )
    assert answer.status_code == 201, answer.text
    async with watching(http, api, dora, [scene.patient(tess)]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        assert (await socket.hear_a("unwatched"))["patient_id"] == str(scene.patient(tess))
        assert timedelta() <= datetime.now(UTC) - expires_at < timedelta(seconds=BY_DATE_SECONDS + SLACK_SECONDS)


async def test_who_is_no_delegate_any_more_hears_nothing_more_and_so_it_is_with_sharing_and_a_broken_glass(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    rose, here, there = scene.patient("rose_resident"), *scene.apis
    hers = await scene.signed_in(http, "rose_herself")
    address = f"{here.url}/v1/patients/{rose}"
    uma, glass = (
        scene.cast.others["delegation_of_uma_delegate"],
        scene.cast.others["glass_of_pia_clinician_broke_glass"],
    )
    sharing = {"purpose": "care_sharing", "text_version": 2}
    pia = await scene.signed_in(http, "pia_clinician_broke_glass")

    async def ended(name: str, request: httpx.Request) -> None:
        caller = await scene.signed_in(http, name)
        async with watching(http, there, caller, [rose]) as socket:
            await socket.hear_a("welcome")
            await socket.hear_a("snapshot")
            began = time.monotonic()
            answer = await http.send(request)
            assert answer.status_code in (201, 204), answer.text
            told = await socket.hear_a("unwatched")
            assert told == {"type": "unwatched", "patient_id": str(rose), "reason": "access"}
            assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS

    def post(path: str, body: dict[str, object]) -> httpx.Request:
        return http.build_request("POST", address + path, json=body, headers=hers.headers)

    await ended("uma_delegate", post(f"/delegates/{uma}/end", {"reason": "no_longer_wanted"}))
    await ended("gus_care_home_staff", post("/consents/withdrawal", sharing))
    await http.send(post("/consents", sharing))
    close = http.build_request("DELETE", f"{here.url}/v1/break-glass/{glass}", headers=pia.headers)
    await ended("pia_clinician_broke_glass", close)
