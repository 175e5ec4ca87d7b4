"""Guesses are counted in the database, before they are checked, and by nothing that names anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.throttle import FORGOTTEN_AFTER, LONGEST_WAIT, RULES, Scope, mark
from domain.accounts.throttle_commands import (
    Attempt,
    Wait,
    begin_attempt,
    forget_old_attempts,
    forgive_failures,
    succeed_attempt,
    withdraw_attempt,
)
from integrations.postgres.client import Database

KEY = b"k" * 32
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FREE = RULES[Scope.account].free


def marks(email: str = "ann", address: str = "192.0.2.1", device: str | None = None) -> dict[Scope, bytes]:
    """Return the marks of a guess at somebody's password from somewhere."""
    named = {Scope.account: email, Scope.address: address} | ({} if device is None else {Scope.device: device})
    return {scope: mark(KEY, scope, value.encode()) for scope, value in named.items()}


async def begun(session: AsyncSession, asked: Mapping[Scope, bytes], at: datetime = NOW) -> Attempt:
    attempt = await begin_attempt(session, asked, at=at)
    assert isinstance(attempt, Attempt)
    return attempt


async def failed_often(session: AsyncSession, asked: Mapping[Scope, bytes], times: int) -> datetime:
    """Return when the last of so many failures was, each as soon as it may be."""
    at = NOW
    for _ in range(times):
        attempt = await begin_attempt(session, asked, at=at)
        if isinstance(attempt, Wait):
            at += timedelta(seconds=attempt.seconds)
            await begun(session, asked, at)
    return at


async def test_of_forty_guesses_at_once_five_are_let_through(committing_database: Database) -> None:
    async def guess() -> Attempt | Wait:
        async with committing_database.writing() as session:
            return await begin_attempt(session, marks(), at=NOW)

    answers = await asyncio.gather(*(guess() for _ in range(40)))
    assert sum(isinstance(answer, Attempt) for answer in answers) == FREE
    assert {answer.seconds for answer in answers if isinstance(answer, Wait)} == {30}
    # Another process, after a restart, has not forgotten.
    again = Database(committing_database.url)
    async with again.writing() as session:
        assert isinstance(await begin_attempt(session, marks(), at=NOW), Wait)
    await again.close()


async def test_guesses_at_many_accounts_at_once_do_not_stand_in_one_another_s_way(
    committing_database: Database,
) -> None:
    async def guess(n: int) -> Attempt | Wait:
        async with committing_database.writing() as session:
            attempt = await begin_attempt(session, marks(f"a{n % 10}", f"192.0.2.{n % 7}", f"d{n % 3}"), at=NOW)
        if isinstance(attempt, Attempt):
            async with committing_database.writing() as session:
                await succeed_attempt(session, attempt, at=NOW)
        return attempt

    answers = await asyncio.gather(*(guess(n) for n in range(40)))  # a deadlock would raise here
    assert len(answers) == 40


async def test_auth_035_a_known_device_is_not_held_up_by_a_stranger_s_guesses(session: AsyncSession) -> None:
    at = await failed_often(session, marks(address="198.51.100.9"), 20)
    assert isinstance(await begin_attempt(session, marks(), at=at), Wait)
    attempt = await begun(session, marks(device="phone"), at)
    await succeed_attempt(session, attempt, at=at)
    assert isinstance(await begin_attempt(session, marks(address="198.51.100.9"), at=at), Wait)


async def test_auth_034_after_a_hundred_failures_only_a_known_device_gets_in(session: AsyncSession) -> None:
    at = await failed_often(session, marks(), 100)
    for later in (at + LONGEST_WAIT, at + timedelta(days=7)):
        assert await begin_attempt(session, marks(address="203.0.113.5"), at=later) == Wait(3600)
    attempt = await begun(session, marks(device="phone"), at)
    await succeed_attempt(session, attempt, at=at)
    await begun(session, marks(), at + LONGEST_WAIT)


async def test_a_device_that_guesses_too_often_counts_as_any_other(session: AsyncSession) -> None:
    at = await failed_often(session, marks(device="stolen"), RULES[Scope.device].most or 0)
    attempt = await begun(session, marks(device="stolen"), at)
    assert attempt.counted_in == {Scope.account, Scope.address}


async def test_the_right_password_forgives_its_owner_s_failures_and_not_those_of_the_place(
    session: AsyncSession,
) -> None:
    for _ in range(FREE - 1):
        await begun(session, marks())
    await succeed_attempt(session, await begun(session, marks()), at=NOW)
    counts = {row.scope: row.failures for row in await session.execute(text("select * from sign_in_attempt"))}
    assert counts == {"account": 0, "address": FREE - 1}
    await begun(session, marks())


async def test_a_guess_that_was_never_checked_is_taken_back(session: AsyncSession) -> None:
    for _ in range(20):
        await withdraw_attempt(session, await begun(session, marks()), at=NOW)


async def test_after_a_change_of_password_guesses_count_from_nothing(session: AsyncSession) -> None:
    at = await failed_often(session, marks(), 100)
    await forgive_failures(session, {Scope.account: marks()[Scope.account]}, at=at)
    await begun(session, marks(address="203.0.113.5"), at)


async def test_no_address_and_no_name_is_stored(session: AsyncSession) -> None:
    await begun(session, marks("ann@example.test", "192.0.2.1", "phone"))
    stored = str((await session.execute(text("select * from sign_in_attempt"))).all())
    assert "ann" not in stored
    assert "192" not in stored


@pytest.mark.parametrize(("pause", "left"), [(FORGOTTEN_AFTER, 2), (FORGOTTEN_AFTER + timedelta(seconds=1), 0)])
async def test_what_nobody_has_added_to_for_a_month_is_deleted(
    session: AsyncSession, pause: timedelta, left: int
) -> None:
    await begun(session, marks())
    await forget_old_attempts(session, at=NOW + pause)
    assert await session.scalar(text("select count(*) from sign_in_attempt")) == left


async def test_signing_in_all_day_from_one_place_is_no_failure(session: AsyncSession) -> None:
    for n in range(RULES[Scope.address].free + 10):
        await succeed_attempt(session, await begun(session, marks(f"nurse {n}")), at=NOW)


async def test_who_signs_in_over_and_over_on_several_devices_is_never_held_up(committing_database: Database) -> None:
    async def sign_in_often(device: int) -> None:
        for _ in range(40):
            async with committing_database.writing() as session:
                attempt = await begun(session, marks())
            async with committing_database.writing() as session:
                await succeed_attempt(session, attempt, at=NOW)

    await asyncio.gather(*(sign_in_often(n) for n in range(FREE - 1)))
    async with committing_database.reading() as session:
        counts = await session.execute(text("select failures from sign_in_attempt"))
        assert set(counts.scalars()) == {0}
