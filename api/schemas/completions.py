"""That an action of a plan was done or skipped, and that it was taken back, as clients see it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.strict import In, Out, Prose, StrictInstant, Token
from domain.plans.completion_commands import NewCompletion
from domain.plans.completion_queries import Completion
from domain.plans.goal_lifecycle import Party

Note = Annotated[Prose, Field(max_length=1000)]


class CompletionIn(In):
    """That an action was done, or, with `skipped`, why not. `client_id` is the sender's own id for it."""

    client_id: Token
    done_at: StrictInstant
    note: Note | None = None
    skipped: Note | None = None

    def to_new_completion(self) -> NewCompletion:
        """Return the completion as the domain takes it."""
        return NewCompletion(self.client_id, self.done_at, self.note, self.skipped)


class CompletionRetractionIn(In):
    """Why a completion was recorded in error."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Pressed by mistake"}]})

    reason: Note


class CompletionStatus(StrEnum):
    """Whether a completion stands."""

    recorded = "recorded"
    entered_in_error = "entered-in-error"


class CompletionOut(Out):
    """That an action was done, or skipped for a reason; by whom it was recorded, and in which capacity.

    One entered in error was taken back at an instant by somebody for a reason: it is kept, and counted no more.
    """

    id: UUID
    action_id: UUID
    client_id: str
    done_at: datetime
    note: str | None
    skipped: str | None
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime
    status: CompletionStatus
    retracted_at: datetime | None
    retracted_by: UUID | None
    retraction_reason: str | None

    @classmethod
    def of(cls, found: Completion) -> Self:
        """Return the completion as clients see it."""
        taken = found.taken_back
        return cls(
            id=found.id,
            action_id=found.action_id,
            client_id=found.client_id,
            done_at=found.done_at,
            note=found.note,
            skipped=found.skipped,
            recorded_by=found.recorded_by,
            recorded_as=found.recorded_as,
            recorded_at=found.recorded_at,
            status=CompletionStatus.recorded if taken is None else CompletionStatus.entered_in_error,
            retracted_at=None if taken is None else taken.at,
            retracted_by=None if taken is None else taken.by,
            retraction_reason=None if taken is None else taken.reason,
        )
