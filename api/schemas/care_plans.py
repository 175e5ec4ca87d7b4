"""Care and support plans as clients send and see them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.completions import Note
from api.schemas.strict import Choice, Id, In, Out, Prose, StrictDate, Token
from domain.access.ground import Basis
from domain.care_plans.commands import NewCarePlan, NewSection
from domain.care_plans.lifecycle import Agreement, CarePlanStatus, Written
from domain.care_plans.queries import CarePlan
from domain.care_plans.section import HEADINGS, PLAN_CODE, CareSection, WordsOf


class CareSectionIn(In):
    """What a section says, and whose words they are: the person's own, a carer's, or a clinician's."""

    section: Choice[CareSection]
    text: Prose
    words_of: Choice[WordsOf]


class CarePlanIn(In):
    """A whole version to be drafted; `supersedes_id`: the version in force, without any: none yet.

    A section that reads as it does there stays whoever's it was. `client_id` is the sender's own name for the draft.
    """

    client_id: Token
    review_on: StrictDate
    sections: Annotated[list[CareSectionIn], Field(min_length=1, max_length=len(CareSection))]
    supersedes_id: Id | None = None

    def to_new_care_plan(self) -> NewCarePlan:
        """Return it as the domain takes it."""
        sections = tuple(NewSection(each.section, each.text, each.words_of) for each in self.sections)
        return NewCarePlan(self.client_id, self.review_on, sections, self.supersedes_id)


class CarePlanPublicationIn(In):
    """How it was agreed: a clinician says `with_person`, or `best_interests` and why in `note`; others nothing."""

    agreement: Choice[Agreement] | None = None
    note: Note | None = None


class CarePlanWithdrawalIn(In):
    """Why a draft is taken back or declined."""

    reason: Note


class CareSectionOut(Out):
    """A section with its heading and SNOMED CT code (null: none is known), whose words, and who wrote it when."""

    section: CareSection
    label: str
    code: str | None
    text: str
    words_of: WordsOf
    written_by: UUID
    written_as: Basis
    written_at: datetime

    @classmethod
    def of(cls, written: Written) -> Self:
        """Return the section as clients see it."""
        heading = HEADINGS[written.section]
        return cls(
            section=written.section,
            label=heading.label,
            code=heading.code,
            text=written.text,
            words_of=written.words_of,
            written_by=written.written_by,
            written_as=written.written_as,
            written_at=written.written_at,
        )


class CarePlanOut(Out):
    """One version or draft. Only the one with `status` published is in force: never show another as the present one.

    `superseded_by_id`, `superseded_at`: which version took its place, and when. `overtaken`: another version was
    published before this draft, which can be published no more. `code` is SNOMED CT's.
    """

    id: UUID
    patient_id: UUID
    client_id: str
    code: str
    status: CarePlanStatus
    version: int | None
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    superseded_at: datetime | None
    review_on: date
    review_overdue: bool
    drafted_by: UUID
    drafted_as: Basis
    drafted_at: datetime
    decided_by: UUID | None
    decided_as: Basis | None
    decided_at: datetime | None
    agreement: Agreement | None
    note: str | None
    sections: list[CareSectionOut]

    @classmethod
    def of(cls, plan: CarePlan, at: datetime) -> Self:
        """Return the version as clients see it at an instant."""
        decision = plan.decision
        return cls(
            id=plan.id,
            patient_id=plan.patient_id,
            client_id=plan.client_id,
            code=PLAN_CODE,
            status=plan.status,
            version=None if decision is None else decision.version,
            supersedes_id=plan.supersedes_id,
            superseded_by_id=plan.successor_id,
            superseded_at=plan.superseded_at,
            review_on=plan.review_on,
            review_overdue=plan.is_review_overdue(at),
            drafted_by=plan.drafted_by,
            drafted_as=plan.drafted_as,
            drafted_at=plan.drafted_at,
            decided_by=None if decision is None else decision.by,
            decided_as=None if decision is None else decision.by_tie,
            decided_at=None if decision is None else decision.at,
            agreement=None if decision is None else decision.agreement,
            note=None if decision is None else decision.note,
            sections=[CareSectionOut.of(each) for each in plan.sections],
        )


class CarePlanPage(Out):
    """A page of a person's versions and drafts, the last drafted first."""

    items: list[CarePlanOut]
    next_cursor: str | None
