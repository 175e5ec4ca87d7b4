"""Reminding of delegations by law before they end by themselves: once, by letter, whoever may look at them again.

A letter names no patient: which delegation it is stands in the list of reviews, for those who see the patient.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.address_queries import address_of, addresses_of_clinicians
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.clock import london_date
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import Letter, delegation_ends, delegation_review
from domain.people.delegation import REMINDED_BEFORE
from domain.people.queries import places_of

REMINDERS_PER_STEP = 20
# Marked in the transaction that writes the letters: of two workers one does both, and one that dies did neither.
_TAKE = text(
    """
    update delegation set reminded_at = :at where id in (
        select id from delegation
        where ground <> 'consent' and ended_at is null and reminded_at is null and accepted_at is not null
            and until_at > :at and until_at <= :soon
        order by until_at, id limit :most for update skip locked)
    returning id, patient_id, account_id, offered_by, until_at
    """
)


async def remind_of_reviews(session: AsyncSession, sealing: Sealing, page: str, *, at: datetime) -> int:
    """Return of how many delegations was reminded: fewer than REMINDERS_PER_STEP when no more are due.

    The clinician who recorded it is written to, or, when they work at the person's practice no longer, all who do; and
    the delegate. `page` is where they sign in to see which it is.
    """
    due = {"at": at, "soon": at + REMINDED_BEFORE, "most": REMINDERS_PER_STEP}
    rows = (await session.execute(_TAKE, due)).all()
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


async def _reviewers(session: AsyncSession, row: Row[Any], practice_id: UUID, at: datetime) -> Collection[str]:
    clinicians = await addresses_of_clinicians(session, practice_id, at)
    recorder = clinicians.get(row.offered_by)
    return clinicians.values() if recorder is None else [recorder]


async def _send(
    session: AsyncSession, to: Collection[str], letter: Letter, sealing: Sealing, *, at: datetime, until: datetime
) -> None:
    for address in to:
        await queue_letter(session, address, letter, sealing, at=at, lapses_at=until)
