"""Pauses of action plans as clients see them."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict

from api.schemas.completions import Note
from api.schemas.strict import Choice, Id, In, Out, StrictDate, Token
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import NewPause, Pause, PauseKind


class PauseIn(In):
    """Days on which nothing is due: of one plan and its later versions, or without `plan_id` of all.

    Both days are included; without `until_on` until the pause is ended. `reason` is needed for another kind.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "holiday", "from_on": "2026-12-24", "until_on": "2027-01-02"}]}
    )

    kind: Choice[PauseKind]
    from_on: StrictDate
    until_on: StrictDate | None = None
    reason: Note | None = None
    plan_id: Id | None = None
    client_id: Token | None = None

    def to_new_pause(self) -> NewPause:
        """Return the pause as the domain takes it."""
        return NewPause(self.plan_id, PauseKind(self.kind), self.reason, self.from_on, self.until_on, self.client_id)


class PauseOut(Out):
    """A pause as it was planned and by whom; `due_again_on` if it was ended before its time, and by whom."""

    id: UUID
    plan_id: UUID | None
    kind: PauseKind
    reason: str | None
    from_on: date
    until_on: date | None
    due_again_on: date | None
    made_by: UUID
    made_as: Party
    made_at: datetime
    ended_by: UUID | None
    ended_at: datetime | None

    @classmethod
    def of(cls, found: Pause) -> Self:
        """Return the pause as clients see it."""
        return cls.model_validate(found, from_attributes=True)


class PausePage(Out):
    """A page of pauses, the last made first."""

    items: list[PauseOut]
    next_cursor: str | None
