"""What NHS login must have proven of somebody before they are let into a record: its own published rules. Pure.

Sources: NHS login, interface specification for federation (vectors of trust, RFC 8485; claims), and its page on vectors
of trust, as of 2026-05-01. A vector such as P9.Cp.Cd says how well somebody's identity was checked (P) and what they
showed to sign in (C). Refuses to know how the claims were fetched, and whose record they are compared with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.errors import Invalid
from domain.instant import NotAnInstant, parse_date
from domain.people.nhs_number import parse_nhs_number

# The identity was compared with a photograph: what NHS login asks of services that show sensitive data.
REQUIRED_PROOFING = "P9"
# Both factors each time: a password with a device, or a key in a device that checks its holder (DAPB3051 "strong").
DEFAULT_VECTORS = ("P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm")
_PROVE_TWO_FACTORS = (frozenset({"Cp", "Cd"}), frozenset({"Cp", "Ck"}), frozenset({"Cm"}))

_COMPONENT = re.compile(r"[PC][0-9a-z]")
_MOST_COMPONENTS = 8
_NAMES = ("nhs_number", "birthdate", "family_name", "identity_proofing_level")


class NotProven(Exception):
    """The claims do not show what must be shown; the code says which, and nothing of what they said."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Vector:
    """How well an identity was checked (0 to 9), and what was shown to sign in."""

    proofing: int
    credentials: frozenset[str]

    @property
    def has_two_factors(self) -> bool:
        """Return whether what was shown is two factors by NHS login's own table."""
        return any(enough <= self.credentials for enough in _PROVE_TWO_FACTORS)

    def satisfies(self, wanted: Vector) -> bool:
        """Return whether this is at least as much as is wanted: checked as well, and shown all of it."""
        return self.proofing >= wanted.proofing and wanted.credentials <= self.credentials


@dataclass(frozen=True, slots=True)
class Demands:
    """What is asked of whoever signs in: one of these vectors, under this trustmark.

    `test_numbers`: whether NHS numbers that are never issued are good, for trying things out.
    """

    vectors: tuple[str, ...]
    trustmark: str
    test_numbers: bool = False


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """Who somebody is, as NHS login has verified it."""

    nhs_number: str = field(repr=False)
    born_on: date = field(repr=False)
    family_name: str = field(repr=False)


def read_vector(text: str) -> Vector:
    """Return the vector of trust that a text says. Raises ValueError: one P and at least one C, each once."""
    parts = text.split(".")
    if len(parts) > _MOST_COMPONENTS or len(set(parts)) != len(parts):
        raise ValueError("not a vector of trust")
    if not all(_COMPONENT.fullmatch(part) for part in parts):
        raise ValueError("not a vector of trust")
    levels = [part[1:] for part in parts if part[0] == "P"]
    credentials = frozenset(part for part in parts if part[0] == "C")
    if len(levels) != 1 or not levels[0].isdecimal() or not credentials:
        raise ValueError("not a vector of trust")
    return Vector(int(levels[0]), credentials)


def require_strong(vectors: tuple[str, ...]) -> None:
    """Raise ValueError unless each of these vectors asks for the highest proofing and two factors."""
    if not vectors:
        raise ValueError("needs at least one vector of trust")
    for text in vectors:
        vector = read_vector(text)
        if f"P{vector.proofing}" != REQUIRED_PROOFING or not vector.has_two_factors:
            raise ValueError(f"a record is opened by {REQUIRED_PROOFING} with two factors alone, as in P9.Cp.Cd")


def proven_identity(id_token: Mapping[str, Any], userinfo: Mapping[str, Any], demands: Demands) -> ProvenIdentity:
    """Return who somebody is by their ID token and what the provider says of them. Raises NotProven.

    What both say must be the same; the vector and its trustmark count from the signed token alone.
    """
    proofing = _shown_vector(id_token, demands)
    claims = {name: _agreed(name, id_token, userinfo) for name in _NAMES}
    if claims["identity_proofing_level"] != REQUIRED_PROOFING or f"P{proofing}" != REQUIRED_PROOFING:
        raise NotProven("identity_proofing_level")
    try:
        number = parse_nhs_number(claims["nhs_number"], allow_test_range=demands.test_numbers)
    except Invalid:
        raise NotProven("nhs_number") from None
    try:
        born_on = parse_date(claims["birthdate"])
    except NotAnInstant:
        raise NotProven("birthdate") from None
    return ProvenIdentity(number.digits, born_on, claims["family_name"])


def _shown_vector(id_token: Mapping[str, Any], demands: Demands) -> int:
    """Return how well the identity was checked, if vector and trustmark are what was asked for."""
    if id_token.get("vtm") != demands.trustmark:
        raise NotProven("vtm")
    shown = id_token.get("vot")
    if not isinstance(shown, str):
        raise NotProven("vot")
    try:
        vector = read_vector(shown)
    except ValueError:
        raise NotProven("vot") from None
    if not any(vector.satisfies(read_vector(wanted)) for wanted in demands.vectors):
        raise NotProven("vot")
    return vector.proofing


def _agreed(name: str, *sources: Mapping[str, Any]) -> str:
    said = [source[name] for source in sources if name in source]
    if not said or not all(isinstance(each, str) and each == said[0] for each in said):
        raise NotProven(name)
    return str(said[0])


def is_same_family_name(one: str, other: str) -> bool:
    """Return whether two texts are one family name: accents, case, spaces, hyphens and apostrophes do not count."""
    return _letters(one) == _letters(other) != ""


def _letters(name: str) -> str:
    spread = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in spread if letter.isalnum())
