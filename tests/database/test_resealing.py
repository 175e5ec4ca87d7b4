"""After a change of the encryption key everything that is stored is sealed anew, and then the former key may go."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

import api.key_check
import api.resealing
from api.__main__ import main
from api.app import create_app
from api.exit_codes import FAILED, OK
from api.key_check import AGAIN_AFTER_SECONDS, RETRY_SECONDS, KeyCheck, WrongKey
from api.resealing import SEALED, reseal, table_that_does_not_open
from api.run.first_secrets import new_secret
from api.settings import Settings
from api.worker import run
from domain.clock import utc_now
from domain.errors import Conflict
from domain.ids import new_id
from domain.keys import resealing_commands
from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from domain.keys.resealing_commands import SealedColumn, unopened_of_sample
from domain.keys.sealing import CannotUnseal, Sealing
from domain.repeats.commands import Keyed, Reply, remember, take_or_recall
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable, NotAdmitted
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role, in_role
from tests.architecture.source import modules, shown, tree
from tests.cast import Cast
from tests.waiting import until_somebody_waits

FORMER, NEWEST = new_secret(), new_secret()
OLD, NEW, BOTH = Sealing.of(FORMER), Sealing.of(NEWEST), Sealing.of(f"{NEWEST} {FORMER}")
TOTP, WEBHOOK = (next(column for column in SEALED if column.table == name) for name in ("totp", "webhook"))
_ROW = {
    "totp": "insert into totp (id, account_id, sealed_secret, begun_at) values (:id, :account, :sealed, now())",
    "webhook": "insert into webhook (id, organisation_id, url, kinds, sealed_secret, created_at, created_by)"
    " values (:id, :place, 'https://x.example', '{goal.proposed}', :sealed, now(), :account)",
    "password_reset_request": "insert into password_reset_request (id, sealed_email, asked_at, request_id)"
    " values (:id, :sealed, now(), 'x')",
    "provider_sign_in": "insert into provider_sign_in (id, state_hash, secret_hash, sealed, begun_at, expires_at, kind,"
    " label) values (:id, :sealed, '\\x01', :sealed, now(), now(), 'web', '')",
    "notice_address": "insert into notice_address (id, account_id, channel, name, sealed, mark, made_at)"
    " values (:id, :account, 'sms', 'x', :sealed, :sealed, now())",
    "letter": "insert into letter (id, kind, sealed, queued_at, lapses_at, due_at)"
    " values (:id, 'invitation', :sealed, now(), now() + interval '1 d', now() + interval '1 d')",
    "remembered_reply": "insert into remembered_reply (id, account_id, operation, key_hash, request_hash, at, status,"
    " sealed_reply) values (:id, :account, gen_random_uuid(), '\\x01', '\\x01', now(), 201, :sealed)",
}


async def put(session: AsyncSession, cast: Cast, column: SealedColumn, sealing: Sealing, member: str = "admin") -> UUID:
    """Return the id of a new row of a table that holds its own id, sealed."""
    row_id = new_id()
    assert column.purpose is not None
    sealed = sealing.seal(str(row_id).encode(), purpose=column.purpose, row_id=row_id)
    about = {"id": row_id, "sealed": sealed, "account": cast.accounts[member]}
    await session.execute(text(_ROW[column.table]), about | {"place": cast.organisations["practice"]})
    return row_id


async def opened(session: AsyncSession, column: SealedColumn, sealing: Sealing) -> list[str]:
    """Return what a column holds, all of it. Raises CannotUnseal."""
    purpose = "purpose" if column.purpose is None else f"'{column.purpose}'"
    rows = await session.execute(
        text(
            f"select id, {column.column} as sealed, {purpose} as purpose from {column.table}"
            f" where {column.column} is not null"
        )
    )
    return [sealing.unseal(row.sealed, purpose=row.purpose, row_id=row.id).decode() for row in rows]


async def test_every_column_that_holds_something_sealed_is_known_to_the_command(session: AsyncSession) -> None:
    bytes_sealed = text(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = current_schema() and data_type = 'bytea' and column_name like '%sealed%'"
    )
    found = {(row.table_name, row.column_name) for row in await session.execute(bytes_sealed)}
    assert {(column.table, column.column) for column in SEALED} == found


def test_whoever_seals_something_says_where_it_is_stored() -> None:
    sealing = set()
    for path in modules("domain", "api", "integrations"):
        calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        if any(isinstance(called, ast.Attribute) and called.attr == "seal" for called in calls):
            sealing.add(shown(path).removesuffix(".py").replace("/", "."))
    known = {module.__name__ for module in vars(api.resealing).values() if hasattr(module, "SEALED")}
    assert sealing - {"domain.keys.sealing"} == known


async def test_all_that_a_former_key_sealed_opens_with_the_newest_alone_afterwards(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with committing_database.writing() as session:
        for purpose in Purpose:
            await make_first_key(session, purpose, OLD, at=utc_now())
        for column in SEALED[1:]:
            await put(session, cast, column, OLD)
            await put(session, cast, column, NEW, "jack_administrator_of_practice")
        before = {column: await opened(session, column, BOTH) for column in SEALED}
    assert await table_that_does_not_open(committing_database, NEW) == "key"
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", f"{NEWEST} {FORMER}")
    assert await asyncio.to_thread(main, ["reseal"]) == OK
    assert "those before it may go" in capsys.readouterr().out
    async with committing_database.reading() as session:
        assert {column: sorted(await opened(session, column, NEW)) for column in SEALED} == {
            column: sorted(held) for column, held in before.items()
        }
    assert await table_that_does_not_open(committing_database, NEW) is None
    assert await asyncio.to_thread(main, ["reseal"]) == OK
    said = capsys.readouterr().out
    assert "totp: 2 looked at, 0 sealed anew" in said
    assert NEWEST not in said


async def test_who_was_interrupted_begins_again_and_nothing_is_lost_between(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing_commands, "ROWS_PER_STEP", 3)
    async with committing_database.writing() as session:
        ids = sorted([str(await put(session, cast, WEBHOOK, OLD)) for _ in range(10)])
    given = iter([None, None, RuntimeError("the machine is gone")])

    def clock() -> object:
        if (fault := next(given)) is not None:
            raise fault
        return utc_now()

    with pytest.raises(RuntimeError):
        await reseal(committing_database, WEBHOOK, BOTH, clock)  # type: ignore[arg-type]
    async with committing_database.reading() as session:
        assert sorted(await opened(session, WEBHOOK, BOTH)) == ids
        with pytest.raises(CannotUnseal):
            await opened(session, WEBHOOK, NEW)
    told = await reseal(committing_database, WEBHOOK, BOTH, utc_now)
    assert (told.rows, told.resealed, told.closed) == (10, 4, 0)
    async with committing_database.reading() as session:
        assert sorted(await opened(session, WEBHOOK, NEW)) == ids


async def test_what_somebody_writes_at_that_moment_is_not_undone(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        row_id = await put(session, cast, WEBHOOK, OLD)
    async with committing_database.writing() as session:
        another = NEW.seal(b"another", purpose="webhook_secret", row_id=row_id)
        await session.execute(
            text("update webhook set sealed_secret = :sealed where id = :id"), {"sealed": another, "id": row_id}
        )
        at_work = asyncio.create_task(reseal(committing_database, WEBHOOK, BOTH, utc_now))
        await until_somebody_waits(committing_database)
    assert (await at_work).resealed == 0
    async with committing_database.reading() as session:
        assert await opened(session, WEBHOOK, NEW) == ["another"]


async def test_what_no_key_opens_is_counted_left_alone_and_keeps_processes_from_starting(
    committing_database: Database,
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with committing_database.writing() as session:
        lost = await put(session, cast, TOTP, Sealing.of(new_secret()))
        await put(session, cast, TOTP, OLD, "sam_himself")
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", f"{NEWEST} {FORMER}")
    assert await asyncio.to_thread(main, ["reseal"]) == FAILED
    told = capsys.readouterr()
    assert "totp: 2 looked at, 1 sealed anew, 1 OPEN WITH NO SECRET" in told.out
    assert "behind the others" in told.err
    assert str(lost) not in told.out + told.err
    settings = Settings(
        environment="demo",
        database_url=committing_database.url,
        encryption_key=f"{NEWEST} {FORMER}",
        cursor_secret=new_secret(),
        refresh_secret=new_secret(),
        mail_dir=tmp_path,
    )
    refusal = "stored secrets of the table 'totp' do not open, for TENDWELL_ENCRYPTION_KEY is not the one"
    with pytest.raises(NotAdmitted, match=refusal):
        await run(settings)
    application = create_app(settings)
    with pytest.raises(NotAdmitted, match=refusal):
        async with application.router.lifespan_context(application):
            pass
    application.state.services.passwords.close()
    await application.state.services.database.close()


class Counting(Sealing):
    """A sealing that counts what it is asked to open."""

    asked = 0

    def opens(self, sealed: bytes, *, purpose: str, row_id: UUID) -> bool:
        Counting.asked += 1
        return super().opens(sealed, purpose=purpose, row_id=row_id)


async def test_a_start_looks_at_so_many_rows_however_many_there_are_and_meets_a_stretch_that_does_not_open(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing_commands, "SAMPLED", 8)

    async def rows(number: int, sealing: Sealing) -> None:
        async with committing_database.writing() as session:
            for _ in range(number):
                await put(session, cast, WEBHOOK, sealing)

    async def closed(sealing: Sealing) -> int:
        async with committing_database.reading() as session:
            return await unopened_of_sample(session, WEBHOOK, sealing)

    await rows(7, OLD)
    assert (await closed(OLD), await closed(NEW)) == (0, 7)
    await rows(30, NEW)  # as when sealing anew was interrupted, and the newest were written since
    assert await closed(BOTH) == 0
    assert await closed(NEW) > 0, "of the oldest, too, some are looked at"
    assert await closed(OLD) >= 8, "the newest are looked at"
    counting = Counting(BOTH.secrets)
    assert await closed(counting) == 0
    assert 8 < Counting.asked <= 16


async def test_a_process_looks_once_that_its_key_opens_and_now_and_then_while_it_does_not(
    committing_database: Database, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    check = KeyCheck(committing_database.url, Limits(), NEW, clock=lambda: now)
    worker = in_role(committing_database.url, Limits(), Role.worker, strictly=False, also=check.admit)
    async with committing_database.writing() as session:
        await put(session, cast, WEBHOOK, OLD)
    for _ in range(2):
        with pytest.raises(WrongKey, match="'webhook' do not open"):
            async with worker.writing():
                pass
    told = [record.message for record in caplog.records]
    assert len(told) == 1
    assert NEWEST not in told[0]
    async with committing_database.writing() as session:
        await session.execute(text("delete from webhook"))
    with pytest.raises(WrongKey):
        await check.require()
    now += AGAIN_AFTER_SECONDS
    async with worker.writing():
        pass
    async with committing_database.writing() as session:
        await put(session, cast, WEBHOOK, OLD)
    await check.require()
    await worker.close()


async def test_while_the_database_cannot_be_asked_one_of_many_looks_and_those_who_waited_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, looks, ended = 0.0, 0, asyncio.Event()

    async def look(_database: Database, _sealing: Sealing) -> str | None:
        nonlocal looks
        looks += 1
        await ended.wait()
        if looks == 1:
            raise DatabaseUnavailable("a statement took too long")
        return None

    monkeypatch.setattr(api.key_check, "table_that_does_not_open", look)
    check = KeyCheck("postgresql://nobody.invalid/none", Limits(), NEW, clock=lambda: now)
    asking = [asyncio.create_task(check.require()) for _ in range(20)]
    while not looks:
        await asyncio.sleep(0)
    ended.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert {(type(each), str(each)) for each in told} == {(DatabaseUnavailable, "a statement took too long")}
    assert looks == 1
    with pytest.raises(DatabaseUnavailable):
        await check.require()
    assert looks == 1, "within the second nobody asks"
    now += RETRY_SECONDS
    await asyncio.gather(*(check.require() for _ in range(20)))
    assert looks == 2


async def test_a_kept_reply_whose_key_is_gone_is_a_conflict_and_the_deed_is_not_done_again(
    committing_database: Database, cast: Cast
) -> None:
    actor, asked = cast.actor("sam_himself"), Keyed("propose_goal", "k" * 20, b"the request")
    async with committing_database.writing() as session:
        taken = await take_or_recall(session, actor, asked, OLD)
        assert isinstance(taken, UUID)
        await remember(session, taken, Reply(201, b"{}"), OLD)
    async with committing_database.writing() as session:
        assert await take_or_recall(session, actor, asked, BOTH) == Reply(201, b"{}")
        with pytest.raises(Conflict, match="can no longer be read"):
            await take_or_recall(session, actor, asked, NEW)
