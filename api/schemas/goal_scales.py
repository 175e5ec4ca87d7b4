"""Scales of goals (Goal Attainment Scaling), ratings on them, and what they come to, as clients see them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import In, Out, Prose, Token
from domain.plans.attainment import Attainment, Level, Scale
from domain.plans.goal_lifecycle import Party
from domain.plans.rating_commands import NewRating
from domain.plans.rating_queries import Rating

LevelWords = Annotated[Prose, Field(max_length=300)]
LevelNumber = Annotated[int, Field(ge=-2, le=2)]
Part = Annotated[int, Field(ge=0, le=3)]
Note = Annotated[Prose, Field(max_length=1000)]


class LevelsIn(In):
    """What each level would look like for this person, in plain words."""

    much_less_than_expected: LevelWords
    less_than_expected: LevelWords
    expected: LevelWords
    more_than_expected: LevelWords
    much_more_than_expected: LevelWords


class ScaleIn(In):
    """Five levels, how important and how difficult the goal is (0 not at all, 3 very), and the level at the start."""

    levels: LevelsIn
    importance: Part
    difficulty: Part
    baseline: Annotated[int, Field(ge=-2, le=0)]

    def to_scale(self) -> Scale:
        """Return the scale as the domain knows it."""
        levels = tuple(self.levels.model_dump().values())
        return Scale(levels, self.importance, self.difficulty, Level(self.baseline))


class LevelsOut(Out):
    """What each level would look like for this person."""

    much_less_than_expected: str
    less_than_expected: str
    expected: str
    more_than_expected: str
    much_more_than_expected: str


class ScaleOut(Out):
    """Five levels, importance and difficulty, their product (how much the goal counts), and the level at the start."""

    levels: LevelsOut
    importance: int
    difficulty: int
    weight: int
    baseline: int

    @classmethod
    def of(cls, found: Scale) -> Self:
        """Return the scale as clients see it."""
        return cls(
            levels=LevelsOut(**dict(zip(LevelsOut.model_fields, found.levels, strict=True))),
            importance=found.importance,
            difficulty=found.difficulty,
            weight=found.weight,
            baseline=int(found.baseline),
        )


class RatingIn(In):
    """At which level the goal stands now: -2 to 2, 0 as expected. `client_id` is the sender's own id for it."""

    client_id: Token
    level: LevelNumber
    note: Note | None = None

    def to_new_rating(self) -> NewRating:
        """Return the rating as the domain takes it."""
        return NewRating(self.client_id, Level(self.level), self.note)


class RatingOut(Out):
    """At which level the goal stood, by whom. One on a scale that was changed since no longer counts."""

    id: UUID
    client_id: str
    level: int
    note: str | None
    rated_at: datetime
    rated_by: UUID
    rated_as: Party
    is_of_scale_in_use: bool

    @classmethod
    def of(cls, found: Rating) -> Self:
        """Return the rating as clients see it."""
        return cls.model_validate(found, from_attributes=True)


class ScaledGoalOut(Out):
    """One scaled goal: how much it counts, at which level it began, and at which it was last rated, if it was."""

    goal_id: UUID
    weight: int
    baseline: int
    level: int | None
    rated_at: datetime | None


class AttainmentOut(Out):
    """What the person's scaled goals come to together, as T-scores: 50 when all came out as expected.

    `t` and `change` are null while a goal is not rated, and all three when no goal has a scale or any weight.
    """

    as_of: datetime
    goals: list[ScaledGoalOut]
    baseline_t: float | None
    t: float | None
    change: float | None

    @classmethod
    def of(cls, found: Attainment) -> Self:
        """Return the attainment as clients see it."""
        return cls.model_validate(found, from_attributes=True)
