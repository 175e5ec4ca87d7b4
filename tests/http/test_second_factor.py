"""Signing in with a second factor: what is asked of whom, what is good once, and what ends a try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sign_in import MOST_ATTEMPTS, FactorRule
from domain.accounts.totp import STEP, code_of, step_at
from tests.cast import PASSWORD, Cast, just_now
from tests.http.conftest import ClientOf
from tests.http.letters import Letters
from tests.http.second_step import audited, begun, enrolled, shown
from tests.standing_clock import StandingClock

ASHA, ROSE, NOBODY = "asha_clinician_of_practice", "rose_herself", "nobody_at_all"
FERN = "fern_clinician_membership_ended"


@pytest.fixture
def clock(app: FastAPI) -> StandingClock:
    clock = StandingClock(just_now())
    app.state.services = replace(app.state.services, clock=clock)
    return clock


@pytest.fixture
def required(app: FastAPI, clock: StandingClock) -> None:
    """Have the installation ask all staff for a second factor."""
    app.state.services = replace(app.state.services, factor_rule=FactorRule.required_for_staff)


async def test_staff_without_a_factor_set_one_up_before_they_get_in(
    required: None, clock: StandingClock, cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    http = client_of(None)
    answer = await begun(http, ASHA)
    assert answer.status_code == 202
    step = answer.json()
    assert (step["state"], step["methods"], step["expires_in"]) == ("enrolment_required", ["totp"], 900)
    assert set(step) == {"state", "methods", "expires_in", "sign_in_token"}
    begun_app = await http.post("/v1/sessions/enrolment", json={"sign_in_token": step["sign_in_token"]})
    assert begun_app.status_code == 201
    secret = begun_app.json()["secret"]
    assert secret in begun_app.json()["otpauth_uri"]
    opened = await shown(http, step["sign_in_token"], code=code_of(secret, step_at(clock.now)))
    assert opened.status_code == 201
    assert opened.json()["account"]["id"] == str(cast.accounts[ASHA])
    assert (await shown(http, step["sign_in_token"], code=code_of(secret, step_at(clock.now)))).status_code == 401
    again = (await begun(http, ASHA)).json()
    assert (again["state"], again["methods"]) == ("second_factor_required", ["totp"])
    assert {"session.begin", "factor.begin", "factor.enrol", "session.open"} <= set(await audited(session, cast, ASHA))


@pytest.mark.parametrize(("who", "status"), [(FERN, 202), ("jack_administrator_of_practice", 202), (ROSE, 201)])
async def test_whoever_holds_or_held_a_role_needs_a_second_factor_and_a_patient_does_not(
    required: None, client_of: ClientOf, who: str, status: int
) -> None:
    assert (await begun(client_of(None), who)).status_code == status


async def test_where_it_is_not_required_staff_get_in_by_password_until_they_have_enrolled(
    clock: StandingClock, client_of: ClientOf
) -> None:
    assert (await begun(client_of(None), ASHA)).status_code == 201
    await enrolled(client_of(ASHA), clock)
    assert (await begun(client_of(None), ASHA)).status_code == 202


async def test_a_patient_may_choose_a_second_factor_and_then_needs_it(
    clock: StandingClock, client_of: ClientOf
) -> None:
    rose, http = client_of(ROSE), client_of(None)
    secret = await enrolled(rose, clock)
    answer = (await begun(http, ROSE)).json()
    assert answer["state"] == "second_factor_required"
    assert "access_token" not in answer
    assert (await shown(http, answer["sign_in_token"], code=code_of(secret, step_at(clock.now)))).status_code == 201
    assert (await rose.delete("/v1/me/factors/totp")).status_code == 204
    assert (await begun(http, ROSE)).status_code == 201


async def test_auth_041_a_code_is_good_once_and_so_is_every_one_before_it(
    clock: StandingClock, client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    http = client_of(None)
    secret = await enrolled(client_of(ASHA), clock)
    now = step_at(clock.now)
    first, second = (await begun(http, ASHA)).json(), (await begun(http, ASHA)).json()
    assert (await shown(http, first["sign_in_token"], code=code_of(secret, now))).status_code == 201
    for step in (now, now - 1):
        replayed = await shown(http, second["sign_in_token"], code=code_of(secret, step))
        assert replayed.status_code == 401
        assert replayed.headers["content-type"] == "application/problem+json"
    assert (await shown(http, second["sign_in_token"], code=code_of(secret, now + 1))).status_code == 201
    assert (await audited(session, cast, ASHA)).count("factor.refuse") == 2


async def test_the_code_that_enrols_an_app_does_not_also_sign_in(clock: StandingClock, client_of: ClientOf) -> None:
    asha, http = client_of(ASHA), client_of(None)
    secret = (await asha.post("/v1/me/factors/totp")).json()["secret"]
    code = code_of(secret, step_at(clock.now))
    assert (await asha.post("/v1/me/factors/totp/confirm", json={"code": code})).status_code == 204
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    assert (await shown(http, token, code=code)).status_code == 401


async def test_after_five_wrong_codes_the_right_one_is_refused_too(clock: StandingClock, client_of: ClientOf) -> None:
    http = client_of(None)
    secret = await enrolled(client_of(ASHA), clock)
    right = code_of(secret, step_at(clock.now))
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    for _ in range(MOST_ATTEMPTS):
        assert (await shown(http, token, code=f"{(int(right) + 7) % 10**6:06}")).status_code == 401
    assert (await shown(http, token, code=right)).status_code == 401
    fresh = (await begun(http, ASHA)).json()["sign_in_token"]
    held_up = await shown(http, fresh, code=right)
    assert (held_up.status_code, held_up.headers["retry-after"]) == (429, "30")
    clock.now += timedelta(seconds=30)
    assert (await shown(http, fresh, code=code_of(secret, step_at(clock.now)))).status_code == 201


async def test_guesses_at_codes_wait_ever_longer_whichever_sign_in_they_are_made_in(
    clock: StandingClock, client_of: ClientOf
) -> None:
    http = client_of(None)
    secret = await enrolled(client_of(ASHA), clock)
    waits = []
    for _ in range(9):
        wrong = f"{(int(code_of(secret, step_at(clock.now))) + 7) % 10**6:06}"
        token = (await begun(http, ASHA)).json()["sign_in_token"]
        while (answer := await shown(http, token, code=wrong)).status_code == 401:
            token = (await begun(http, ASHA)).json()["sign_in_token"]
        waits.append(int(answer.headers["retry-after"]))
        clock.now += timedelta(seconds=waits[-1])
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


async def test_guesses_in_a_session_are_counted_with_those_at_sign_in(
    clock: StandingClock, client_of: ClientOf
) -> None:
    asha, http = client_of(ASHA), client_of(None)
    secret = await enrolled(asha, clock)
    wrong = f"{(int(code_of(secret, step_at(clock.now))) + 7) % 10**6:06}"
    told = [await asha.post("/v1/sessions/current/confirmation", json={"code": wrong}) for _ in range(6)]
    assert [answer.status_code for answer in told] == [422] * 5 + [429]
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    assert (await shown(http, token, code=code_of(secret, step_at(clock.now)))).status_code == 429


async def test_guesses_at_the_password_in_a_session_are_counted(clock: StandingClock, client_of: ClientOf) -> None:
    told = [
        await client_of(ASHA).post("/v1/sessions/current/confirmation", json={"password": "not it"}) for _ in range(6)
    ]
    assert [answer.status_code for answer in told] == [422] * 5 + [429]


async def test_a_sign_in_token_lapses_after_five_minutes(clock: StandingClock, client_of: ClientOf) -> None:
    http = client_of(None)
    secret = await enrolled(client_of(ASHA), clock)
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    clock.now += timedelta(minutes=5)
    assert (await shown(http, token, code=code_of(secret, step_at(clock.now)))).status_code == 401


async def test_whoever_sets_an_app_up_has_a_quarter_of_an_hour_to_find_one(
    required: None, clock: StandingClock, client_of: ClientOf
) -> None:
    http, quarter = client_of(None), timedelta(minutes=15)
    for waited, status in ((quarter - timedelta(seconds=1), 201), (quarter, 401)):
        who = ASHA if status == 201 else FERN
        token = (await begun(http, who)).json()["sign_in_token"]
        secret = (await http.post("/v1/sessions/enrolment", json={"sign_in_token": token})).json()["secret"]
        clock.now += waited
        assert (await shown(http, token, code=code_of(secret, step_at(clock.now)))).status_code == status


@pytest.mark.parametrize("change", ["password_hash = '$argon2id$other'", "disabled_at = now()"])
async def test_a_sign_in_token_does_not_survive_another_password_or_a_disabled_account(
    clock: StandingClock, client_of: ClientOf, session: AsyncSession, change: str
) -> None:
    http = client_of(None)
    secret = await enrolled(client_of(ASHA), clock)
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    await session.execute(text(f"update account set {change} where email like 'asha%'"))
    assert (await shown(http, token, code=code_of(secret, step_at(clock.now)))).status_code == 401


async def test_a_sign_in_token_opens_nothing_by_itself(clock: StandingClock, client_of: ClientOf) -> None:
    await enrolled(client_of(ASHA), clock)
    token = (await begun(client_of(None), ASHA)).json()["sign_in_token"]
    answer = await client_of(None).get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    refreshed = await client_of(None).post("/v1/sessions/refresh", json={"refresh_token": token})
    assert refreshed.status_code == 401
    assert (await client_of(None).post("/v1/sessions/enrolment", json={"sign_in_token": token})).status_code == 401


async def test_of_two_who_enrol_with_one_password_the_second_needs_what_the_first_enrolled(
    required: None, clock: StandingClock, client_of: ClientOf
) -> None:
    http = client_of(None)
    first, second = [(await begun(http, ASHA)).json()["sign_in_token"] for _ in range(2)]
    secret = (await http.post("/v1/sessions/enrolment", json={"sign_in_token": first})).json()["secret"]
    assert (await shown(http, first, code=code_of(secret, step_at(clock.now)))).status_code == 201
    assert (await http.post("/v1/sessions/enrolment", json={"sign_in_token": second})).status_code == 401
    assert (await shown(http, second, code=code_of(secret, step_at(clock.now) + 1))).status_code == 401


async def test_each_recovery_code_gets_in_once_and_new_ones_end_the_old(
    clock: StandingClock, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, http = client_of(ASHA), client_of(None)
    await enrolled(asha, clock)
    codes = (await asha.post("/v1/me/recovery-codes")).json()["codes"]
    assert len(set(codes)) == 10
    stored = (await session.execute(text("select code_hash from recovery_code"))).scalars().all()
    assert not {code.encode() for code in codes} & set(stored)
    for status in (201, 401):
        step = (await begun(http, ASHA)).json()
        assert step["methods"] == ["totp", "recovery_code"]
        answer = await shown(http, step["sign_in_token"], recovery_code=codes[0].lower())
        assert answer.status_code == status
    assert (await asha.get("/v1/me/factors")).json()["recovery_codes_left"] == 9
    assert (await asha.post("/v1/me/recovery-codes")).status_code == 201
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    assert (await shown(http, token, recovery_code=codes[1])).status_code == 401
    opened = (await session.execute(text("select opened_with from session order by created_at"))).scalars().all()
    assert "password_and_recovery_code" in opened


async def test_an_app_and_the_codes_that_come_with_it_are_one_letter_and_codes_made_later_are_told_of(
    clock: StandingClock, client_of: ClientOf, letters: Letters
) -> None:
    asha = client_of(ASHA)
    await enrolled(asha, clock)
    await asha.post("/v1/me/recovery-codes")
    assert "recovery codes" in (await letters.only()).text
    clock.now += timedelta(minutes=2)
    assert (await asha.post("/v1/me/recovery-codes")).status_code == 201
    assert len(await letters.all()) == 2


async def test_another_person_s_codes_are_of_no_use(clock: StandingClock, client_of: ClientOf) -> None:
    secret = await enrolled(client_of(ASHA), clock)
    codes = (await client_of(ASHA).post("/v1/me/recovery-codes")).json()["codes"]
    await enrolled(client_of("bea_clinician_elsewhere"), clock)
    token = (await begun(client_of(None), "bea_clinician_elsewhere")).json()["sign_in_token"]
    assert (await shown(client_of(None), token, code=code_of(secret, step_at(clock.now)))).status_code == 401
    assert (await shown(client_of(None), token, recovery_code=codes[0])).status_code == 401


async def test_staff_cannot_remove_their_only_factor_but_another_app_takes_its_place(
    required: None, clock: StandingClock, client_of: ClientOf
) -> None:
    asha, http = client_of(ASHA), client_of(None)
    old = await enrolled(asha, clock)
    assert (await asha.delete("/v1/me/factors/totp")).status_code == 409
    clock.now += STEP
    new = await enrolled(asha, clock)
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    assert (await shown(http, token, code=code_of(old, step_at(clock.now)))).status_code == 401
    assert (await shown(http, token, code=code_of(new, step_at(clock.now)))).status_code == 201
    assert (await asha.get("/v1/me/factors")).json()["required"] is True


async def test_an_app_that_was_only_begun_does_not_count(clock: StandingClock, client_of: ClientOf) -> None:
    asha = client_of(ASHA)
    first = (await asha.post("/v1/me/factors/totp")).json()["secret"]
    assert (await begun(client_of(None), ASHA)).status_code == 201
    await asha.post("/v1/me/factors/totp")
    wrong = await asha.post("/v1/me/factors/totp/confirm", json={"code": code_of(first, step_at(clock.now))})
    assert wrong.status_code == 422
    assert (await asha.get("/v1/me/factors")).json()["totp_since"] is None


@pytest.mark.parametrize("body", [{}, {"code": "123456", "recovery_code": "x" * 16}, {"code": "12345a"}])
async def test_exactly_one_proof_is_shown_at_a_time(client_of: ClientOf, body: dict[str, str]) -> None:
    answer = await client_of(None).post("/v1/sessions/second-factor", json={"sign_in_token": "x", **body})
    assert answer.status_code == 422


async def test_a_secret_is_sealed_and_told_once(
    clock: StandingClock, client_of: ClientOf, session: AsyncSession
) -> None:
    asha = client_of(ASHA)
    secret = await enrolled(asha, clock)
    stored = (await session.execute(text("select sealed_secret from totp"))).scalar_one()
    assert secret.encode() not in bytes(stored)
    assert secret not in (await asha.get("/v1/me/factors")).text


# A password that somebody else chose


async def test_who_was_given_a_password_chooses_their_own_before_anything_else(
    clock: StandingClock, client_of: ClientOf, cast: Cast
) -> None:
    admin, http = client_of("admin"), client_of(None)
    account = {
        "email": "newcomer@example.test",
        "display_name": "Newcomer",
        "password": "given on a slip of paper",
        "organisation_id": str(cast.organisations["practice"]),
    }
    assert (await admin.post("/v1/accounts", json=account)).status_code == 201
    step = (await begun(http, "newcomer", account["password"])).json()
    assert (step["state"], step["methods"]) == ("new_password_required", [])
    choosing = {"sign_in_token": step["sign_in_token"], "new_password": account["password"]}
    same = await http.post("/v1/sessions/new-password", json=choosing)
    assert (same.status_code, same.json()["errors"][0]["code"]) == (422, "not_new")
    chosen = await http.post("/v1/sessions/new-password", json=choosing | {"new_password": PASSWORD})
    assert chosen.status_code == 201
    assert chosen.json()["account"]["email"] == account["email"]
    assert (await http.post("/v1/sessions/new-password", json=choosing)).status_code == 401
    assert (await begun(http, "newcomer", account["password"])).status_code == 401
    assert (await begun(http, "newcomer")).status_code == 201


async def test_a_password_of_one_s_own_is_not_a_way_round_the_second_factor(
    required: None, clock: StandingClock, client_of: ClientOf, session: AsyncSession
) -> None:
    http = client_of(None)
    await session.execute(text("update account set must_change_password = true where email like 'asha%'"))
    token = (await begun(http, ASHA)).json()["sign_in_token"]
    assert (await shown(http, token, code="123456")).status_code == 401
    chosen = await http.post(
        "/v1/sessions/new-password", json={"sign_in_token": token, "new_password": "another horse, another battery"}
    )
    assert (chosen.status_code, chosen.json()["state"]) == (202, "enrolment_required")
