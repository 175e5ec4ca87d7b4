"""Reading invitations: those that an administrator answers for, and what an invited person is told of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import actor_in_force, organisation, organisations_below
from domain.accounts.refresh_token import token_hash
from domain.accounts.tables import InvitationRow
from domain.errors import NotAuthenticated

REFUSED = "This invitation is not good: it was used, revoked, or is older than 7 days. Ask for a new one."

_OF_COLLEAGUE = "This invitation is to work here: choose a password with it."


class InvitationState(StrEnum):
    """What became of an invitation."""

    open = "open"
    accepted = "accepted"
    revoked = "revoked"
    lapsed = "lapsed"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as whoever made it sees it."""

    id: UUID
    email: str = field(repr=False)
    display_name: str = field(repr=False)
    organisation_id: UUID
    role: Role | None
    made_at: datetime
    expires_at: datetime
    state: InvitationState


async def colleague_invitations(
    session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int
) -> list[Invitation]:
    """Return a page of the invitations to a role at the organisations that this administrator answers for."""
    require_role(actor, Role.administrator)
    reach = await organisations_below(session, actor.organisations_as(Role.administrator))
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.organisation_id).in_(reach), col(InvitationRow.role).is_not(None))
        .order_by(col(InvitationRow.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(InvitationRow.id) > after)
    return [_invitation(row, actor.at) for row in (await session.execute(query)).scalars()]


async def invitations_by_id(session: AsyncSession, ids: Iterable[UUID], at: datetime) -> list[Invitation]:
    """Return these invitations, oldest first; the caller has judged whether they may be seen."""
    rows = await session.execute(
        select(InvitationRow).where(col(InvitationRow.id).in_(list(ids))).order_by(col(InvitationRow.id))
    )
    return [_invitation(row, at) for row in rows.scalars()]


def is_good(token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return SQL for the one invitation that a link stands for, while it can still be accepted."""
    return (
        col(InvitationRow.token_hash) == token_hash(token),
        col(InvitationRow.accepted_at).is_(None),
        col(InvitationRow.revoked_at).is_(None),
        col(InvitationRow.expires_at) > at,
    )


async def words_of_invited(session: AsyncSession, token: str, *, at: datetime) -> tuple[str, str, str]:
    """Return the invited person's own words, which a password must not be made of. Raises NotAuthenticated."""
    row = (await session.execute(select(InvitationRow).where(*is_good(token, at)))).scalar_one_or_none()
    if row is None:
        raise NotAuthenticated(REFUSED)
    return row.email, row.display_name, (await organisation(session, row.organisation_id)).name


async def leads_to_a_record(session: AsyncSession, token: str, *, at: datetime) -> bool:
    """Return whether a link is good and invites a patient to their record, rather than a colleague to a role."""
    good = (*is_good(token, at), col(InvitationRow.role).is_(None))
    return await session.scalar(select(col(InvitationRow.id)).where(*good)) is not None


async def require_invitation_to_a_record(session: AsyncSession, token: str, *, at: datetime) -> None:
    """Raise NotAuthenticated unless the link is good, and a patient's: a colleague is proven to be nobody's patient."""
    row = (await session.execute(select(InvitationRow).where(*is_good(token, at)))).scalar_one_or_none()
    if row is None:
        raise NotAuthenticated(REFUSED)
    if row.role is not None:
        raise NotAuthenticated(_OF_COLLEAGUE)


async def who_invited(session: AsyncSession, token: str, *, at: datetime, request_id: str) -> Actor:
    """Return who made a good invitation, with the grants they hold now: accepting it is their deed.

    Raises NotAuthenticated, also when they may do nothing any more.
    """
    made_by = await session.scalar(select(col(InvitationRow.invited_by)).where(*is_good(token, at)))
    inviter = None if made_by is None else await actor_in_force(session, made_by, at=at, request_id=request_id)
    if inviter is None:
        raise NotAuthenticated(REFUSED)
    return inviter


def _invitation(row: InvitationRow, at: datetime) -> Invitation:
    role = None if row.role is None else Role(row.role)
    state = _state(row, at)
    return Invitation(
        row.id, row.email, row.display_name, row.organisation_id, role, row.made_at, row.expires_at, state
    )


def _state(row: InvitationRow, at: datetime) -> InvitationState:
    if row.accepted_at is not None:
        return InvitationState.accepted
    if row.revoked_at is not None:
        return InvitationState.revoked
    return InvitationState.open if row.expires_at > at else InvitationState.lapsed
