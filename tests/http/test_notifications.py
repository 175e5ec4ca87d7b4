"""How people are told something, over HTTP: each for themself, by the ways that are set up, once shown to be theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import NoticeWays
from api.metrics import WorkerMetrics
from api.notifying import Bringers, Sending, send_notices
from domain.notifications.address import MOST_CODES_A_DAY, MOST_WRONG_CODES
from domain.notifications.words import Channel
from integrations.notifications.notice import Notice, Receipt
from tests.http.access_matrix import ROSE, SAM
from tests.http.conftest import ClientOf, worker_beside

HOME = "/v1/me/notifications"
SMS = {"channel": "sms", "name": "My mobile", "number": "07700 900123"}
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
PUSH: dict[str, Any] = {
    "channel": "web_push",
    "name": "A browser",
    "subscription": {"endpoint": "https://push.example/x", "keys": KEYS},
}


class Brought:
    """A worker beside the application, and what it had brought."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.notices = app, list[tuple[str, Notice]]()

    async def bring(self, to: str, notice: Notice) -> Receipt:
        self.notices.append((to, notice))
        return Receipt()

    async def work(self) -> None:
        held = self.app.state.services
        by = Bringers(dict.fromkeys(Channel, self.bring))
        await send_notices(Sending(worker_beside(self.app), held.clock, held.sealing, by, WorkerMetrics()))


@pytest.fixture
def brought(app: FastAPI) -> Brought:
    return Brought(app)


async def kept(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"{HOME}/addresses", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_only_the_ways_that_are_set_up_are_offered(app: FastAPI, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    for ways, offered in (
        (frozenset[Channel](), []),
        (frozenset({Channel.sms, Channel.web_push}), ["web_push", "sms"]),
    ):
        app.state.services = replace(app.state.services, notices=NoticeWays(ways, "key" if ways else None))
        told = (await rose.get(f"{HOME}/channels")).json()
        assert told == {"offered": offered, "web_push_public_key": "key" if ways else None}
        assert (await rose.get(f"{HOME}/preferences")).json()["offered"] == offered


async def test_nothing_is_chosen_until_somebody_does_and_what_is_chosen_is_told_back(client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    before = await rose.get(f"{HOME}/preferences")
    assert [each["channels"] for each in before.json()["chosen"]] == [[], []]
    wanted = {
        "chosen": [{"kind": "something_due", "channels": ["email", "web_push"]}],
        "quiet_from": "21:00",
        "quiet_until": "07:30",
        "language": "cy",
    }
    done = await rose.put(f"{HOME}/preferences", json=wanted, headers={"If-Match": before.headers["etag"]})
    assert done.status_code == 200, done.text
    told = (await rose.get(f"{HOME}/preferences")).json()
    assert told["chosen"][0] == {"kind": "something_due", "channels": ["web_push", "email"]}
    assert (told["quiet_from"], told["quiet_until"], told["language"]) == ("21:00", "07:30", "cy")
    stale = await rose.put(f"{HOME}/preferences", json={"chosen": []}, headers={"If-Match": before.headers["etag"]})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"chosen": [{"kind": "try_out", "channels": []}]}, "/chosen/0/kind"),
        ({"chosen": [{"kind": "something_due", "channels": []}] * 2}, "/chosen/1/kind"),
        ({"chosen": [], "quiet_from": "21:00"}, "/quiet_until"),
        ({"chosen": [], "quiet_from": "21:00", "quiet_until": "21:00"}, "/quiet_until"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_with_its_place(
    client_of: ClientOf, body: dict[str, Any], pointer: str
) -> None:
    rose = client_of(ROSE)
    tag = (await rose.get(f"{HOME}/preferences")).headers["etag"]
    answer = await rose.put(f"{HOME}/preferences", json=body, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel": "sms", "name": "x"}, "/number"),
        ({"channel": "email", "name": "x", "number": "07700 900123"}, "/number"),
        ({"channel": "sms", "name": "x", "number": "020 7946 0000"}, "/number"),
        ({"channel": "sms", "name": "x", "number": "+1 202 555 0100"}, "/number"),
        (PUSH | {"subscription": {"endpoint": "https://10.0.0.1/x", "keys": KEYS}}, "/subscription/endpoint"),
        (PUSH | {"subscription": {"endpoint": "ftp://push.example/x", "keys": KEYS}}, "/subscription/endpoint"),
    ],
)
async def test_an_address_that_is_none_of_its_channel_is_refused(
    app: FastAPI, client_of: ClientOf, body: dict[str, Any], pointer: str
) -> None:
    answer = await client_of(ROSE).post(f"{HOME}/addresses", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


async def test_a_browser_is_kept_once_sealed_and_is_never_told_again(
    client_of: ClientOf, session: AsyncSession
) -> None:
    rose = client_of(ROSE)
    first, again = await kept(rose, PUSH), await kept(rose, PUSH | {"name": "My browser"})
    assert first["id"] == again["id"]
    told = await rose.get(f"{HOME}/addresses")
    assert [each["name"] for each in told.json()["items"]] == ["My browser"]
    assert "push.example" not in told.text
    stored = (await session.execute(text("select a::text from notice_address a"))).scalar_one()
    assert b"push.example".hex() not in stored
    assert (await client_of(SAM).get(f"{HOME}/addresses")).json()["items"] == []


async def test_nothing_is_sent_to_a_number_before_its_code_came_back(
    client_of: ClientOf, brought: Brought, session: AsyncSession
) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, SMS)
    assert made["confirmed_at"] is None
    assert (await rose.post(f"{HOME}/addresses/{made['id']}/test")).status_code == 409
    await brought.work()
    [(number, notice)] = brought.notices
    assert number == "+447700900123"
    assert notice.text == f"Your Tendwell code is {notice.code}. Never tell it to anybody."
    confirming = f"{HOME}/addresses/{made['id']}/confirmation"
    wrong = await rose.post(confirming, json={"code": f"{(int(notice.code) + 1) % 10**6:06}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "wrong_code")
    assert (await client_of(SAM).post(confirming, json={"code": notice.code})).status_code == 404
    for _ in range(2):
        right = await rose.post(confirming, json={"code": notice.code})
        assert (right.status_code, right.json()["confirmed_at"] is not None) == (200, True)
    assert (await rose.post(f"{HOME}/addresses/{made['id']}/test")).status_code == 204
    await brought.work()
    assert [each.kind for _, each in brought.notices] == ["confirm", "try_out"]
    stored = (await session.execute(text("select string_agg(n::text, '') from notice n"))).scalar_one()
    assert notice.code not in stored


async def test_after_five_wrong_codes_an_address_is_given_up(client_of: ClientOf, brought: Brought) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, SMS)
    await brought.work()
    [(_, notice)] = brought.notices
    confirming = f"{HOME}/addresses/{made['id']}/confirmation"
    for number in range(1, MOST_WRONG_CODES + 1):
        wrong = await rose.post(confirming, json={"code": f"{(int(notice.code) + number) % 10**6:06}"})
        assert wrong.status_code == 422
    assert (await rose.post(confirming, json={"code": notice.code})).status_code == 404
    assert (await rose.get(f"{HOME}/addresses")).json()["items"] == []


async def test_a_code_is_good_for_ten_minutes(client_of: ClientOf, brought: Brought, session: AsyncSession) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, SMS)
    await brought.work()
    [(_, notice)] = brought.notices
    await session.execute(text("update notice set due_at = due_at - interval '11 minutes'"))
    late = await rose.post(f"{HOME}/addresses/{made['id']}/confirmation", json={"code": notice.code})
    assert late.status_code == 422


async def test_no_more_than_five_codes_a_day_are_sent(client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    for number in range(MOST_CODES_A_DAY):
        await kept(rose, SMS | {"number": f"07700 90012{number}"})
    answer = await rose.post(f"{HOME}/addresses", json=SMS | {"number": "07700 900199"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(int(timedelta(days=1).total_seconds())))


async def confirmed(client: httpx.AsyncClient, brought: Brought, made: dict[str, Any]) -> httpx.Response:
    """Return the answer to the code that was sent to the address just now."""
    await brought.work()
    code = brought.notices[-1][1].code
    return await client.post(f"{HOME}/addresses/{made['id']}/confirmation", json={"code": code})


async def test_who_types_another_s_number_takes_nothing_from_them_until_they_give_its_code(
    client_of: ClientOf, brought: Brought
) -> None:
    sam, rose = client_of(SAM), client_of(ROSE)
    sams = await kept(sam, SMS)
    assert (await confirmed(sam, brought, sams)).status_code == 200
    roses = await kept(rose, SMS | {"name": "Mine"})
    assert (roses["confirmed_at"], roses["id"] != sams["id"]) == (None, True)
    await brought.work()
    assert [each["id"] for each in (await sam.get(f"{HOME}/addresses")).json()["items"]] == [sams["id"]]
    assert (await sam.post(f"{HOME}/addresses/{sams['id']}/test")).status_code == 204
    assert (await rose.post(f"{HOME}/addresses/{roses['id']}/test")).status_code == 409
    await brought.work()
    code = f"{(int(brought.notices[1][1].code) + 1) % 10**6:06}"
    wrong = await rose.post(f"{HOME}/addresses/{roses['id']}/confirmation", json={"code": code})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "wrong_code")
    assert [each["id"] for each in (await sam.get(f"{HOME}/addresses")).json()["items"]] == [sams["id"]]
    assert [notice.kind for _, notice in brought.notices] == ["confirm", "confirm", "try_out"]
    assert [each["state"] for each in (await sam.get(f"{HOME}/sent")).json()["items"]] == ["accepted"] * 2


async def test_who_gives_the_code_of_a_number_is_told_there_and_the_one_before_no_more(
    client_of: ClientOf, brought: Brought
) -> None:
    sam, rose = client_of(SAM), client_of(ROSE)
    sams = await kept(sam, SMS)
    assert (await confirmed(sam, brought, sams)).status_code == 200
    roses = await kept(rose, SMS)
    await brought.work()
    code = brought.notices[-1][1].code
    assert (await sam.post(f"{HOME}/addresses/{sams['id']}/test")).status_code == 204
    confirming = f"{HOME}/addresses/{roses['id']}/confirmation"
    right = await rose.post(confirming, json={"code": code})
    assert (right.status_code, right.json()["confirmed_at"] is not None) == (200, True)
    assert (await sam.get(f"{HOME}/addresses")).json()["items"] == []
    assert (await sam.post(f"{HOME}/addresses/{sams['id']}/test")).status_code == 404
    assert (await rose.post(f"{HOME}/addresses/{roses['id']}/test")).status_code == 204
    await brought.work()
    assert [notice.kind for _, notice in brought.notices] == ["confirm", "confirm", "try_out"]
    told = (await sam.get(f"{HOME}/sent")).json()["items"][0]
    assert (told["kind"], told["state"], told["reason"]) == ("try_out", "dropped", "address_ended")
    # Sam still has the telephone: what he gives there again is his again, and a repeat of Rose's code changes nothing.
    assert (await confirmed(sam, brought, await kept(sam, SMS))).status_code == 200
    assert (await rose.post(confirming, json={"code": code})).status_code == 404


async def test_a_number_is_given_once_to_an_account_however_often_it_is_typed(client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    first, again = await kept(rose, SMS), await kept(rose, SMS | {"number": "+44 7700 900123"})
    assert first["id"] == again["id"]


async def test_email_goes_to_the_account_s_own_address_alone(client_of: ClientOf, brought: Brought) -> None:
    await kept(client_of(ROSE), {"channel": "email", "name": "My mail"})
    await brought.work()
    [(to, _)] = brought.notices
    assert to == f"{ROSE}@example.test"


async def test_what_was_sent_is_told_to_whom_it_was_for_and_to_nobody_else(
    client_of: ClientOf, brought: Brought
) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, PUSH)
    for _ in range(3):
        assert (await rose.post(f"{HOME}/addresses/{made['id']}/test")).status_code == 204
        assert (await rose.get(f"{HOME}/sent")).json()["items"][0]["state"] == "waiting"
        await brought.work()
    first = (await rose.get(f"{HOME}/sent?limit=2")).json()
    second = (await rose.get(f"{HOME}/sent?limit=2&cursor={first['next_cursor']}")).json()
    told = [*first["items"], *second["items"]]
    assert [(each["kind"], each["state"], each["address"]) for each in told] == [
        ("try_out", "accepted", "A browser")
    ] * 3
    assert len({each["id"] for each in told}) == 3
    assert second["next_cursor"] is None
    assert (await client_of(SAM).get(f"{HOME}/sent")).json()["items"] == []


async def test_what_waits_for_an_address_that_was_removed_is_not_sent(client_of: ClientOf, brought: Brought) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, PUSH)
    await rose.post(f"{HOME}/addresses/{made['id']}/test")
    assert (await client_of(SAM).delete(f"{HOME}/addresses/{made['id']}")).status_code == 404
    assert (await rose.delete(f"{HOME}/addresses/{made['id']}")).status_code == 204
    await brought.work()
    assert brought.notices == []
    [told] = (await rose.get(f"{HOME}/sent")).json()["items"]
    assert (told["state"], told["reason"]) == ("dropped", "address_ended")


async def test_a_test_that_is_sent_again_is_sent_once(client_of: ClientOf, brought: Brought) -> None:
    rose = client_of(ROSE)
    made = await kept(rose, PUSH)
    for _ in range(2):
        key = {"Idempotency-Key": "0123456789abcdef0123"}
        assert (await rose.post(f"{HOME}/addresses/{made['id']}/test", headers=key)).status_code == 204
    await brought.work()
    assert len(brought.notices) == 1
