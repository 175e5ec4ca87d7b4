"""Signing in by way of a real OpenID provider: the whole way, for people whom it verifies as NHS login does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api import passwords, provider_sign_in
from api.identity_provider import OfferedProvider, published_client_keys
from api.provider_sign_in import REFUSED
from api.schemas.well_known import ClientKeySetOut
from api.worker import tidy
from domain.accounts.closing_commands import close_account
from domain.accounts.provider_commands import LIFETIME
from domain.accounts.sign_in import FactorRule
from domain.audit.entry import NOBODY
from domain.people.nhs_login import DEFAULT_VECTORS, Demands
from integrations.identity.client import Provider
from integrations.identity.registration import Registration
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.cast import PASSWORD, Cast
from tests.http.conftest import ClientOf, worker_beside
from tests.http.letters import Letters
from tests.identity_provider import CLIENT_ID, REDIRECT_URI, serving_provider, walked
from tests.standing_clock import StandingClock

ROSE, SAM = "rose_herself", "sam_himself"
ASHA, JACK = "asha_clinician_of_practice", "jack_administrator_of_practice"
TRUSTMARK = "https://trust.test/trustmark/trust.test"
_OF_ROSE = {
    "vot": "P9.Cp.Cd",
    "vtm": TRUSTMARK,
    "identity_proofing_level": "P9",
    "nhs_number": "9990000018",
    "birthdate": "1940-02-29",
    "family_name": "RESIDENT",
}
_OF_SAM = _OF_ROSE | {"nhs_number": "9990000026", "family_name": "Home"}
# By name: who is let in, and who fails by one thing alone.
GOOD = {
    "rose": _OF_ROSE,
    "rose-with-a-key": _OF_ROSE | {"vot": "P9.Cm"},
    "sam": _OF_SAM,
}
NOT_GOOD = {
    "less-proofing": _OF_ROSE | {"vot": "P5.Cp.Cd"},
    "a-password-alone": _OF_ROSE | {"vot": "P9.Cp"},
    "no-vector": {name: value for name, value in _OF_ROSE.items() if name != "vot"},
    "another-trustmark": _OF_ROSE | {"vtm": "https://elsewhere.test/trustmark"},
    "level-lower-than-vector": _OF_ROSE | {"identity_proofing_level": "P5"},
    "number-of-nobody": _OF_ROSE | {"nhs_number": "9990000034"},
    "number-mistyped": _OF_ROSE | {"nhs_number": "9990000019"},
    "no-number": {name: value for name, value in _OF_ROSE.items() if name != "nhs_number"},
    "number-of-somebody-else": _OF_ROSE | {"nhs_number": "9990000026"},
    "born-another-day": _OF_ROSE | {"birthdate": "1940-03-01"},
    "another-family-name": _OF_ROSE | {"family_name": "Residence"},
}
PEOPLE = GOOD | NOT_GOOD
# Verified as they must be, and as somebody else than Sam.
VERIFIED_OTHERS = {
    "rose",
    "number-of-nobody",
    "number-of-somebody-else",
    "born-another-day",
    "another-family-name",
}


@pytest.fixture(scope="module")
def issuer(database_url: str) -> Iterator[str]:
    """Yield the address of a provider that knows our stored key."""

    async def published() -> ClientKeySetOut:
        database = Database(database_url)
        try:
            return ClientKeySetOut.of(await published_client_keys(database))
        finally:
            await database.close()

    with serving_provider(asyncio.run(published()).model_dump(), PEOPLE) as address:
        yield address


def offered(issuer: str, **more: Any) -> OfferedProvider:
    registration = Registration(
        issuer=issuer,
        client_id=CLIENT_ID,
        redirect_uri=REDIRECT_URI,
        scopes=("openid", "profile"),
        vectors=DEFAULT_VECTORS,
        algorithm="RS512",
        loopback=True,
    )
    return OfferedProvider(
        "NHS login", Demands(DEFAULT_VECTORS, TRUSTMARK, test_numbers=True), Provider(replace(registration, **more))
    )


@pytest.fixture
def http(app: FastAPI, issuer: str, client_of: ClientOf) -> httpx.AsyncClient:
    """Return a client, nobody's, of an application that offers the provider."""
    app.state.services = replace(app.state.services, offered_provider=offered(issuer))
    return client_of(None)


@dataclass
class Trip:
    """A sign-in that has come back from the provider."""

    body: dict[str, str]

    @classmethod
    async def of(cls, http: httpx.AsyncClient, choice: str, **options: str) -> Trip:
        sent = await http.post("/v1/sessions/identity-provider-options", json=options)
        assert sent.status_code == 201, sent.text
        back = await walked(sent.json()["address"], choice)
        body = {name: back[name] for name in ("state", "code", "error", "iss") if name in back}
        return cls(body | {"secret": sent.json()["secret"]})

    async def end(self, http: httpx.AsyncClient, **other: str | None) -> httpx.Response:
        body = {name: value for name, value in (self.body | other).items() if value is not None}
        return await http.post("/v1/sessions/identity-provider", json=body)


async def come(http: httpx.AsyncClient, who: str, **options: str) -> httpx.Response:
    """Return the answer to somebody's coming back from the provider."""
    return await (await Trip.of(http, f"sign-in?as={who}", **options)).end(http)


def is_refused(answer: httpx.Response) -> bool:
    told = answer.json()
    return (answer.status_code, told["type"], told["detail"]) == (401, "/problems/not-authenticated", REFUSED)


async def trail(session: AsyncSession, cast: Cast, who: str) -> list[str]:
    rows = await session.execute(
        text("select action from audit_event where account_id = :who order by id"), {"who": cast.accounts[who]}
    )
    return list(rows.scalars())


async def links(session: AsyncSession) -> list[tuple[str, str]]:
    rows = await session.execute(
        text("select subject, a.email from provider_identity p join account a on a.id = p.account_id order by 1")
    )
    return [(row.subject, row.email.split("@")[0]) for row in rows]


async def test_who_is_verified_signs_in_and_is_linked_for_good(
    http: httpx.AsyncClient, cast: Cast, session: AsyncSession, letters: Letters
) -> None:
    answer = await come(http, "rose", device="app", device_id="a-phone-of-rose-1")
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    assert tokens["account"]["patient_id"] == str(cast.patients["rose_resident"])
    me = await http.get("/v1/me", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert (me.status_code, me.json()["id"]) == (200, str(cast.accounts[ROSE]))
    opened = (
        await session.execute(text("select opened_with, kind from session order by created_at desc limit 1"))
    ).one()
    assert tuple(opened) == ("provider", "app")
    assert (await letters.only()).subject == "How you sign in to Tendwell was changed"
    assert (await come(http, "rose")).status_code == 201
    assert await links(session) == [("rose", ROSE)]
    assert (await trail(session, cast, ROSE))[-3:] == ["provider.link", "session.open", "session.open"]
    assert len(await letters.all()) == 1
    refreshed = {"refresh_token": tokens["refresh_token"], "device_id": "a-phone-of-rose-1"}
    assert (await http.post("/v1/sessions/refresh", json=refreshed)).status_code == 200


async def test_where_people_are_sent_says_what_is_asked_of_the_provider(http: httpx.AsyncClient, issuer: str) -> None:
    sent = (await http.post("/v1/sessions/identity-provider-options", json={})).json()
    parts = urlsplit(sent["address"])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert sent["address"].startswith(f"{issuer}/auth?")
    assert asked["vtr"] == '["P9.Cp.Cd","P9.Cp.Ck","P9.Cm"]'
    assert (asked["scope"], asked["prompt"], asked["response_type"]) == ("openid profile", "login", "code")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert sent["secret"] not in sent["address"]
    assert sent["expires_in"] == LIFETIME.total_seconds() == 600
    again = (await http.post("/v1/sessions/identity-provider-options", json={})).json()
    other = {name: values[0] for name, values in parse_qs(urlsplit(again["address"]).query).items()}
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(other.values())


@pytest.mark.parametrize("who", NOT_GOOD)
async def test_auth_044_what_is_not_proven_or_does_not_agree_opens_nothing_and_is_told_in_one_way(
    http: httpx.AsyncClient, session: AsyncSession, cast: Cast, who: str
) -> None:
    before = await trail(session, cast, ROSE)
    answer = await come(http, who)
    assert is_refused(answer), answer.text
    assert await links(session) == []
    assert await trail(session, cast, ROSE) == before


async def test_a_key_in_a_phone_is_two_factors_and_a_wrong_vector_of_before_is_no_matter(
    http: httpx.AsyncClient,
) -> None:
    assert is_refused(await come(http, "less-proofing"))
    assert (await come(http, "rose-with-a-key")).status_code == 201


async def test_another_login_for_a_linked_account_is_refused_and_audited(
    http: httpx.AsyncClient, session: AsyncSession, cast: Cast
) -> None:
    assert (await come(http, "rose")).status_code == 201
    assert is_refused(await come(http, "rose-with-a-key"))
    assert await links(session) == [("rose", ROSE)]
    assert (await trail(session, cast, ROSE))[-1] == "provider.refuse"


async def test_a_login_that_is_another_person_now_is_refused_and_audited(
    http: httpx.AsyncClient, session: AsyncSession, cast: Cast
) -> None:
    assert (await come(http, "rose")).status_code == 201
    await session.execute(
        text("update provider_identity set account_id = :sam"), {"sam": cast.accounts[SAM]}
    )  # as if the login had been Sam's from the first: Rose's number under it is what must not pass
    assert is_refused(await come(http, "rose"))
    assert (await trail(session, cast, SAM))[-1] == "provider.refuse"
    await session.execute(text("update patient set nhs_number = null where nhs_number = '9990000018'"))
    assert is_refused(await come(http, "rose"))
    assert is_refused(await come(http, "sam")), "Sam's account has another login"


async def test_once_linked_a_new_name_or_a_corrected_birth_date_keeps_nobody_out(
    http: httpx.AsyncClient, session: AsyncSession
) -> None:
    assert (await come(http, "rose")).status_code == 201
    await session.execute(text("update patient set family_name = 'Married' where nhs_number = '9990000018'"))
    await session.execute(text("update patient set born_on = '1940-03-02' where nhs_number = '9990000018'"))
    assert (await come(http, "rose")).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        "update account set disabled_at = now() where email = 'rose_herself@example.test'",
        "update patient set account_id = null where nhs_number = '9990000018'",
    ],
)
@pytest.mark.parametrize("is_linked", [True, False])
async def test_a_closed_account_and_a_record_without_one_look_like_no_record(
    http: httpx.AsyncClient, session: AsyncSession, change: str, is_linked: bool
) -> None:
    if is_linked:
        assert (await come(http, "rose")).status_code == 201
    await session.execute(text(change))
    assert is_refused(await come(http, "rose"))


async def test_a_patient_who_has_an_app_of_ours_is_not_asked_for_a_third_factor_and_staff_are_for_a_second(
    app: FastAPI, http: httpx.AsyncClient, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    secret = (await rose.post("/v1/me/factors/totp")).json()["secret"]
    codes = pyotp.TOTP(secret)
    assert (await rose.post("/v1/me/factors/totp/confirm", json={"code": codes.now()})).status_code < 300
    assert (await come(http, "rose")).status_code == 201
    await make_staff(session, cast)
    step = await come(http, "rose")
    assert (step.status_code, step.json()["state"]) == (202, "second_factor_required")
    later = app.state.services.clock() + timedelta(seconds=30)
    shown = {"sign_in_token": step.json()["sign_in_token"], "code": codes.at(later)}
    assert (await http.post("/v1/sessions/second-factor", json=shown)).status_code == 201
    opened = await session.scalar(text("select opened_with from session order by created_at desc limit 1"))
    assert opened == "provider_and_totp"


async def test_staff_without_a_second_factor_set_one_up_first(
    app: FastAPI, http: httpx.AsyncClient, session: AsyncSession, cast: Cast
) -> None:
    await make_staff(session, cast)
    assert (await come(http, "rose")).status_code == 201, "when_enrolled, for trying things out"
    app.state.services = replace(app.state.services, factor_rule=FactorRule.required_for_staff)
    step = await come(http, "rose")
    assert (step.status_code, step.json()["state"], step.json()["methods"]) == (202, "enrolment_required", ["totp"])
    token = {"sign_in_token": step.json()["sign_in_token"]}
    secret = (await http.post("/v1/sessions/enrolment", json=token)).json()["secret"]
    shown = token | {"code": pyotp.TOTP(secret).now()}
    assert (await http.post("/v1/sessions/second-factor", json=shown)).status_code == 201


async def make_staff(session: AsyncSession, cast: Cast) -> None:
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " values (gen_random_uuid(), :account, :place, 'care_home_staff', now() - interval '1 day')"
        ),
        {"account": cast.accounts[ROSE], "place": cast.organisations["care_home"]},
    )


async def test_a_password_that_somebody_else_chose_is_no_matter_to_who_does_not_use_it(
    http: httpx.AsyncClient, session: AsyncSession
) -> None:
    await session.execute(
        text("update account set must_change_password = true where email = 'rose_herself@example.test'")
    )
    assert (await come(http, "rose")).status_code == 201
    body = {"email": "rose_herself@example.test", "password": PASSWORD}
    assert (await http.post("/v1/sessions", json=body)).json()["state"] == "new_password_required"


async def test_auth_043_what_comes_back_is_good_once_for_the_browser_that_was_sent_and_of_our_provider(
    http: httpx.AsyncClient,
) -> None:
    trip, of_another = await Trip.of(http, "sign-in?as=rose"), await Trip.of(http, "sign-in?as=sam")
    for wrong in (
        {"state": of_another.body["state"]},
        {"secret": of_another.body["secret"]},
        {"state": "not-a-state"},
        {"secret": "not-a-secret"},
    ):
        assert is_refused(await trip.end(http, **wrong)), wrong
    assert (await trip.end(http)).status_code == 201
    assert is_refused(await trip.end(http)), "a second time"
    assert is_refused(await of_another.end(http, iss="https://another.test")), "mix-up"
    assert is_refused(await of_another.end(http)), "it was spent by the wrong answer"
    assert is_refused(await (await Trip.of(http, "sign-in?as=rose")).end(http, iss=None))


async def test_auth_043_somebody_else_s_code_is_worth_nothing_in_another_s_sign_in(http: httpx.AsyncClient) -> None:
    victim, attacker = await Trip.of(http, "sign-in?as=rose"), await Trip.of(http, "sign-in?as=sam")
    assert is_refused(await attacker.end(http, code=victim.body["code"])), "PKCE: another's verifier"
    assert (await victim.end(http)).status_code == 201


async def test_a_code_is_good_once_at_the_provider_too(http: httpx.AsyncClient, session: AsyncSession) -> None:
    trip = await Trip.of(http, "sign-in?as=rose")
    assert (await trip.end(http)).status_code == 201
    await session.execute(text("update provider_sign_in set taken_at = null"))
    assert is_refused(await trip.end(http))


async def test_of_two_who_bring_one_answer_one_is_let_in(http: httpx.AsyncClient) -> None:
    trip = await Trip.of(http, "sign-in?as=rose")
    first, second = await trip.end(http), await trip.end(http)
    assert sorted([first.status_code, second.status_code]) == [201, 401]


async def test_who_does_not_share_is_told_so_and_begins_again(http: httpx.AsyncClient) -> None:
    trip = await Trip.of(http, "refuse")
    answer = await trip.end(http)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/consent-not-given")
    assert is_refused(await trip.end(http))
    assert (await come(http, "rose")).status_code == 201


@pytest.mark.parametrize(("error", "status"), [("server_error", 503), ("login_required", 401), ("<script>", 401)])
async def test_other_words_in_the_place_of_a_code(http: httpx.AsyncClient, error: str, status: int) -> None:
    answer = await (await Trip.of(http, "refuse")).end(http, error=error)
    assert answer.status_code == status
    assert error not in answer.text


async def test_ten_minutes_are_enough_and_no_more(app: FastAPI, http: httpx.AsyncClient, session: AsyncSession) -> None:
    clock = StandingClock(app.state.services.clock())
    app.state.services = replace(app.state.services, clock=clock)
    trip = await Trip.of(http, "sign-in?as=rose")
    clock.now += LIFETIME
    assert is_refused(await trip.end(http))
    clock.now -= timedelta(seconds=1)
    assert (await trip.end(http)).status_code == 201
    clock.now += timedelta(seconds=1)
    await _tidied(app)
    assert await session.scalar(text("select count(*) from provider_sign_in")) == 0


async def _tidied(app: FastAPI) -> None:
    await tidy(worker_beside(app), app.state.services.clock)


async def test_answers_that_are_no_good_are_counted_by_where_they_come_from(
    app: FastAPI, http: httpx.AsyncClient, session: AsyncSession
) -> None:
    assert (await come(http, "rose")).status_code == 201
    assert await session.scalar(text("select sum(failures) from sign_in_attempt where scope = 'address'")) == 0
    trip = await Trip.of(http, "sign-in?as=rose")
    for _ in range(3):
        assert is_refused(await trip.end(http, state="guessed"))
    assert await session.scalar(text("select sum(failures) from sign_in_attempt where scope = 'address'")) == 3
    await session.execute(text("update sign_in_attempt set failures = 101, last_failed_at = now()"))
    answer = await trip.end(http)
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)


@pytest.mark.parametrize("is_back", [True, False], ids=["back at once", "still away"])
async def test_a_database_that_fails_in_the_middle_counts_as_nobody_s_guess_and_one_begins_again(
    http: httpx.AsyncClient, session: AsyncSession, monkeypatch: pytest.MonkeyPatch, is_back: bool
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable

    trip = await Trip.of(http, "sign-in?as=rose")
    with monkeypatch.context() as patched:
        patched.setattr(provider_sign_in, "account_of_proven", away)
        if not is_back:
            patched.setattr(provider_sign_in, "withdraw_attempt", away)
        assert (await trip.end(http)).status_code == 503
    counted = await session.scalar(text("select sum(failures) from sign_in_attempt where scope = 'address'"))
    assert counted == (0 if is_back else 1)
    assert is_refused(await trip.end(http)), "its code is spent"
    assert (await come(http, "rose")).status_code == 201


async def test_with_nothing_but_a_copy_of_the_database_nobody_brings_an_answer(
    http: httpx.AsyncClient, session: AsyncSession
) -> None:
    trip = await Trip.of(http, "sign-in?as=rose")
    (row,) = (await session.execute(text("select * from provider_sign_in"))).all()
    kept = b" ".join(bytes(value) for value in row if isinstance(value, bytes))
    assert trip.body["state"].encode() not in kept
    assert trip.body["secret"].encode() not in kept
    assert is_refused(await trip.end(http, secret=row.secret_hash.hex()))


async def test_what_is_offered_is_listed_the_provider_first(app: FastAPI, http: httpx.AsyncClient) -> None:
    listed = (await http.get("/v1/sessions/methods")).json()["items"]
    assert listed[0] == {"method": "identity_provider", "name": "NHS login"}
    assert [each["method"] for each in listed[1:]] == ["passkey", "password"]
    app.state.services = replace(app.state.services, offered_provider=None)
    assert (await http.get("/v1/sessions/methods")).json()["items"] == listed[1:]


async def test_without_a_provider_the_addresses_are_like_any_unknown_one(app: FastAPI, http: httpx.AsyncClient) -> None:
    app.state.services = replace(app.state.services, offered_provider=None)
    same = {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000002"}
    unknown = await http.post("/v1/sessions/no-such-thing", json={}, headers=same)
    for answer in (
        await http.post("/v1/sessions/identity-provider-options", json={}, headers=same),
        await http.post("/v1/sessions/identity-provider", json={}, headers=same),
        await http.get("/.well-known/oidc-client-keys.json", headers=same),
    ):
        assert (answer.status_code, answer.content) == (404, unknown.content)


async def test_a_closed_account_forgets_its_login(
    http: httpx.AsyncClient, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    assert (await come(http, "rose")).status_code == 201
    await close_account(session, cast.actor("admin"), cast.accounts[ROSE])
    assert await links(session) == []


# A patient accepts an invitation by signing in at the provider, without a password.


@pytest.fixture
async def invitation(cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession) -> str:
    """Return the token of Sam's invitation by Asha, who sees him; he has no account."""
    await session.execute(text("update patient set account_id = null where id = :sam"), {"sam": _sam(cast)})
    path = f"/v1/patients/{_sam(cast)}/invitations"
    body = {"email": "sam@home.test", "display_name": "Sam"}
    assert (await client_of(ASHA).post(path, json=body)).status_code == 201
    return (await letters.only()).token


def _sam(cast: Cast) -> str:
    return str(cast.patients["sam_at_home"])


async def _invited(session: AsyncSession) -> list[tuple[str, bool]]:
    """Return what has come of invitations: the address of each account, and whether the invitation is spent."""
    found = text(
        "select email, accepted_at is not null as spent,"
        " exists (select from account a where a.email = i.email) as made from invitation i"
    )
    rows = (await session.execute(found)).all()
    assert all(row.spent == row.made for row in rows)
    return [(row.email, row.spent) for row in rows]


async def test_an_invited_patient_accepts_by_the_provider_without_a_password_and_is_signed_in(
    http: httpx.AsyncClient, cast: Cast, session: AsyncSession, letters: Letters, invitation: str
) -> None:
    trip = await Trip.of(http, "sign-in?as=sam", invitation=invitation)
    assert invitation not in str(trip.body)
    answer = await trip.end(http)
    assert answer.status_code == 201, answer.text
    assert answer.json()["account"]["patient_id"] == _sam(cast)
    assert await links(session) == [("sam", "sam")]
    assert await _invited(session) == [("sam@home.test", True)]
    linked = text(
        "select patient_id from audit_event where action = 'patient.link_account'"
        " and subject_id = (select id from account where email = 'sam@home.test')"
    )
    assert [str(each) for each in (await session.execute(linked)).scalars()] == [_sam(cast)]
    actions = text(
        "select action from audit_event where account_id = (select id from account where email = :email)"
        " order by at, id"
    )
    found = (await session.execute(actions, {"email": "sam@home.test"})).scalars().all()
    assert found == ["invitation.accept", "provider.link", "session.open"]
    assert (await letters.last()).subject == "How you sign in to Tendwell was changed"
    assert (await come(http, "sam")).status_code == 201
    again = await http.post("/v1/sessions/identity-provider-options", json={"invitation": invitation})
    assert again.status_code == 401


async def test_an_invitation_is_accepted_by_the_provider_also_while_more_sign_in_by_password_than_can_be(
    app: FastAPI, http: httpx.AsyncClient, session: AsyncSession, invitation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "GREATEST_QUEUE", 0)
        full = await http.post("/v1/sessions", json={"email": "sam@home.test", "password": PASSWORD})
        assert full.status_code == 503
        answer = await (await Trip.of(http, "sign-in?as=sam", invitation=invitation)).end(http)
        assert answer.status_code == 201, answer.text
    kept = await session.scalar(text("select password_hash from account where email = 'sam@home.test'"))
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    refused = [
        (await http.post("/v1/sessions", json={"email": email, "password": PASSWORD})).json()
        for email in ("sam@home.test", "nobody-such@home.test")
    ]
    for each in refused:
        each.pop("request_id", None)
    assert refused[0] == refused[1]
    assert refused[0]["status"] == 401


@pytest.mark.parametrize("who", ["rose", *NOT_GOOD])
async def test_an_invitation_is_accepted_by_nobody_but_whom_the_practice_invited(
    http: httpx.AsyncClient, cast: Cast, session: AsyncSession, client_of: ClientOf, invitation: str, who: str
) -> None:
    assert is_refused(await (await Trip.of(http, f"sign-in?as={who}", invitation=invitation)).end(http))
    assert await _invited(session) == [("sam@home.test", False)]
    assert await links(session) == []
    is_somebody = who in VERIFIED_OTHERS  # of whom nothing is proven, no trail can say that it was somebody else
    assert await _refusals(session) == (
        [("invitation.refuse", NOBODY, _sam(cast), "invitation")] if is_somebody else []
    )
    log = (await client_of(ASHA).get(f"/v1/patients/{_sam(cast)}/access-log")).json()
    told = [each for each in log["items"] if each["action"] == "invitation.refuse"]
    assert [each["who"] for each in told] == (["Tendwell itself"] if is_somebody else [])
    assert "rose" not in str(told).lower()


async def test_a_login_of_somebody_known_that_tries_another_s_invitation_stands_in_both_trails(
    http: httpx.AsyncClient, cast: Cast, session: AsyncSession, invitation: str
) -> None:
    assert (await come(http, "rose")).status_code == 201
    assert is_refused(await (await Trip.of(http, "sign-in?as=rose", invitation=invitation)).end(http))
    assert await _refusals(session) == [
        ("provider.refuse", cast.accounts[ROSE], None, None),
        ("invitation.refuse", NOBODY, _sam(cast), "invitation"),
    ]
    about = text(
        "select count(*) from audit_event e join invitation i on i.id = e.subject_id where action = 'invitation.refuse'"
    )
    assert await session.scalar(about) == 1


async def _refusals(session: AsyncSession) -> list[tuple[str, UUID, str | None, str | None]]:
    """Return what the trail has of refusals: the deed, whose, about whom and on what basis."""
    found = text(
        "select action, account_id, patient_id, basis from audit_event"
        " where action in ('provider.refuse', 'invitation.refuse') order by id"
    )
    return [
        (row.action, row.account_id, None if row.patient_id is None else str(row.patient_id), row.basis)
        for row in await session.execute(found)
    ]


_TAKEN = (
    "insert into provider_identity (id, account_id, issuer, subject, linked_at)"
    " select gen_random_uuid(), id, '{issuer}', 'sam', now() from account where email = 'rose_herself@example.test'"
)


@pytest.mark.parametrize(
    "change",
    [
        "update patient set nhs_number = null where given_name = 'Sam'",
        "update patient set born_on = '1941-02-28' where given_name = 'Sam'",
        "update patient set family_name = 'Elsewhere' where given_name = 'Sam'",
        "update invitation set revoked_at = now()",
        "update invitation set expires_at = now() - interval '1 minute', made_at = now() - interval '1 day'",
        "update membership set ended_at = now() - interval '1 minute'",
        _TAKEN,
        "update account set email = 'sam@home.test' where email = 'rose_herself@example.test'",
    ],
    ids=["no number", "birth date", "name", "revoked", "lapsed", "inviter left", "login is another's", "address taken"],
)
async def test_what_has_changed_while_somebody_was_at_the_provider_is_looked_at_when_they_come_back(
    http: httpx.AsyncClient,
    session: AsyncSession,
    issuer: str,
    invitation: str,
    change: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trip = await Trip.of(http, "sign-in?as=sam", invitation=invitation)
    await session.execute(text(change.replace("{issuer}", issuer)))
    before = await session.scalar(text("select count(*) from account"))
    assert is_refused(await trip.end(http))
    known = ["provider.refuse"] if change == _TAKEN else []
    other = ["invitation.refuse"] if change.startswith("update patient") else []
    assert [action for action, *_ in await _refusals(session)] == known + other
    is_overtaken = "invitation_overtaken" in caplog.text
    assert is_overtaken == change.startswith("update account set email")
    assert await session.scalar(text("select count(*) from account")) == before
    assert await session.scalar(text("select accepted_at from invitation")) is None


async def test_of_two_who_accept_one_invitation_at_the_provider_one_does(
    http: httpx.AsyncClient, session: AsyncSession, invitation: str
) -> None:
    first, second = [await Trip.of(http, "sign-in?as=sam", invitation=invitation) for _ in range(2)]
    assert (await first.end(http)).status_code == 201
    assert is_refused(await second.end(http))
    assert await _invited(session) == [("sam@home.test", True)]


async def test_an_invitation_to_work_here_is_accepted_with_a_password_alone(
    http: httpx.AsyncClient, cast: Cast, client_of: ClientOf, letters: Letters
) -> None:
    body = {"email": "new@home.test", "display_name": "New", "organisation_id": str(cast.organisations["practice"])}
    asked = await client_of(JACK).post("/v1/invitations", json=body | {"role": "clinician"})
    assert asked.status_code == 201, asked.text
    for token, words in (((await letters.only()).token, "choose a password"), ("x" * 43, "not good")):
        answer = await http.post("/v1/sessions/identity-provider-options", json={"invitation": token})
        assert answer.status_code == 401
        assert words in answer.json()["detail"]
