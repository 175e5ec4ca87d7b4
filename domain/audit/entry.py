"""What a row of the audit trail says. Pure, so that who only words or groups rows need not reach the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Nobody did it, but the service itself, or somebody at the server's command line: the trail says so with this id.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the trail, as codes."""

    id: int
    at: datetime
    account_id: UUID
    action: str
    about: str | None
    basis: str | None
    role: str | None
    organisation_id: UUID | None
    purpose: str | None
    reason: str | None
    outcome: str
    subject_id: UUID | None
    count: int | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of a trail: from an instant up to, not including, another; without what one account did itself.

    `but_request`: nor what belongs to one request, which somebody is in the middle of.
    """

    from_at: datetime | None = None
    until_at: datetime | None = None
    but: UUID | None = None
    but_request: str | None = None
