"""Appending to the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.tables import AuditEventRow


async def record_audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    patient_id: UUID | None = None,
    subject_id: UUID | None = None,
    count: int | None = None,
    basis: str | None = None,
) -> None:
    """Append what the actor did ('noun.verb'), in the transaction of the deed: no audit, no deed.

    Do it last: the row gives a reading transaction a transaction id, and every open one holds the live feed back.
    """
    await record_audits(session, actor, action, [patient_id], subject_id=subject_id, count=count, basis=basis)


async def record_audits(
    session: AsyncSession,
    actor: Actor,
    action: str,
    patient_ids: Sequence[UUID | None],
    *,
    subject_id: UUID | None = None,
    count: int | None = None,
    basis: str | None = None,
) -> None:
    """Append one event for each patient whose record the same deed touched, in one statement."""
    if not patient_ids:
        return
    deed = {**_deed(actor, action, subject_id=subject_id), "basis": basis, "count": count}
    connection = await session.connection()
    await connection.execute(insert(AuditEventRow), [{**deed, "patient_id": p} for p in patient_ids])


async def record_audits_counted(
    session: AsyncSession, actor: Actor, action: str, counts: Mapping[UUID, int], *, subject_id: UUID
) -> None:
    """Append one event for each patient whose record the same deed touched, with how often, in one statement."""
    if not counts:
        return
    deed = _deed(actor, action, subject_id=subject_id)
    connection = await session.connection()
    await connection.execute(insert(AuditEventRow), [{**deed, "patient_id": p, "count": n} for p, n in counts.items()])


def _deed(actor: Actor, action: str, *, subject_id: UUID | None) -> dict[str, Any]:
    """Return what is the same for every patient."""
    return {
        "at": actor.at,
        "account_id": actor.account_id,
        "session_id": actor.session_id,
        "action": action,
        "subject_id": subject_id,
        "request_id": actor.request_id,
    }
