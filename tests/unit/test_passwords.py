"""Passwords: argon2id, off the event loop, with a bounded queue, and no telling who has an account."""

from __future__ import annotations

import asyncio
import importlib.metadata
import threading
from collections.abc import AsyncIterator

import pytest
from passlib.hash import argon2  # type: ignore[import-untyped]

from api import passwords as passwords_module
from api.passwords import DECOY, GREATEST_QUEUE, THREADS, Passwords, require_acceptable, unusable_hash
from api.refusals import Overloaded
from domain.accounts.password_rules import GREATEST_LENGTH as GREATEST_PASSWORD_LENGTH
from domain.errors import Invalid

RIGHT = "correct horse battery staple"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_the_right_password_is_accepted_and_no_other(passwords: Passwords) -> None:
    kept = await passwords.hash(RIGHT)
    assert await passwords.verify(RIGHT, kept)
    for wrong in ("", RIGHT + " ", RIGHT.upper(), RIGHT[:-1], "x" * 5000, "\ud800", RIGHT + "\ud800", "\x00"):
        assert not await passwords.verify(wrong, kept)


async def test_hashes_are_argon2id_with_the_recommended_cost_and_a_salt_of_their_own(passwords: Passwords) -> None:
    first, second = await passwords.hash(RIGHT), await passwords.hash(RIGHT)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert DECOY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")  # as costly as a real one, or time would tell
    assert len(DECOY) == len(first)
    assert RIGHT not in first


async def test_what_stands_for_no_password_is_as_costly_as_a_hash_and_nobody_s(passwords: Passwords) -> None:
    real = argon2.from_string(await passwords.hash(RIGHT))
    first, second = unusable_hash(), unusable_hash()
    assert first != second
    for each in (argon2.from_string(first), argon2.from_string(second)):
        for parameter in ("type", "version", "memory_cost", "rounds", "parallelism"):
            assert getattr(each, parameter) == getattr(real, parameter), parameter
        assert (len(each.salt), len(each.checksum)) == (len(real.salt), len(real.checksum))
    for password in (RIGHT, "", "!", first):
        assert not await passwords.verify(password, first)


@pytest.mark.parametrize(
    "password",
    ["pässwörd with spaces ", "x" * GREATEST_PASSWORD_LENGTH, "👩‍👩‍👧 family passphrase", "a\x00b and more text"],
)
async def test_a_password_is_taken_as_it_is_typed(passwords: Passwords, password: str) -> None:
    kept = await passwords.hash(password)
    assert await passwords.verify(password, kept)
    assert not await passwords.verify(password.strip() + "x", kept)


async def test_a_long_password_is_refused_and_never_cut(passwords: Passwords) -> None:
    with pytest.raises(Invalid):
        await passwords.hash("x" * (GREATEST_PASSWORD_LENGTH + 1))
    kept = await passwords.hash("x" * GREATEST_PASSWORD_LENGTH)
    assert not await passwords.verify("x" * (GREATEST_PASSWORD_LENGTH + 1), kept)


async def test_half_a_surrogate_pair_is_refused(passwords: Passwords) -> None:
    with pytest.raises(Invalid):
        await passwords.hash("twelve and \ud800 more")


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuuPq", "\x00"])
async def test_nobody_gets_in_with_something_that_is_no_hash(passwords: Passwords, kept: str) -> None:
    assert not await passwords.verify(RIGHT, kept)
    assert not await passwords.verify(kept, kept)


class Recorded:
    """The hasher, and what it was asked: in which thread, while how many had a turn, at what cost and salt's length."""

    def __init__(self, passwords: Passwords) -> None:
        self.passwords, self.asked = passwords, list[tuple[object, ...]]()

    def verify(self, password: str, kept: str) -> bool:
        _, kind, version, cost, salt, digest = kept.split("$")
        in_pool = threading.current_thread().name.startswith("password")
        work = (in_pool, self.passwords._turn._value, kind, version, cost, len(salt), len(digest))
        self.asked.append(work)
        return bool(argon2.verify(password, kept))


async def test_an_unknown_account_is_never_in_and_takes_the_very_same_work(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The times themselves are shown by `make bench`: on a busy machine a test of them fails by chance, or is blind."""
    kept = await passwords.hash(RIGHT)
    recorded = Recorded(passwords)
    monkeypatch.setattr(passwords_module, "_HASHER", recorded)
    for password in ("wrong password!", "x" * 5000, "\ud800"):
        for against in (kept, None):
            assert not await passwords.verify(password, against)
    assert len(recorded.asked) == 6
    assert set(recorded.asked) == {(True, THREADS - 1, "argon2id", "v=19", "m=19456,t=2,p=1", 22, 43)}
    assert await passwords.verify(RIGHT, kept)
    assert recorded.asked[-1] == recorded.asked[0]


async def test_the_event_loop_goes_on_while_passwords_are_checked(passwords: Passwords) -> None:
    kept = await passwords.hash(RIGHT)
    checking = asyncio.gather(*(passwords.verify(RIGHT, kept) for _ in range(8)))
    turns = 0
    while not checking.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert all(checking.result())
    assert turns > 8  # on the loop itself, eight checks would leave eight gaps


async def test_a_flood_is_turned_away_and_those_in_the_queue_are_served(passwords: Passwords) -> None:
    kept = await passwords.hash(RIGHT)
    answers = await asyncio.gather(
        *(passwords.verify(RIGHT, kept) for _ in range(GREATEST_QUEUE + 20)), return_exceptions=True
    )
    assert answers.count(True) == GREATEST_QUEUE
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 20
    assert await passwords.verify(RIGHT, kept)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 257, "Ann.Lee@Example.uk", "twelve and \ud800 more"])
def test_a_new_password_must_be_long_enough_and_not_the_address(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_acceptable(password, "ann.lee@example.uk")
    assert refused.value.faults[0].pointer == "/password"
    assert not password or password not in str(refused.value.faults)


def test_a_new_password_needs_no_digits_or_signs() -> None:
    require_acceptable("twelve words", "ann.lee@example.uk")


def test_the_unmaintained_passlib_is_not_installed_over_libpass() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("passlib")
    assert importlib.metadata.version("libpass")
