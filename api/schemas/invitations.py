"""Invitations and forgotten passwords as clients see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

from api.schemas.factors import OpaqueToken
from api.schemas.strict import Choice, Email, Id, In, Line, NewPassword, Out, StrictDate
from domain.access.actor import Role
from domain.accounts import invitation_queries
from domain.accounts.invitation_queries import InvitationState
from domain.people.invitation_commands import PatientInvitations


class InvitationIn(In):
    """A colleague to be invited to a role at an organisation."""

    email: Email
    display_name: Line
    organisation_id: Id
    role: Choice[Role]


class PatientInvitationIn(In):
    """A patient to be invited to their own record."""

    email: Email
    display_name: Line


class InvitationOut(Out):
    """An invitation as whoever may make it sees it. Its link is in the letter alone."""

    id: UUID
    email: str
    display_name: str
    organisation_id: UUID
    role: Role | None
    made_at: datetime
    expires_at: datetime
    state: InvitationState

    @classmethod
    def of(cls, found: invitation_queries.Invitation) -> Self:
        """Return the invitation as clients see it."""
        return cls(
            id=found.id,
            email=found.email,
            display_name=found.display_name,
            organisation_id=found.organisation_id,
            role=found.role,
            made_at=found.made_at,
            expires_at=found.expires_at,
            state=found.state,
        )


class InvitationPage(Out):
    """A page of invitations."""

    items: list[InvitationOut]
    next_cursor: str | None


class PatientInvitationsOut(Out):
    """All invitations of one patient. `has_account`: they have an account of their own, and cannot be invited."""

    has_account: bool
    items: list[InvitationOut]

    @classmethod
    def of(cls, found: PatientInvitations) -> Self:
        """Return them as a clinician sees them who could invite the patient."""
        return cls(has_account=found.has_account, items=[InvitationOut.of(each) for each in found.invitations])


class LinkIn(In):
    """The token of a letter's link."""

    token: OpaqueToken


class InvitationStateOut(Out):
    """What became of the invitation that a link stands for."""

    state: InvitationState


class AcceptIn(In):
    """The token of the letter's link, and the password that the new account gets.

    Whoever accepts an invitation to their own record also gives their date of birth, as their practice has it.
    """

    token: OpaqueToken
    password: NewPassword
    born_on: StrictDate | None = None


class AcceptedOut(Out):
    """The id of the account that was made, and what this device sends at its first sign-in to be known by."""

    id: UUID
    device_token: str


class ForgottenIn(In):
    """The address whose password was forgotten."""

    email: Email


class PasswordResetIn(In):
    """The token of the letter's link, and the new password."""

    token: OpaqueToken
    new_password: NewPassword


class AskedOut(Out):
    """What whoever asks for a new password is told, whether or not the address has an account."""

    detail: str
