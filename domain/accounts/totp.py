"""Time-based one-time codes (RFC 6238) as values: making a secret, telling it to an app, finding a code's time step.

Pure, and the only module that knows pyotp. pyotp's own `verify` says yes to one code as often as it is asked: here one
learns only the step that a code belongs to, and whoever stores steps lets each be used once.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

import pyotp

STEP = timedelta(seconds=30)
DIGITS = 6
# A phone's clock may be half a minute off, either way (RFC 6238, section 5.2).
STEPS_OF_DRIFT = 1
# 160 bits: what RFC 4226 recommends, and all that some apps take.
_SECRET_CHARACTERS = 32
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}", re.ASCII)


def new_secret() -> str:
    """Return a fresh secret of 160 bits, in base 32 as authenticator apps take it."""
    return pyotp.random_base32(_SECRET_CHARACTERS)


def otpauth_uri(secret: str, *, account_name: str, issuer: str) -> str:
    """Return what a QR code for an authenticator app holds."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=_seconds()).provisioning_uri(
        name=account_name, issuer_name=issuer
    )


def step_at(at: datetime) -> int:
    """Return the number of the time step that an instant lies in."""
    return int(at.timestamp()) // _seconds()


def code_of(secret: str, step: int) -> str:
    """Return the code of a time step: six digits."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=_seconds()).generate_otp(step)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step whose code this is: the present one or a neighbour; None for a wrong code.

    Every candidate is computed and compared in constant time, so that the time it takes does not tell which was near.
    """
    plain = code.replace(" ", "")
    if not _CODE.fullmatch(plain):
        return None
    now = step_at(at)
    candidates = range(now - STEPS_OF_DRIFT, now + STEPS_OF_DRIFT + 1)
    matching = [step for step in candidates if hmac.compare_digest(code_of(secret, step), plain)]
    # Two steps with one code are one in a million; the later one spends both.
    return max(matching, default=None)


def _seconds() -> int:
    return int(STEP.total_seconds())
