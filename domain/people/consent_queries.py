"""Reading decisions: a person's history of them, and in SQL whom no count for commissioners may include."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.people.consent import SECONDARY_USE, Authority, Provision, Purpose
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import ConsentRow

# For joins by other contexts: who has said no to being counted, from when, up to when (null: still).
NOT_TO_BE_COUNTED = f"""
    select patient_id, decided_at, ended_at from counted_refusal
    where purpose in ({", ".join(f"'{purpose}'" for purpose in sorted(SECONDARY_USE))})
"""


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision: in force while nothing stands in `ended_at`."""

    id: UUID
    purpose: Purpose
    provision: Provision
    text_version: int
    language: str
    text_sha256: bytes
    decided_at: datetime
    decided_by: UUID
    decided_as: Basis
    authority: Authority
    note: str | None
    ended_at: datetime | None


async def consents_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Consent]:
    """Return a page of a patient's decisions, newest first, past ones too: one more than the limit if any.

    For the person, whoever decides in their place by law, and their clinicians. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_access)
    query = select(ConsentRow).where(col(ConsentRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(ConsentRow.id) < before)
    found = [_consent(row) for row in (await session.execute(_newest(query, limit + 1))).scalars()]
    await record_audit(session, actor, "consent.list", patient, count=min(limit, len(found)))
    return found


def _newest(query: Select[ConsentRow], most: int) -> Select[ConsentRow]:
    return query.order_by(col(ConsentRow.id).desc()).limit(most)


async def consent_by_id(session: AsyncSession, consent_id: UUID) -> Consent:
    """Return one decision, for callers who have authorised and audited already. Raises NotFound."""
    row = await session.get(ConsentRow, consent_id)
    if row is None:
        raise NotFound
    return _consent(row)


def _consent(row: ConsentRow) -> Consent:
    return Consent(
        id=row.id,
        purpose=Purpose(row.purpose),
        provision=Provision(row.provision),
        text_version=row.text_version,
        language=row.language,
        text_sha256=row.text_sha256,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decided_as=Basis(row.decided_as),
        authority=Authority(row.authority),
        note=row.note,
        ended_at=row.ended_at,
    )
