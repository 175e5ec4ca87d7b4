"""Inviting somebody by mail, and the account that comes of it: made when they accept, with a password of their own.

What the invitation gives is given in the inviter's name, by the rules that stand when it is accepted: of somebody who
is no administrator any more, no invitation is good. Nobody but the mailbox learns the link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.commands import (
    NewAccount,
    NewMembership,
    create_account,
    grant_first_membership,
    require_administration_of,
    require_fitting_role,
)
from domain.accounts.invitation_queries import REFUSED, is_good
from domain.accounts.queries import actor_in_force, organisation
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.tables import AccountRow, InvitationRow
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, NotAuthenticated, NotFound, NotPermitted
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import LinkTo, invitation

LIFETIME = timedelta(days=7)
KEPT_AFTERWARDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody to be invited: where the account will be kept, and the role that comes with it (None: a patient's)."""

    email: str = field(repr=False)
    display_name: str = field(repr=False)
    organisation_id: UUID
    role: Role | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An invitation that is being accepted: what it says, and who made it, with the grants they hold now."""

    invitation_id: UUID
    invited: Invited
    inviter: Actor


async def invite_colleague(
    session: AsyncSession, actor: Actor, invited: Invited, sealing: Sealing, link_to: LinkTo
) -> UUID:
    """Return the id of an invitation to a role at an organisation that the actor administers.

    Raises NotPermitted, NotFound, Invalid, AlreadyExists.
    """
    await require_administration_of(session, actor, invited.organisation_id)
    if invited.role is None:
        raise NotPermitted("Patients are invited by a clinician who cares for them.")
    await require_fitting_role(session, invited.role, invited.organisation_id)
    made = await make_invitation(session, actor, invited, sealing, link_to)
    await record_audit(session, actor, "invitation.make", subject_id=made)
    return made


async def make_invitation(
    session: AsyncSession, actor: Actor, invited: Invited, sealing: Sealing, link_to: LinkTo
) -> UUID:
    """Return the id of an invitation whose letter is queued; the caller has judged whether it may be made, and audits.

    Raises AlreadyExists when the address has an account.
    """
    known = await session.scalar(select(col(AccountRow.id)).where(col(AccountRow.email) == invited.email))
    if known is not None:
        raise AlreadyExists("An account with this email address exists already.")
    token, lapses_at = new_token(), actor.at + LIFETIME
    row = InvitationRow(
        token_hash=token_hash(token),
        email=invited.email,
        display_name=invited.display_name,
        organisation_id=invited.organisation_id,
        role=None if invited.role is None else invited.role.value,
        invited_by=actor.account_id,
        made_at=actor.at,
        expires_at=lapses_at,
    )
    session.add(row)
    await session.flush()
    name = (await organisation(session, invited.organisation_id)).name
    letter = invitation(link_to(token), from_whom=name)
    await queue_letter(session, invited.email, letter, sealing, at=actor.at, lapses_at=lapses_at)
    return row.id


async def revoke_colleague_invitation(session: AsyncSession, actor: Actor, invitation_id: UUID) -> None:
    """Revoke an invitation to a role that the actor could have made. Raises NotFound, Conflict."""
    require_role(actor, Role.administrator)
    row = await session.get(InvitationRow, invitation_id)
    if row is None or row.role is None:
        raise NotFound
    await require_administration_of(session, actor, row.organisation_id)
    await revoke_invitation(session, actor, invitation_id)
    await record_audit(session, actor, "invitation.revoke", subject_id=invitation_id)


async def revoke_invitation(session: AsyncSession, actor: Actor, invitation_id: UUID) -> None:
    """Make the link worthless; the caller has judged whether it may be, and audits. Raises Conflict."""
    revoked = await session.execute(
        update(InvitationRow)
        .where(
            col(InvitationRow.id) == invitation_id,
            col(InvitationRow.accepted_at).is_(None),
            col(InvitationRow.revoked_at).is_(None),
        )
        .values(revoked_at=actor.at)
        .returning(col(InvitationRow.id))
    )
    if revoked.scalar_one_or_none() is None:
        raise Conflict("The invitation was accepted or revoked already.")


async def take_invitation(session: AsyncSession, token: str, *, at: datetime, request_id: str) -> Accepted:
    """Return what a good invitation says, held to the end of the transaction. Raises NotAuthenticated."""
    row = (
        await session.execute(select(InvitationRow).where(*is_good(token, at)).with_for_update())
    ).scalar_one_or_none()
    inviter = None if row is None else await actor_in_force(session, row.invited_by, at=at, request_id=request_id)
    if row is None or inviter is None:
        raise NotAuthenticated(REFUSED)
    role = None if row.role is None else Role(row.role)
    return Accepted(row.id, Invited(row.email, row.display_name, row.organisation_id, role), inviter)


async def account_of_colleague(session: AsyncSession, accepted: Accepted, password_hash: str) -> UUID:
    """Return the id of the new account of somebody who accepted, with the role that they were invited to.

    Made and given as if by the inviter now. Raises NotAuthenticated when they no longer may, AlreadyExists, Conflict.
    """
    invited = accepted.invited
    assert invited.role is not None, "a patient's invitation is accepted in domain/people"
    new = NewAccount(invited.email, invited.display_name, password_hash, invited.organisation_id)
    try:
        account_id = await create_account(session, accepted.inviter, new)
        membership = NewMembership(account_id, invited.organisation_id, invited.role, None)
        await grant_first_membership(session, accepted.inviter, membership)
    except (NotPermitted, NotFound):
        raise NotAuthenticated(REFUSED) from None
    return account_id


async def invitation_accepted(session: AsyncSession, accepted: Accepted, account_id: UUID) -> None:
    """Note whose account came of an invitation: its link is worthless from now on."""
    at = accepted.inviter.at
    await session.execute(
        update(InvitationRow)
        .where(col(InvitationRow.id) == accepted.invitation_id)
        .values(accepted_at=at, account_id=account_id)
    )
    actor = Actor(account_id, at, request_id=accepted.inviter.request_id)
    await record_audit(session, actor, "invitation.accept", subject_id=accepted.invitation_id)


async def forget_old_invitations(session: AsyncSession, *, at: datetime) -> int:
    """Return how many invitations were deleted that lapsed a month ago: the audit trail stays."""
    gone = await session.execute(delete(InvitationRow).where(col(InvitationRow.expires_at) < at - KEPT_AFTERWARDS))
    return int(gone.rowcount)  # type: ignore[attr-defined]
