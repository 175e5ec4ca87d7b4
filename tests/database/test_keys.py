"""Stored signing keys: one first key however many ask, a successor known before it signs, and an end that is one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.run.first_secrets import new_secret
from domain.errors import Conflict, NotFound
from domain.keys.commands import (
    KEPT_AFTER_SUCCESSION,
    PUBLISHED_AHEAD,
    make_first_key,
    publish_next_key,
    retire_key,
)
from domain.keys.key_pair import Purpose
from domain.keys.queries import StoredKey, signing_key, stored_keys
from domain.keys.sealing import CannotUnseal, Sealing
from integrations.postgres.client import Database

SEALING = Sealing.of(new_secret())
TOKENS, AUDIT = Purpose.access_token, Purpose.audit_checkpoint
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def rotated(session: AsyncSession, at: datetime) -> str:
    return await publish_next_key(session, TOKENS, SEALING, at=at, signs_from=at + PUBLISHED_AHEAD)


async def signing(session: AsyncSession, at: datetime) -> StoredKey:
    found = signing_key(await stored_keys(session, TOKENS), at)
    assert found is not None
    return found


async def test_of_forty_processes_that_start_at_once_one_makes_the_first_key(committing_database: Database) -> None:
    async def start(at: datetime) -> None:
        async with committing_database.writing() as session:
            await make_first_key(session, TOKENS, SEALING, at=at)

    moments = [NOW - timedelta(milliseconds=number * 700) for number in range(40)]  # half a minute apart
    await asyncio.gather(*map(start, moments))
    async with committing_database.reading() as session:
        stored = await stored_keys(session, TOKENS)
        assert len(stored) == 1
        assert all(signing_key(stored, at) == stored[0] for at in moments)
        assert await stored_keys(session, AUDIT) == []


async def test_no_private_half_stands_in_the_database(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    (key,) = await stored_keys(session, TOKENS)
    private = key.private_pem(SEALING)
    assert private.startswith("-----BEGIN PRIVATE KEY-----")
    stored = await session.scalar(text("select private_sealed from key"))
    assert private.encode() not in stored
    assert b"PRIVATE" not in stored
    with pytest.raises(CannotUnseal):
        key.private_pem(Sealing.of(new_secret()))


async def test_a_sealed_half_moved_to_another_row_does_not_open(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    await rotated(session, NOW)
    await session.execute(
        text("update key set private_sealed = (select private_sealed from key where signs_from <= :now)"), {"now": NOW}
    )
    _, moved = await stored_keys(session, TOKENS)
    with pytest.raises(CannotUnseal):
        moved.private_pem(SEALING)


async def test_the_next_key_signs_only_when_every_process_knows_it(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    first = (await signing(session, NOW)).kid
    next_kid = await rotated(session, NOW)
    just_before = NOW + PUBLISHED_AHEAD - timedelta(microseconds=1)
    assert (await signing(session, just_before)).kid == first
    assert (await signing(session, NOW + PUBLISHED_AHEAD)).kid == next_kid


async def test_what_was_succeeded_an_hour_ago_goes_with_the_next_rotation(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    first = (await signing(session, NOW)).kid
    await rotated(session, NOW)
    too_early = NOW + PUBLISHED_AHEAD + KEPT_AFTER_SUCCESSION - timedelta(seconds=1)
    await rotated(session, too_early)
    assert [key.retired_at for key in await stored_keys(session, TOKENS)] == [None, None, None]
    later = too_early + timedelta(seconds=1)
    await rotated(session, later)
    kept = [key.kid for key in await stored_keys(session, TOKENS) if key.retired_at is None]
    assert first not in kept
    assert len(kept) == 3


async def test_a_retired_key_keeps_its_public_half_alone(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    first = (await signing(session, NOW)).kid
    await publish_next_key(session, TOKENS, SEALING, at=NOW, signs_from=NOW)
    await retire_key(session, first, at=NOW)
    retired = next(key for key in await stored_keys(session, TOKENS) if key.kid == first)
    assert (retired.private_sealed, retired.retired_at) == (None, NOW)
    assert retired.public_pem
    with pytest.raises(Conflict, match="already"):
        await retire_key(session, first, at=NOW)


async def test_the_only_key_that_signs_is_not_retired(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    first = (await signing(session, NOW)).kid
    await rotated(session, NOW)
    with pytest.raises(Conflict, match="Rotate first"):
        await retire_key(session, first, at=NOW + PUBLISHED_AHEAD - timedelta(seconds=1))
    await retire_key(session, first, at=NOW + PUBLISHED_AHEAD)
    with pytest.raises(NotFound):
        await retire_key(session, "unknown", at=NOW)


async def test_making_and_retiring_keys_is_audited(session: AsyncSession) -> None:
    await make_first_key(session, TOKENS, SEALING, at=NOW)
    first = await signing(session, NOW)
    await publish_next_key(session, TOKENS, SEALING, at=NOW, signs_from=NOW)
    await retire_key(session, first.kid, at=NOW)
    trail = await session.execute(
        text("select action from audit_event where request_id = 'command-line' and action like 'key.%' order by id")
    )
    assert list(trail.scalars()) == ["key.make", "key.make", "key.retire"]
