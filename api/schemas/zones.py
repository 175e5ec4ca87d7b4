"""Zones of a plan, and in which somebody is now and why, as clients see them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas.goals import MeasuredSign
from api.schemas.strict import Choice, In, Line, Number, Out, Prose, Token, refused
from domain.diary.symptom import GREATEST_LEVEL, LEAST_LEVEL, SYMPTOMS
from domain.errors import Fault, Invalid
from domain.observations.vital_sign import rounded_half_up
from domain.plans.plan_queries import ActionPlan, is_review_overdue
from domain.plans.target import Comparator
from domain.plans.zone import (
    Colour,
    Criterion,
    Gap,
    ReadingBasis,
    ReadingCriterion,
    Reason,
    SymptomCriterion,
    Verdict,
    Zone,
)
from domain.plans.zone_queries import ZoneNow
from domain.plans.zone_rules import MOST_CRITERIA, MOST_DAYS, MOST_GROUPS, MOST_IN_A_ROW, AgreedZone, Contact, unit_of

FIGURE_DECIMALS = 2
# Told to clients as a choice, and left to the domain to judge.
SymptomKey = Annotated[Token, Field(json_schema_extra={"enum": list(SYMPTOMS)})]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class CriterionIn(In):
    """One thing to look at: a sign's readings against `value` in its `unit`, or a symptom's steps against `level`.

    Of the person's last `days` days, today included. `basis`: the `latest` reading (if it is left out); each
    of the latest `times` `in_a_row`; the `change` from the lowest of the days before; the `percent_of_best` peak flow
    (unit "%").
    """

    sign: MeasuredSign | None = None
    part: Token | None = None
    basis: Choice[ReadingBasis] | None = None
    symptom: SymptomKey | None = None
    comparator: Choice[Comparator]
    value: Number | None = None
    unit: Token | None = None
    level: Annotated[int, Field(ge=LEAST_LEVEL, le=GREATEST_LEVEL)] | None = None
    days: Days = 1
    times: Annotated[int, Field(ge=1, le=MOST_IN_A_ROW)] = 1

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        of_sign = self.sign is not None and self.value is not None and self.unit is not None
        of_symptom = self.symptom is not None and self.level is not None
        others = (self.sign, self.value, self.unit, self.part, self.basis) if of_symptom else (self.symptom, self.level)
        if of_sign == of_symptom or any(each is not None for each in others):
            raise refused("one_of_two", "Give a sign with its value and unit, or a symptom with its level.")
        return self

    def to_criterion(self, pointer: str) -> Criterion:
        """Return the criterion as the domain knows it. Raises Invalid for a value in another unit than the sign's."""
        if self.symptom is not None:
            return SymptomCriterion(self.symptom, self.comparator, self.level or 0, self.days)
        criterion = ReadingCriterion(
            sign=self.sign or "",
            part=self.part,
            basis=self.basis or ReadingBasis.latest,
            comparator=self.comparator,
            value=Decimal(0) if self.value is None else self.value,
            days=self.days,
            times=self.times,
        )
        unit = unit_of(criterion)
        if unit is not None and unit != self.unit:
            fault = Fault(f"{pointer}/unit", "unit_not_canonical", f"Give the value in {unit}.")
            raise Invalid("The zones cannot be kept to as written.", [fault])
        return criterion


class GroupIn(In):
    """Criteria that must all hold."""

    all_of: Annotated[list[CriterionIn], Field(min_length=1, max_length=MOST_CRITERIA)]


class ZoneContactIn(In):
    """Whom to turn to, and when they are there."""

    name: Line
    phone: Annotated[Line, Field(max_length=50)] | None = None
    hours: Line | None = None


class ZoneIn(In):
    """One zone: entered when any group holds; what to do then, in people's words."""

    colour: Choice[Colour]
    any_of: Annotated[list[GroupIn], Field(min_length=1, max_length=MOST_GROUPS)]
    instructions: Prose
    contact: ZoneContactIn | None = None

    def to_agreed(self, pointer: str) -> AgreedZone:
        """Return the zone as the domain takes it. Raises Invalid."""
        groups = tuple(
            tuple(
                each.to_criterion(f"{pointer}/any_of/{number}/all_of/{place}")
                for place, each in enumerate(group.all_of)
            )
            for number, group in enumerate(self.any_of)
        )
        contact = None
        if self.contact is not None:
            contact = Contact(self.contact.name, self.contact.phone, self.contact.hours)
        return AgreedZone(Zone(self.colour, groups), self.instructions, contact)


class CriterionOut(Out):
    """One thing to look at: a sign's readings against a value in a unit, or a symptom's steps against a level."""

    sign: str | None
    part: str | None
    basis: ReadingBasis | None
    symptom: str | None
    comparator: Comparator
    value: Number | None
    unit: str | None
    level: int | None
    days: int
    times: int

    @classmethod
    def of(cls, found: Criterion) -> Self:
        """Return the criterion as clients see it."""
        if isinstance(found, SymptomCriterion):
            own = {"symptom": found.symptom, "level": found.level, "times": 1}
            own |= dict.fromkeys(("sign", "part", "basis", "value", "unit"))
        else:
            own = {"sign": found.sign, "part": found.part, "basis": found.basis, "value": found.value}
            own |= {"unit": unit_of(found), "times": found.times, "symptom": None, "level": None}
        return cls.model_validate({**own, "comparator": found.comparator, "days": found.days})


class GroupOut(Out):
    """Criteria that must all hold."""

    all_of: list[CriterionOut]


class ZoneContactOut(Out):
    """Whom to turn to, and when they are there."""

    name: str
    phone: str | None
    hours: str | None


class ZoneOut(Out):
    """One zone: entered when any group holds; what to do then, in people's words, and whom to turn to."""

    colour: Colour
    any_of: list[GroupOut]
    instructions: str
    contact: ZoneContactOut | None

    @classmethod
    def of(cls, agreed: AgreedZone) -> Self:
        """Return the zone as clients see it."""
        groups = [GroupOut(all_of=[CriterionOut.of(each) for each in group]) for group in agreed.zone.groups]
        contact = agreed.contact
        return cls(
            colour=agreed.zone.colour,
            any_of=groups,
            instructions=agreed.instructions,
            contact=None if contact is None else ZoneContactOut.model_validate(contact, from_attributes=True),
        )


class SeenOut(Out):
    """One reading, or one entry of the diary, that a criterion was held against; `bound`: only a limit was shown."""

    id: UUID
    at: datetime
    value: Number
    bound: str | None


class ReasonOut(Out):
    """What came of one criterion of a zone: met by what was seen, not met, or not evaluable and why not (`gap`).

    `figure` is what was held against the value: the reading, the change, or the share of the personal best.
    """

    colour: Colour
    group: int
    criterion: CriterionOut
    verdict: Verdict
    gap: Gap | None
    figure: Number | None
    seen: list[SeenOut]
    age_seconds: int | None

    @classmethod
    def of(cls, found: Reason) -> Self:
        """Return the reason as clients see it."""
        return cls(
            colour=found.colour,
            group=found.group,
            criterion=CriterionOut.of(found.criterion),
            verdict=found.verdict,
            gap=found.gap,
            figure=None if found.figure is None else rounded_half_up(found.figure, FIGURE_DECIMALS),
            seen=[SeenOut(id=each.id, at=each.at, value=each.value, bound=each.bound) for each in found.seen],
            age_seconds=found.age_seconds,
        )


class ZoneNowOut(Out):
    """In which zone of a plan somebody is on their day `today`, what to do, and why.

    `colour` is null while it is not known: never green by default. `instructions` and `contact` are of that zone.
    """

    plan_id: UUID
    as_of: datetime
    today: date
    colour: Colour | None
    instructions: str | None
    contact: ZoneContactOut | None
    review_on: date
    review_overdue: bool
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, plan: ActionPlan, found: ZoneNow, at: datetime) -> Self:
        """Return the zone of a plan as clients see it at an instant."""
        told = None if found.agreed is None else ZoneOut.of(found.agreed)
        return cls(
            plan_id=plan.id,
            as_of=at,
            today=found.today,
            colour=found.decision.colour,
            instructions=None if told is None else told.instructions,
            contact=None if told is None else told.contact,
            review_on=plan.review_on,
            review_overdue=is_review_overdue(plan, at),
            reasons=[ReasonOut.of(each) for each in found.decision.reasons],
        )
