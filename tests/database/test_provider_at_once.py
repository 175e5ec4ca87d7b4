"""Of many who bring one answer, or come for the first time at once, one is let through; and the commands on our key."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from api.__main__ import main
from api.exit_codes import OK
from api.run.first_secrets import new_secret
from domain.accounts.client import Client
from domain.accounts.closing_commands import close_account
from domain.accounts.provider_commands import Taken, begin_provider_sign_in, take_provider_sign_in
from domain.accounts.queries import lock_account
from domain.clock import utc_now
from domain.keys.sealing import Sealing
from domain.people.nhs_login import ProvenIdentity
from domain.people.provider_commands import NoAccount, Subject, account_of_proven
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role
from tests.cast import Cast
from tests.waiting import until_somebody_waits

SECRET = new_secret()
SEALING = Sealing.of(SECRET)
ROSE = ProvenIdentity("9990000018", date(1940, 2, 29), "Resident")


async def test_of_twelve_who_bring_one_answer_at_once_one_is_let_through(committing_database: Database) -> None:
    at = utc_now()
    async with committing_database.writing() as session:
        begun = await begin_provider_sign_in(session, SEALING, at=at, client=Client())

    async def bring() -> Taken | None:
        async with committing_database.writing() as session:
            return await take_provider_sign_in(
                session, begun.state, begun.secret, SEALING, at=at + timedelta(minutes=1)
            )

    brought = [taken for taken in await asyncio.gather(*(bring() for _ in range(12))) if taken is not None]
    assert [(taken.nonce, taken.verifier) for taken in brought] == [(begun.nonce, begun.verifier)]


async def test_of_two_logins_that_come_for_one_person_at_once_one_is_theirs(
    committing_database: Database, cast: Cast
) -> None:
    identity = Database(committing_database.url, Limits(pool_size=10), role=Role.identity)

    async def come(subject: str) -> UUID | NoAccount:
        who = Subject("https://provider.test", subject)
        async with identity.writing() as session:
            return await account_of_proven(session, ROSE, who, SEALING, at=utc_now(), request_id="test")

    try:
        found = await asyncio.gather(*(come(f"subject-{n % 2}") for n in range(8)))
    finally:
        await identity.close()
    let_in = [account for account in found if not isinstance(account, NoAccount)]
    assert let_in == [cast.accounts["rose_herself"]] * 4
    assert {each.code for each in found if isinstance(each, NoAccount)} == {"account_of_another_subject"}
    async with committing_database.reading() as session:
        linked = (await session.execute(text("select subject from provider_identity"))).scalars().all()
        told = await session.scalar(text("select count(*) from letter"))
    assert (len(linked), told) == (1, 1)


async def test_a_login_that_comes_while_its_account_is_being_closed_is_not_tied_to_the_closed_one(
    committing_database: Database, cast: Cast
) -> None:
    identity = Database(committing_database.url, Limits(pool_size=10), role=Role.identity)

    async def come() -> UUID | NoAccount:
        who = Subject("https://provider.test", "a-subject")
        async with identity.writing() as session:
            return await account_of_proven(session, ROSE, who, SEALING, at=utc_now(), request_id="test")

    try:
        async with identity.writing() as closing:
            await close_account(closing, cast.actor("saul_privacy_officer"), cast.accounts["rose_herself"])
            coming = asyncio.create_task(come())
            waiting = asyncio.create_task(until_somebody_waits(committing_database))
            await asyncio.wait((coming, waiting), return_when=asyncio.FIRST_COMPLETED)
        found = await coming
        await waiting
    finally:
        await identity.close()
    assert found == NoAccount("account_disabled")
    async with committing_database.reading() as session:
        assert await session.scalar(text("select count(*) from provider_identity")) == 0


async def test_a_record_that_loses_its_account_while_a_login_waits_lets_nobody_in(
    committing_database: Database, cast: Cast
) -> None:
    identity = Database(committing_database.url, Limits(pool_size=10), role=Role.identity)

    async def come() -> UUID | NoAccount:
        who = Subject("https://provider.test", "a-subject")
        async with identity.writing() as session:
            return await account_of_proven(session, ROSE, who, SEALING, at=utc_now(), request_id="test")

    unlink = text("update patient set account_id = null where id = :id")
    try:
        async with committing_database.writing() as session:
            await lock_account(session, cast.accounts["rose_herself"])
            await session.execute(unlink, {"id": cast.patients["rose_resident"]})
            coming = asyncio.create_task(come())
            await until_somebody_waits(committing_database)
        assert await coming == NoAccount("record_without_account")
    finally:
        await identity.close()


async def test_whoever_looks_after_accounts_is_told_of_a_record_what_they_can_name_themselves(
    committing_database: Database, cast: Cast
) -> None:
    assert cast.patients
    ask = text("select * from patient_proven(:number, :born)")
    right, wrong = (
        {"number": "9990000018", "born": date(1940, 2, 29)},
        {"number": "9990000018", "born": date(1940, 3, 1)},
    )
    identity = Database(committing_database.url, role=Role.identity)
    try:
        async with identity.reading() as session:
            assert (await session.execute(ask, right)).one().family_name == "Resident"
            assert (await session.execute(ask, wrong)).one().family_name is None
    finally:
        await identity.close()


async def test_the_key_by_which_a_provider_knows_us_is_printed_and_changed_on_a_day_that_is_agreed(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", SECRET)

    async def printed(*arguments: str) -> str:
        assert await asyncio.to_thread(main, list(arguments)) == OK
        return capsys.readouterr().out

    first = await printed("client-key")
    assert first.startswith("-----BEGIN PUBLIC KEY-----")
    assert await printed("client-key") == first
    assert await printed("client-key", "--next") == ""
    when = (utc_now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert when[:10] in await printed("rotate-keys", "--purpose", "oidc_client", "--from", when)
    assert await printed("client-key") == first, "until that day"
    assert (await printed("client-key", "--next")).startswith("-----BEGIN PUBLIC KEY-----")
    for wrong in (["--from", "2020-01-01T00:00:00Z"], ["--from", when, "--at-once"], ["--from", "soon"]):
        with pytest.raises(SystemExit):
            await asyncio.to_thread(main, ["rotate-keys", *wrong])
