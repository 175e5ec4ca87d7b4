"""Appending to the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from domain.access.actor import Actor, Grant
from domain.access.ground import Ground, OnGround, Touched
from domain.arrays import as_array, as_column, as_texts
from domain.statements import Statement, Work, run

# One statement, whoever and however many are concerned: prepared once a connection, one round trip.
_RECORD = Statement(
    text(
        """
    insert into audit_event (at, account_id, session_id, action, about, subject_id, request_id,
        patient_id, basis, role, organisation_id, purpose, reason, count)
    select each.at, each.account_id, each.session_id, cast(:action as text), cast(:about as text),
        cast(:subject_id as uuid), each.request_id, each.patient_id, each.basis, each.role, each.organisation_id,
        each.purpose, each.reason, each.count
    from unnest(
        cast(cast(:at as text) as timestamptz[]), cast(cast(:account_id as text) as uuid[]),
        cast(cast(:session_id as text) as uuid[]), cast(cast(:request_id as text) as text[]),
        cast(cast(:patient_id as text) as uuid[]), cast(cast(:basis as text) as text[]),
        cast(cast(:role as text) as text[]), cast(cast(:organisation_id as text) as uuid[]),
        cast(cast(:purpose as text) as text[]), cast(cast(:reason as text) as text[]),
        cast(cast(:count as text) as integer[])
    ) as each(at, account_id, session_id, request_id, patient_id, basis, role, organisation_id, purpose, reason, count)
    """
    )
)


# What one actor did with however many: what is the same of each stands there once.
_RECORD_OF_ONE = Statement(
    text(
        """
    insert into audit_event (at, account_id, session_id, action, about, subject_id, request_id,
        patient_id, basis, role, organisation_id, purpose, reason, count)
    select cast(:at as timestamptz), cast(:account_id as uuid), cast(:session_id as uuid), cast(:action as text),
        cast(:about as text), cast(:subject_id as uuid), cast(:request_id as text),
        each.patient_id, each.basis, each.role, each.organisation_id, each.purpose, each.reason, each.count
    from unnest(
        cast(cast(:patient_id as text) as uuid[]), cast(cast(:basis as text) as text[]),
        cast(cast(:role as text) as text[]), cast(cast(:organisation_id as text) as uuid[]),
        cast(cast(:purpose as text) as text[]), cast(cast(:reason as text) as text[]),
        cast(cast(:count as text) as integer[])
    ) as each(patient_id, basis, role, organisation_id, purpose, reason, count)
    """
    )
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What one actor did with one person's record, or with nobody's, and how often."""

    actor: Actor
    patient: OnGround | None
    count: int | None = None


async def record_audit(
    work: Work,
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
    deed = Deed(actor, patient, count)
    await run(work, _RECORD_OF_ONE, _same(action, subject_id, about) | _of_one(actor, [deed]))


async def record_audits(
    work: Work,
    actor: Actor,
    action: str,
    touched: Sequence[Touched],
    *,
    subject_id: UUID | None = None,
    about: str | None = None,
) -> None:
    """Append one row for each person whose record the same deed touched, in one statement."""
    if touched:
        deeds = [Deed(actor, each, each.count) for each in touched]
        await run(work, _RECORD_OF_ONE, _same(action, subject_id, about) | _of_one(actor, deeds))


async def record_deeds(work: Work, action: str, deeds: Sequence[Deed]) -> None:
    """Append one row for each of these deeds of one kind, whoever did it, in one statement."""
    if deeds:
        await run(work, _RECORD, _same(action, None, None) | _each(deeds))


def _same(action: str, subject_id: UUID | None, about: str | None) -> dict[str, Any]:
    return {"action": action, "about": about, "subject_id": subject_id}


def _each(deeds: Sequence[Deed]) -> dict[str, str]:
    actors = [deed.actor for deed in deeds]
    return _grounds(deeds) | {
        "at": as_array(actor.acts_at or actor.at for actor in actors),
        "account_id": as_array(actor.account_id for actor in actors),
        "session_id": as_column([actor.session_id for actor in actors]),
        "request_id": as_texts([actor.request_id for actor in actors]),
    }


def _of_one(actor: Actor, deeds: Sequence[Deed]) -> dict[str, object]:
    return _grounds(deeds) | {
        "at": actor.acts_at or actor.at,
        "account_id": actor.account_id,
        "session_id": actor.session_id,
        "request_id": actor.request_id,
    }


def _grounds(deeds: Sequence[Deed]) -> dict[str, str]:
    """Return whose record each was done with, on what ground and how often, as columns."""
    grounds = [None if deed.patient is None else deed.patient.ground for deed in deeds]
    grants = [_grant(deed.actor, ground) for deed, ground in zip(deeds, grounds, strict=True)]
    return {
        # Whole though it were all nulls: where every column is left to be filled up, there are no rows.
        "patient_id": as_array(None if deed.patient is None else deed.patient.id for deed in deeds),
        "basis": as_texts([None if ground is None else ground.basis.value for ground in grounds]),
        "role": as_texts([None if grant is None else grant.role.value for grant in grants]),
        "organisation_id": as_column([None if grant is None else grant.organisation_id for grant in grants]),
        "purpose": as_texts([None if ground is None else ground.purpose.value for ground in grounds]),
        "reason": as_texts([None if ground is None else ground.reason for ground in grounds]),
        "count": as_column([deed.count for deed in deeds]),
    }


def _grant(actor: Actor, ground: Ground | None) -> Grant | None:
    """Return the role that carries the deed; where it concerns no record, the actor's own, if they hold but one."""
    if ground is not None:
        return ground.grant
    return actor.grants[0] if len(actor.grants) == 1 else None
