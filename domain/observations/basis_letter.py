"""On which basis a reading was recorded, in the one letter that a row has for it. Pure.

Most rows say the same few words. What nodes of before 0072 stored as a word is told as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.access.ground import Basis, Encounter

_LETTERS: Mapping[Basis | Encounter, str] = MappingProxyType(
    {
        Basis.self_: "s",
        Basis.delegate: "d",
        Basis.care_home: "h",
        Basis.care_team: "t",
        Basis.practice: "p",
        Basis.break_glass: "b",
    }
)
_WORDS = MappingProxyType({letter: basis.value for basis, letter in _LETTERS.items()})


def letter_of(basis: Basis | Encounter) -> str:
    """Return what is stored for a basis; an encounter, by which nobody records, would stand as its word."""
    return _LETTERS.get(basis, basis.value)


def recorded_as(stored: str) -> str:
    """Return the basis's word."""
    return _WORDS.get(stored, stored)
