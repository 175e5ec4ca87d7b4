"""Patients, residences, care teams and the board as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.accounts import OrganisationOut
from api.schemas.observations import LatestOut
from api.schemas.rights_requests import DisputeOut
from api.schemas.strict import Id, In, Line, Out, StrictDate, StrictInstant
from domain.access.ground import Basis
from domain.accounts.queries import Organisation
from domain.people.care_team_queries import CareTeam
from domain.people.commands import NewPatient
from domain.people.correction_commands import Particulars
from domain.people.former_queries import FormerPatient
from domain.people.nhs_number import parse_nhs_number
from domain.people.queries import VisiblePatient
from domain.rights.request_queries import Dispute

NhsNumber = Annotated[
    str,
    Field(
        max_length=16,
        description="10 digits with a right check digit, or 3-3-4 with spaces or with hyphens.",
        # The form is told, not asked for: the domain says more exactly what is wrong.
        json_schema_extra={"pattern": "^([0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4})$"},
    ),
]


class PatientIn(In):
    """A person to be registered at a practice."""

    given_name: Line
    family_name: Line
    born_on: StrictDate
    practice_id: Id
    nhs_number: NhsNumber | None = None

    def to_new_patient(self, *, allow_test_range: bool) -> NewPatient:
        """Return what the domain registers. Raises Invalid for an NHS number that cannot be one."""
        number = _checked(self.nhs_number, allow_test_range=allow_test_range)
        return NewPatient(self.given_name, self.family_name, self.born_on, self.practice_id, number)


class PatientCorrectionIn(In):
    """Who the patient is, as it should be: all of it; an NHS number of null says that none is known."""

    given_name: Line
    family_name: Line
    born_on: StrictDate
    nhs_number: NhsNumber | None

    def to_particulars(self, *, allow_test_range: bool) -> Particulars:
        """Return what the domain keeps. Raises Invalid for an NHS number that cannot be one."""
        number = _checked(self.nhs_number, allow_test_range=allow_test_range)
        return Particulars(self.given_name, self.family_name, self.born_on, number)


def _checked(number: str | None, *, allow_test_range: bool) -> str | None:
    return None if number is None else parse_nhs_number(number, allow_test_range=allow_test_range).digits


class FormerPatientOut(Out):
    """What the record said of who the patient is until somebody put it right."""

    version: int
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    replaced_at: datetime
    replaced_by: UUID

    @classmethod
    def of(cls, found: FormerPatient) -> Self:
        """Return the former particulars as clients see them."""
        return cls.model_validate(found, from_attributes=True)


class FormerPatientPage(Out):
    """A page of what a record said before."""

    items: list[FormerPatientOut]
    next_cursor: str | None


class PatientOut(Out):
    """A patient the caller may see, why they may, and the care home and room that they live in today, if in one."""

    id: UUID
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    practice_id: UUID
    care_home: OrganisationOut | None
    room: str | None
    bases: list[Basis]

    @classmethod
    def of(cls, found: VisiblePatient, homes: Mapping[UUID, Organisation]) -> Self:
        """Return the patient as this caller sees them."""
        return cls(
            id=found.id,
            nhs_number=found.nhs_number,
            given_name=found.given_name,
            family_name=found.family_name,
            born_on=found.born_on,
            practice_id=found.practice_id,
            care_home=_care_home(found, homes),
            room=found.room,
            bases=sorted(found.standing.bases),
        )


class PatientDetailOut(PatientOut):
    """One patient, and what they hold to be wrong in their record and was not put right; see `disputes`.

    `disputes` is null for who acts for the person, and is not told of what they asked.
    """

    disputes: list[DisputeOut] | None

    @classmethod
    def of_record(
        cls, found: VisiblePatient, homes: Mapping[UUID, Organisation], disputes: Sequence[Dispute] | None
    ) -> Self:
        """Return the patient as this caller sees them, and what is disputed."""
        told = None if disputes is None else [DisputeOut.of(each) for each in disputes]
        return cls(**dict(PatientOut.of(found, homes)), disputes=told)


def _care_home(found: VisiblePatient, homes: Mapping[UUID, Organisation]) -> OrganisationOut | None:
    home = homes.get(found.care_home_id) if found.care_home_id else None
    return None if home is None else OrganisationOut.of(home)


class PatientPage(Out):
    """A page of patients."""

    items: list[PatientOut]
    next_cursor: str | None


class AccountLinkIn(In):
    """The account that is to be the patient's own."""

    account_id: Id


class ResidenceIn(In):
    """A stay in a care home that begins."""

    care_home_id: Id
    from_on: StrictDate
    room: Line | None = None


class ResidenceEndIn(In):
    """The date on which a stay ends: the first day that the person no longer lives there."""

    until_on: StrictDate


class CareTeamIn(In):
    """A care team to be made."""

    organisation_id: Id
    name: Line


class CareTeamNameIn(In):
    """What a care team is to be called."""

    name: Line


class CareTeamMemberIn(In):
    """A clinician's account to be put on a care team, from now on or from `from_at`."""

    account_id: Id
    from_at: StrictInstant | None = None


class CareTeamPatientIn(In):
    """A patient to be put on a care team's list, from now on or from `from_at`."""

    patient_id: Id
    from_at: StrictInstant | None = None


class CareTeamMemberOut(Out):
    """Who is on a care team, by the name that their account bears."""

    account_id: UUID
    name: str


class CareTeamOut(Out):
    """A care team with its members and those of its patients whom the caller may see."""

    id: UUID
    organisation_id: UUID
    name: str
    member_ids: list[UUID]
    members: list[CareTeamMemberOut]
    patient_ids: list[UUID]

    @classmethod
    def of(cls, found: CareTeam) -> Self:
        """Return the care team as this caller sees it."""
        return cls(
            id=found.id,
            organisation_id=found.organisation_id,
            name=found.name,
            member_ids=[each.account_id for each in found.members],
            members=[CareTeamMemberOut(account_id=each.account_id, name=each.name) for each in found.members],
            patient_ids=list(found.patient_ids),
        )


class CareTeamPage(Out):
    """A page of care teams."""

    items: list[CareTeamOut]
    next_cursor: str | None


class BoardPatientOut(Out):
    """Who a row of the board is about."""

    id: UUID
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    care_home: OrganisationOut | None
    room: str | None


class BoardRowOut(Out):
    """One patient with the latest of each sign. `edition`: see `GET /v1/board/edition`."""

    patient: BoardPatientOut
    latest: list[LatestOut]
    edition: str


class BoardEditionOut(Out):
    """The edition of each row of the caller's board, in its order. Opaque: two are the same, or they are not."""

    rows: list[str]


class BoardPage(Out):
    """A page of the caller's patients with their latest signs."""

    items: list[BoardRowOut]
    next_cursor: str | None
