"""Guesses are counted in the database, before they are checked, and by nothing that names anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.factor_commands import Proof, use_factor
from domain.accounts.password_reset_commands import ask_for_reset
from domain.accounts.throttle import FORGOTTEN_AFTER, LONGEST_WAIT, RULES, Scope, marks_under
from domain.accounts.throttle_commands import (
    Attempt,
    Marks,
    Wait,
    begin_attempt,
    forget_old_attempts,
    forgive_failures,
    succeed_attempt,
    withdraw_attempt,
)
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database

KEY, NEXT_KEY = b"k" * 32, b"n" * 32
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FREE = RULES[Scope.account].free


def marks(
    email: str = "ann", address: str = "192.0.2.1", device: str | None = None, *, keys: Sequence[bytes] = (KEY,)
) -> Marks:
    """Return the marks of a guess at somebody's password from somewhere."""
    named = {Scope.account: email, Scope.address: address} | ({} if device is None else {Scope.device: device})
    return {scope: marks_under(keys, scope, value.encode()) for scope, value in named.items()}


async def begun(session: AsyncSession, asked: Marks, at: datetime = NOW) -> Attempt:
    attempt = await begin_attempt(session, asked, at=at)
    assert isinstance(attempt, Attempt)
    return attempt


async def failed_often(session: AsyncSession, asked: Marks, times: int) -> datetime:
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
    again = await begin_attempt(session, marks(), at=at + LONGEST_WAIT)
    assert again == Wait(3600), "to go on after that would tell a stranger that somebody has signed in"


async def test_a_device_that_guesses_too_often_counts_as_any_other(session: AsyncSession) -> None:
    at = await failed_often(session, marks(device="stolen"), RULES[Scope.device].most or 0)
    attempt = await begun(session, marks(device="stolen"), at)
    assert attempt.counted_in == {Scope.account, Scope.address}


async def test_the_right_password_is_no_failure_and_forgives_those_of_its_device_alone(session: AsyncSession) -> None:
    for device in (None, "phone"):
        for _ in range(FREE - 1):
            await begun(session, marks(device=device))
    for device in (None, "phone"):
        await succeed_attempt(session, await begun(session, marks(device=device)), at=NOW)
    counts = {row.scope: row.failures for row in await session.execute(text("select * from sign_in_attempt"))}
    assert counts == {"account": FREE - 1, "address": FREE - 1, "device": 0}


async def test_a_guess_that_was_never_checked_is_taken_back(session: AsyncSession) -> None:
    for _ in range(20):
        await withdraw_attempt(session, await begun(session, marks()), at=NOW)


async def test_what_is_forgiven_counts_from_nothing(session: AsyncSession) -> None:
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


OLD, BOTH, NEW = (KEY,), (NEXT_KEY, KEY), (NEXT_KEY,)


async def test_a_new_encryption_key_begins_no_count_anew(session: AsyncSession) -> None:
    at = await failed_often(session, marks(keys=OLD), 100)
    assert await begin_attempt(session, marks(keys=BOTH), at=at + LONGEST_WAIT) == Wait(3600)


async def test_what_is_guessed_at_while_both_keys_stand_is_still_counted_when_the_old_one_has_gone(
    session: AsyncSession,
) -> None:
    for _ in range(FREE - 1):
        await begun(session, marks(keys=OLD))
    await begun(session, marks(keys=BOTH))
    assert await begin_attempt(session, marks(keys=NEW), at=NOW) == Wait(30)


async def test_guesses_are_shared_out_to_no_two_counts_by_nodes_that_restart_one_after_another(
    session: AsyncSession,
) -> None:
    for n in range(FREE):
        await begun(session, marks(keys=(OLD, BOTH)[n % 2]))
    for keys in (OLD, BOTH):
        assert await begin_attempt(session, marks(keys=keys), at=NOW) == Wait(30)


@pytest.mark.parametrize("keys", [OLD, BOTH, NEW])
async def test_the_right_password_forgives_under_every_key(session: AsyncSession, keys: Sequence[bytes]) -> None:
    free = RULES[Scope.device].free
    for _ in range(free - 1):
        await begun(session, marks(device="phone", keys=BOTH))
    await succeed_attempt(session, await begun(session, marks(device="phone", keys=BOTH)), at=NOW)
    for _ in range(free):
        await begun(session, marks(device="phone", keys=keys))


async def test_what_was_counted_under_the_old_key_too_long_ago_counts_no_more_under_the_new(
    session: AsyncSession,
) -> None:
    for n in range(RULES[Scope.address].free):
        await begun(session, marks(f"nurse {n}", keys=OLD))
    later = NOW + RULES[Scope.address].counts_anew_after + timedelta(seconds=1)
    for n in range(2):
        await begun(session, marks(f"another {n}", keys=BOTH), later)


BEFORE = Sealing.of("a" * 32)
AFTER = Sealing.of(f"{'b' * 32} {'a' * 32}")


async def test_a_new_encryption_key_gives_nobody_fresh_guesses_at_a_second_factor(session: AsyncSession) -> None:
    actor = Actor(UUID(int=7), NOW, request_id="test")
    for _ in range(RULES[Scope.second_factor].free):
        assert await use_factor(session, actor, Proof(code="000000"), BEFORE) is None
    assert await use_factor(session, actor, Proof(code="000000"), AFTER) == Wait(30)


async def test_a_new_encryption_key_gives_nobody_fresh_letters_to_one_address_or_from_one_network(
    session: AsyncSession,
) -> None:
    async def asked(email: str, sealing: Sealing) -> tuple[Wait | None, int]:
        wait = await ask_for_reset(session, email, sealing, network="192.0.2.1", at=NOW, request_id="test")
        return wait, int(await session.scalar(text("select count(*) from password_reset_request")) or 0)

    most_letters, most_from_there = RULES[Scope.reset].free, RULES[Scope.reset_from].free
    for _ in range(most_letters):
        await asked("ann@example.test", BEFORE)
    assert await asked("ann@example.test", AFTER) == (None, most_letters)
    for n in range(most_letters + 1, most_from_there):
        assert (await asked(f"{n}@example.test", BEFORE))[0] is None
    assert (await asked("bob@example.test", AFTER))[0] == Wait(30)
