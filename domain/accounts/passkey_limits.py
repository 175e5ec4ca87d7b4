"""How long a challenge to an authenticator is good, and how many passkeys an account may have. Pure."""

from __future__ import annotations

from datetime import timedelta

CHALLENGE_LIFETIME = timedelta(minutes=5)
CHALLENGE_BYTES = 32
MOST_PASSKEYS = 20
