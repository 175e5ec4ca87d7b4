"""Inviting colleagues and patients: who was invited makes the account, and it gives what its inviter may still give."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.invitation_commands import LIFETIME
from tests.cast import PASSWORD, Cast, just_now
from tests.http.conftest import ClientOf
from tests.http.letters import Letters
from tests.standing_clock import StandingClock

ADMIN, JACK, ASHA = "admin", "jack_administrator_of_practice", "asha_clinician_of_practice"
NEW = "new.nurse@example.test"
BORN_ON = "1940-02-29"


def colleague(cast: Cast, place: str = "practice", role: str = "clinician", email: str = NEW) -> dict[str, str]:
    return {
        "email": email,
        "display_name": "Nadia New",
        "organisation_id": str(cast.organisations[place]),
        "role": role,
    }


async def invited(client: httpx.AsyncClient, body: dict[str, str], path: str = "/v1/invitations") -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def accepted(http: httpx.AsyncClient, token: str, password: str = PASSWORD, **more: str | None) -> httpx.Response:
    return await http.post("/v1/invitations/accept", json={"token": token, "password": password, **more})


@pytest.fixture
async def sam_without_account(session: AsyncSession, cast: Cast) -> str:
    await session.execute(
        text("update patient set account_id = null where id = :sam"), {"sam": cast.patients["sam_at_home"]}
    )
    return f"/v1/patients/{cast.patients['sam_at_home']}/invitations"


async def test_an_invited_colleague_chooses_a_password_and_has_the_role(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    http = client_of(None)
    await invited(client_of(JACK), colleague(cast))
    letter = await letters.only()
    assert (letter.to, letter.subject) == (NEW, "You are invited to Tendwell")
    assert "Invented practice invites you" in letter.text
    assert "/console/invitation#token=" in letter.text
    answer = await accepted(http, letter.token)
    assert answer.status_code == 201
    opened = await http.post("/v1/sessions", json={"email": NEW, "password": PASSWORD})
    assert opened.status_code == 201
    account = opened.json()["account"]
    assert account["id"] == answer.json()["id"]
    assert [(held["role"], held["organisation"]["id"]) for held in account["roles"]] == [
        ("clinician", str(cast.organisations["practice"]))
    ]


@pytest.mark.parametrize("whose", ["a colleague", "a patient"])
async def test_where_an_invitation_was_accepted_nobody_s_guesses_hold_the_newcomer_up(
    cast: Cast, client_of: ClientOf, letters: Letters, sam_without_account: str, whose: str
) -> None:
    http = client_of(None)
    if whose == "a colleague":
        await invited(client_of(JACK), colleague(cast))
    else:
        await invited(client_of(ASHA), {"email": NEW, "display_name": "Sam"}, sam_without_account)
    born_on = None if whose == "a colleague" else BORN_ON
    made = await accepted(http, (await letters.only()).token, born_on=born_on)
    assert set(made.json()) == {"id", "device_token"}, "for which address is not told"
    for _ in range(6):
        held_up = await http.post("/v1/sessions", json={"email": NEW, "password": "a wrong password"})
    assert held_up.status_code == 429
    body = {"email": NEW, "password": PASSWORD, "device_token": made.json()["device_token"]}
    assert (await http.post("/v1/sessions", json=body)).status_code == 201
    # It is the newcomer's alone.
    other = body | {"email": f"{ASHA}@example.test"}
    for _ in range(6):
        await http.post("/v1/sessions", json=other | {"password": "a wrong password"})
    assert (await http.post("/v1/sessions", json=other)).status_code == 429


async def test_the_link_s_token_is_in_the_letter_alone(
    cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession
) -> None:
    answer = await client_of(JACK).post("/v1/invitations", json=colleague(cast))
    listed = await client_of(JACK).get("/v1/invitations")
    token = (await letters.only()).token
    assert len(token) >= 43  # 256 bits in base 64
    assert token not in answer.text + listed.text
    row = (await session.execute(text("select row_to_json(i) from invitation i"))).scalar_one()
    assert token not in json.dumps(row)


async def test_an_invitation_is_good_once(cast: Cast, client_of: ClientOf, letters: Letters) -> None:
    await invited(client_of(JACK), colleague(cast))
    token = (await letters.only()).token
    assert (await accepted(client_of(None), token)).status_code == 201
    again = await accepted(client_of(None), token, "quite another password")
    assert (again.status_code, again.json()["type"]) == (401, "/problems/not-authenticated")


@pytest.mark.parametrize("after", [LIFETIME, LIFETIME - timedelta(seconds=1)])
async def test_an_invitation_lapses_after_seven_days(
    app: FastAPI, cast: Cast, client_of: ClientOf, letters: Letters, after: timedelta
) -> None:
    await invited(client_of(JACK), colleague(cast))
    token = (await letters.only()).token
    made_at = app.state.services.clock()
    app.state.services = replace(app.state.services, clock=lambda: made_at + after - timedelta(milliseconds=500))
    assert (await accepted(client_of(None), token)).status_code == 201
    app.state.services = replace(app.state.services, clock=lambda: made_at + LIFETIME)
    assert (await accepted(client_of(None), token)).status_code == 401


async def test_a_revoked_invitation_is_not_good_and_is_listed_as_such(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    jack = client_of(JACK)
    made = await invited(jack, colleague(cast))
    (listed,) = (await jack.get("/v1/invitations")).json()["items"]
    assert (listed["id"], listed["state"], listed["email"], listed["role"]) == (made, "open", NEW, "clinician")
    assert (await jack.post(f"/v1/invitations/{made}/revoke")).status_code == 204
    assert (await jack.post(f"/v1/invitations/{made}/revoke")).status_code == 409
    assert (await accepted(client_of(None), (await letters.only()).token)).status_code == 401
    assert [one["state"] for one in (await jack.get("/v1/invitations")).json()["items"]] == ["revoked"]


@pytest.mark.parametrize(
    ("place", "role", "status"),
    [("network", "clinician", 404), ("practice", "commissioner", 422), ("practice", "administrator", 201)],
)
async def test_one_invites_only_to_what_one_could_give(
    cast: Cast, client_of: ClientOf, place: str, role: str, status: int
) -> None:
    answer = await client_of(JACK).post("/v1/invitations", json=colleague(cast, place, role))
    assert answer.status_code == status


async def test_whoever_has_an_account_is_not_invited_to_another(cast: Cast, client_of: ClientOf) -> None:
    answer = await client_of(JACK).post("/v1/invitations", json=colleague(cast, email=f"{ASHA}@example.test"))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-exists")


@pytest.mark.parametrize("ending", ["membership", "account"])
async def test_an_invitation_is_worth_no_more_than_its_inviter(
    cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession, ending: str
) -> None:
    admin = client_of(ADMIN)
    await invited(client_of(JACK), colleague(cast))
    if ending == "membership":
        assert (await admin.delete(f"/v1/memberships/{cast.others[f'membership_of_{JACK}']}")).status_code == 204
    else:
        assert (await admin.post(f"/v1/accounts/{cast.accounts[JACK]}/disable")).status_code == 204
    assert (await accepted(client_of(None), (await letters.only()).token)).status_code == 401
    made = await session.scalar(text("select count(*) from account where email = :email"), params={"email": NEW})
    assert made == 0


async def test_of_two_invitations_to_one_address_the_second_finds_the_account(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    for _ in range(2):
        await invited(client_of(JACK), colleague(cast))
    first, second = await letters.all()
    assert (await accepted(client_of(None), first.token)).status_code == 201
    assert (await accepted(client_of(None), second.token)).status_code == 409


async def test_auth_040_an_invited_person_s_password_obeys_the_rules(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    await invited(client_of(JACK), colleague(cast))
    token = (await letters.only()).token
    for weak in ("short", NEW):
        assert (await accepted(client_of(None), token, weak)).status_code == 422
    assert (await accepted(client_of(None), token)).status_code == 201


@pytest.mark.parametrize("extra", [{"role": "administrator"}, {"is_superuser": True}, {"organisation_id": 1}])
async def test_authz_004_who_accepts_cannot_give_themselves_more(
    cast: Cast, client_of: ClientOf, letters: Letters, extra: dict[str, Any]
) -> None:
    await invited(client_of(JACK), colleague(cast))
    body = {"token": (await letters.only()).token, "password": PASSWORD, **extra}
    assert (await client_of(None).post("/v1/invitations/accept", json=body)).status_code == 422


async def test_a_patient_is_invited_by_a_clinician_who_sees_them_and_gets_their_own_record(
    cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession, sam_without_account: str
) -> None:
    asha, http = client_of(ASHA), client_of(None)
    await invited(asha, {"email": "sam@home.test", "display_name": "Sam"}, sam_without_account)
    assert [one["state"] for one in (await asha.get(sam_without_account)).json()["items"]] == ["open"]
    assert (await asha.get("/v1/invitations")).status_code == 403
    assert (await client_of(JACK).get("/v1/invitations")).json()["items"] == []
    letter = await letters.only()
    assert "Sam" not in letter.text
    assert "/console/invitation/record#token=" in letter.text
    answer = await accepted(http, letter.token, born_on=BORN_ON)
    assert answer.status_code == 201
    opened = await http.post("/v1/sessions", json={"email": "sam@home.test", "password": PASSWORD})
    assert opened.json()["account"]["patient_id"] == str(cast.patients["sam_at_home"])
    trail = await session.execute(
        text("select action from audit_event where patient_id = :sam"), {"sam": cast.patients["sam_at_home"]}
    )
    assert {"invitation.make", "invitation.list", "patient.link_account"} <= set(trail.scalars())


async def test_a_patient_with_an_account_is_not_invited_to_another(cast: Cast, client_of: ClientOf) -> None:
    path = f"/v1/patients/{cast.patients['sam_at_home']}/invitations"
    answer = await client_of(ASHA).post(path, json={"email": "sam@home.test", "display_name": "Sam"})
    assert answer.status_code == 409


async def test_a_clinician_who_no_longer_sees_the_patient_has_invited_nobody(
    cast: Cast, client_of: ClientOf, letters: Letters, sam_without_account: str
) -> None:
    await invited(client_of(ASHA), {"email": "sam@home.test", "display_name": "Sam"}, sam_without_account)
    membership = cast.others[f"membership_of_{ASHA}"]
    assert (await client_of(ADMIN).delete(f"/v1/memberships/{membership}")).status_code == 204
    assert (await accepted(client_of(None), (await letters.only()).token, born_on=BORN_ON)).status_code == 401


async def test_whoever_a_patient_s_letter_reached_needs_the_date_of_birth_and_may_not_try_them_all(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf, letters: Letters, sam_without_account: str
) -> None:
    http, clock = client_of(None), StandingClock(just_now())
    app.state.services = replace(app.state.services, clock=clock)
    await invited(client_of(ASHA), {"email": "sam@home.test", "display_name": "Sam"}, sam_without_account)
    token = (await letters.only()).token
    for given in ("{}", '{"born_on": null}'):
        answer = await accepted(http, token, **json.loads(given))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/born_on")
    for day in range(1, 6):
        answer = await accepted(http, token, born_on=f"1940-03-0{day}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_as_recorded")
        assert "1940" not in answer.text
    told = await session.execute(
        text("select count(*) from audit_event where action = 'invitation.wrong_birth_date' and patient_id = :sam"),
        {"sam": cast.patients["sam_at_home"]},
    )
    assert told.scalar_one() == 5
    waiting = await accepted(http, token, born_on=BORN_ON)
    assert waiting.status_code == 429
    assert (await http.post("/v1/sessions", json={"email": "sam@home.test", "password": PASSWORD})).status_code == 401
    clock.now += timedelta(seconds=int(waiting.headers["retry-after"]))
    assert (await accepted(http, token, born_on=BORN_ON)).status_code == 201


async def test_a_colleague_s_invitation_asks_for_no_date_of_birth_and_does_not_look_at_one(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    await invited(client_of(JACK), colleague(cast))
    assert (await accepted(client_of(None), (await letters.only()).token, born_on="1980-01-01")).status_code == 201


async def test_a_patient_s_invitation_is_revoked_under_that_patient_alone(
    cast: Cast, client_of: ClientOf, letters: Letters, sam_without_account: str
) -> None:
    asha = client_of(ASHA)
    made = await invited(asha, {"email": "sam@home.test", "display_name": "Sam"}, sam_without_account)
    rose = f"/v1/patients/{cast.patients['rose_resident']}/invitations/{made}/revoke"
    assert (await asha.post(rose)).status_code == 404
    assert (await client_of(JACK).post(f"/v1/invitations/{made}/revoke")).status_code == 404
    assert (await asha.post(f"{sam_without_account}/{made}/revoke")).status_code == 204
    assert (await accepted(client_of(None), (await letters.only()).token)).status_code == 401


async def test_a_link_says_what_became_of_its_invitation_before_anything_is_typed(
    app: FastAPI, cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    async def state(token: str) -> str:
        answer = await client_of(None).post("/v1/invitations/look-up", json={"token": token})
        assert answer.status_code == 200
        assert NEW not in answer.text
        return str(answer.json()["state"])

    jack, clock = client_of(JACK), StandingClock(just_now())
    app.state.services = replace(app.state.services, clock=clock)
    tokens = []
    for number in range(3):
        made = await invited(jack, colleague(cast, email=f"{number}.{NEW}"))
        tokens.append((await letters.last()).token)
    assert [await state(token) for token in tokens] == ["open"] * 3
    assert (await accepted(client_of(None), tokens[0])).status_code == 201
    assert (await jack.post(f"/v1/invitations/{made}/revoke")).status_code == 204
    clock.now += LIFETIME
    assert [await state(token) for token in tokens] == ["accepted", "lapsed", "revoked"]


async def test_a_link_that_nobody_was_sent_and_one_of_an_inviter_who_is_none_any_more_tell_nothing(
    cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    await invited(client_of(JACK), colleague(cast))
    token = (await letters.only()).token
    jack = cast.accounts[JACK]
    headers = {"If-Match": (await client_of(ADMIN).get(f"/v1/accounts/{jack}")).headers["etag"]}
    assert (await client_of(ADMIN).post(f"/v1/accounts/{jack}/disable", headers=headers)).status_code == 204
    same = {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000002"}
    answers = [
        await client_of(None).post("/v1/invitations/look-up", json={"token": each}, headers=same)
        for each in (token, "A" * 43)
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content


async def test_who_could_invite_a_patient_is_told_whether_they_have_an_account(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    path = f"/v1/patients/{cast.patients['sam_at_home']}/invitations"
    assert (await client_of(ASHA).get(path)).json() == {"has_account": True, "items": []}
    await session.execute(
        text("update patient set account_id = null where id = :sam"), {"sam": cast.patients["sam_at_home"]}
    )
    assert (await client_of(ASHA).get(path)).json() == {"has_account": False, "items": []}
