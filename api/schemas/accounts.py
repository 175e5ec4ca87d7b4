"""Organisations, accounts, memberships and sessions as clients see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.strict import WITHOUT_NUL, Choice, Email, Id, In, Line, NewPassword, Out, Password, StrictInstant
from domain.access.actor import Role
from domain.accounts import queries

OdsCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{3,10}$"), Field(description="3 to 10 capitals or digits.")
]


class OrganisationKind(StrEnum):
    """What sort of body an organisation is."""

    commissioner = "commissioner"
    network = "network"
    practice = "practice"
    care_home = "care_home"
    provider = "provider"


class OrganisationIn(In):
    """An organisation to be made below another one."""

    ods_code: OdsCode
    name: Line
    kind: Choice[OrganisationKind]
    parent_id: Id


class OrganisationNameIn(In):
    """What an organisation is to be called."""

    name: Line


class OrganisationOut(Out):
    """An ODS-coded body."""

    id: UUID
    ods_code: str
    name: str
    kind: OrganisationKind
    parent_id: UUID | None

    @classmethod
    def of(cls, found: queries.Organisation) -> Self:
        """Return the organisation as clients see it."""
        return cls(
            id=found.id,
            ods_code=found.ods_code,
            name=found.name,
            kind=OrganisationKind(found.kind),
            parent_id=found.parent_id,
        )


class OrganisationPage(Out):
    """A page of organisations."""

    items: list[OrganisationOut]
    next_cursor: str | None


class AccountIn(In):
    """An account to be made, kept by an organisation."""

    email: Email
    display_name: Line
    password: NewPassword
    organisation_id: Id


class AccountNameIn(In):
    """By what name an account is to be shown."""

    display_name: Line


class MembershipIn(In):
    """A role to be given at an organisation."""

    organisation_id: Id
    role: Choice[Role]
    expires_at: StrictInstant | None = None


class MembershipOut(Out):
    """A role at an organisation."""

    id: UUID
    role: Role
    organisation: OrganisationOut
    starts_at: datetime
    expires_at: datetime | None


class AccountOut(Out):
    """Someone who can sign in, as an administrator sees them."""

    id: UUID
    email: str
    display_name: str
    disabled: bool
    memberships: list[MembershipOut]

    @classmethod
    def of(cls, found: queries.Account) -> Self:
        """Return the account as an administrator sees it."""
        return cls(
            id=found.id,
            email=found.email,
            display_name=found.display_name,
            disabled=found.disabled_at is not None,
            memberships=[
                MembershipOut(
                    id=m.id,
                    role=m.role,
                    organisation=OrganisationOut.of(m.organisation),
                    starts_at=m.starts_at,
                    expires_at=m.expires_at,
                )
                for m in found.memberships
            ],
        )


class AccountPage(Out):
    """A page of accounts."""

    items: list[AccountOut]
    next_cursor: str | None


class CreatedOut(Out):
    """The id of what was made."""

    id: UUID


class SignInIn(In):
    """Credentials."""

    email: Annotated[str, Field(min_length=1, max_length=254, json_schema_extra=WITHOUT_NUL)]
    password: Password


class RefreshIn(In):
    """A refresh token, spent by this use."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=128, repr=False, json_schema_extra=WITHOUT_NUL)]


class RoleOut(Out):
    """A role in force and where it is held."""

    role: Role
    organisation: OrganisationOut


class MeOut(Out):
    """The caller: their account, the roles in force, and the patient that they are, if they are one."""

    id: UUID
    display_name: str
    email: str
    roles: list[RoleOut]
    patient_id: UUID | None

    @classmethod
    def of(cls, account: queries.Account, patient_id: UUID | None, at: datetime) -> Self:
        """Return the caller with the memberships in force at an instant."""
        return cls(
            id=account.id,
            display_name=account.display_name,
            email=account.email,
            roles=[
                RoleOut(role=m.role, organisation=OrganisationOut.of(m.organisation))
                for m in account.memberships
                if m.starts_at <= at and (m.expires_at is None or m.expires_at > at)
            ],
            patient_id=patient_id,
        )


class TokensOut(Out):
    """An access token (10 minutes) with the refresh token that fetches the next one."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    account: MeOut
