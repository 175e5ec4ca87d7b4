"""Signing in: guesses are slowed down, the person is not, and nobody learns who has an account."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.passwords import Passwords, unusable_hash
from api.refusals import Overloaded
from api.settings import Settings
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.throttle import RULES, Scope
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from tests.cast import PASSWORD, Cast, just_now
from tests.in_one_role import in_one_role
from tests.standing_clock import StandingClock

SAM, NOBODY_SUCH = "sam_himself@example.test", "nobody-such@example.test"
WRONG = "not the password at all"
FREE = RULES[Scope.account].free


@dataclass
class Checked:
    """Stands where passwords are checked, and counts: the right one is PASSWORD, without the work of hashing."""

    kept: list[str | None] = field(default_factory=list)
    overloaded: bool = False

    async def verify(self, password: str, kept: str | None) -> bool:
        if self.overloaded:
            raise Overloaded
        self.kept.append(kept)
        return password == PASSWORD and kept is not None

    async def hash(self, password: str) -> str:
        return f"the hash of {len(password)} characters"

    def close(self) -> None:
        pass


@dataclass
class Door:
    """The sign-in of an application whose clock stands, and how often a password was checked."""

    app: FastAPI
    clock: StandingClock
    checked: Checked

    async def ask(self, email: str, password: str, address: str = "192.0.2.1", **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://tendwell.test") as client:
            return await client.post("/v1/sessions", json={"email": email, "password": password, **more})

    async def fail(self, email: str, times: int, address: str = "198.51.100.9") -> None:
        """Guess so often, each time as soon as it may be."""
        for _ in range(times):
            answer = await self.ask(email, WRONG, address)
            if answer.status_code == 429:
                self.clock.now += timedelta(seconds=int(answer.headers["retry-after"]))
                answer = await self.ask(email, WRONG, address)
            assert answer.status_code == 401, answer.text


@pytest.fixture
def door(app: FastAPI, cast: Cast) -> Door:
    clock, checked = StandingClock(just_now()), Checked()
    app.state.services.passwords.close()
    app.state.services = replace(app.state.services, clock=clock, passwords=checked)
    return Door(app, clock, checked)


async def test_auth_034_after_a_hundred_and_one_wrong_passwords_the_right_one_is_refused(door: Door) -> None:
    await door.fail(SAM, 100)
    checked = len(door.checked.kept)
    for password in (WRONG, PASSWORD):
        answer = await door.ask(SAM, password)
        assert answer.status_code == 429
        assert answer.json()["type"] == "/problems/too-many-attempts"
        assert int(answer.headers["retry-after"]) >= 30
    assert len(door.checked.kept) == checked == 100  # what is refused is not even looked at


async def test_auth_035_twenty_failures_from_elsewhere_do_not_keep_the_victim_s_own_device_out(door: Door) -> None:
    first = await door.ask(SAM, PASSWORD)
    assert first.status_code == 201
    await door.fail(SAM, 20)
    assert (await door.ask(SAM, PASSWORD)).status_code == 429
    answer = await door.ask(SAM, PASSWORD, device_token=first.json()["device_token"])
    assert answer.status_code == 201
    assert answer.json()["device_token"] != first.json()["device_token"]


async def test_the_wait_grows_and_is_told(door: Door) -> None:
    await door.fail(SAM, FREE)
    waits = []
    for _ in range(4):
        answer = await door.ask(SAM, WRONG)
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]))
        door.clock.now += timedelta(seconds=waits[-1])
        assert (await door.ask(SAM, WRONG)).status_code == 401
    assert waits == [30, 60, 120, 240]


async def test_whoever_guesses_at_many_accounts_is_slowed_down_by_where_they_are(door: Door) -> None:
    most = RULES[Scope.address].free
    for n in range(most):
        assert (await door.ask(f"guess{n}@example.test", WRONG)).status_code == 401
    assert (await door.ask(SAM, PASSWORD)).status_code == 429
    assert (await door.ask(SAM, PASSWORD, "203.0.113.8")).status_code == 201


@contextmanager
def statements_counted() -> Iterator[Counter[str]]:
    """Yield the statements that are sent to any database while the block runs, by how often."""
    counted: Counter[str] = Counter()

    def count(*asked: Any) -> None:
        if "SAVEPOINT" not in asked[2]:  # the test's own transactions
            counted[asked[2]] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def seen(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return what a client sees, but for the request's own id and the time."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    head = {n: v for n, v in answer.headers.items() if n not in {"x-request-id", "date"}}
    return answer.status_code, body, head


async def test_a_known_and_an_unknown_address_cost_the_same_work_and_look_the_same(
    door: Door, session: AsyncSession
) -> None:
    """Time cannot tell what the work does not: as many checks of a password, and the same statements, in each state."""
    disabled, by_provider = "kit_clinician_disabled@example.test", "rose_herself@example.test"
    await session.execute(
        text("update account set password_hash = :none where email = :email"),
        {"none": unusable_hash(), "email": by_provider},
    )
    for step in range(FREE + 3):  # let through, then held up, then let through again
        if step == FREE + 2:
            door.clock.now += timedelta(minutes=1)
        work: list[tuple[int, dict[str, int]]] = []
        looks: list[tuple[int, dict[str, Any], dict[str, str]]] = []
        for email in (SAM, NOBODY_SUCH, disabled, by_provider):
            before = len(door.checked.kept)
            with statements_counted() as statements:
                answer = await door.ask(email, WRONG, f"203.0.113.{len(work)}")
            work.append((len(door.checked.kept) - before, dict(statements)))
            looks.append(seen(answer))
        assert work[0] == work[1] == work[2] == work[3]
        assert work[0][0] == (0 if looks[0][0] == 429 else 1)
        assert looks[0] == looks[1] == looks[2] == looks[3]
        assert looks[0][0] == (429 if FREE <= step < FREE + 2 else 401)
    assert door.checked.kept.count(None) == 2 * (FREE + 1)  # the decoy was checked for those who have no account


async def elsewhere(door: Door, _session: AsyncSession, _token: str) -> None:
    """Sam signs in where he has not done so before, where the stranger is; until he gets in."""
    answer = await door.ask(SAM, PASSWORD)
    if answer.status_code == 429 and int(answer.headers["retry-after"]) <= 60:
        door.clock.now += timedelta(seconds=int(answer.headers["retry-after"]))
        answer = await door.ask(SAM, PASSWORD)
    assert answer.status_code in {201, 429}


async def on_his_phone(door: Door, _session: AsyncSession, token: str) -> None:
    assert (await door.ask(SAM, PASSWORD, device_token=token)).status_code == 201


async def with_a_letter(door: Door, session: AsyncSession, _token: str) -> None:
    """Sam chooses another password with a letter's link, and signs in with it."""
    link = new_token()
    await session.execute(
        text(
            "insert into password_reset (account_id, token_hash, expires_at)"
            " select id, :hash, :at from account where email = :email"
        ),
        {"hash": token_hash(link), "at": door.clock.now + timedelta(minutes=9), "email": SAM},
    )
    transport = httpx.ASGITransport(door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tendwell.test") as client:
        body = {"token": link, "new_password": PASSWORD}
        answer = await client.post("/v1/password-resets/complete", json=body)
    assert (await door.ask(SAM, PASSWORD, **answer.json())).status_code == 201


@pytest.mark.parametrize("holder", [elsewhere, on_his_phone, with_a_letter])
@pytest.mark.parametrize("guesses", [FREE - 1, FREE, FREE + 7, 100])
async def test_what_the_holder_does_between_a_stranger_s_guesses_does_not_show_that_there_is_one(
    door: Door, session: AsyncSession, holder: Any, guesses: int
) -> None:
    token = (await door.ask(SAM, PASSWORD, "203.0.113.77")).json()["device_token"]
    for _ in range(min(guesses, FREE + 7)):
        first = await door.ask(SAM, WRONG)
        if first.status_code == 429:
            door.clock.now += timedelta(seconds=int(first.headers["retry-after"]))
            first = await door.ask(SAM, WRONG)
        assert {first.status_code, (await door.ask(NOBODY_SUCH, WRONG)).status_code} == {401}
    if guesses == 100:
        await session.execute(text("update sign_in_attempt set failures = 100 where scope = 'account'"))
    await holder(door, session, token)
    for pause in (0, 0, 0, 5, 25, 40, 3_600, 0, 3_600, 86_400 * 20, 86_400 * 31):
        door.clock.now += timedelta(seconds=pause)
        real, invented = [seen(await door.ask(email, WRONG)) for email in (SAM, NOBODY_SUCH)]
        assert real == invented


async def test_forty_guesses_at_once_are_forty(committing_database: Database, settings: Settings, cast: Cast) -> None:
    app, clock = create_app(settings), StandingClock(cast.now)
    checked = Checked()
    app.state.services.passwords.close()
    held = replace(app.state.services, database=in_one_role(committing_database), clock=clock, passwords=checked)
    app.state.services = held
    door = Door(app, clock, checked)
    answers = await asyncio.gather(*(door.ask(SAM, WRONG) for _ in range(40)))
    assert Counter(answer.status_code for answer in answers) == {401: FREE, 429: 40 - FREE}
    assert len(checked.kept) == FREE


async def test_when_too_many_sign_in_at_once_nobody_s_guess_is_counted(door: Door) -> None:
    door.checked.overloaded = True
    for _ in range(3 * FREE):
        assert (await door.ask(SAM, PASSWORD)).status_code == 503
    door.checked.overloaded = False
    assert (await door.ask(SAM, PASSWORD)).status_code == 201


@pytest.mark.parametrize("token", ["", "x", "A" * 75, "A" * 128, "é" * 20])
async def test_a_device_token_of_no_use_does_no_harm(door: Door, token: str) -> None:
    assert (await door.ask(SAM, PASSWORD, device_token=token)).status_code == 201
    assert (await door.ask(SAM, WRONG, device_token=token)).status_code == 401


async def test_a_device_token_of_somebody_else_opens_nothing(door: Door) -> None:
    theirs = (await door.ask("tess_herself@example.test", PASSWORD)).json()["device_token"]
    await door.fail(SAM, FREE)
    assert (await door.ask(SAM, PASSWORD, device_token=theirs)).status_code == 429


async def test_neither_the_address_typed_nor_where_it_came_from_is_stored(door: Door, session: AsyncSession) -> None:
    await door.ask(NOBODY_SUCH, WRONG, "192.0.2.77")
    await door.ask(SAM, PASSWORD, "192.0.2.77")
    for table in ("sign_in_attempt", "session", "audit_event", "refresh_token"):
        stored = str((await session.execute(text(f"select * from {table}"))).all())
        assert "192.0.2.77" not in stored
        assert NOBODY_SUCH not in stored


async def test_auth_040_a_common_password_or_one_of_the_place_s_words_is_refused_by_name(
    cast: Cast, client_of: Any
) -> None:
    for password, code in (
        ("nhsnhsnhs2026", "context_word"),
        ("password1234", "common_password"),
        ("Invented-Integrated", "context_word"),
        ("Kq7zN2xV9b", "too_short"),
    ):
        body = {
            "email": "new.person@example.test",
            "display_name": "New Person",
            "password": password,
            "organisation_id": str(cast.organisations["commissioner"]),
        }
        answer = await client_of("admin").post("/v1/accounts", json=body)
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert fault["pointer"] == "/password"
        assert fault["code"] == code
        assert password not in answer.text


async def test_real_hashes_are_checked_where_the_test_s_stand(app: FastAPI, cast: Cast, client_of: Any) -> None:
    assert isinstance(app.state.services.passwords, Passwords)
    answer = await client_of(None).post("/v1/sessions", json={"email": SAM, "password": WRONG})
    assert answer.status_code == 401


async def test_a_new_encryption_key_put_first_gives_nobody_fresh_guesses(door: Door) -> None:
    await door.fail(SAM, FREE)
    held = door.app.state.services
    sealing = Sealing((b"the-next-secret-of-this-installation", *held.sealing.secrets))
    door.app.state.services = replace(held, sealing=sealing)
    assert (await door.ask(SAM, PASSWORD)).status_code == 429
    door.app.state.services = replace(held, sealing=Sealing(sealing.secrets[:1]))
    assert (await door.ask(SAM, WRONG)).status_code == 401, "counted under the old key alone: nobody guessed meanwhile"
