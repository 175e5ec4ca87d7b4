"""Which version of a thing somebody had before them when they decided to change it. Pure; knows no storage.

Whoever edits says what they saw. An edit of something that has moved on since is refused, so that of two who edit at
once one wins, and the other reads again before deciding.
"""

from __future__ import annotations

from domain.errors import Stale

# The versions that the editor has seen; empty when what they named was never a version of this thing.
Seen = frozenset[int]


def require_seen(version: int, seen: Seen | None) -> None:
    """Raise Stale unless the present version is one that was seen; None asks for no such check."""
    if seen is not None and version not in seen:
        raise Stale
