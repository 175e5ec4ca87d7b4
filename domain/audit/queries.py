"""Reading the audit trail of one person, or of what one account did of itself. Who may read it is decided above."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit.entry import AuditEntry, Stretch
from domain.audit.tables import DAY

_EVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
_LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
# By the day first, as the index has it: what is of one day is put in order by itself.
_OF_PATIENT = text(
    f"""
    select id, at, account_id, action, about, basis, role, organisation_id, purpose, reason, outcome, subject_id,
        count, request_id
    from audit_event
    where patient_id = :patient_id and at >= :from_at and at < :until_at and at <= :before_at
        and (at, id) < (:before_at, :before_id)
        and account_id is distinct from cast(:but as uuid) and request_id is distinct from cast(:but_request as text)
    order by {DAY} desc, at desc, id desc limit :limit
    """
)

_OF_ACCOUNT = text(
    """
    select id, at, account_id, action, about, basis, role, organisation_id, purpose, reason, outcome, subject_id,
        count, request_id
    from audit_event
    where account_id = :account_id and patient_id is null and (at, id) < (:before_at, :before_id)
        and request_id is distinct from cast(:but_request as text)
    order by at desc, id desc limit :limit
    """
)


async def entries_of_account(
    session: AsyncSession,
    account_id: UUID,
    *,
    before: tuple[datetime, int] | None,
    limit: int,
    but_request: str | None = None,
) -> list[AuditEntry]:
    """Return the rows of what an account did that concern nobody's record, newest first; `before` as below.

    `but_request`: without those of this request.
    """
    before_at, before_id = before or (_EVER, 0)
    asked = {
        "account_id": account_id,
        "before_at": before_at,
        "before_id": before_id,
        "limit": limit,
        "but_request": but_request,
    }
    return [AuditEntry(*row) for row in await session.execute(_OF_ACCOUNT, asked)]


async def entries_of_patient(
    session: AsyncSession, patient_id: UUID, sought: Stretch, *, before: tuple[datetime, int] | None, limit: int
) -> list[AuditEntry]:
    """Return the rows about a patient, newest first. `before` is the instant and id of the last one already seen."""
    before_at, before_id = before or (_EVER, 0)
    asked = {
        "patient_id": patient_id,
        "from_at": sought.from_at or _LONG_AGO,
        "until_at": sought.until_at or _EVER,
        "before_at": before_at,
        "before_id": before_id,
        "but": sought.but,
        "but_request": sought.but_request,
        "limit": limit,
    }
    return [AuditEntry(*row) for row in await session.execute(_OF_PATIENT, asked)]
