"""What a phone did for its owner while it had no network, and what became of each thing, as clients see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, core_schema

from api.schemas.completions import CompletionIn
from api.schemas.diary import DiaryEntryIn
from api.schemas.goal_scales import RatingIn
from api.schemas.goals import GoalIn, GoalStatusIn, GoalWordingIn
from api.schemas.observations import ReadingIn
from api.schemas.plan_acknowledgements import PlanAcknowledgementIn
from api.schemas.questionnaires import QuestionnaireResponseIn, SafetyOut
from api.schemas.strict import Choice, Id, In, Line, Out, StatedInstant, StrictInstant, Token, refused
from domain.instant import NotAnInstant, parse_instant
from domain.plans.completion_commands import NewCompletion

MOST_SENT = 200
_VERSION = Annotated[int, Field(ge=1)]

_EXAMPLE: JsonDict = {
    "sent_at": "2026-11-21T07:15:00+00:00",
    "items": [
        {
            "item": "7",
            "reading": {
                "client_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e",
                "sign": "body_weight",
                "value": 81.4,
                "unit": "kg",
                "effective_at": "2026-11-21T07:10:00+00:00",
            },
        },
        {
            "item": "8",
            "completion": {
                "plan_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c01",
                "action_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c02",
                "client_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1f",
                "done_at": "2026-11-21T07:12:00+00:00",
            },
        },
        {
            "item": "9",
            "retraction": {
                "of": "completion",
                "client_id": "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1f",
                "reason": "Pressed by mistake",
            },
        },
    ],
}


class SentCompletionIn(CompletionIn):
    """That an action of a plan was done, or skipped and why.

    `as_of`: that of the copy by which it was done. Under a version that was replaced later it is kept all the same.
    """

    plan_id: Id
    action_id: Id
    as_of: StrictInstant | None = None

    def to_new_completion(self) -> NewCompletion:
        """Return the completion as the domain takes it."""
        return replace(super().to_new_completion(), as_of=self.as_of)


class SentStatusIn(GoalStatusIn):
    """A goal's next status; with `seen_version` only if it has not changed since."""

    goal_id: Id
    seen_version: _VERSION | None = None


class SentWordingIn(GoalWordingIn):
    """What a goal is to say, all of it, if it has not changed since `seen_version`."""

    goal_id: Id
    seen_version: _VERSION


class SentRatingIn(RatingIn):
    """At which level of its scale a goal stands."""

    goal_id: Id


class SentAcknowledgementIn(PlanAcknowledgementIn):
    """That a plan version was read and understood, or that there is a question."""

    plan_id: Id


class TakenBack(StrEnum):
    """What can be taken back from a phone."""

    reading = "reading"
    completion = "completion"
    diary_entry = "diary_entry"
    questionnaire_response = "questionnaire_response"


class SentRetractionIn(In):
    """That something one recorded oneself was recorded in error, and why. It is kept, and counts no more.

    Named by the `client_id` under which it was sent, be it in this same request; by its `id` if it has none. One that
    was taken back already stays as it is.
    """

    of: Choice[TakenBack]
    client_id: Token | None = None
    id: Id | None = None
    reason: Line

    @model_validator(mode="after")
    def _is_named_once(self) -> Self:
        if (self.client_id is None) == (self.id is None):
            raise refused("one_of_these", "Give just one of client_id, id.")
        return self


class SentIn(In):
    """One thing that was done, under the phone's own name for it in this request; just one of its kinds.

    A goal, a diary entry and answers need a `client_id` here: a phone that hears no answer sends them again.
    """

    item: Token
    reading: ReadingIn | None = None
    diary_entry: DiaryEntryIn | None = None
    completion: SentCompletionIn | None = None
    goal: GoalIn | None = None
    goal_status: SentStatusIn | None = None
    goal_wording: SentWordingIn | None = None
    goal_rating: SentRatingIn | None = None
    questionnaire_response: QuestionnaireResponseIn | None = None
    plan_acknowledgement: SentAcknowledgementIn | None = None
    retraction: SentRetractionIn | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len([name for name in KINDS if getattr(self, name) is not None]) != 1:
            raise refused("one_of_these", f"Give just one of {', '.join(KINDS)}.")
        for named in (self.diary_entry, self.goal, self.questionnaire_response):
            if named is not None and named.client_id is None:
                raise refused("client_id_missing", "Give it a client_id: without one it cannot be sent again.")
        return self


KINDS = tuple(name for name in SentIn.model_fields if name != "item")


class _JudgedOneByOne:
    """Marks a list's items: described to clients as what is sent, but each validated on its own, for its own verdict.

    Bodies reach the schemas as Python values, never as JSON text, so the first of the two only ever describes.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(handler.generate_schema(SentIn), core_schema.any_schema())


class SendingIn(In):
    """What was done, in its order: a goal before its rating.

    `sent_at`: what the phone's own clock shows as it sends. By it answers that cannot wait, of a time that cannot have
    been, are put right; it is used for nothing else, and one that is no time is as none.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    items: Annotated[list[Annotated[Any, _JudgedOneByOne()]], Field(min_length=1, max_length=MOST_SENT)]
    sent_at: StatedInstant | None = None

    def clock(self) -> datetime | None:
        """Return what the phone's clock showed; None where that was not told, or is no time."""
        try:
            return None if self.sent_at is None else parse_instant(self.sent_at)
        except NotAnInstant:
            return None


class SendingOutcome(StrEnum):
    """What became of one thing.

    kept: it stands in the record, from now or from before. conflict: the record says otherwise, and was not changed.
    refused: it cannot be kept as written. later: nothing was done with it; send it again.
    """

    kept = "kept"
    conflict = "conflict"
    refused = "refused"
    later = "later"


class SendingFaultOut(Out):
    """Where in the item something is wrong (a JSON pointer), a stable code, and what to do."""

    pointer: str
    code: str
    message: str


class SentOut(Out):
    """What became of one thing, in which place it was sent. `id` is what it is recorded as, or of what it is about.

    `problem`: the type of the problem as a request of its own would be answered; `confirm`: it can be kept as it stands
    once a person has confirmed it. `safety`: to be shown at once, for what was answered cannot wait.
    """

    index: int
    item: str | None
    outcome: SendingOutcome
    id: UUID | None
    problem: str | None
    detail: str | None
    errors: list[SendingFaultOut]
    confirm: bool
    safety: SafetyOut | None


class SendingOut(Out):
    """What became of each thing, in the order in which they were sent; what changed by it comes with the changes."""

    items: list[SentOut]
    kept: int
    conflict: int
    refused: int
    later: int
    received_at: datetime

    @classmethod
    def of(cls, items: Sequence[SentOut], received_at: datetime) -> Self:
        """Return the verdicts, and how many of each there are."""
        outcomes = [each.outcome for each in items]
        counts = {each.value: outcomes.count(each) for each in SendingOutcome}
        return cls(items=list(items), received_at=received_at, **counts)
