"""The catalogue of vital signs as clients see it."""

from datetime import timedelta
from typing import Self

from api.schemas.strict import Number, Out
from domain.observations.vital_sign import Coding, Limits, Part, Range, Shape, Unit, VitalSign


class CodingOut(Out):
    """One code of a terminology."""

    code: str
    display: str

    @classmethod
    def of(cls, coding: Coding) -> Self:
        """Return the code as clients see it."""
        return cls(code=coding.code, display=coding.display)


class UnitOut(Out):
    """A UCUM unit that the sign may be sent in, and the one it is then kept in."""

    ucum: str
    display: str
    kept_as: str

    @classmethod
    def of(cls, unit: Unit) -> Self:
        """Return the unit as clients see it."""
        return cls(ucum=unit.ucum, display=unit.display, kept_as=unit.kept_as)


class LimitsOut(Out):
    """An inclusive range."""

    low: Number
    high: Number

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Return the range as clients see it."""
        return cls(low=limits.low, high=limits.high)


class RangeOut(Out):
    """Outside `hard` a value is refused, outside `confirm` taken only when confirmed; in the unit it is kept in."""

    unit: str
    hard: LimitsOut
    confirm: LimitsOut

    @classmethod
    def of(cls, found: Range) -> Self:
        """Return the limits as clients see them."""
        return cls(unit=found.unit, hard=LimitsOut.of(found.hard), confirm=LimitsOut.of(found.confirm))


class PartOut(Out):
    """One of the two numbers of a pair."""

    key: str
    loinc: CodingOut
    snomed: CodingOut
    hard: LimitsOut
    confirm: LimitsOut

    @classmethod
    def of(cls, part: Part) -> Self:
        """Return the part as clients see it."""
        return cls(
            key=part.key,
            loinc=CodingOut.of(part.loinc),
            snomed=CodingOut.of(part.snomed),
            hard=LimitsOut.of(part.hard),
            confirm=LimitsOut.of(part.confirm),
        )


class AnswerOut(Out):
    """One answer of a coded sign."""

    code: str
    snomed: CodingOut


class AliasesOut(Out):
    """Other spellings and codes for the same thing: for reading elsewhere's data, never accepted here."""

    ucum: list[str]
    loinc: list[str]
    snomed: list[str]


class VitalSignOut(Out):
    """One entry of the catalogue. `derived` signs are computed here and cannot be entered."""

    key: str
    display: str
    category: str
    shape: Shape
    loinc: list[CodingOut]
    snomed: list[CodingOut]
    units: list[UnitOut]
    canonical_unit: str | None
    decimals: int | None
    limits: list[RangeOut]
    parts: list[PartOut]
    answers: list[AnswerOut]
    derived: bool
    comparators: bool
    whole_numbers: bool
    change_to_confirm: Number | None
    stale_after_seconds: int
    aliases: AliasesOut

    @classmethod
    def of(cls, sign: VitalSign) -> Self:
        """Return the entry as clients see it."""
        return cls(
            key=sign.key,
            display=sign.display,
            category=sign.category,
            shape=sign.shape,
            loinc=[CodingOut.of(coding) for coding in sign.loinc],
            snomed=[CodingOut.of(coding) for coding in sign.snomed],
            units=[UnitOut.of(unit) for unit in sign.units],
            canonical_unit=sign.canonical_unit,
            decimals=sign.decimals,
            limits=[RangeOut.of(found) for found in sign.ranges],
            parts=[PartOut.of(part) for part in sign.parts],
            answers=[AnswerOut(code=answer, snomed=CodingOut.of(coding)) for answer, coding in sign.answers],
            derived=sign.derived,
            comparators=sign.comparators,
            whole_numbers=sign.whole,
            change_to_confirm=sign.change_to_confirm,
            stale_after_seconds=sign.stale_after // timedelta(seconds=1),
            aliases=AliasesOut(
                ucum=list(sign.aliases.ucum), loinc=list(sign.aliases.loinc), snomed=list(sign.aliases.snomed)
            ),
        )


class VitalSignsOut(Out):
    """The catalogue."""

    items: list[VitalSignOut]
