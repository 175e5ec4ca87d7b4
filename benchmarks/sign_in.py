"""What signing in costs: sign-ins a second beside the bare hash, and a wrong password with and without an account.

The second is what a stranger would time. It is measured one guess after the other, the two kinds by turns, so that
whatever else the machine does falls on both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import orjson

from api.passwords import THREADS, Passwords
from benchmarks.figures import Comparison, Figures, row
from benchmarks.findings import Findings, Say
from benchmarks.http_client import Connection
from benchmarks.stage import PASSWORD, Stage

# As many as may fail in a row before an account's guesses must wait (domain/accounts/throttle.py), less one.
GUESSES_PER_ACCOUNT = 4
WRONG = "not the password of anybody here"


async def signing_in(stage: Stage, say: Say, seconds: float) -> AsyncIterator[Findings]:
    """Yield sign-ins beside the bare hash, and what a stranger could time: an account beside none."""
    say("Sign-ins…")
    limit = await bare_verify(seconds)
    ours = await sign_ins(stage.api_ports[0], stage.emails[0], PASSWORD, seconds=seconds)
    yield Findings((row(Comparison(f"sign-in, {THREADS} connections, one process", ours, limit, by_rate=True)),))
    known, unknown = await wrong_passwords(stage.api_ports[0], stage.emails[1:])
    yield Findings((row(Comparison("a wrong password: an account beside none", known, unknown, by_rate=False)),))


async def bare_verify(seconds: float) -> Figures:
    """Return how often a password is verified in the threads that a process has for it, and nothing else."""
    passwords, delays_ms = Passwords(), list[float]()
    kept = await passwords.hash(WRONG)
    give_up_at = time.perf_counter() + seconds

    async def client() -> None:
        while (began := time.perf_counter()) < give_up_at:
            await passwords.verify(WRONG, kept)
            delays_ms.append((time.perf_counter() - began) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(THREADS)))
    taken = time.perf_counter() - started
    passwords.close()
    return Figures("argon2id verify", tuple(delays_ms), taken)


async def sign_ins(port: int, email: str, password: str, *, seconds: float) -> Figures:
    """Return how often somebody signs in, over as many connections as a process has threads for passwords."""
    delays_ms: list[float] = []
    give_up_at = time.perf_counter() + seconds

    async def client() -> None:
        async with Connection(port) as connection:
            while time.perf_counter() < give_up_at:
                delays_ms.append(await _guess(connection, email, password, expected=201))

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(THREADS)))
    return Figures("sign-in", tuple(delays_ms), time.perf_counter() - started)


async def wrong_passwords(port: int, emails: list[str]) -> tuple[Figures, Figures]:
    """Return how long a wrong password takes at addresses that have an account, and at as many that have none."""
    known: list[float] = []
    unknown: list[float] = []
    started = time.perf_counter()
    async with Connection(port) as connection:
        for n in range(GUESSES_PER_ACCOUNT):
            for email in emails:
                known.append(await _guess(connection, email, WRONG, expected=401))
                unknown.append(await _guess(connection, f"{n}-{email}", WRONG, expected=401))
    taken = time.perf_counter() - started
    return Figures("an account", tuple(known), taken), Figures("none", tuple(unknown), taken)


async def _guess(connection: Connection, email: str, password: str, *, expected: int) -> float:
    """Return how many milliseconds an answer to a sign-in took."""
    body = orjson.dumps({"email": email, "password": password})
    began = time.perf_counter()
    status, answer = await connection.post("/v1/sessions", body)
    if status != expected:
        raise RuntimeError(f"signing in was answered {status}: {answer[:300]!r}")
    return (time.perf_counter() - began) * 1000
