"""The authenticated caller and what their roles allow. Pure: it reaches no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import NotPermitted


class Role(StrEnum):
    """What a membership lets an account be at an organisation."""

    clinician = "clinician"
    care_home_staff = "care_home_staff"
    commissioner = "commissioner"
    administrator = "administrator"
    privacy_officer = "privacy_officer"


# Who administers accounts, or reads outcomes, sees no person: not by what else they are to one, either.
SEES_NO_PERSON = frozenset({Role.commissioner, Role.administrator})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one organisation, in force at the actor's instant."""

    role: Role
    organisation_id: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of one request: who, since which session, at which instant, with which grants.

    `at` (aware, UTC) is the only "now" that the domain uses within a request. `acts_at`: when it is done, where that is
    later than the instant it is judged by and tells of; the trail says so. None: at that instant.
    """

    account_id: UUID
    at: datetime
    session_id: UUID | None = None
    request_id: str = ""
    grants: tuple[Grant, ...] = field(default=())
    acts_at: datetime | None = None

    def has(self, *roles: Role) -> bool:
        """Return whether any grant carries one of these roles."""
        return any(grant.role in roles for grant in self.grants)

    def organisations_as(self, *roles: Role) -> tuple[UUID, ...]:
        """Return the organisations at which the actor holds one of these roles."""
        return tuple(dict.fromkeys(g.organisation_id for g in self.grants if g.role in roles))


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise NotPermitted unless the actor holds one of these roles somewhere."""
    if not actor.has(*roles):
        raise NotPermitted("Your role does not allow this.")
