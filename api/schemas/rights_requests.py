"""What people ask of their own record, and the answers."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, In, Out, Prose
from domain.clock import london_date
from domain.rights.law import ANSWERED_WITHIN, GROUNDS, Decision, Kind
from domain.rights.request_commands import Answer
from domain.rights.request_queries import Dispute, RightsRequest

About = Annotated[Prose, Field(max_length=2000)]
GroundCode = Annotated[str, Field(max_length=40, json_schema_extra={"enum": list(GROUNDS)})]


class RightsRequestIn(In):
    """What is asked: to put something right, to erase, to restrict, or to close the account; and about what."""

    kind: Choice[Kind]
    about: About


class RightsAnswerIn(In):
    """The practice's answer. Where less is done than was asked, `ground` says on which ground of the law.

    Each ground is for some kinds of request. correction: record_is_accurate, legal_claims. erasure:
    care_record_is_kept, who_looked_is_kept, legal_claims. restriction: treatment_needs_it, legal_claims,
    rights_of_others. close_account: legal_claims.
    """

    decision: Choice[Decision]
    answer: About
    ground: GroundCode | None = None

    def to_answer(self) -> Answer:
        """Return the answer as the domain takes it."""
        return Answer(self.decision, self.answer, self.ground)


class LegalGroundOut(Out):
    """Why something is kept: in plain words, and where it is written."""

    code: str
    words: str
    source: str


class RightsRequestOut(Out):
    """What somebody asked of their record, and of which practice. It is to be answered by `answer_due_on`.

    `withdrawn_at`: since when they do not ask for it any more, or dispute what was answered; only of a correction.
    """

    id: UUID
    patient_id: UUID
    patient_name: str
    practice_id: UUID
    kind: Kind
    about: str
    asked_at: datetime
    answer_due_on: date
    decision: Decision | None
    answer: str | None
    ground: LegalGroundOut | None
    decided_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, found: RightsRequest) -> Self:
        """Return the request with its answer, if it has one."""
        law = None if found.ground is None else GROUNDS[found.ground]
        return cls(
            id=found.id,
            patient_id=found.patient_id,
            patient_name=found.patient_name,
            practice_id=found.practice_id,
            kind=found.kind,
            about=found.about,
            asked_at=found.asked_at,
            answer_due_on=london_date(found.asked_at + ANSWERED_WITHIN),
            decision=found.decision,
            answer=found.answer,
            ground=None if law is None else LegalGroundOut(code=found.ground or "", words=law.words, source=law.source),
            decided_at=found.decided_at,
            withdrawn_at=found.withdrawn_at,
        )


class DisputeOut(Out):
    """A correction that the person asked for and stands by: open (`decision` is null), or refused, wholly or in part.

    `statement`: what they say is wrong, once it was refused; null for who is not of their practice, where it was said.
    """

    id: UUID
    asked_at: datetime
    decision: Decision | None
    decided_at: datetime | None
    statement: str | None

    @classmethod
    def of(cls, found: Dispute) -> Self:
        """Return one dispute."""
        return cls(
            id=found.id,
            asked_at=found.asked_at,
            decision=found.decision,
            decided_at=found.decided_at,
            statement=found.statement,
        )


class RightsRequestPage(Out):
    """A page of what was asked."""

    items: list[RightsRequestOut]
    next_cursor: str | None
