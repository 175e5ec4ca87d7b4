"""Codes that people read, write down and type: drawn at random, and read back as they were meant. Pure.

28 of Crockford's letters and digits are 140 random bits (OWASP ASVS 5.0, 11.5.1, asks for 128): nobody guesses one, so
a plain hash of it may be stored where a password needs a slow one. Knows nothing of what a code opens.
"""

from __future__ import annotations

import secrets

# Crockford's base 32: 5 bits a character, without I, L, O and U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS, _GROUP = 28, 4
# A word processor makes an en dash of a hyphen.
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "–": None})


def fresh_code() -> str:
    """Return a new code, as it is shown: seven groups of four characters."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))
    return "-".join(drawn[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))


def as_meant(typed: str) -> str:
    """Return a code without its groups and in capitals, what is easily misread as what was meant."""
    return typed.upper().translate(_MEANT)
