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
from domain.audit.commands import record_audit
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
    """Return a page of the invitations to a role where this administrator answers: one beyond if any. Audited."""
    require_role(actor, Role.administrator)
    reach = await organisations_below(session, actor.organisations_as(Role.administrator))
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.organisation_id).in_(reach), col(InvitationRow.role).is_not(None))
        .order_by(col(InvitationRow.id))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(InvitationRow.id) > after)
    found = [_invitation(row, actor.at) for row in (await session.execute(query)).scalars()]
    await record_audit(session, actor, "invitation.list", count=min(limit, len(found)))
    return found


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


@dataclass(frozen=True, slots=True)
class GoodInvitation:
    """What a link says while it can still be accepted: to whom, by whom, and to a record or to a role."""

    invited_by: UUID
    email: str = field(repr=False)
    own_words: tuple[str, str, str] = field(repr=False)
    is_to_a_record: bool

    def require_to_a_record(self) -> None:
        """Raise NotAuthenticated unless it is a patient's: a colleague is proven to be nobody's patient."""
        if not self.is_to_a_record:
            raise NotAuthenticated(_OF_COLLEAGUE)


async def good_invitation(session: AsyncSession, token: str, *, at: datetime) -> GoodInvitation:
    """Return what a good link says. Raises NotAuthenticated.

    The own words of the invited person are what a password must not be made of.
    """
    row = (await session.execute(select(InvitationRow).where(*is_good(token, at)))).scalar_one_or_none()
    if row is None:
        raise NotAuthenticated(REFUSED)
    words = (row.email, row.display_name, (await organisation(session, row.organisation_id)).name)
    return GoodInvitation(row.invited_by, row.email, words, is_to_a_record=row.role is None)


async def state_by_link(session: AsyncSession, token: str, *, at: datetime, request_id: str) -> InvitationState:
    """Return what became of the invitation that a link stands for, to whoever holds the link.

    Raises NotAuthenticated for a link that nobody was sent or whose invitation is forgotten, and for an open one whose
    inviter may do nothing any more.
    """
    query = select(InvitationRow).where(col(InvitationRow.token_hash) == token_hash(token))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotAuthenticated(REFUSED)
    state = _state(row, at)
    if state is InvitationState.open:
        await who_invited(session, await good_invitation(session, token, at=at), at=at, request_id=request_id)
    return state


async def who_invited(session: AsyncSession, invitation: GoodInvitation, *, at: datetime, request_id: str) -> Actor:
    """Return who made an invitation, with the grants they hold now: accepting it is their deed.

    Raises NotAuthenticated when they may do nothing any more.
    """
    inviter = await actor_in_force(session, invitation.invited_by, at=at, request_id=request_id)
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
