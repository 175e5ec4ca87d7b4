"""What somebody does when they first sign in: choose a password of their own, and perhaps set an authenticator app up.

Every step looks first, so that a load that was interrupted anywhere goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx
import pyotp

from demo.connection import Connection, Json, Refused, SignIn, Unreachable, body_of

_GIVEN: Final = "given-"


def given_password(own: str) -> str:
    """Return the password that the administrator gives out: known to both, and so changed at once."""
    return _GIVEN + own


async def choose_own_password(connection: Connection, email: str, own: str) -> None:
    """Put the own password in the place of the given one; where that one is refused, it was done before."""
    body = {"email": email, "password": given_password(own)}
    answer = await connection.send("POST", "/v1/sessions", json=body)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return
    begun = _good("/v1/sessions", answer)
    choosing = {"sign_in_token": begun["sign_in_token"], "new_password": own}
    await _ask(connection, "/v1/sessions/new-password", choosing)


async def set_authenticator_up(person: SignIn, remember: Callable[[str], None]) -> None:
    """Enrol an authenticator app, its secret remembered before it counts."""
    begun = await person.ask("POST", "/v1/me/factors/totp")
    remember(begun["secret"])
    await person.ask("POST", "/v1/me/factors/totp/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()})


async def _ask(connection: Connection, path: str, body: Json) -> Json:
    return _good(path, await connection.send("POST", path, json=body))


def _good(path: str, answer: httpx.Response) -> Json:
    if answer.is_success:
        return body_of(answer)
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Unreachable(f"POST {path}: {answer.status_code}")
    raise Refused("POST", path, answer)
