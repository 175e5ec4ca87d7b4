"""A person's best peak flow as clients see it: what holds, what the readings show, and what was stated."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.numbers import PersonalBestOut
from api.schemas.strict import In, Number, Out, Prose, Token
from domain.access.ground import Basis
from domain.observations.catalogue import CATALOGUE
from domain.observations.peak_flow import LEAST_DAYS, MeasuredBest
from domain.observations.personal_best_commands import NewBest
from domain.observations.personal_best_queries import BestRecord, StatedBest
from domain.observations.recent_queries import PEAK_FLOW

_KEPT_AS = CATALOGUE[PEAK_FLOW].canonical_unit or ""
_POSSIBLE = CATALOGUE[PEAK_FLOW].range_of(_KEPT_AS).hard

Reason = Annotated[Prose, Field(max_length=500)]
# Told to clients, and left to the domain to judge.
PossibleFlow = Annotated[
    Number, Field(json_schema_extra={"minimum": float(_POSSIBLE.low), "maximum": float(_POSSIBLE.high)})
]
FlowUnit = Annotated[Token, Field(json_schema_extra={"enum": [_KEPT_AS]})]


class PersonalBestIn(In):
    """What a person's best peak flow is to be, in L/min, and why: when it was blown, and that they were well."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"value": 480, "unit": "L/min", "reason": "Best of a well fortnight, same meter"}]
        }
    )

    value: PossibleFlow
    unit: FlowUnit
    reason: Reason

    def to_new_best(self) -> NewBest:
        """Return it as the domain takes it."""
        return NewBest(self.value, self.unit, self.reason)


class BestRetractionIn(In):
    """Why a stated best was entered in error."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Meant for somebody else"}]})

    reason: Reason


class StatedBestOut(Out):
    """A best that somebody stated, on which basis, and why; and how it was taken back, if it was."""

    id: UUID
    value: Number
    reason: str
    stated_at: datetime
    stated_by: UUID
    stated_as: Basis
    retracted_at: datetime | None
    retracted_by: UUID | None
    retraction_reason: str | None

    @classmethod
    def of(cls, found: StatedBest) -> Self:
        """Return it as clients see it."""
        return cls.model_validate(found, from_attributes=True)


class MeasuredBestOut(Out):
    """What the `count` readings of the last 365 days show: a best, once 14 days of some 28 in a row have two each."""

    best: PersonalBestOut | None
    days: int
    days_needed: int
    count: int

    @classmethod
    def of(cls, found: MeasuredBest) -> Self:
        """Return it as clients see it."""
        return cls(
            best=None if found.best is None else PersonalBestOut.of(found.best),
            days=found.days,
            days_needed=LEAST_DAYS,
            count=found.count,
        )


class PersonalBestsOut(Out):
    """The best that holds, null while there is none: what was stated last, or else what the readings show."""

    best: PersonalBestOut | None
    measured: MeasuredBestOut
    stated: list[StatedBestOut]

    @classmethod
    def of(cls, found: BestRecord) -> Self:
        """Return the record as clients see it, the newest statement first."""
        return cls(
            best=None if found.best is None else PersonalBestOut.of(found.best),
            measured=MeasuredBestOut.of(found.measured),
            stated=[StatedBestOut.of(each) for each in found.stated],
        )
