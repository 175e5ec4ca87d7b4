"""Goals as clients see them: what is wanted, where it stands, and what the readings show of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, In, Number, Out, Prose, StrictDate, Token
from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import Shape
from domain.plans.commands import NewGoal
from domain.plans.goal_lifecycle import Achievement, Change, GoalState, Lifecycle, Party
from domain.plans.progress import Progress, Sufficiency
from domain.plans.queries import Goal, GoalRecord, GoalStep
from domain.plans.rewording_commands import Wording
from domain.plans.target import Comparator, Target

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
    """What to measure the goal by, in the sign's canonical unit; `part` for blood pressure only."""

    sign: MeasuredSign
    part: Choice[Part] | None = None
    comparator: Choice[Comparator]
    value: Number
    unit: Token
    due_on: StrictDate

    def to_target(self) -> Target:
        """Return the target as the domain knows it."""
        return Target(
            sign=self.sign,
            part=None if self.part is None else self.part.value,
            comparator=self.comparator,
            value=self.value,
            unit=self.unit,
            due_on=self.due_on,
        )


class GoalIn(In):
    """A goal to be set, in the person's own words. Without `start_on` it starts today.

    With a `client_id`, the sender's own name for it, it may safely be sent again.
    """

    description: Words
    why: Words | None = None
    target: TargetIn | None = None
    start_on: StrictDate | None = None
    client_id: Token | None = None

    def to_new_goal(self) -> NewGoal:
        """Return the goal as the domain takes it."""
        target = None if self.target is None else self.target.to_target()
        return NewGoal(self.description, self.why, target, self.start_on, self.client_id)


class GoalWordingIn(In):
    """What a goal is to say, all of it: `why` and `target` of null take them away.

    A clinician who changes a goal that the patient has taken on says in `note` how that was agreed.
    """

    description: Words
    why: Words | None
    target: TargetIn | None
    note: Note | None = None

    def to_wording(self) -> Wording:
        """Return the wording as the domain takes it."""
        return Wording(self.description, self.why, None if self.target is None else self.target.to_target())


class GoalStatusIn(In):
    """A change of either status or both; a clinician who answers for the patient says in `note` how it was decided."""

    lifecycle_status: Choice[Lifecycle] | None = None
    achievement_status: Choice[Achievement] | None = None
    note: Note | None = None

    def to_change(self) -> Change:
        """Return the change as the domain takes it."""
        return Change(self.lifecycle_status, self.achievement_status, self.note)


class TargetOut(Out):
    """What the goal is measured by."""

    sign: str
    part: Part | None
    comparator: Comparator
    value: Number
    unit: str
    due_on: date


class MeasuredOut(Out):
    """The newest reading since the goal's start; `bound` if the meter showed only a limit."""

    observation_id: UUID
    effective_at: datetime
    value: Number
    bound: str | None
    age_seconds: int
    stale: bool


class AverageOut(Out):
    """The mean of some readings, how many and from when to when; at most 50 of their ids, the earliest."""

    value: Number
    count: int
    from_at: datetime
    until_at: datetime
    observation_ids: list[UUID]


class ProgressOut(Out):
    """How far the goal has come by `as_of`, from the readings since its start.

    `data` says whether they can carry a judgement: without "enough" there is no percentage, share or suggestion.
    `baseline` is the first week's average or the first reading, `recent` that of the last seven days with readings.
    """

    as_of: datetime
    data: Sufficiency
    count: int
    complete: bool
    latest: MeasuredOut | None
    baseline: AverageOut | None
    recent: AverageOut | None
    judged: int
    within: int
    share_within: float | None
    percent: int | None
    suggestion: Achievement | None

    @classmethod
    def of(cls, found: Progress) -> Self:
        """Return the progress as clients see it."""
        average = AverageOut.model_validate
        return cls(
            as_of=found.as_of,
            data=found.data,
            count=found.count,
            complete=found.complete,
            latest=_latest(found),
            baseline=None if found.baseline is None else average(found.baseline, from_attributes=True),
            recent=None if found.recent is None else average(found.recent, from_attributes=True),
            judged=found.judged,
            within=found.within,
            share_within=found.share_within,
            percent=found.percent,
            suggestion=found.suggestion,
        )


def _latest(found: Progress) -> MeasuredOut | None:
    latest, age, stale = found.latest, found.latest_age_seconds, found.latest_stale
    if latest is None or age is None or stale is None:
        return None
    return MeasuredOut(
        observation_id=latest.observation_id,
        effective_at=latest.at,
        value=latest.value,
        bound=latest.bound,
        age_seconds=age,
        stale=stale,
    )


class GoalOut(Out):
    """A goal and where it stands. `progress` is null before it is begun and without a target."""

    id: UUID
    patient_id: UUID
    description: str
    why: str | None
    target: TargetOut | None
    start_on: date
    proposed_by: UUID
    proposed_as: Party
    proposed_at: datetime
    lifecycle_status: Lifecycle
    achievement_status: Achievement | None
    status_at: datetime
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
    replaced_at: datetime
    replaced_by: UUID
    replaced_as: Party
    note: str | None


class GoalDetailOut(GoalOut):
    """A goal with its history, oldest step first, and how it read before, oldest first."""

    history: list[GoalStepOut]
    former: list[FormerGoalOut]

    @classmethod
    def of_record(cls, found: GoalRecord) -> Self:
        """Return the goal and its history as clients see them."""
        former = [FormerGoalOut.model_validate(each, from_attributes=True) for each in found.former]
        return cls(**_fields(found.goal), history=[GoalStepOut.of(step) for step in found.history], former=former)


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
        "target": None if found.target is None else TargetOut.model_validate(found.target, from_attributes=True),
        "start_on": found.start_on,
        "proposed_by": found.proposed_by,
        "proposed_as": found.proposed_as,
        "proposed_at": found.proposed_at,
        "lifecycle_status": found.state.lifecycle,
        "achievement_status": found.state.achievement,
        "status_at": found.status_at,
        "progress": None if found.progress is None else ProgressOut.of(found.progress),
    }
