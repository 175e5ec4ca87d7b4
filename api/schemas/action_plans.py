"""Action plans, their actions, and that one was done, as clients see them."""

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from api.schemas.strict import Id, In, Line, Out, Prose, StrictDate, StrictInstant, Token, refused
from domain.plans.adherence import Adherence
from domain.plans.goal_lifecycle import Party
from domain.plans.plan_commands import NewAction, NewCompletion, NewPlan
from domain.plans.plan_queries import Action, ActionPlan, Completion, PlanInUse, is_review_overdue
from domain.plans.schedule import MOST_TIMES_A_DAY, Schedule, schedule_of

MOST_ACTIONS = 50
MOST_GOALS = 20
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)

Note = Annotated[Prose, Field(max_length=1000)]


def _time_of_day(value: object) -> time:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refused("invalid_time_of_day", "Write the time of day as HH:MM, for example 08:30.")
    return time(int(match[1]), int(match[2]))


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})
]
"""A London time of day as HH:MM."""

Rrule = Annotated[
    str,
    Field(
        max_length=200,
        description="An iCalendar RRULE (RFC 5545): FREQ=DAILY or WEEKLY, INTERVAL, BYDAY, COUNT or UNTIL (a date).",
        examples=["FREQ=WEEKLY;BYDAY=MO,WE,FR"],
    ),
]


class ScheduleIn(In):
    """On which days, from `starts_on` (or the plan's agreement) on, and at which London times.

    Without times once a day at any time. Once only: FREQ=DAILY;COUNT=1.
    """

    rrule: Rrule
    starts_on: StrictDate | None = None
    times: list[TimeOfDay] = Field(default_factory=list, max_length=MOST_TIMES_A_DAY)

    def to_schedule(self, agreed_on: date, pointer: str) -> Schedule:
        """Return the schedule as the domain knows it. Raises Invalid."""
        return schedule_of(self.rrule, self.starts_on or agreed_on, tuple(self.times), pointer)


class ActionIn(In):
    """One step of a plan."""

    title: Line
    instructions: Prose | None = None
    schedule: ScheduleIn


class ActionPlanIn(In):
    """A plan version to be published; with `supersedes_id` in another's place.

    With a `client_id`, the sender's own name for it, it may safely be sent again.
    """

    title: Line
    agreed_on: StrictDate
    review_on: StrictDate
    goal_ids: list[Id] = Field(default_factory=list, max_length=MOST_GOALS)
    actions: Annotated[list[ActionIn], Field(min_length=1, max_length=MOST_ACTIONS)]
    supersedes_id: Id | None = None
    client_id: Token | None = None

    def to_new_plan(self) -> NewPlan:
        """Return the plan as the domain takes it. Raises Invalid for a schedule that cannot be kept."""
        schedules = [
            action.schedule.to_schedule(self.agreed_on, f"/actions/{place}/schedule")
            for place, action in enumerate(self.actions)
        ]
        return NewPlan(
            title=self.title,
            agreed_on=self.agreed_on,
            review_on=self.review_on,
            goal_ids=tuple(self.goal_ids),
            actions=tuple(
                NewAction(action.title, action.instructions, schedule)
                for action, schedule in zip(self.actions, schedules, strict=True)
            ),
            supersedes_id=self.supersedes_id,
            client_id=self.client_id,
        )


class ActionPlanEndIn(In):
    """Why a plan is stopped."""

    reason: Note


class CompletionIn(In):
    """That an action was done, or, with `skipped`, why not. `client_id` is the sender's own id for it."""

    client_id: Token
    done_at: StrictInstant
    note: Note | None = None
    skipped: Note | None = None

    def to_new_completion(self) -> NewCompletion:
        """Return the completion as the domain takes it."""
        return NewCompletion(self.client_id, self.done_at, self.note, self.skipped)


class ScheduleOut(Out):
    """On which days, from when, and at which London times as HH:MM."""

    rrule: str
    starts_on: date
    times: list[str]


class ActionOut(Out):
    """One step of a plan version."""

    id: UUID
    title: str
    instructions: str | None
    schedule: ScheduleOut

    @classmethod
    def of(cls, action: Action) -> Self:
        """Return the action as clients see it."""
        return cls(**_action_fields(action))


class PlanStatus(StrEnum):
    """Whether a plan version is in force."""

    active = "active"
    ended = "ended"


class _PlanOut(Out):
    id: UUID
    patient_id: UUID
    title: str
    agreed_on: date
    review_on: date
    review_overdue: bool
    status: PlanStatus
    version: int
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    published_by: UUID
    published_as: Party
    published_at: datetime
    ended_by: UUID | None
    ended_at: datetime | None
    end_reason: str | None
    goal_ids: list[UUID]


class ActionPlanOut(_PlanOut):
    """One version of an agreed plan; a superseded one is ended."""

    actions: list[ActionOut]

    @classmethod
    def of(cls, plan: ActionPlan, at: datetime) -> Self:
        """Return the plan as clients see it at an instant."""
        return cls(**_plan_fields(plan, at), actions=[ActionOut.of(action) for action in plan.actions])


class ActionPlanPage(Out):
    """A page of plan versions, newest first."""

    items: list[ActionPlanOut]
    next_cursor: str | None


class AdherenceOut(Out):
    """How often an action was due in the last seven London days, and what became of that.

    What was due was done, skipped or missed.
    """

    from_on: date
    until_at: datetime
    due: int
    done: int
    skipped: int
    missed: int


class ActionInUseOut(ActionOut):
    """One step of a plan version and how it is kept to."""

    adherence: AdherenceOut

    @classmethod
    def in_use(cls, action: Action, kept: Adherence) -> Self:
        """Return the action and how it is kept to as clients see them."""
        return cls(**_action_fields(action), adherence=AdherenceOut.model_validate(kept, from_attributes=True))


class CompletionOut(Out):
    """That an action was done, or skipped for a reason; by whom it was recorded, and in which capacity."""

    id: UUID
    action_id: UUID
    client_id: str
    done_at: datetime
    note: str | None
    skipped: str | None
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime

    @classmethod
    def of(cls, found: Completion) -> Self:
        """Return the completion as clients see it."""
        return cls.model_validate(found, from_attributes=True)


class ActionPlanDetailOut(_PlanOut):
    """One plan version, how each action is kept to, and its latest 50 completions, newest first."""

    actions: list[ActionInUseOut]
    recent_completions: list[CompletionOut]

    @classmethod
    def of(cls, found: PlanInUse, at: datetime) -> Self:
        """Return the plan in use as clients see it at an instant."""
        actions = [ActionInUseOut.in_use(action, found.adherence[action.id]) for action in found.plan.actions]
        recent = [CompletionOut.of(completion) for completion in found.completions]
        return cls(**_plan_fields(found.plan, at), actions=actions, recent_completions=recent)


def _action_fields(action: Action) -> dict[str, Any]:
    schedule = action.schedule
    return {
        "id": action.id,
        "title": action.title,
        "instructions": action.instructions,
        "schedule": ScheduleOut(
            rrule=schedule.rule.text(),
            starts_on=schedule.starts_on,
            times=[at.isoformat("minutes") for at in schedule.times],
        ),
    }


def _plan_fields(plan: ActionPlan, at: datetime) -> dict[str, Any]:
    end = plan.ending
    return {
        "id": plan.id,
        "patient_id": plan.patient_id,
        "title": plan.title,
        "agreed_on": plan.agreed_on,
        "review_on": plan.review_on,
        "review_overdue": is_review_overdue(plan, at),
        "status": PlanStatus.active if end is None else PlanStatus.ended,
        "version": plan.version,
        "supersedes_id": plan.supersedes_id,
        "superseded_by_id": None if end is None else end.successor_id,
        "published_by": plan.published_by,
        "published_as": plan.published_as,
        "published_at": plan.published_at,
        "ended_by": None if end is None else end.ended_by,
        "ended_at": None if end is None else end.at,
        "end_reason": None if end is None else end.reason,
        "goal_ids": list(plan.goal_ids),
    }
