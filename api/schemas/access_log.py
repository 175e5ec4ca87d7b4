"""Who looked at a record, in plain words."""

from datetime import datetime
from typing import Self

from api.schemas.strict import Out
from domain.audit.entry import NOBODY, AuditEntry
from domain.rights.access_log import Access
from domain.rights.access_log_queries import AccessLog
from domain.rights.access_words import ITSELF, ROLES, UNNAMED, basis_in_words, deed_in_words


class AccessOut(Out):
    """What one person did in one way on one day: how often, and from when to when.

    `who`, `role`, `organisation`, `what` and `why` are words to show; `action`, `basis` and `purpose` (HL7 purpose of
    use) are the codes behind them. `reason` is what somebody typed who opened the record in an emergency. `yourself`:
    it was the caller.
    """

    first_at: datetime
    last_at: datetime
    times: int
    who: str
    yourself: bool
    role: str | None
    organisation: str | None
    what: str
    why: str
    reason: str | None
    outcome: str
    action: str
    basis: str | None
    purpose: str | None

    @classmethod
    def of(cls, found: Access, log: AccessLog, *, yourself: bool) -> Self:
        """Return one entry of the log as this caller reads it."""
        entry = found.latest
        return cls(
            first_at=found.first_at,
            last_at=entry.at,
            times=found.times,
            who=name_of(entry, log),
            yourself=yourself,
            role=None if entry.role is None else ROLES[entry.role],
            organisation=place_of(entry, log),
            what=deed_in_words(entry.action, entry.about, to_the_patient=log.is_read_by_the_patient),
            why=basis_in_words(entry.basis, to_the_patient=log.is_read_by_the_patient, right=log.right(entry)),
            reason=entry.reason,
            outcome=entry.outcome,
            action=entry.action,
            basis=entry.basis,
            purpose=entry.purpose,
        )


class AccessLogPage(Out):
    """A page of who looked, newest first."""

    items: list[AccessOut]
    next_cursor: str | None


def name_of(entry: AuditEntry, log: AccessLog) -> str:
    """Return the name that the account bears."""
    return ITSELF if entry.account_id == NOBODY else log.names.get(entry.account_id, UNNAMED)


def place_of(entry: AuditEntry, log: AccessLog) -> str | None:
    """Return the name of the organisation for which it was done."""
    place = None if entry.organisation_id is None else log.organisations.get(entry.organisation_id)
    return None if place is None else place.name
