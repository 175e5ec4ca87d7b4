"""Reading delegations: a person's, for them and their clinicians; and one's own, for the delegate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import SEES_NO_PERSON, Actor
from domain.access.ground import Basis, OnGround, Touched, ground_of
from domain.accounts.queries import names_of_accounts
from domain.audit.commands import record_audit, record_audits
from domain.errors import NotFound
from domain.people.delegation import DelegationEnd, Ground, Relationship
from domain.people.permission import Action, Scope, decision
from domain.people.queries import permitted_patient, visible_patient
from domain.people.tables import DelegationRow
from domain.statements import Statement, Work, rows_of

# Asked of PostgreSQL's own function: of whom one will act for, row security shows nothing until then.
_DELEGATORS = text("select id, given_name, family_name from names_of_delegators(cast(:ids as uuid[]))")


class State(StrEnum):
    """Where a delegation stands at an instant."""

    offered = "offered"
    not_accepted = "not_accepted"
    not_yet = "not_yet"
    active = "active"
    over = "over"
    ended = "ended"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation as the person and their clinicians see it; without a delegate until somebody accepts."""

    id: UUID
    state: State
    delegate: str | None
    relationship: Relationship
    scopes: tuple[Scope, ...]
    ground: Ground
    evidence: str | None
    review_on: date | None
    from_at: datetime
    until_at: datetime | None
    offered_at: datetime
    offered_as: Basis
    accepted_at: datetime | None
    ended_at: datetime | None
    end_reason: DelegationEnd | None


@dataclass(frozen=True, slots=True)
class OwnDelegation:
    """For whom the caller acts, or will: what they need to know of it, and no more."""

    id: UUID
    patient_id: UUID
    given_name: str
    family_name: str
    relationship: Relationship
    scopes: tuple[Scope, ...]
    from_at: datetime
    until_at: datetime | None


_DELEGATES_AMONG = Statement(
    select(col(DelegationRow.account_id))
    .distinct()
    .where(col(DelegationRow.patient_id) == bindparam("patient", type_=Uuid()))
    .where(col(DelegationRow.account_id) == any_(bindparam("among", type_=ARRAY(Uuid()))))
)


async def names_of_delegates(work: Work, actor: Actor, patient_id: UUID, among: Iterable[UUID]) -> dict[UUID, str]:
    """Return by name which of these accounts act for a person, or did: for who may know who does, else nobody.

    For lists that name them, which audit themselves: asks nothing where there is nobody to name but the actor.
    """
    asked = set(among) - {actor.account_id}
    if not asked:
        return {}
    patient = await visible_patient(work, actor, patient_id)
    if not decision(patient.standing, Action.read_access).allowed:
        return {}
    found = await rows_of(work, _DELEGATES_AMONG, {"patient": patient_id, "among": list(asked)})
    return await names_of_accounts(work, (each for (each,) in found if each is not None))


async def delegations_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Delegation]:
    """Return a page of a patient's delegations and offers, newest first: one more than the limit if any.

    Not for delegates the person chose: who else may see them is not for those who might put pressure on them.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_access)
    query = select(DelegationRow).where(col(DelegationRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(DelegationRow.id) < before)
    rows = list((await session.execute(query.order_by(col(DelegationRow.id).desc()).limit(limit + 1))).scalars())
    names = await names_of_accounts(session, {row.account_id for row in rows if row.account_id is not None})
    await record_audit(session, actor, "delegation.list", patient, count=min(limit, len(rows)))
    return [_delegation(row, names, actor.at) for row in rows]


async def own_delegations(session: AsyncSession, actor: Actor) -> list[OwnDelegation]:
    """Return whom the caller acts for now, or will by what they accepted. What has ended is not shown, nor why."""
    found = await _own(session, actor, None)
    ground = ground_of(actor, Basis.delegate)
    await record_audits(session, actor, "delegation.list_own", [Touched(each.patient_id, ground) for each in found])
    return found


async def own_delegation(session: AsyncSession, actor: Actor, delegation_id: UUID) -> OwnDelegation:
    """Return one delegation that the caller holds, for callers who have audited already. Raises NotFound."""
    found = await _own(session, actor, delegation_id)
    if not found:
        raise NotFound
    return found[0]


async def person_acted_for(session: AsyncSession, actor: Actor, patient_id: UUID) -> OnGround:
    """Return somebody whom the caller acts for, or will, for callers who audit. Raises NotFound once that has ended."""
    if not any(each.patient_id == patient_id for each in await _own(session, actor, None)):
        raise NotFound
    return Touched(patient_id, ground_of(actor, Basis.delegate))


async def _own(session: AsyncSession, actor: Actor, delegation_id: UUID | None) -> list[OwnDelegation]:
    if actor.has(*SEES_NO_PERSON):
        return []
    query = (
        select(DelegationRow)
        .where(
            col(DelegationRow.account_id) == actor.account_id,
            col(DelegationRow.ended_at).is_(None),
            or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > actor.at),
        )
        .order_by(col(DelegationRow.id))
    )
    if delegation_id is not None:
        query = query.where(col(DelegationRow.id) == delegation_id)
    rows = list((await session.execute(query)).scalars())
    named = await session.execute(_DELEGATORS, {"ids": [row.id for row in rows]})
    names = {name.id: name for name in named}
    return [
        OwnDelegation(
            id=row.id,
            patient_id=row.patient_id,
            given_name=names[row.id].given_name,
            family_name=names[row.id].family_name,
            relationship=Relationship(row.relationship),
            scopes=tuple(map(Scope, row.scopes)),
            from_at=row.from_at,
            until_at=row.until_at,
        )
        for row in rows
    ]


def _delegation(row: DelegationRow, names: dict[UUID, str], at: datetime) -> Delegation:
    return Delegation(
        id=row.id,
        state=_state(row, at),
        delegate=None if row.account_id is None else names.get(row.account_id),
        relationship=Relationship(row.relationship),
        scopes=tuple(map(Scope, row.scopes)),
        ground=Ground(row.ground),
        evidence=row.evidence,
        review_on=row.review_on,
        from_at=row.from_at,
        until_at=row.until_at,
        offered_at=row.offered_at,
        offered_as=Basis(row.offered_as),
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        end_reason=None if row.end_reason is None else DelegationEnd(row.end_reason),
    )


def _state(row: DelegationRow, at: datetime) -> State:
    if row.ended_at is not None:
        return State.ended
    if row.until_at is not None and row.until_at <= at:
        return State.over
    if row.accepted_at is None:
        return State.offered if row.code_expires_at > at else State.not_accepted
    return State.active if row.from_at <= at else State.not_yet
