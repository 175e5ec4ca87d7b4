"""Signing the demo's people in with what the demo remembers of them, and never twice with what was refused.

They belong to whoever tries the demo out, who may give them a password or a second step of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from demo import installation
from demo.cast import COLLEAGUES, PLAYED
from demo.connection import (
    OWN_SESSION,
    SECOND_STEP,
    Connection,
    MoreIsAsked,
    Refused,
    RefusedBefore,
    SignIn,
    SignInEnds,
    Unreachable,
    WrongPassword,
)
from demo.load.several import several

OWN_PASSWORD = "(a password of their own now)"
OWN_STEP = "and a second step of their own"
LOOK_WITHIN_SECONDS = 20.0


def sign_in_of(
    connection: Connection, file: Path, email: str, password: str, say: Callable[[str], None] | None = None
) -> SignIn:
    """Return somebody's sign-in, which is over already if this very password was refused before.

    When it ends, a refused password is remembered in the file, and what is not played any more is said in one line.
    """
    held = installation.read(file)
    known = held is not None and held.was_refused(email, password)

    def end(why: SignInEnds) -> None:
        if isinstance(why, WrongPassword):
            installation.remember_refused(file, email, password)
        if say is not None:
            say(_line(email, why))

    before = RefusedBefore() if known else None
    if before is not None:
        end(before)
    return SignIn(connection, email, password, ended=before, on_end=end)


def _line(email: str, why: SignInEnds) -> str:
    """Return one line of who signs in how, and what is not played for it."""
    name = next(who.display_name for who in COLLEAGUES if who.email == email)
    if not isinstance(why, MoreIsAsked):
        now = "signs in with another password now"
    elif why.state == SECOND_STEP:
        now = "signs in with a second step now"
    else:
        now = f"cannot be signed in by password alone ({why})"
    return f"{name} {now}: {PLAYED[email]}"


async def shown_passwords(
    connection: Connection, file: Path, passwords: dict[str, str], with_step: frozenset[str]
) -> dict[str, str]:
    """Return what to print beside each e-mail address: the password, or whose it is now.

    Each is signed in with once, and out again. Where the service does not answer in time, passwords stand as they are
    remembered. `with_step`: whose second step is the demo's own.
    """

    async def look(email: str) -> str:
        sign_in = sign_in_of(connection, file, email, passwords[email])
        try:
            await sign_in.call("DELETE", OWN_SESSION)
        except MoreIsAsked as more:
            is_theirs = more.state == SECOND_STEP and email not in with_step
            return f"{passwords[email]} {OWN_STEP}" if is_theirs else passwords[email]
        except SignInEnds:
            return OWN_PASSWORD
        except (Unreachable, Refused):
            pass
        return passwords[email]

    try:
        async with asyncio.timeout(LOOK_WITHIN_SECONDS):
            return dict(zip(passwords, await several(look, passwords), strict=True))
    except TimeoutError:
        return passwords
