"""Reminding of delegations by law before they end by themselves: by letter, once each.

Whoever may look at them again is reminded, whoever can give somebody that right where nobody has it, and the delegate:
three steps, each with a mark of its own, so that what keeps one letter waiting delays no other. A letter
names no patient: which delegation it is stands in the list of reviews, for those who see the patient.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.accounts.address_queries import (
    address_of,
    addresses_of_administrators,
    addresses_of_clinicians,
    administered_organisations,
)
from domain.accounts.queries import effective_grants, organisation
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.clock import london_date
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import Letter, delegation_ends, delegation_review, delegation_unattended
from domain.people.delegation import REMINDED_BEFORE, Ground
from domain.people.queries import places_of
from domain.people.tables import DelegationRow, PatientRow

REMINDERS_PER_STEP = 20


async def remind_of_reviews(session: AsyncSession, sealing: Sealing, page: str, *, at: datetime) -> int:
    """Return of how many delegations was reminded: fewer than REMINDERS_PER_STEP when no more are due.

    The clinician who recorded it is written to, or, when they work at the person's practice no longer, all who do.
    `page` is where clinicians see which it is, once they have signed in.
    """
    due = _due(at).where(col(DelegationRow.reminded_at).is_(None), _has_clinicians(at))
    rows = (await session.execute(_marked(due, reminded_at=at))).all()
    places = await places_of(session, {row.patient_id for row in rows}, at)
    for row in rows:
        reviewers = await _reviewers(session, row, places[row.patient_id].practice_id, at)
        await _send(session, reviewers, delegation_review(page, _last_day(row)), sealing, at=at, until=row.until_at)
        await record_audit(session, _worker(at), "delegation.remind", subject_id=row.id)
    return len(rows)


async def tell_of_unattended(session: AsyncSession, sealing: Sealing, page: str, *, at: datetime) -> int:
    """Return of how many delegations was told that nobody is a clinician at the practice who could look at them again.

    Whoever administers the practice is written to, or, where nobody does, the nearest organisation above it: they can
    give somebody the role, on `page`, and see no patient. Where nobody does there either it waits for who does. Whoever
    was reminded is no clinician there any more: the first who is will be, as ever. Fewer than REMINDERS_PER_STEP when
    no more are due.
    """
    is_administered = col(PatientRow.practice_id).in_(administered_organisations(at))
    due = _due(at).where(col(DelegationRow.unattended_at).is_(None), ~_has_clinicians(at), is_administered)
    rows = (await session.execute(_marked(due, unattended_at=at, reminded_at=None))).all()
    places = await places_of(session, {row.patient_id for row in rows}, at)
    for row in rows:
        practice = await organisation(session, places[row.patient_id].practice_id)
        to = await addresses_of_administrators(session, practice.id, at)
        letter = delegation_unattended(page, practice.name, _last_day(row))
        await _send(session, to, letter, sealing, at=at, until=row.until_at)
        await record_audit(session, _worker(at), "delegation.unattended", subject_id=row.id)
    return len(rows)


async def tell_delegates(session: AsyncSession, sealing: Sealing, *, at: datetime) -> int:
    """Return how many delegates were told that what the law gave them ends soon, whoever may look at it again.

    Fewer than REMINDERS_PER_STEP when no more are due.
    """
    due = _due(at).where(col(DelegationRow.delegate_told_at).is_(None))
    rows = (await session.execute(_marked(due, delegate_told_at=at))).all()
    for row in rows:
        address = await address_of(session, row.account_id)
        told = [] if address is None else [address]
        await _send(session, told, delegation_ends(_last_day(row)), sealing, at=at, until=row.until_at)
    return len(rows)


def _due(at: datetime) -> Select[UUID]:
    """Return SQL for what ends soon; of two workers one has it."""
    return (
        select(col(DelegationRow.id))
        .join(PatientRow, col(PatientRow.id) == col(DelegationRow.patient_id))
        .where(
            col(DelegationRow.ground) != Ground.consent.value,
            col(DelegationRow.ended_at).is_(None),
            col(DelegationRow.accepted_at).is_not(None),
            col(DelegationRow.until_at) > at,
            col(DelegationRow.until_at) <= at + REMINDED_BEFORE,
        )
        .order_by(col(DelegationRow.until_at), col(DelegationRow.id))
        .limit(REMINDERS_PER_STEP)
        .with_for_update(of=DelegationRow, skip_locked=True)
    )


def _has_clinicians(at: datetime) -> ColumnElement[bool]:
    clinician = effective_grants(at)
    return exists().where(
        clinician.c.organisation_id == col(PatientRow.practice_id), clinician.c.role == Role.clinician.value
    )


def _marked(
    due: Select[UUID], **mark: datetime | None
) -> ReturningUpdate[UUID, UUID, UUID | None, UUID, datetime | None]:
    """Return SQL that marks what is due, in the transaction that writes the letters: one that dies did neither."""
    return (
        update(DelegationRow)
        .where(col(DelegationRow.id).in_(due))
        .values(**mark)
        .returning(
            col(DelegationRow.id),
            col(DelegationRow.patient_id),
            col(DelegationRow.account_id),
            col(DelegationRow.offered_by),
            col(DelegationRow.until_at),
        )
        .execution_options(synchronize_session=False)
    )


def _last_day(row: Row[Any]) -> date:
    return london_date(row.until_at - timedelta(microseconds=1))  # the end itself is no longer in it


def _worker(at: datetime) -> Actor:
    return Actor(NOBODY, at, request_id="reviews")


async def _reviewers(session: AsyncSession, row: Row[Any], practice_id: UUID, at: datetime) -> Collection[str]:
    clinicians = await addresses_of_clinicians(session, practice_id, at)
    recorder = clinicians.get(row.offered_by)
    return clinicians.values() if recorder is None else [recorder]


async def _send(
    session: AsyncSession, to: Collection[str], letter: Letter, sealing: Sealing, *, at: datetime, until: datetime
) -> None:
    for address in to:
        await queue_letter(session, address, letter, sealing, at=at, lapses_at=until)
