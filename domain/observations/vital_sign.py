"""What an entry of the vital-signs catalogue is: its codes, its units with exact conversions, and its limits.

Pure and exact: a conversion is a fraction, never a float. Knows nothing of patients, and nothing of which value is
worrying: limits here only tell a typing slip or a wrong unit from a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

# A conversion seldom ends (98 degF is 36.6666... Cel). Four decimals are finer than any device here resolves.
CONVERTED_DECIMALS = 4


def rounded_half_up(exact: Fraction, decimals: int) -> Decimal:
    """Return an exact number rounded once, half away from zero, to this many decimals.

    In integers: dividing Decimals would round to the context's precision first, and so perhaps twice.
    """
    doubled = 2 * abs(exact) * 10**decimals
    nearest = (doubled + 1) // 2
    return Decimal(nearest if exact >= 0 else -nearest).scaleb(-decimals)


class Shape(StrEnum):
    """What a reading of a sign carries."""

    quantity = "quantity"
    pair = "pair"
    coded = "coded"


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of a terminology, with its preferred name."""

    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Limits:
    """An inclusive range, in the unit of whoever holds it."""

    low: Decimal
    high: Decimal

    def hold(self, value: Decimal) -> bool:
        """Return whether the value lies within, both ends included."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM unit a sign may be sent in, and the exact way to the unit it is kept in: `x * scale + offset`."""

    ucum: str
    display: str
    kept_as: str
    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def convert(self, value: Decimal) -> Decimal:
        """Return the value in the unit it is kept in, rounded half up to four decimals.

        A value already in that unit is returned as it is: nothing was converted, so nothing may be rounded.
        """
        if self.ucum == self.kept_as:
            return value
        return rounded_half_up(Fraction(value) * self.scale + self.offset, CONVERTED_DECIMALS)


@dataclass(frozen=True, slots=True)
class Range:
    """The limits of what is kept in one unit: outside `hard` refused, outside `confirm` only when confirmed."""

    unit: str
    hard: Limits
    confirm: Limits
    loinc: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two numbers of a pair."""

    key: str
    loinc: Coding
    snomed: Coding
    hard: Limits
    confirm: Limits


@dataclass(frozen=True, slots=True)
class Aliases:
    """Spellings and codes others use for the same thing: for showing and importing, never accepted by the API."""

    ucum: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VitalSign:
    """One entry of the catalogue.

    `ranges` holds one entry for each unit a value is kept in: one, save for inspired oxygen, whose flow and
    concentration are two properties that cannot be converted into each other. `mistakable` are units that people
    send by mistake: never accepted, only recognised for a hint. `derived` signs are computed here and never typed in.
    """

    key: str
    display: str
    category: str
    loinc: tuple[Coding, ...]
    snomed: tuple[Coding, ...]
    stale_after: timedelta
    decimals: int | None = None
    units: tuple[Unit, ...] = ()
    ranges: tuple[Range, ...] = ()
    parts: tuple[Part, ...] = ()
    answers: tuple[tuple[str, Coding], ...] = ()
    derived: bool = False
    comparators: bool = False
    whole: bool = False
    change_to_confirm: Decimal | None = None
    mistakable: tuple[Unit, ...] = ()
    aliases: Aliases = Aliases()

    @property
    def shape(self) -> Shape:
        """Return what a reading of this sign carries."""
        if self.parts:
            return Shape.pair
        return Shape.coded if self.answers else Shape.quantity

    @property
    def canonical_unit(self) -> str | None:
        """Return the one unit this sign is kept in; None when it has none, or more than one."""
        kept = {unit.kept_as for unit in self.units}
        return kept.pop() if len(kept) == 1 else None

    def unit(self, ucum: str) -> Unit | None:
        """Return the unit of this exact UCUM spelling, if the sign may be sent in it."""
        for unit in self.units:
            if unit.ucum == ucum:
                return unit
        return None

    def range_of(self, kept_as: str) -> Range:
        """Return the limits of what is kept in this unit. Raises KeyError for a unit nothing is kept in."""
        for found in self.ranges:
            if found.unit == kept_as:
                return found
        raise KeyError(kept_as)

    def loinc_of(self, kept_as: str | None) -> str | None:
        """Return the LOINC code that names this sign as it is kept: it follows the property, so the unit."""
        for found in self.ranges:
            if found.unit == kept_as and found.loinc is not None:
                return found.loinc
        return self.loinc[0].code if self.loinc else None
