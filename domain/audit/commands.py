"""Appending to the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant
from domain.access.ground import OnGround, Touched

# One statement, whoever and however many are concerned: prepared once a connection, one round trip.
_RECORD = text(
    """
    insert into audit_event (at, account_id, session_id, action, about, subject_id, request_id,
        patient_id, basis, role, organisation_id, purpose, reason, count)
    select cast(:at as timestamptz), cast(:account_id as uuid), cast(:session_id as uuid), cast(:action as text),
        cast(:about as text), cast(:subject_id as uuid), cast(:request_id as text), each.*
    from unnest(
        cast(:patient_id as uuid[]), cast(:basis as text[]), cast(:role as text[]), cast(:organisation_id as uuid[]),
        cast(:purpose as text[]), cast(:reason as text[]), cast(:count as integer[])) as each
    """
)


async def record_audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    patient: OnGround | None = None,
    *,
    subject_id: UUID | None = None,
    count: int | None = None,
    about: str | None = None,
) -> None:
    """Append what the actor did ('noun.verb'), and to whose record on what ground, in the deed's own transaction.

    `about` is the vital sign, where the deed concerns one. No audit, no deed.
    Do it last: the row gives a reading transaction a transaction id, and every open one holds the live feed back.
    """
    if patient is None:
        await session.execute(_RECORD, _deed(actor, action, subject_id, about) | _of_nobody(actor, count))
    else:
        touched = [Touched(patient.id, patient.ground, count)]
        await record_audits(session, actor, action, touched, subject_id=subject_id, about=about)


async def record_audits(
    session: AsyncSession,
    actor: Actor,
    action: str,
    touched: Sequence[Touched],
    *,
    subject_id: UUID | None = None,
    about: str | None = None,
) -> None:
    """Append one row for each person whose record the same deed touched, in one statement."""
    if touched:
        await session.execute(_RECORD, _deed(actor, action, subject_id, about) | _of_each(touched))


def _deed(actor: Actor, action: str, subject_id: UUID | None, about: str | None) -> dict[str, Any]:
    """Return what is the same for everybody concerned."""
    return {
        "at": actor.acts_at or actor.at,
        "account_id": actor.account_id,
        "session_id": actor.session_id,
        "action": action,
        "about": about,
        "subject_id": subject_id,
        "request_id": actor.request_id,
    }


def _of_each(touched: Sequence[Touched]) -> dict[str, list[Any]]:
    grounds = [each.ground for each in touched]
    return {
        "patient_id": [each.id for each in touched],
        "basis": [ground.basis.value for ground in grounds],
        "role": [_role(ground.grant) for ground in grounds],
        "organisation_id": [_place(ground.grant) for ground in grounds],
        "purpose": [ground.purpose.value for ground in grounds],
        "reason": [ground.reason for ground in grounds],
        "count": [each.count for each in touched],
    }


def _of_nobody(actor: Actor, count: int | None) -> dict[str, list[Any]]:
    """Return the one row of a deed that concerns no person's record; with the actor's role, if they hold but one."""
    grant = actor.grants[0] if len(actor.grants) == 1 else None
    return {
        "patient_id": [None],
        "basis": [None],
        "role": [_role(grant)],
        "organisation_id": [_place(grant)],
        "purpose": [None],
        "reason": [None],
        "count": [count],
    }


def _role(grant: Grant | None) -> str | None:
    return None if grant is None else grant.role.value


def _place(grant: Grant | None) -> UUID | None:
    return None if grant is None else grant.organisation_id
