"""A person's own day as their app shows it first."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from api.schemas.action_plans import AdherenceOut
from api.schemas.asked import AskedForOut
from api.schemas.goals import TargetOut
from api.schemas.progress import MeasuredOut, PeriodOut, latest_measured
from api.schemas.strict import Out
from api.schemas.zones import ReasonOut, ZoneContactOut, ZoneOut
from domain.alerts.alert import AlertLevel, AlertStatus
from domain.alerts.queries import OpenNow
from domain.observations.sufficiency import Sufficiency
from domain.plans.due_today import DueState, DueTime
from domain.plans.goal_lifecycle import Achievement, Lifecycle, Party
from domain.plans.pause import PauseKind, Rest
from domain.plans.progress import Progress
from domain.plans.today_queries import ActionToday, GoalToday, PlanToday, Today
from domain.plans.zone import Colour
from domain.plans.zone_queries import ZoneNow


class DueOut(Out):
    """One time that an action is due today. Without `at_time` it is due by the end of the day.

    `state`: not_yet; overdue when its time of day has passed, though it can still be done today; done or skipped by
    the record `completion_id`, at `answered_at`. For which of several times something was done nobody has said: it is
    held against the nearest. Show `answered_at` with it, and never take a time that is not "done" for done.
    Of an action that asks for something, done by `record_id` too: the reading, response or entry that meets it.
    """

    at_time: str | None
    due_at: datetime
    state: DueState
    completion_id: UUID | None
    record_id: UUID | None
    answered_at: datetime | None
    skipped: str | None

    @classmethod
    def of(cls, due: DueTime) -> Self:
        """Return the time as clients see it."""
        return cls(
            at_time=None if due.at_time is None else due.at_time.isoformat("minutes"),
            due_at=due.due_at,
            state=due.state,
            completion_id=None if due.answer is None else due.answer.completion_id,
            record_id=None if due.answer is None else due.answer.record_id,
            answered_at=None if due.answer is None else due.answer.at,
            skipped=None if due.answer is None else due.answer.skipped,
        )


class ActionTodayOut(Out):
    """A step of a plan that is due today, at each of its times, and how it was kept to over the last seven days.

    `adherence` counts what is overdue today as missed already, as the plan itself tells it. `asks_for`: a reading or a
    check-in that is due, which an app asks for there and then; null: something else is to be done.
    """

    id: UUID
    title: str
    instructions: str | None
    goal_ids: list[UUID]
    asks_for: AskedForOut | None
    due: list[DueOut]
    adherence: AdherenceOut

    @classmethod
    def of(cls, found: ActionToday) -> Self:
        """Return the action as clients see it."""
        return cls(
            id=found.id,
            title=found.title,
            instructions=found.instructions,
            goal_ids=list(found.goal_ids),
            asks_for=AskedForOut.of_action(found.asks_for),
            due=[DueOut.of(each) for each in found.due],
            adherence=AdherenceOut.model_validate(found.adherence, from_attributes=True),
        )


class RestingOut(Out):
    """One of the pauses because of which a plan rests; `plan_id` of null: of all plans."""

    id: UUID
    plan_id: UUID | None
    kind: PauseKind
    reason: str | None


class RestOut(Out):
    """That nothing of a plan is due, up to `until_on` (that day included); null: until somebody ends the pause.

    Pauses that follow on each other are one rest; `pauses` are those that hold today.
    """

    until_on: date | None
    pauses: list[RestingOut]

    @classmethod
    def of(cls, rest: Rest) -> Self:
        """Return the rest as clients see it."""
        return cls(
            until_on=rest.until_on,
            pauses=[RestingOut.model_validate(each, from_attributes=True) for each in rest.pauses],
        )


class ZoneTodayOut(Out):
    """In which zone of a plan the person is, what to do, and why, as the plan's own `zone` tells it.

    `colour` is null while it is not known: never green by default. Show that as "not known", with what is missing.
    """

    colour: Colour | None
    instructions: str | None
    contact: ZoneContactOut | None
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, found: ZoneNow) -> Self:
        """Return the zone as clients see it."""
        told = None if found.agreed is None else ZoneOut.of(found.agreed)
        return cls(
            colour=found.decision.colour,
            instructions=None if told is None else told.instructions,
            contact=None if told is None else told.contact,
            reasons=[ReasonOut.of(each) for each in found.decision.reasons],
        )


class PlanTodayOut(Out):
    """A plan in force, and its actions that are due today, in the plan's order; none of them while it rests.

    `to_be_acknowledged`: the person has yet to say that they understand it. `zone`: null of a plan without zones.
    """

    id: UUID
    title: str
    version: int
    review_on: date
    review_overdue: bool
    rest: RestOut | None
    to_be_acknowledged: bool
    zone: ZoneTodayOut | None
    actions: list[ActionTodayOut]

    @classmethod
    def of(cls, plan: PlanToday) -> Self:
        """Return the plan as clients see it."""
        return cls(
            id=plan.id,
            title=plan.title,
            version=plan.version,
            review_on=plan.review_on,
            review_overdue=plan.review_overdue,
            rest=None if plan.rest is None else RestOut.of(plan.rest),
            to_be_acknowledged=plan.to_be_acknowledged,
            zone=None if plan.zone is None else ZoneTodayOut.of(plan.zone),
            actions=[ActionTodayOut.of(each) for each in plan.actions],
        )


class DoneInShortOut(Out):
    """How often the actions that serve a goal were done and skipped since it began, and when last.

    `period` is the day or week that is not over yet, of a goal that is counted by them.
    """

    done: int
    skipped: int
    latest_at: datetime | None
    period: PeriodOut | None


class ProgressInShortOut(Out):
    """How far a goal has come, as the goal itself tells it, without the evidence: that is `GET …/goals/{id}`.

    `data` other than "enough" is said in words, and never shown as a figure: then there are no percentage, share and
    suggestion. `measured_today`: whether the latest reading of the sign is of today; null for what is counted.
    """

    data: Sufficiency
    count: int
    latest: MeasuredOut | None
    measured_today: bool | None
    share_within: float | None
    percent: int | None
    suggestion: Achievement | None
    done: DoneInShortOut | None

    @classmethod
    def of(cls, found: Progress, *, measured_today: bool | None) -> Self:
        """Return the progress as clients see it."""
        return cls(
            data=found.data,
            count=found.count,
            latest=latest_measured(found),
            measured_today=measured_today,
            share_within=found.share_within,
            percent=found.percent,
            suggestion=found.suggestion,
            done=_done(found),
        )


class GoalTodayOut(Out):
    """A goal that has not ended. One that is proposed or planned waits for the person's answer.

    `progress` is null before a goal is begun and without a target.
    """

    id: UUID
    description: str
    target: TargetOut | None
    start_on: date
    proposed_as: Party
    lifecycle_status: Lifecycle
    achievement_status: Achievement | None
    version: int
    progress: ProgressInShortOut | None

    @classmethod
    def of(cls, found: GoalToday) -> Self:
        """Return the goal as clients see it."""
        goal = found.goal
        progress = goal.progress
        return cls(
            id=goal.id,
            description=goal.description,
            target=None if goal.target is None else TargetOut.of(goal.target),
            start_on=goal.start_on,
            proposed_as=goal.proposed_as,
            lifecycle_status=goal.state.lifecycle,
            achievement_status=goal.state.achievement,
            version=goal.version,
            progress=None if progress is None else ProgressInShortOut.of(progress, measured_today=found.measured_today),
        )


class AlertTodayOut(Out):
    """An open alert about the person: why their team was told, and whether somebody of it has it (acknowledged)."""

    id: UUID
    rule: str
    level: AlertLevel
    reason: str
    status: AlertStatus
    raised_at: datetime
    evidence_withdrawn: bool

    @classmethod
    def of(cls, alert: OpenNow) -> Self:
        """Return the alert as clients see it."""
        return cls(
            id=alert.id,
            rule=alert.rule.key,
            level=alert.level,
            reason=alert.rule.reason,
            status=alert.state,
            raised_at=alert.raised_at,
            evidence_withdrawn=alert.evidence_withdrawn,
        )


class NotTold(StrEnum):
    """What belongs to a day and cannot be told yet."""

    messages = "messages"
    consultations = "consultations"


class TodayOut(Out):
    """The caller's day as it stands at `as_of`, from `from_at` up to `until_at`, by the clock of `time_zone`.

    `not_told`: what this server cannot tell yet. It is not known, which is not the same as that there is none: show
    nothing of it. What it will be able to tell comes as a field of its own, and its word goes from this list; a client
    takes no harm from fields and words that it does not know.
    """

    as_of: datetime
    patient_id: UUID
    day: date
    time_zone: str
    from_at: datetime
    until_at: datetime
    plans: list[PlanTodayOut]
    goals: list[GoalTodayOut]
    alerts: list[AlertTodayOut]
    not_told: list[NotTold]

    @classmethod
    def of(cls, found: Today) -> Self:
        """Return the day as clients see it."""
        return cls(
            as_of=found.as_of,
            patient_id=found.patient_id,
            day=found.day,
            time_zone=found.time_zone,
            from_at=found.from_at,
            until_at=found.until_at,
            plans=[PlanTodayOut.of(each) for each in found.plans],
            goals=[GoalTodayOut.of(each) for each in found.goals],
            alerts=[AlertTodayOut.of(each) for each in found.alerts],
            not_told=list(NotTold),
        )


def _done(found: Progress) -> DoneInShortOut | None:
    tally = found.tally
    if tally is None:
        return None
    period = PeriodOut.model_validate(tally.periods[-1], from_attributes=True) if tally.periods else None
    return DoneInShortOut(done=tally.done, skipped=tally.skipped, latest_at=tally.latest_at, period=period)
