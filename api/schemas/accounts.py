"""Organisations, accounts, memberships and sessions as clients see them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.strict import WITHOUT_NUL, Choice, Email, Id, In, Line, NewPassword, Out, Password, StrictInstant
from domain.access.actor import Role
from domain.accounts import queries
from domain.accounts.client import Client
from domain.accounts.refresh_token import token_hash
from domain.accounts.session_age import SessionKind
from domain.accounts.session_queries import OwnSession
from domain.accounts.user_agent import device_label

OdsCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{3,10}$"), Field(description="3 to 10 capitals or digits.")
]


DeviceId = Annotated[str, StringConstraints(pattern=r"^[!-~]{16,128}$")]


class OrganisationKind(StrEnum):
    """What sort of body an organisation is."""

    commissioner = "commissioner"
    network = "network"
    practice = "practice"
    care_home = "care_home"
    provider = "provider"


class RoleKindsOut(Out):
    """A role, and the kinds of organisation at which it can be held."""

    role: Role
    kinds: list[OrganisationKind]


class RolesOut(Out):
    """Every role that there is."""

    items: list[RoleKindsOut]

    @classmethod
    def of(cls, held_at: Mapping[Role, Collection[str]]) -> Self:
        """Return the roles with where they can be held, the kinds in the order in which they are declared."""
        return cls(
            items=[
                RoleKindsOut(role=role, kinds=[kind for kind in OrganisationKind if kind in kinds])
                for role, kinds in held_at.items()
            ]
        )


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


class FirstAdministratorIn(In):
    """Whoever runs the installation names its first administrator, and the top organisation, at the command line."""

    email: Email
    display_name: Line
    organisation_name: Line
    organisation_kind: Choice[OrganisationKind]
    ods_code: OdsCode


class AccountNameIn(In):
    """By what name an account is to be shown."""

    display_name: Line


class MembershipIn(In):
    """A role to be given at an organisation, from now on or from `starts_at`."""

    organisation_id: Id
    role: Choice[Role]
    expires_at: StrictInstant | None = None
    starts_at: StrictInstant | None = None


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


class OnDeviceIn(In):
    """On what somebody signs in."""

    device: Annotated[
        Choice[SessionKind],
        Field(
            description="web: sign in again after 30 minutes without use, or 12 hours. app: after 30 days; only for an"
            " app that checks its user itself (fingerprint, face, PIN). Whoever holds a role always gets web."
        ),
    ] = SessionKind.web
    device_id: Annotated[
        DeviceId | None,
        Field(
            repr=False,
            description="An id of this installation, kept by it: refresh tokens are then good with it alone.",
        ),
    ] = None

    def to_client(self, user_agent: str) -> Client:
        """Return on what they sign in."""
        device_hash = None if self.device_id is None else token_hash(self.device_id)
        return Client(self.device, device_label(user_agent), device_hash)


class SignInIn(OnDeviceIn):
    """Credentials."""

    email: Annotated[str, Field(min_length=1, max_length=254, json_schema_extra=WITHOUT_NUL)]
    password: Password
    device_token: Annotated[
        str | None,
        Field(
            max_length=128,
            repr=False,
            json_schema_extra=WITHOUT_NUL,
            description="What an earlier answer on this device held. An old or wrong one does no harm.",
        ),
    ] = None


class RefreshIn(In):
    """A refresh token, spent by this use."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=128, repr=False, json_schema_extra=WITHOUT_NUL)]
    device_id: Annotated[DeviceId | None, Field(repr=False, description="The one given at sign-in, if one was.")] = None


class StandingIn(In):
    """A refresh token of the session that is asked about. It is not spent."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=128, repr=False, json_schema_extra=WITHOUT_NUL)]


class RoleOut(Out):
    """A role in force and where it is held."""

    role: Role
    organisation: OrganisationOut


class MeOut(Out):
    """The caller: their account, the roles in force, the patient they are, if one, and whether they act for others.

    `acts_for_others`: for somebody now, or later by what they have accepted; see `/v1/me/delegations`.
    """

    id: UUID
    display_name: str
    email: str
    roles: list[RoleOut]
    patient_id: UUID | None
    acts_for_others: bool

    @classmethod
    def of(cls, account: queries.Account, *, patient_id: UUID | None, acts_for_others: bool, at: datetime) -> Self:
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
            acts_for_others=acts_for_others,
        )


class TokensOut(Out):
    """An access token (10 minutes) with the refresh token that fetches the next one."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    device_token: str
    session_expires_in: Annotated[
        int, Field(ge=0, description="Seconds until one must sign in again, however much the session is used.")
    ]
    session_idle_limit: Annotated[
        int | None,
        Field(description="Seconds without use after which the session ends; null in an app that checks its user."),
    ]
    account: MeOut


class OwnSessionOut(Out):
    """One of the caller's sessions in force; `last_seen_at` may be a minute behind."""

    id: UUID
    kind: SessionKind
    device: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, found: OwnSession, current_id: UUID | None) -> Self:
        """Return the session as its owner sees it."""
        return cls(
            id=found.id,
            kind=found.kind,
            device=found.label,
            started_at=found.started_at,
            last_seen_at=found.last_seen_at,
            expires_at=found.expires_at,
            current=found.id == current_id,
        )


class OwnSessionPage(Out):
    """A page of the caller's sessions, the newest first."""

    items: list[OwnSessionOut]
    next_cursor: str | None


class PasswordChangeIn(In):
    """The caller's password, and what it is to be from now on."""

    current_password: Password
    new_password: NewPassword


class PasswordChangedOut(Out):
    """What this device sends at its next sign-in: what it held before is good no longer."""

    device_token: str
