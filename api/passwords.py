"""Passwords: argon2id, in two threads, with a short queue in front.

Knows no accounts. One hash takes about 20 ms and 19 MiB, so it never runs on the event loop, never more than two at a
time (more threads were measured to gain nothing), and never behind a long queue: a flood of sign-ins must not take
the machine from the people who are already in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from secrets import token_bytes
from typing import Final, TypeVar

from passlib.hash import argon2  # type: ignore[import-untyped]

from api.refusals import Overloaded
from domain.accounts.password_rules import GREATEST_LENGTH, LEAST_LENGTH, fault_of
from domain.errors import Fault, Invalid

THREADS: Final = 2
GREATEST_QUEUE: Final = 32  # about a second of work

# The minimum OWASP recommends for argon2id (Password Storage Cheat Sheet).
_HASHER = argon2.using(type="ID", memory_cost=19_456, time_cost=2, parallelism=1)
_NO_PASSWORD = "no password at all: this is only hashed to spend the time"
# The hash of a random text that nobody kept, of the same cost: what an unknown account's password is checked against.
_SALT_BYTES, _DIGEST_BYTES = 16, 32  # passlib's own, as in every hash that is kept
DECOY = "$argon2id$v=19$m=19456,t=2,p=1$/T8HIERo7R0j5Nybcw7h3A$igbGdvkrDB7fRHdogjFLXK7z0c7lxRoFjN92wqUAWZs"

Result = TypeVar("Result")


def unusable_hash() -> str:
    """Return what stands for a password that nobody has: another each time, and made without hashing anything.

    The digest is random, so that no password is known to give it; to be checked against it costs what any hash does.
    """
    random = _HASHER(use_defaults=True, salt=token_bytes(_SALT_BYTES), checksum=token_bytes(_DIGEST_BYTES))
    return str(random.to_string())


class Passwords:
    """Hashes and checks passwords for one process."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._turn = asyncio.Semaphore(THREADS)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Raises Invalid for a password that cannot be hashed, Overloaded."""
        if not _can_be_hashed(password):
            raise Invalid("The password cannot be used.", [_FAULT])
        return await self._run(lambda: str(_HASHER.hash(password)))

    async def verify(self, password: str, kept: str | None) -> bool:
        """Return whether the password is the one that was hashed.

        With no hash (no such account) it is False after the same work, so that time does not tell who has an
        account; so it is for a password that could never have been set. Raises Overloaded.
        """
        possible = kept is not None and _can_be_hashed(password)
        attempt = password if possible else _NO_PASSWORD
        against = kept if kept is not None else DECOY
        return await self._run(lambda: _matches(attempt, against)) and possible

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        async with self._queued():
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    @asynccontextmanager
    async def _queued(self) -> AsyncIterator[None]:
        if self._waiting >= GREATEST_QUEUE:
            raise Overloaded("Too many people are signing in. Try again shortly.")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


_FAULT = Fault("/password", "invalid", f"Use {LEAST_LENGTH} to {GREATEST_LENGTH} characters.")


def require_acceptable(password: str, email: str, *context: str, pointer: str = "/password") -> None:
    """Raise Invalid unless a new password can be hashed and is not what everybody would try first.

    `context`: its holder's name, their organisation's, and whatever else they must not make it of.
    """
    fault = Fault(pointer, _FAULT.code, _FAULT.message)
    if _can_be_hashed(password):
        found = fault_of(password, (email, *context), pointer=pointer)
        if found is None:
            return
        fault = found
    raise Invalid("The password cannot be used.", [fault])


def _can_be_hashed(password: str) -> bool:
    """Return whether it is short enough, and text that UTF-8 can hold: half a surrogate pair it cannot."""
    if len(password) > GREATEST_LENGTH:
        return False
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matches(password: str, kept: str) -> bool:
    try:
        return bool(_HASHER.verify(password, kept))
    except ValueError:  # what is kept is no hash of ours: nobody gets in with it
        return False
