"""Break-glass and the alerts that it raises, as clinicians and privacy officers see them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from api.schemas.accounts import OrganisationOut
from api.schemas.patients import NhsNumber
from api.schemas.strict import Choice, In, InWords, Out, StrictDate, refused
from domain.people.break_glass import LEAST_REASON, MOST_HOURS, MOST_REASON, AlertState, Emergency, ReasonCode
from domain.people.break_glass_commands import Opened
from domain.people.break_glass_queries import EmergencyAccess, PrivacyAlert, WhoseRecord
from domain.people.nhs_number import parse_nhs_number


def _enough(reason: str) -> str:
    """Return the reason. Raises when it is as long as it must be by its blanks alone."""
    if len(" ".join(reason.split())) < LEAST_REASON:
        raise refused("too_little_said", f"Say it in at least {LEAST_REASON} characters.")
    return reason


class BreakGlassIn(In):
    """Whose record is needed, both typed from the person before one, and why."""

    nhs_number: NhsNumber
    born_on: StrictDate
    reason_code: Choice[ReasonCode]
    reason: Annotated[
        InWords,
        Field(
            min_length=LEAST_REASON,
            max_length=MOST_REASON,
            description="In words. Privacy officers read it, and the person.",
        ),
        AfterValidator(_enough),
    ]
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)]

    def to_emergency(self, *, allow_test_range: bool) -> Emergency:
        """Return what the domain opens. Raises Invalid for an NHS number that cannot be one."""
        number = parse_nhs_number(self.nhs_number, allow_test_range=allow_test_range).digits
        return Emergency(number, self.born_on, self.reason_code, self.reason, self.hours)


class BreakGlassOut(Out):
    """A record that is open to be read until `until_at`."""

    id: UUID
    patient_id: UUID
    until_at: datetime

    @classmethod
    def of(cls, opened: Opened) -> Self:
        """Return what was opened."""
        return cls(id=opened.id, patient_id=opened.patient_id, until_at=opened.until_at)


class BreakGlasses(Out):
    """What the caller has open."""

    items: list[BreakGlassOut]


class EmergencyAccessOut(Out):
    """Who opened the record in an emergency, where they work, when, why, and until when it was open to them.

    `ended_at`: they closed it before `until_at`. `is_open`: they can read it now.
    """

    id: UUID
    clinician: str
    organisation: OrganisationOut
    reason_code: ReasonCode
    reason: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None
    is_open: bool

    @classmethod
    def of(cls, found: EmergencyAccess) -> Self:
        """Return it as the person, and whoever answers for their record, sees it."""
        return cls(
            id=found.id,
            clinician=found.clinician,
            organisation=OrganisationOut.of(found.organisation),
            reason_code=found.reason_code,
            reason=found.reason,
            opened_at=found.opened_at,
            until_at=found.until_at,
            ended_at=found.ended_at,
            is_open=found.is_open,
        )


class EmergencyAccessPage(Out):
    """A page of when a record was opened in an emergency, newest first."""

    items: list[EmergencyAccessOut]
    next_cursor: str | None


class PrivacyAlertOut(Out):
    """Who broke the glass, where, when and why. It names no patient."""

    id: UUID
    raised_at: datetime
    clinician: str
    organisation: OrganisationOut
    practice: OrganisationOut
    reason_code: ReasonCode
    reason: str
    until_at: datetime
    ended_at: datetime | None
    state: AlertState
    note: str | None
    reviewed_at: datetime | None
    reviewer: str | None

    @classmethod
    def of(cls, found: PrivacyAlert) -> Self:
        """Return the alert as privacy officers see it."""
        return cls(**_shown(found))


def _shown(found: PrivacyAlert) -> dict[str, object]:
    return {
        "id": found.id,
        "raised_at": found.raised_at,
        "clinician": found.clinician,
        "organisation": OrganisationOut.of(found.organisation),
        "practice": OrganisationOut.of(found.practice),
        "reason_code": found.reason_code,
        "reason": found.reason,
        "until_at": found.until_at,
        "ended_at": found.ended_at,
        "state": found.state,
        "note": found.note,
        "reviewed_at": found.reviewed_at,
        "reviewer": found.reviewer,
    }


class PrivacyAlertDetailOut(PrivacyAlertOut):
    """One alert with whose record it was: that it was asked stands in the person's access log.

    A name and an NHS number, if one is known: by them the practice, or the place where it was opened, can be asked.
    """

    patient_id: UUID
    given_name: str
    family_name: str
    nhs_number: str | None

    @classmethod
    def of_person(cls, found: PrivacyAlert, whose: WhoseRecord) -> Self:
        """Return the alert with whose record it was."""
        return cls(
            **_shown(found),
            patient_id=whose.patient_id,
            given_name=whose.given_name,
            family_name=whose.family_name,
            nhs_number=whose.nhs_number,
        )


class PrivacyAlertPage(Out):
    """A page of alerts."""

    items: list[PrivacyAlertOut]
    next_cursor: str | None


class PrivacyReviewIn(In):
    """What a privacy officer made of an alert, and why."""

    state: Annotated[
        Choice[AlertState],
        Field(description="upheld: good reason. reviewed: looked at, dealt with. escalated: passed on."),
    ]
    note: InWords
