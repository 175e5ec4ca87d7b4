"""How far readings carry: from none at all to enough for a judgement. Pure."""

from __future__ import annotations

from enum import StrEnum


class Sufficiency(StrEnum):
    """Whether the readings can carry a judgement."""

    none = "none"
    not_enough = "not_enough"
    stale = "stale"
    enough = "enough"
