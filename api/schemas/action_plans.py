"""Action plans, their actions, and that one was done, as clients see them."""

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from api.schemas.asked import AskedForIn, AskedForOut
from api.schemas.completions import CompletionOut, Note
from api.schemas.pauses import PauseOut
from api.schemas.plan_acknowledgements import PlanAcknowledgementOut
from api.schemas.strict import Id, In, Line, Out, Prose, StrictDate, Token, refused
from api.schemas.zones import ZoneIn, ZoneOut
from domain.plans.adherence import Adherence
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import is_paused
from domain.plans.plan_commands import NewAction, NewPlan
from domain.plans.plan_queries import Action, ActionPlan, PlanInUse, is_review_overdue
from domain.plans.schedule import MOST_DAYS_LEFT_OUT, MOST_TIMES_A_DAY, Schedule, schedule_of
from domain.plans.templates import TemplateVersion
from domain.plans.zone import COLOURS

MOST_ACTIONS = 50
MOST_GOALS = 20
MOST_VERSIONS = 10_000
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def _time_of_day(value: object) -> time:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refused("invalid_time_of_day", "Write the time of day as HH:MM, for example 08:30.")
    return time(int(match[1]), int(match[2]))


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})
]
"""A time of day where the patient is, as HH:MM."""

Rrule = Annotated[
    str,
    Field(
        max_length=200,
        description="An iCalendar RRULE (RFC 5545): FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, with INTERVAL, BYDAY (for"
        " months also 1MO or -1FR), BYMONTHDAY (-1 is the last day), BYMONTH, WKST, COUNT or UNTIL (a date).",
        examples=["FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=1MO"],
    ),
]


class ScheduleIn(In):
    """On which days, from `starts_on` (or the plan's agreement) on, and at which times of day.

    Without times once a day at any time. Once only: FREQ=DAILY;COUNT=1. `except_on` are single days left out; they
    still count towards COUNT.
    """

    rrule: Rrule
    starts_on: StrictDate | None = None
    times: list[TimeOfDay] = Field(default_factory=list, max_length=MOST_TIMES_A_DAY)
    except_on: list[StrictDate] = Field(default_factory=list, max_length=MOST_DAYS_LEFT_OUT)

    def to_schedule(self, agreed_on: date, pointer: str) -> Schedule:
        """Return the schedule as the domain knows it. Raises Invalid."""
        starts_on, left_out = self.starts_on or agreed_on, tuple(self.except_on)
        return schedule_of(self.rrule, starts_on, tuple(self.times), pointer, except_on=left_out)


class ActionIn(In):
    """One step of a plan; `goal_ids` are those of the plan's goals that it serves; `asks_for`: what to record."""

    title: Line
    instructions: Prose | None = None
    schedule: ScheduleIn
    goal_ids: list[Id] = Field(default_factory=list, max_length=MOST_GOALS)
    asks_for: AskedForIn | None = None

    def to_new_action(self, schedule: Schedule) -> NewAction:
        """Return the step as the domain takes it."""
        asks_for = None if self.asks_for is None else self.asks_for.to_asked_for()
        return NewAction(self.title, self.instructions, schedule, tuple(self.goal_ids), asks_for)


class TemplateVersionIn(In):
    """Which version of which template of GET /v1/plan-templates a plan was made from."""

    key: Token
    version: Annotated[int, Field(ge=1, le=MOST_VERSIONS)]


class ActionPlanIn(In):
    """A plan version to be published; with `supersedes_id` in another's place. `zones`: all three colours, or none.

    `template`: what it was copied from, whatever was changed in it since. With a `client_id`, the sender's own name for
    it, it may safely be sent again.
    """

    title: Line
    agreed_on: StrictDate
    review_on: StrictDate
    goal_ids: list[Id] = Field(default_factory=list, max_length=MOST_GOALS)
    actions: Annotated[list[ActionIn], Field(min_length=1, max_length=MOST_ACTIONS)]
    zones: Annotated[list[ZoneIn], Field(max_length=len(COLOURS))] = Field(default_factory=list)
    template: TemplateVersionIn | None = None
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
                action.to_new_action(schedule) for action, schedule in zip(self.actions, schedules, strict=True)
            ),
            zones=tuple(each.to_agreed(f"/zones/{place}") for place, each in enumerate(self.zones)),
            template=None if self.template is None else TemplateVersion(self.template.key, self.template.version),
            supersedes_id=self.supersedes_id,
            client_id=self.client_id,
        )


class ActionPlanEndIn(In):
    """Why a plan is stopped."""

    reason: Note


class ScheduleOut(Out):
    """On which days, from when, at which times of day as HH:MM, and on which single days not."""

    rrule: str
    starts_on: date
    times: list[str]
    except_on: list[date]


class ActionOut(Out):
    """One step of a plan version, which of the plan's goals it serves, and what it asks to be recorded (null: nothing).

    What it asks for may be recorded instead of saying that the step was done: a record meets it by itself.
    """

    id: UUID
    title: str
    instructions: str | None
    schedule: ScheduleOut
    goal_ids: list[UUID]
    asks_for: AskedForOut | None

    @classmethod
    def of(cls, action: Action) -> Self:
        """Return the action as clients see it."""
        return cls(**_action_fields(action))


class PlanStatus(StrEnum):
    """Whether a plan version is in force."""

    active = "active"
    ended = "ended"


class TemplateVersionOut(Out):
    """Which version of which template a plan was made from."""

    key: str
    version: int


class _PlanOut(Out):
    id: UUID
    patient_id: UUID
    title: str
    agreed_on: date
    review_on: date
    review_overdue: bool
    status: PlanStatus
    time_zone: str
    paused: bool
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
    zones: list[ZoneOut]
    template: TemplateVersionOut | None
    to_be_acknowledged: bool
    acknowledgements: list[PlanAcknowledgementOut]


class ActionPlanOut(_PlanOut):
    """One version of an agreed plan; a superseded one is ended.

    `to_be_acknowledged`: it is in force, and nobody has said of this version that they understood it, or said so last.
    """

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
    """How often an action was due in the patient's last seven days, and what became of that.

    What was due was done, skipped or missed. `paused_days` is on how many days nothing was due because of a pause.
    """

    from_on: date
    until_at: datetime
    due: int
    done: int
    skipped: int
    missed: int
    paused_days: int


class ActionInUseOut(ActionOut):
    """One step of a plan version and how it is kept to."""

    adherence: AdherenceOut

    @classmethod
    def in_use(cls, action: Action, kept: Adherence) -> Self:
        """Return the action and how it is kept to as clients see them."""
        return cls(**_action_fields(action), adherence=AdherenceOut.model_validate(kept, from_attributes=True))


class ActionPlanDetailOut(_PlanOut):
    """One plan version, how each action is kept to, and its latest 50 completions that stand, newest first.

    `pauses` are those that hold on one of the last seven days or later, of this plan or of all.
    """

    actions: list[ActionInUseOut]
    pauses: list[PauseOut]
    recent_completions: list[CompletionOut]

    @classmethod
    def of(cls, found: PlanInUse, at: datetime) -> Self:
        """Return the plan in use as clients see it at an instant."""
        actions = [ActionInUseOut.in_use(action, found.adherence[action.id]) for action in found.plan.actions]
        recent = [CompletionOut.of(completion) for completion in found.completions]
        pauses = [PauseOut.of(pause) for pause in found.plan.pauses]
        return cls(**_plan_fields(found.plan, at), actions=actions, pauses=pauses, recent_completions=recent)


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
            except_on=list(schedule.except_on),
        ),
        "goal_ids": list(action.goal_ids),
        "asks_for": AskedForOut.of_action(action.asks_for),
    }


def _plan_fields(plan: ActionPlan, at: datetime) -> dict[str, Any]:
    end, today = plan.ending, plan.days.day_of(at)
    return {
        "id": plan.id,
        "patient_id": plan.patient_id,
        "title": plan.title,
        "agreed_on": plan.agreed_on,
        "review_on": plan.review_on,
        "review_overdue": is_review_overdue(plan, at),
        "status": PlanStatus.active if end is None else PlanStatus.ended,
        "time_zone": plan.days.zone_name(today),
        "paused": end is None and is_paused(plan.pauses, today),
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
        "zones": [ZoneOut.of(agreed) for agreed in plan.zones],
        "to_be_acknowledged": plan.is_to_be_acknowledged,
        "acknowledgements": [PlanAcknowledgementOut.of(each) for each in plan.acknowledgements],
        "template": None
        if plan.template is None
        else TemplateVersionOut.model_validate(plan.template, from_attributes=True),
    }
