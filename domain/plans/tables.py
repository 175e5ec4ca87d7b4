"""Storage shapes of goals, action plans and completions. Private to this context.

A goal's steps, a plan's version and what was done are only ever added to; a goal's two present statuses are kept
beside its steps, which replay to them.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, Numeric, SmallInteger, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_LIFECYCLES = """('proposed', 'planned', 'accepted', 'active', 'on-hold', 'completed', 'cancelled', 'rejected',
    'entered-in-error')"""
_ACHIEVEMENTS = """('in-progress', 'improving', 'worsening', 'no-change', 'achieved', 'sustaining', 'not-achieved',
    'no-progress', 'not-attainable')"""
_PARTIES = "('patient', 'clinician', 'care_home_staff', 'delegate')"
_TARGET_IS_WHOLE = """num_nulls(target_comparator, target_value, target_unit, target_due_on) in (0, 4)
    and num_nonnulls(target_sign, target_counted) = (target_value is not null)::integer
    and (target_part is null or target_sign is not null)"""
_SCALE_IS_WHOLE = """
    num_nulls(scale_levels, scale_importance, scale_difficulty, scale_baseline, scale_version) in (0, 5)
    and cardinality(scale_levels) = 5 and scale_importance between 0 and 3 and scale_difficulty between 0 and 3
    and scale_baseline between -2 and 0"""


class GoalRow(SQLModel, table=True):
    """What a person wants, in their words, perhaps with a measurable target; `status_at` is of its latest step."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("char_length(description) between 1 and 500", name="goal_description_length"),
        CheckConstraint("char_length(why) between 1 and 500", name="goal_why_length"),
        CheckConstraint(f"lifecycle_status in {_LIFECYCLES}", name="goal_lifecycle_known"),
        CheckConstraint(f"achievement_status in {_ACHIEVEMENTS}", name="goal_achievement_known"),
        CheckConstraint(f"proposed_as in {_PARTIES}", name="goal_party_known"),
        CheckConstraint("target_comparator in ('<', '<=', '>', '>=')", name="goal_comparator_known"),
        CheckConstraint("target_value between -1000000 and 1000000", name="goal_target_value_finite"),
        CheckConstraint("target_due_on >= start_on", name="goal_due_after_start"),
        CheckConstraint(_TARGET_IS_WHOLE, name="goal_target_whole"),
        CheckConstraint("target_counted in ('completions')", name="goal_counted_known"),
        CheckConstraint(_SCALE_IS_WHOLE, name="goal_scale_whole"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="goal_client_id_length"),
        Index("goal_of_patient", "patient_id", "id"),
        Index("goal_by_client_id", "patient_id", "client_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    description: str = Field(sa_column=Column(Text, nullable=False))
    why: str | None = Field(default=None, sa_column=Column(Text))
    target_sign: str | None = Field(default=None, sa_column=Column(Text))
    target_part: str | None = Field(default=None, sa_column=Column(Text))
    target_counted: str | None = Field(default=None, sa_column=Column(Text))
    target_comparator: str | None = Field(default=None, sa_column=Column(Text))
    target_value: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    target_unit: str | None = Field(default=None, sa_column=Column(Text))
    target_due_on: date | None = Field(default=None, sa_column=Column(Date))
    start_on: date = Field(sa_column=Column(Date, nullable=False))
    proposed_by: UUID = Field(foreign_key="account.id", nullable=False)
    proposed_as: str = Field(sa_column=Column(Text, nullable=False))
    proposed_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    lifecycle_status: str = Field(sa_column=Column(Text, nullable=False))
    achievement_status: str | None = Field(default=None, sa_column=Column(Text))
    status_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))
    scale_levels: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    scale_importance: int | None = Field(default=None, sa_column=Column(SmallInteger))
    scale_difficulty: int | None = Field(default=None, sa_column=Column(SmallInteger))
    scale_baseline: int | None = Field(default=None, sa_column=Column(SmallInteger))
    scale_version: int | None = Field(default=None, sa_column=Column(Integer))


class FormerGoalRow(SQLModel, table=True):
    """How a goal was worded, and its target, up to an instant, by the version it had. Never changed."""

    __tablename__ = "goal_former"
    __table_args__ = (
        CheckConstraint(f"replaced_as in {_PARTIES}", name="goal_former_party_known"),
        CheckConstraint("char_length(note) between 1 and 1000", name="goal_former_note_length"),
    )

    goal_id: UUID = Field(sa_column=Column(ForeignKey("goal.id"), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    description: str = Field(sa_column=Column(Text, nullable=False))
    why: str | None = Field(default=None, sa_column=Column(Text))
    target_sign: str | None = Field(default=None, sa_column=Column(Text))
    target_part: str | None = Field(default=None, sa_column=Column(Text))
    target_counted: str | None = Field(default=None, sa_column=Column(Text))
    target_comparator: str | None = Field(default=None, sa_column=Column(Text))
    target_value: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    target_unit: str | None = Field(default=None, sa_column=Column(Text))
    target_due_on: date | None = Field(default=None, sa_column=Column(Date))
    replaced_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    replaced_by: UUID = Field(foreign_key="account.id", nullable=False)
    replaced_as: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    scale_levels: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    scale_importance: int | None = Field(default=None, sa_column=Column(SmallInteger))
    scale_difficulty: int | None = Field(default=None, sa_column=Column(SmallInteger))
    scale_baseline: int | None = Field(default=None, sa_column=Column(SmallInteger))


class GoalRatingRow(SQLModel, table=True):
    """At which level of its scale a goal stood when somebody looked, on the scale of that version. Never changed."""

    __tablename__ = "goal_rating"
    __table_args__ = (
        CheckConstraint("level between -2 and 2", name="goal_rating_level_known"),
        CheckConstraint(f"rated_as in {_PARTIES}", name="goal_rating_party_known"),
        CheckConstraint("char_length(note) between 1 and 1000", name="goal_rating_note_length"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="goal_rating_client_id_length"),
        Index("goal_rating_of_goal", "goal_id", "id"),
        Index("goal_rating_by_client_id", "goal_id", "client_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    goal_id: UUID = Field(foreign_key="goal.id", nullable=False)
    client_id: str = Field(sa_column=Column(Text, nullable=False))
    scale_version: int = Field(sa_column=Column(Integer, nullable=False))
    level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    rated_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    rated_by: UUID = Field(foreign_key="account.id", nullable=False)
    rated_as: str = Field(sa_column=Column(Text, nullable=False))


class GoalStepRow(SQLModel, table=True):
    """One step of a goal, numbered from 1; the first comes from nowhere. Never changed."""

    __tablename__ = "goal_step"
    __table_args__ = (
        CheckConstraint("number >= 1 and (number = 1) = (from_lifecycle is null)", name="goal_step_number"),
        CheckConstraint(f"from_lifecycle in {_LIFECYCLES}", name="goal_step_from_known"),
        CheckConstraint(f"to_lifecycle in {_LIFECYCLES}", name="goal_step_to_known"),
        CheckConstraint(f"from_achievement in {_ACHIEVEMENTS}", name="goal_step_from_achievement_known"),
        CheckConstraint(f"to_achievement in {_ACHIEVEMENTS}", name="goal_step_to_achievement_known"),
        CheckConstraint(f"taken_as in {_PARTIES}", name="goal_step_party_known"),
        CheckConstraint("char_length(note) between 1 and 1000", name="goal_step_note_length"),
    )

    goal_id: UUID = Field(sa_column=Column(ForeignKey("goal.id"), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    taken_by: UUID = Field(foreign_key="account.id", nullable=False)
    taken_as: str = Field(sa_column=Column(Text, nullable=False))
    from_lifecycle: str | None = Field(default=None, sa_column=Column(Text))
    to_lifecycle: str = Field(sa_column=Column(Text, nullable=False))
    from_achievement: str | None = Field(default=None, sa_column=Column(Text))
    to_achievement: str | None = Field(default=None, sa_column=Column(Text))
    note: str | None = Field(default=None, sa_column=Column(Text))


class ActionPlanRow(SQLModel, table=True):
    """One version of an agreed plan. Never changed: a change is a new version that supersedes it."""

    __tablename__ = "action_plan"
    __table_args__ = (
        CheckConstraint("char_length(title) between 1 and 200", name="action_plan_title_length"),
        CheckConstraint("review_on >= agreed_on", name="action_plan_review_after_agreement"),
        CheckConstraint("version >= 1 and (version = 1) = (supersedes_id is null)", name="action_plan_version"),
        CheckConstraint(f"published_as in {_PARTIES}", name="action_plan_party_known"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="action_plan_client_id_length"),
        Index("action_plan_of_patient", "patient_id", "id"),
        Index("action_plan_by_review", "review_on", "id"),
        Index("action_plan_by_client_id", "patient_id", "client_id", unique=True),
        Index("action_plan_superseded_once", "supersedes_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    title: str = Field(sa_column=Column(Text, nullable=False))
    agreed_on: date = Field(sa_column=Column(Date, nullable=False))
    review_on: date = Field(sa_column=Column(Date, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    supersedes_id: UUID | None = Field(default=None, foreign_key="action_plan.id")
    published_by: UUID = Field(foreign_key="account.id", nullable=False)
    published_as: str = Field(sa_column=Column(Text, nullable=False))
    published_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    # "key|version", as FHIR writes what a CarePlan instantiates; None: it was made from none.
    template: str | None = Field(default=None, sa_column=Column(Text))


class ActionPlanEndRow(SQLModel, table=True):
    """The end of a plan version: stopped, or superseded by `successor_id`. Its key lets a version end only once."""

    __tablename__ = "action_plan_end"
    __table_args__ = (
        CheckConstraint(f"ended_as in {_PARTIES}", name="action_plan_end_party_known"),
        CheckConstraint("char_length(reason) between 1 and 1000", name="action_plan_end_reason_length"),
    )

    plan_id: UUID = Field(sa_column=Column(ForeignKey("action_plan.id"), primary_key=True))
    ended_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    ended_by: UUID = Field(foreign_key="account.id", nullable=False)
    ended_as: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    successor_id: UUID | None = Field(default=None, foreign_key="action_plan.id")


class ActionPlanGoalRow(SQLModel, table=True):
    """A goal that a plan version serves."""

    __tablename__ = "action_plan_goal"

    plan_id: UUID = Field(sa_column=Column(ForeignKey("action_plan.id"), primary_key=True))
    goal_id: UUID = Field(sa_column=Column(ForeignKey("goal.id"), primary_key=True, index=True))


class ActionPlanZoneRow(SQLModel, table=True):
    """One zone of a plan version: when it is entered (`zone_rules` reads it), what to do then, and whom to turn to."""

    __tablename__ = "action_plan_zone"
    __table_args__ = (
        CheckConstraint("colour in ('green', 'amber', 'red')", name="action_plan_zone_colour_known"),
        CheckConstraint("char_length(instructions) between 1 and 4000", name="action_plan_zone_instructions_length"),
        CheckConstraint(
            "contact_name is not null or num_nonnulls(contact_phone, contact_hours) = 0",
            name="action_plan_zone_contact_named",
        ),
    )

    plan_id: UUID = Field(sa_column=Column(ForeignKey("action_plan.id"), primary_key=True))
    colour: str = Field(sa_column=Column(Text, primary_key=True))
    any_of: list[list[dict[str, Any]]] = Field(sa_column=Column(JSONB, nullable=False))
    instructions: str = Field(sa_column=Column(Text, nullable=False))
    contact_name: str | None = Field(default=None, sa_column=Column(Text))
    contact_phone: str | None = Field(default=None, sa_column=Column(Text))
    contact_hours: str | None = Field(default=None, sa_column=Column(Text))


class ActionRow(SQLModel, table=True):
    """One step of a plan version: what to do and when, the days as an iCalendar RRULE, the times as London's."""

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("char_length(title) between 1 and 200", name="action_title_length"),
        CheckConstraint("char_length(instructions) between 1 and 4000", name="action_instructions_length"),
        CheckConstraint("cardinality(times) <= 24", name="action_times_number"),
        CheckConstraint("asks_kind in ('reading', 'questionnaire', 'diary_entry')", name="action_asks_kind_known"),
        CheckConstraint(
            "(asks_of is not null) = (asks_kind is not null and asks_kind <> 'diary_entry')", name="action_asks_whole"
        ),
        CheckConstraint("char_length(asks_of) between 1 and 64", name="action_asks_of_length"),
        Index("action_of_plan", "plan_id", "place", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plan_id: UUID = Field(foreign_key="action_plan.id", nullable=False)
    place: int = Field(sa_column=Column(SmallInteger, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    instructions: str | None = Field(default=None, sa_column=Column(Text))
    rrule: str = Field(sa_column=Column(Text, nullable=False))
    starts_on: date = Field(sa_column=Column(Date, nullable=False))
    times: list[time] = Field(sa_column=Column(ARRAY(Time), nullable=False))
    except_on: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False, server_default=text("'{}'")))
    # What it asks to be recorded: a sign's reading, a questionnaire, or anything in the diary; None: nothing.
    asks_kind: str | None = Field(default=None, sa_column=Column(Text))
    asks_of: str | None = Field(default=None, sa_column=Column(Text))


class ActionGoalRow(SQLModel, table=True):
    """A goal that an action serves; one of those that its plan version serves."""

    __tablename__ = "action_goal"
    __table_args__ = (Index("action_goal_by_goal", "goal_id"),)

    action_id: UUID = Field(sa_column=Column(ForeignKey("action.id"), primary_key=True))
    goal_id: UUID = Field(sa_column=Column(ForeignKey("goal.id"), primary_key=True))


class ActionCompletionRow(SQLModel, table=True):
    """That an action was done at an instant, or skipped for a reason; by whom it was recorded, and as what."""

    __tablename__ = "action_completion"
    __table_args__ = (
        CheckConstraint("done_offset_minutes between -840 and 840", name="action_completion_offset_in_use"),
        CheckConstraint("char_length(note) between 1 and 1000", name="action_completion_note_length"),
        CheckConstraint("char_length(skipped) between 1 and 1000", name="action_completion_skipped_length"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="action_completion_client_id_length"),
        CheckConstraint(f"recorded_as in {_PARTIES}", name="action_completion_party_known"),
        Index("action_completion_by_client_id", "action_id", "client_id", unique=True),
        Index("action_completion_by_time", "action_id", "done_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    action_id: UUID = Field(foreign_key="action.id", nullable=False)
    client_id: str = Field(sa_column=Column(Text, nullable=False))
    done_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    done_offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    skipped: str | None = Field(default=None, sa_column=Column(Text))
    recorded_by: UUID = Field(foreign_key="account.id", nullable=False)
    recorded_as: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class CompletionRetractionRow(SQLModel, table=True):
    """That a completion was recorded in error: when, by whom and why it was taken back. Never changed."""

    __tablename__ = "completion_retraction"
    __table_args__ = (
        CheckConstraint("char_length(reason) between 1 and 1000", name="completion_retraction_reason_length"),
        Index("completion_retraction_of_patient", "patient_id"),
    )

    completion_id: UUID = Field(sa_column=Column(ForeignKey("action_completion.id"), primary_key=True))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    retracted_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    retracted_by: UUID = Field(foreign_key="account.id", nullable=False)
    reason: str = Field(sa_column=Column(Text, nullable=False))


class PlanAcknowledgementRow(SQLModel, table=True):
    """What somebody said of a plan version that they have read. Never changed: said anew, and the last stands."""

    __tablename__ = "plan_acknowledgement"
    __table_args__ = (
        CheckConstraint("answer in ('understood', 'question')", name="plan_acknowledgement_answer_known"),
        CheckConstraint("recorded_as in ('patient', 'delegate')", name="plan_acknowledgement_party_known"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="plan_acknowledgement_client_id_length"),
        CheckConstraint("char_length(note) between 1 and 1000", name="plan_acknowledgement_note_length"),
        Index("plan_acknowledgement_once", "plan_id", "client_id", unique=True),
        Index("plan_acknowledgement_of_patient", "patient_id"),
        Index("plan_acknowledgement_asked", "recorded_at", "id", postgresql_where=text("answer = 'question'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plan_id: UUID = Field(foreign_key="action_plan.id", nullable=False)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str = Field(sa_column=Column(Text, nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    said_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    recorded_by: UUID = Field(foreign_key="account.id", nullable=False)
    recorded_as: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class PlanQuestionAnswerRow(SQLModel, table=True):
    """What a clinician answered to a question about a plan version: once, and never changed."""

    __tablename__ = "plan_question_answer"
    __table_args__ = (
        CheckConstraint("char_length(note) between 1 and 1000", name="plan_question_answer_note_length"),
        Index("plan_question_answer_of_patient", "patient_id"),
    )

    acknowledgement_id: UUID = Field(sa_column=Column(ForeignKey("plan_acknowledgement.id"), primary_key=True))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    note: str = Field(sa_column=Column(Text, nullable=False))
    answered_by: UUID = Field(foreign_key="account.id", nullable=False)
    answered_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class PlanPauseRow(SQLModel, table=True):
    """Days on which nothing of a plan and its later versions is due, or of all plans; perhaps ended before the time."""

    __tablename__ = "plan_pause"
    __table_args__ = (
        CheckConstraint("kind in ('holiday', 'in_hospital', 'unwell', 'other')", name="plan_pause_kind_known"),
        CheckConstraint("char_length(reason) between 1 and 1000", name="plan_pause_reason_length"),
        CheckConstraint("until_on >= from_on", name="plan_pause_in_order"),
        CheckConstraint("due_again_on >= from_on", name="plan_pause_ended_after_start"),
        CheckConstraint(f"made_as in {_PARTIES}", name="plan_pause_party_known"),
        CheckConstraint(f"ended_as in {_PARTIES}", name="plan_pause_ended_party_known"),
        CheckConstraint("num_nulls(due_again_on, ended_by, ended_as, ended_at) in (0, 4)", name="plan_pause_end_whole"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="plan_pause_client_id_length"),
        Index("plan_pause_of_patient", "patient_id", "id"),
        Index("plan_pause_of_plan", "plan_id"),
        Index("plan_pause_by_client_id", "patient_id", "client_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    plan_id: UUID | None = Field(default=None, foreign_key="action_plan.id")
    kind: str = Field(sa_column=Column(Text, nullable=False))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    from_on: date = Field(sa_column=Column(Date, nullable=False))
    until_on: date | None = Field(default=None, sa_column=Column(Date))
    made_by: UUID = Field(foreign_key="account.id", nullable=False)
    made_as: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    due_again_on: date | None = Field(default=None, sa_column=Column(Date))
    ended_by: UUID | None = Field(default=None, foreign_key="account.id")
    ended_as: str | None = Field(default=None, sa_column=Column(Text))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
