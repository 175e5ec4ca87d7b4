"""Who looked at a person's record, when, in what role and why: for them, who acts for them, and their practice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.accounts.queries import Organisation, names_of_accounts, organisations_by_id
from domain.audit.commands import record_audit
from domain.audit.entry import AuditEntry, Stretch
from domain.audit.queries import entries_of_account, entries_of_patient
from domain.errors import Fault, Invalid, NotFound
from domain.people.deciding_queries import HeldRight, right_at, rights_held
from domain.people.delegation import Ground
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, patient_of_account, permitted_patient
from domain.rights.access_log import Access, grouped

# Of one patient, for one page: a lively board is read some hundred times a day.
ENTRIES_AT_ONCE = 2_000

Position = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class LogSought:
    """Which part of the log: from an instant up to, not including, another; with the patient's own deeds or not.

    `but_request`: without what belongs to one request: of a copy, what making it reads.
    """

    from_at: datetime | None = None
    until_at: datetime | None = None
    with_own: bool = True
    but_request: str | None = None


@dataclass(frozen=True, slots=True)
class AccessLog:
    """A page of a log with the names it needs; `next_after` is where to go on, None at the end."""

    patient: VisiblePatient
    groups: Sequence[Access]
    entries: Sequence[AuditEntry]
    names: dict[UUID, str]
    organisations: dict[UUID, Organisation]
    next_after: Position | None
    rights: Sequence[HeldRight] = ()

    @property
    def is_read_by_the_patient(self) -> bool:
        """Return whether it is told to the person whom it is about."""
        return Basis.self_ in self.patient.standing.bases

    def right(self, entry: AuditEntry) -> Ground | None:
        """Return on which ground whoever acted for the person did this; None where nobody did, or it is not known."""
        return _right(self.rights, entry)


async def own_patient_id(session: AsyncSession, actor: Actor) -> UUID:
    """Return the patient that the caller is. Raises NotFound for who is none."""
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        raise NotFound
    return patient_id


async def access_log(
    session: AsyncSession, actor: Actor, patient_id: UUID, sought: LogSought, *, after: Position | None, limit: int
) -> AccessLog:
    """Return a page of who looked, newest first, what is alike on one day together; audited.

    Raises NotFound, NotPermitted, and Invalid when the stretch ends before it begins.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_access_log)
    entries = await _entries(session, patient, sought, after, ENTRIES_AT_ONCE + 1)
    # The trail does not say by what right a delegate acted; what was recorded of them does, and keeps it when it ends.
    delegates = {entry.account_id for entry in entries if entry.basis == Basis.delegate}
    rights = await rights_held(session, patient_id, delegates)
    groups, taken = grouped(entries[:ENTRIES_AT_ONCE], limit, right=lambda entry: _right(rights, entry))
    return replace(await _told(session, actor, patient, groups, entries, taken), rights=rights)


async def access_events(
    session: AsyncSession, actor: Actor, patient_id: UUID, sought: LogSought, *, after: Position | None, limit: int
) -> AccessLog:
    """Return a page of the same log entry by entry, for export; audited. Raises as `access_log`."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_access_log)
    entries = await _entries(session, patient, sought, after, limit + 1)
    return await _told(session, actor, patient, [], entries, min(limit, len(entries)))


def _right(rights: Sequence[HeldRight], entry: AuditEntry) -> Ground | None:
    return right_at(rights, entry.account_id, entry.at) if entry.basis == Basis.delegate else None


async def own_trail(
    session: AsyncSession, actor: Actor, *, after: Position | None, limit: int
) -> tuple[list[AuditEntry], dict[UUID, Organisation]]:
    """Return a page of what the caller's account did that concerns no record, signing in above all, newest first.

    With the places for which it was done. One beyond the limit if any; audited. For a copy of one's own record: what
    making it reads is not among them.
    """
    entries = await entries_of_account(
        session, actor.account_id, before=after, limit=limit + 1, but_request=actor.request_id
    )
    organisations = await organisations_by_id(session, _places(entries))
    await record_audit(session, actor, "account.read_trail", count=min(limit, len(entries)))
    return entries, organisations


async def _entries(
    session: AsyncSession, patient: VisiblePatient, sought: LogSought, after: Position | None, limit: int
) -> list[AuditEntry]:
    if sought.from_at is not None and sought.until_at is not None and sought.until_at <= sought.from_at:
        raise Invalid("No such stretch.", [Fault("/until", "before_from", "End after the beginning.")])
    but = None if sought.with_own else patient.account_id
    stretch = Stretch(sought.from_at, sought.until_at, but, sought.but_request)
    return await entries_of_patient(session, patient.id, stretch, before=after, limit=limit)


async def _told(
    session: AsyncSession,
    actor: Actor,
    patient: VisiblePatient,
    groups: Sequence[Access],
    entries: Sequence[AuditEntry],
    taken: int,
) -> AccessLog:
    shown = entries[:taken]
    names = await names_of_accounts(session, {entry.account_id for entry in shown})
    organisations = await organisations_by_id(session, _places(shown))
    await record_audit(session, actor, "access_log.read", patient, count=taken)
    next_after = (shown[-1].at, shown[-1].id) if taken < len(entries) and shown else None
    return AccessLog(patient, groups, shown, names, organisations, next_after)


def _places(entries: Iterable[AuditEntry]) -> set[UUID]:
    return {entry.organisation_id for entry in entries if entry.organisation_id is not None}
