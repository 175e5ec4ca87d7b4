"""Proving a password: a guess is counted, then checked, then forgiven if it was right.

Knows no session and no second factor. What an answer could tell of who has an account (its body, status, time, and when
guesses begin to be refused) must not depend on it: the guesses are counted by the address that was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from api.deps import Services
from api.refusals import Overloaded
from domain.accounts import device_token, throttle
from domain.accounts.device_token import KnownDevice
from domain.accounts.queries import Credentials, credentials_of
from domain.accounts.sign_in_commands import Proven
from domain.accounts.throttle import Scope
from domain.accounts.throttle_commands import Attempt, Wait, begin_attempt, succeed_attempt, withdraw_attempt
from domain.errors import NotAuthenticated, TooManyAttempts

WRONG = "The email address or the password is wrong."
TOO_MANY = (
    "Too many wrong guesses. Wait, or use a device on which you have signed in before. The device on which you choose a"
    " new password, with a letter's link, counts as one."
)


@dataclass(frozen=True, slots=True)
class Guess:
    """An address and a password as they were typed, on what device (its token), from which network address."""

    email: str
    password: str
    device_token: str | None
    client_address: str


def client_address(request: Request) -> str:
    """Return the caller's network address: what a trusted proxy says, and nobody else (uvicorn sees to that)."""
    return request.client.host if request.client else "unknown"


async def proven_account(held: Services, guess: Guess) -> Proven:
    """Return whose password this is, with the hash that it was compared with.

    Raises NotAuthenticated, TooManyAttempts, Overloaded, DatabaseUnavailable.
    """
    at = held.clock()
    async with held.database.identifying() as session:
        known = await credentials_of(session, guess.email)
        device = _known_device(held, guess, known, at)
        attempt = await begin_attempt(session, _marks(held, guess, device), at=at)
    if isinstance(attempt, Wait):
        raise TooManyAttempts(TOO_MANY, attempt.seconds)
    is_right = await checked(held, attempt, guess.password, None if known is None else known.password_hash)
    if known is None or not is_right:
        raise NotAuthenticated(WRONG)
    on_which = None if device is None or not device.has_shown_factor else device.name
    return Proven(known.account_id, known.password_hash, on_which)


async def checked(held: Services, attempt: Attempt, password: str, kept: str | None) -> bool:
    """Return whether the password is the one that is kept, and settle the attempt. Raises Overloaded."""
    try:
        is_right = await held.passwords.verify(password, kept)
    except Overloaded:  # nobody learned anything
        async with held.database.identifying() as session:
            await withdraw_attempt(session, attempt, at=held.clock())
        raise
    if is_right:
        async with held.database.identifying() as session:
            await succeed_attempt(session, attempt, at=held.clock())
    return is_right


async def begun(held: Services, scope: Scope, value: bytes) -> Attempt:
    """Count a guess of another kind, committed before it is checked, and return it. Raises TooManyAttempts."""
    marks = throttle.marks_under(held.sealing.mac_keys(throttle.PURPOSE), scope, value)
    async with held.database.identifying() as session:
        attempt = await begin_attempt(session, {scope: marks}, at=held.clock())
    if isinstance(attempt, Wait):
        raise TooManyAttempts(TOO_MANY, attempt.seconds)
    return attempt


def new_device_token(held: Services, email: str, *, with_factor: bool = False) -> str:
    """Return the token that the device on which this address has signed in sends back next time."""
    key = held.sealing.mac_keys(device_token.PURPOSE)[0]
    return device_token.new_device_token(key, email, at=held.clock(), with_factor=with_factor)


def _marks(held: Services, guess: Guess, device: KnownDevice | None) -> dict[Scope, tuple[bytes, ...]]:
    keys = held.sealing.mac_keys(throttle.PURPOSE)
    network = throttle.network_of(guess.client_address).encode()
    typed = guess.email.strip().lower().encode("utf-8", "surrogatepass")
    marks = {
        Scope.account: throttle.marks_under(keys, Scope.account, typed),
        Scope.address: throttle.marks_under(keys, Scope.address, network),
    }
    return marks if device is None else marks | {Scope.device: throttle.marks_under(keys, Scope.device, device.name)}


def _known_device(held: Services, guess: Guess, known: Credentials | None, at: datetime) -> KnownDevice | None:
    return device_token.device_of(
        guess.device_token,
        held.sealing.mac_keys(device_token.PURPOSE),
        guess.email,
        at=at,
        not_before=None if known is None else known.password_since,
    )
