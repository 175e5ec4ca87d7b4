"""Reminding of delegations by law before they end by themselves: once, by letter, whoever may look at them again.

A letter names no patient: which delegation it is stands in the list of reviews, for those who see the patient.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.accounts.address_queries import address_of, addresses_of_clinicians
from domain.accounts.queries import effective_grants
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.clock import london_date
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import Letter, delegation_ends, delegation_review
from domain.people.delegation import REMINDED_BEFORE, Ground
from domain.people.queries import places_of
from domain.people.tables import DelegationRow, PatientRow

REMINDERS_PER_STEP = 20


async def remind_of_reviews(session: AsyncSession, sealing: Sealing, page: str, *, at: datetime) -> int:
    """Return of how many delegations was reminded: fewer than REMINDERS_PER_STEP when no more are due.

    The clinician who recorded it is written to, or, when they work at the person's practice no longer, all who do; and
    the delegate. Where nobody is a clinician at the practice, it waits until somebody is. `page` is where they see
    which it is, once they have signed in.
    """
    rows = (await session.execute(_take(at))).all()
    places = await places_of(session, {row.patient_id for row in rows}, at)
    for row in rows:
        last = london_date(row.until_at - timedelta(microseconds=1))  # the end itself is no longer in it
        reviewers = await _reviewers(session, row, places[row.patient_id].practice_id, at)
        await _send(session, reviewers, delegation_review(page, last), sealing, at=at, until=row.until_at)
        delegate = await address_of(session, row.account_id)
        told = [] if delegate is None else [delegate]
        await _send(session, told, delegation_ends(last), sealing, at=at, until=row.until_at)
        worker = Actor(NOBODY, at, request_id="reviews")
        await record_audit(session, worker, "delegation.remind", subject_id=row.id)
    return len(rows)


def _take(at: datetime) -> ReturningUpdate[UUID, UUID, UUID | None, UUID, datetime | None]:
    """Return SQL that marks what is due, in the transaction that writes the letters.

    Of two workers one does both, and one that dies did neither. Where there is nobody to write to, nothing is marked.
    """
    clinician = effective_grants(at)
    somebody = exists().where(
        clinician.c.organisation_id == col(PatientRow.practice_id), clinician.c.role == Role.clinician.value
    )
    due = (
        select(col(DelegationRow.id))
        .join(PatientRow, col(PatientRow.id) == col(DelegationRow.patient_id))
        .where(
            col(DelegationRow.ground) != Ground.consent.value,
            col(DelegationRow.ended_at).is_(None),
            col(DelegationRow.reminded_at).is_(None),
            col(DelegationRow.accepted_at).is_not(None),
            col(DelegationRow.until_at) > at,
            col(DelegationRow.until_at) <= at + REMINDED_BEFORE,
            somebody,
        )
        .order_by(col(DelegationRow.until_at), col(DelegationRow.id))
        .limit(REMINDERS_PER_STEP)
        .with_for_update(of=DelegationRow, skip_locked=True)
    )
    return (
        update(DelegationRow)
        .where(col(DelegationRow.id).in_(due))
        .values(reminded_at=at)
        .returning(
            col(DelegationRow.id),
            col(DelegationRow.patient_id),
            col(DelegationRow.account_id),
            col(DelegationRow.offered_by),
            col(DelegationRow.until_at),
        )
        .execution_options(synchronize_session=False)
    )


async def _reviewers(session: AsyncSession, row: Row[Any], practice_id: UUID, at: datetime) -> Collection[str]:
    clinicians = await addresses_of_clinicians(session, practice_id, at)
    recorder = clinicians.get(row.offered_by)
    return clinicians.values() if recorder is None else [recorder]


async def _send(
    session: AsyncSession, to: Collection[str], letter: Letter, sealing: Sealing, *, at: datetime, until: datetime
) -> None:
    for address in to:
        await queue_letter(session, address, letter, sealing, at=at, lapses_at=until)
