"""Goals as clients see them: what is wanted, where it stands, and what the readings show of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.goal_scales import RatingOut, ScaleIn, ScaleOut
from api.schemas.progress import ProgressOut
from api.schemas.strict import Choice, In, Number, Out, Prose, StrictDate, Token
from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import Shape
from domain.plans.commands import NewGoal
from domain.plans.goal_lifecycle import Achievement, Change, GoalState, Lifecycle, Party
from domain.plans.queries import FormerGoal, Goal, GoalRecord, GoalStep
from domain.plans.rewording_commands import Wording
from domain.plans.target import Comparator, Counted, SignTarget, Target, count_target, two_at_once

Words = Annotated[Prose, Field(max_length=500)]
Note = Annotated[Prose, Field(max_length=1000)]


# Told to clients as a choice, and left to the domain to judge.
MeasuredSign = Annotated[
    Token,
    Field(
        json_schema_extra={"enum": [s.key for s in CATALOGUE.values() if s.shape is not Shape.coded and not s.derived]}
    ),
]


class Part(StrEnum):
    """Which number of a blood pressure."""

    systolic = "systolic"
    diastolic = "diastolic"


class TargetIn(In):
    """What to measure the goal by: either a `sign` or what is `counted`.

    A sign in its canonical unit, with `part` for blood pressure only. Counted are the times that actions which serve
    the goal were done: unit "/d" for each day, "/wk" for each week (both from the goal's start on), "1" for all of them
    by `due_on`.
    """

    sign: MeasuredSign | None = None
    part: Choice[Part] | None = None
    counted: Choice[Counted] | None = None
    comparator: Choice[Comparator]
    value: Number
    unit: Token
    due_on: StrictDate

    def to_target(self) -> Target:
        """Return the target as the domain knows it. Raises Invalid unless it is of one kind."""
        if self.sign is None:
            return count_target(self.counted, self.comparator, self.value, self.unit, self.due_on, part=self.part)
        if self.counted is not None:
            raise two_at_once()
        part = None if self.part is None else self.part.value
        return SignTarget(self.sign, part, self.comparator, self.value, self.unit, self.due_on)


class GoalIn(In):
    """A goal to be set, in the person's own words. Without `start_on` it starts today.

    With a `client_id`, the sender's own name for it, it may safely be sent again.
    """

    description: Words
    why: Words | None = None
    target: TargetIn | None = None
    scale: ScaleIn | None = None
    start_on: StrictDate | None = None
    client_id: Token | None = None

    def to_new_goal(self) -> NewGoal:
        """Return the goal as the domain takes it."""
        target = None if self.target is None else self.target.to_target()
        scale = None if self.scale is None else self.scale.to_scale()
        return NewGoal(self.description, self.why, target, scale, self.start_on, self.client_id)


class GoalWordingIn(In):
    """What a goal is to say, all of it: `why`, `target` and `scale` of null take them away.

    A clinician who changes a goal that the patient has taken on says in `note` how that was agreed.
    """

    description: Words
    why: Words | None
    target: TargetIn | None
    scale: ScaleIn | None
    note: Note | None = None

    def to_wording(self) -> Wording:
        """Return the wording as the domain takes it."""
        target = None if self.target is None else self.target.to_target()
        return Wording(self.description, self.why, target, None if self.scale is None else self.scale.to_scale())


class GoalStatusIn(In):
    """A change of either status or both; a clinician who answers for the patient says in `note` how it was decided."""

    lifecycle_status: Choice[Lifecycle] | None = None
    achievement_status: Choice[Achievement] | None = None
    note: Note | None = None

    def to_change(self) -> Change:
        """Return the change as the domain takes it."""
        return Change(self.lifecycle_status, self.achievement_status, self.note)


class TargetOut(Out):
    """What the goal is measured by: a sign in its unit, or what is counted by "/d" (day), "/wk" (week) or "1" (all)."""

    sign: str | None
    part: Part | None
    counted: Counted | None
    comparator: Comparator
    value: Number
    unit: str
    due_on: date

    @classmethod
    def of(cls, target: Target) -> Self:
        """Return the target as clients see it."""
        if isinstance(target, SignTarget):
            own = {"sign": target.sign, "part": target.part, "counted": None, "unit": target.unit}
        else:
            own = {"sign": None, "part": None, "counted": target.counted, "unit": target.per.value}
        return cls.model_validate(
            {**own, "comparator": target.comparator, "value": target.value, "due_on": target.due_on}
        )


class GoalOut(Out):
    """A goal and where it stands. `progress` is null before it is begun and without a target.

    `version` grows with each change of what it says and where it stands: a phone names it when it edits later.
    """

    id: UUID
    patient_id: UUID
    description: str
    why: str | None
    target: TargetOut | None
    scale: ScaleOut | None
    start_on: date
    proposed_by: UUID
    proposed_as: Party
    proposed_at: datetime
    lifecycle_status: Lifecycle
    achievement_status: Achievement | None
    status_at: datetime
    version: int
    progress: ProgressOut | None

    @classmethod
    def of(cls, found: Goal) -> Self:
        """Return the goal as clients see it."""
        return cls(**_fields(found))


class GoalStepOut(Out):
    """One step in a goal's history: by whom, in which capacity, from where to where."""

    number: int
    at: datetime
    taken_by: UUID
    taken_as: Party
    from_lifecycle_status: Lifecycle | None
    from_achievement_status: Achievement | None
    to_lifecycle_status: Lifecycle
    to_achievement_status: Achievement | None
    note: str | None

    @classmethod
    def of(cls, step: GoalStep) -> Self:
        """Return the step as clients see it."""
        before = step.before or GoalState(step.after.lifecycle, None)
        return cls(
            number=step.number,
            at=step.at,
            taken_by=step.taken_by,
            taken_as=step.taken_as,
            from_lifecycle_status=None if step.before is None else before.lifecycle,
            from_achievement_status=before.achievement,
            to_lifecycle_status=step.after.lifecycle,
            to_achievement_status=step.after.achievement,
            note=step.note,
        )


class FormerGoalOut(Out):
    """How a goal read until it was worded otherwise, by whom, and what they said of why."""

    version: int
    description: str
    why: str | None
    target: TargetOut | None
    scale: ScaleOut | None
    replaced_at: datetime
    replaced_by: UUID
    replaced_as: Party
    note: str | None

    @classmethod
    def of(cls, found: FormerGoal) -> Self:
        """Return how the goal read as clients see it."""
        return cls(
            version=found.version,
            description=found.description,
            why=found.why,
            target=None if found.target is None else TargetOut.of(found.target),
            scale=None if found.scale is None else ScaleOut.of(found.scale),
            replaced_at=found.replaced_at,
            replaced_by=found.replaced_by,
            replaced_as=found.replaced_as,
            note=found.note,
        )


class GoalDetailOut(GoalOut):
    """A goal with its history, how it read before and how it was rated, the oldest of each first."""

    history: list[GoalStepOut]
    former: list[FormerGoalOut]
    ratings: list[RatingOut]

    @classmethod
    def of_record(cls, found: GoalRecord) -> Self:
        """Return the goal and its history as clients see them."""
        former = [FormerGoalOut.of(each) for each in found.former]
        history = [GoalStepOut.of(step) for step in found.history]
        ratings = [RatingOut.of(rating) for rating in found.ratings]
        return cls(**_fields(found.goal), history=history, former=former, ratings=ratings)


class GoalPage(Out):
    """A page of goals, newest first."""

    items: list[GoalOut]
    next_cursor: str | None


def _fields(found: Goal) -> dict[str, object]:
    return {
        "id": found.id,
        "patient_id": found.patient_id,
        "description": found.description,
        "why": found.why,
        "target": None if found.target is None else TargetOut.of(found.target),
        "scale": None if found.scale is None else ScaleOut.of(found.scale),
        "start_on": found.start_on,
        "proposed_by": found.proposed_by,
        "proposed_as": found.proposed_as,
        "proposed_at": found.proposed_at,
        "lifecycle_status": found.state.lifecycle,
        "achievement_status": found.state.achievement,
        "status_at": found.status_at,
        "version": found.version,
        "progress": None if found.progress is None else ProgressOut.of(found.progress),
    }
