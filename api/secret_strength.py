"""Which texts may serve as secrets: what nobody drew at random is refused. Pure; never repeats what it was given."""

from __future__ import annotations

import re
from itertools import pairwise

LEAST_SECRET_LENGTH = 32
# Sixteen random bytes in hexadecimal hold fewer than these once in 25 million secrets; of ten, once in ten thousand.
_FEWEST_DIFFERENT_CHARACTERS = 8
# Random base64 holds one of these once in ten million secrets.
_OF_EXAMPLES = ("change", "default", "example", "insecure", "password", "placeholder", "replace", "secret", "tendwell")
# What nobody has filled in: ${…}, {{…}}, <…>. No random secret in hexadecimal or base64 has one of these.
_UNFILLED = re.compile(r"[$<>{}\s,]")
# Random, and in everybody's hands: how the key of FastAPI's own tutorial begins.
_PUBLISHED_BEGINNINGS = ("09d25e094faa6ca2",)


def require_random(text: str) -> None:
    """Raise ValueError for what nobody drew at random: too short, few characters, a pattern, or words of an example."""
    told = f"must be at least {LEAST_SECRET_LENGTH} random characters"
    if _UNFILLED.search(text.strip()) or text.strip().lower().startswith(_PUBLISHED_BEGINNINGS):
        raise ValueError(told)
    if len(text) < LEAST_SECRET_LENGTH or len(set(text)) < _FEWEST_DIFFERENT_CHARACTERS:
        raise ValueError(told)
    # Random text does not shrink below its own entropy; a repeated or counted-up one does.
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    is_repeated = text in (text + text)[1:-1]
    if is_repeated or len(steps) < _FEWEST_DIFFERENT_CHARACTERS or any(word in text.lower() for word in _OF_EXAMPLES):
        raise ValueError(told)
