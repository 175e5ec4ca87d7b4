"""Pathways and enrolments as clients see them."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, Id, In, Line, Out, Prose, StrictDate
from domain.outcomes.commands import EndReason, NewEnrolment, NewPathway
from domain.outcomes.queries import Enrolment, Pathway

PathwayCode = Annotated[
    str,
    Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="Short name in small letters, digits and hyphens."),
]


class PathwayIn(In):
    """A pathway to be made, and the commissioner or network that reads its outcomes."""

    commissioner_id: Id
    code: PathwayCode
    name: Line
    description: Prose

    def to_new_pathway(self) -> NewPathway:
        """Return the pathway in the domain's words."""
        return NewPathway(self.commissioner_id, self.code, self.name, self.description)


class PathwayOut(Out):
    """A clinical design that people are enrolled on."""

    id: UUID
    commissioner_id: UUID
    code: str
    name: str
    description: str

    @classmethod
    def of(cls, found: Pathway) -> Self:
        """Return the pathway as clients see it."""
        return cls(
            id=found.id,
            commissioner_id=found.commissioner_id,
            code=found.code,
            name=found.name,
            description=found.description,
        )


class PathwayPage(Out):
    """A page of pathways."""

    items: list[PathwayOut]
    next_cursor: str | None


class EnrolmentIn(In):
    """A patient to be put on a pathway.

    `known_from` is where the history of their contacts begins: the first day that an export covers, say. If absent, the
    day on which the patient was registered here (the enrolment, if they were later). Days before it do not count, since
    a day without records would look like a day without contacts; who has none before counts on neither side.
    """

    patient_id: Id
    enrolled_on: StrictDate
    known_from: StrictDate | None = None

    def to_new_enrolment(self) -> NewEnrolment:
        """Return the enrolment in the domain's words."""
        return NewEnrolment(self.patient_id, self.enrolled_on, self.known_from)


class EnrolmentEndIn(In):
    """The first day that the person is no longer on the pathway, and why."""

    ended_on: StrictDate
    reason: Choice[EndReason]


class EnrolmentOut(Out):
    """A person's time on a pathway: from `enrolled_on` up to, not including, `ended_on`."""

    id: UUID
    pathway_id: UUID
    patient_id: UUID
    enrolled_on: date
    known_from: date
    ended_on: date | None
    end_reason: EndReason | None

    @classmethod
    def of(cls, found: Enrolment) -> Self:
        """Return the enrolment as clinicians see it."""
        return cls(
            id=found.id,
            pathway_id=found.pathway_id,
            patient_id=found.patient_id,
            enrolled_on=found.enrolled_on,
            known_from=found.known_from,
            ended_on=found.ended_on,
            end_reason=None if found.end_reason is None else EndReason(found.end_reason),
        )


class EnrolmentPage(Out):
    """A page of enrolments."""

    items: list[EnrolmentOut]
    next_cursor: str | None
