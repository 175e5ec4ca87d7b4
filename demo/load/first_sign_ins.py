"""What somebody does when they first sign in: choose a password of their own, and perhaps set an authenticator app up.

Every step looks first, so that a load that was interrupted anywhere goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx
import pyotp

from demo.connection import OWN_SESSION, Connection, SignIn, good_body

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
    begun = good_body("POST", "/v1/sessions", answer)
    choosing = {"sign_in_token": begun["sign_in_token"], "new_password": own}
    path = "/v1/sessions/new-password"
    opened = good_body("POST", path, await connection.send("POST", path, json=choosing))
    bearer = {"Authorization": f"Bearer {opened['access_token']}"}
    good_body("DELETE", OWN_SESSION, await connection.send("DELETE", OWN_SESSION, headers=bearer))


async def set_authenticator_up(person: SignIn, remember: Callable[[str], None]) -> None:
    """Enrol an authenticator app, its secret remembered before it counts."""
    begun = await person.ask("POST", "/v1/me/factors/totp")
    remember(begun["secret"])
    await person.ask("POST", "/v1/me/factors/totp/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()})
