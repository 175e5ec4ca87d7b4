"""Storage shapes of goals, action plans and completions. Private to this context.

A goal's steps, a plan's version and what was done are only ever added to; a goal's two present statuses are kept
beside its steps, which replay to them.
"""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, Numeric, SmallInteger, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_LIFECYCLES = "('proposed', 'accepted', 'active', 'on-hold', 'completed', 'cancelled', 'rejected', 'entered-in-error')"
_ACHIEVEMENTS = """('in-progress', 'improving', 'worsening', 'no-change', 'achieved', 'sustaining', 'not-achieved',
    'not-attainable')"""
_PARTIES = "('patient', 'clinician', 'care_home_staff', 'delegate')"
_TARGET_IS_WHOLE = """num_nulls(target_sign, target_comparator, target_value, target_unit, target_due_on) in (0, 5)
    and (target_part is null or target_sign is not null)"""


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
    target_comparator: str | None = Field(default=None, sa_column=Column(Text))
    target_value: Decimal | None = Field(default=None, sa_column=Column(Numeric))
    target_unit: str | None = Field(default=None, sa_column=Column(Text))
    target_due_on: date | None = Field(default=None, sa_column=Column(Date))
    replaced_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    replaced_by: UUID = Field(foreign_key="account.id", nullable=False)
    replaced_as: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))


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


class ActionRow(SQLModel, table=True):
    """One step of a plan version: what to do and when, the days as an iCalendar RRULE, the times as London's."""

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("char_length(title) between 1 and 200", name="action_title_length"),
        CheckConstraint("char_length(instructions) between 1 and 4000", name="action_instructions_length"),
        CheckConstraint("cardinality(times) <= 24", name="action_times_number"),
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
