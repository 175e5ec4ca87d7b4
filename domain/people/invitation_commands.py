"""Inviting a patient to their own record, and linking the account that comes of it.

By a clinician who sees the patient, as linking an account is; never by an administrator, who sees no patients. Who
invites must still be allowed to link when the invitation is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Encounter, Touched, ground_of
from domain.accounts.commands import NewAccount, insert_account
from domain.accounts.invitation_commands import (
    Accepted,
    Invited,
    account_of_colleague,
    invitation_accepted,
    make_invitation,
    revoke_invitation,
    take_invitation,
)
from domain.accounts.invitation_queries import REFUSED, Invitation, invitations_by_id
from domain.accounts.provider_commands import link_identity, linked_account
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.errors import Conflict, Fault, Invalid, NotAuthenticated, NotFound, NotPermitted
from domain.keys.sealing import Sealing
from domain.mail.letters import LinkTo
from domain.people.commands import link_account
from domain.people.nhs_login import NotProven, ProvenIdentity, is_same_family_name
from domain.people.permission import Action
from domain.people.provider_commands import Subject
from domain.people.queries import VisiblePatient, permitted_patient
from domain.people.tables import PatientInvitationRow


@dataclass(frozen=True, slots=True)
class PatientInvitations:
    """A patient's invitations, and whether they have an account already: then no more can be made."""

    has_account: bool
    invitations: Sequence[Invitation]


class NotInvited(NotProven):
    """The invitation is to the record of another person than the one who has come."""

    def __init__(self, invitation_id: UUID, patient_id: UUID) -> None:
        super().__init__("invitation_of_another_person")
        self.invitation_id, self.patient_id = invitation_id, patient_id


class BornOnAnotherDay(Invalid):
    """The invitation is to the record of somebody with another date of birth."""

    def __init__(self, invitation_id: UUID, patient_id: UUID) -> None:
        fault = Fault("/born_on", "not_as_recorded", "Check the date, or ask your practice which one it has.")
        super().__init__("Your practice has another date of birth for whom it invited.", [fault])
        self.invitation_id, self.patient_id = invitation_id, patient_id


async def invite_patient(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    sealing: Sealing,
    link_to: LinkTo,
    *,
    email: str,
    display_name: str,
) -> UUID:
    """Return the id of an invitation to a patient; their account will be kept by their practice.

    Raises NotFound, NotPermitted, Conflict (they have an account), AlreadyExists (the address has).
    """
    patient = await permitted_patient(session, actor, patient_id, Action.link_account)
    if patient.account_id is not None:
        raise Conflict("The patient has an account already.")
    invited = Invited(email, display_name, patient.practice_id, role=None)
    made = await make_invitation(session, actor, invited, sealing, link_to)
    await session.execute(insert(PatientInvitationRow).values(invitation_id=made, patient_id=patient_id))
    await record_audit(session, actor, "invitation.make", patient, subject_id=made)
    return made


async def patient_invitations(session: AsyncSession, actor: Actor, patient_id: UUID) -> PatientInvitations:
    """Return the invitations of a patient, for a clinician who could make one. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.link_account)
    ids = await session.execute(
        select(col(PatientInvitationRow.invitation_id)).where(col(PatientInvitationRow.patient_id) == patient_id)
    )
    found = await invitations_by_id(session, ids.scalars(), actor.at)
    await record_audit(session, actor, "invitation.list", patient, count=len(found))
    return PatientInvitations(patient.account_id is not None, found)


async def revoke_patient_invitation(session: AsyncSession, actor: Actor, patient_id: UUID, invitation_id: UUID) -> None:
    """Revoke an invitation of this patient. Raises NotFound, NotPermitted, Conflict."""
    patient = await permitted_patient(session, actor, patient_id, Action.link_account)
    if await _invited_patient(session, invitation_id) != patient_id:
        raise NotFound
    await revoke_invitation(session, actor, invitation_id)
    await record_audit(session, actor, "invitation.revoke", patient, subject_id=invitation_id)


def require_birth_date(given: date | None) -> None:
    """Raise Invalid when a patient who accepts an invitation to their record gives no date of birth."""
    if given is None:
        fault = Fault("/born_on", "required", "Give your date of birth, as your practice has it.")
        raise Invalid("An invitation to one's own record asks for the date of birth.", [fault])


async def accept_invitation(
    session: AsyncSession, token: str, password_hash: str, *, born_on: date | None, at: datetime, request_id: str
) -> UUID:
    """Return the id of the account that an invited person now has: a colleague's with its role, or a patient's own.

    A letter may reach somebody else: a patient's is good for who also gives the date of birth that is on record; the
    caller counts guesses. To be called in a transaction that acts for the one who invited: it is their deed, to row
    security too. Raises NotAuthenticated when the invitation is not good, BornOnAnotherDay,
    AlreadyExists when the address has an account by now.
    """
    accepted = await take_invitation(session, token, at=at, request_id=request_id)
    if accepted.invited.role is not None:
        account_id = await account_of_colleague(session, accepted, password_hash)
    else:
        await _require_born_on(session, accepted, born_on)
        account_id = await _account_of_patient(session, accepted, password_hash)
    await invitation_accepted(session, accepted, account_id)
    return account_id


async def accept_by_provider(
    session: AsyncSession,
    token: str,
    proven: ProvenIdentity,
    who: Subject,
    password_hash: str,
    sealing: Sealing,
    *,
    at: datetime,
    request_id: str,
) -> UUID:
    """Return the id of the account of a patient who accepted by the provider that has verified who they are.

    It is theirs only if they are whom the clinician invited: NHS number, birth date and family name as on record. To be
    called as `accept_invitation` is; `password_hash` is of something that nobody knows. Raises NotAuthenticated when
    the invitation is not good, NotInvited when it is another person's, NotProven when their login is another account's,
    AlreadyExists; whoever calls has either of the two in the middle written down once nothing was made.
    """
    accepted = await take_invitation(session, token, at=at, request_id=request_id)
    await _require_invited(session, accepted, proven)
    account_id = await _account_of_patient(session, accepted, password_hash)
    await invitation_accepted(session, accepted, account_id)
    if not await link_identity(session, Actor(account_id, at, request_id=request_id), who.issuer, who.subject, sealing):
        raise NotProven("subject_of_another_record")
    return account_id


async def refused_invitation(
    session: AsyncSession, who: Subject, why: NotProven, *, at: datetime, request_id: str
) -> None:
    """Write down that nobody was let in by an invitation: of the account whose login was tried, and for the invited.

    To be called in a transaction of its own, after the one that was refused. The invited person reads that somebody
    else tried, not who: the login may be of a patient whose name is not theirs to know.
    """
    linked = await linked_account(session, who.issuer, who.subject)
    if linked is not None:
        await record_audit(session, Actor(linked, at, request_id=request_id), "provider.refuse")
    if isinstance(why, NotInvited):
        await _told_to_the_invited(session, "invitation.refuse", why, Actor(NOBODY, at, request_id=request_id))


async def another_birth_date(session: AsyncSession, why: BornOnAnotherDay, *, at: datetime, request_id: str) -> None:
    """Write down, for the invited, that another date of birth was given; as `refused_invitation`, afterwards."""
    nobody = Actor(NOBODY, at, request_id=request_id)
    await _told_to_the_invited(session, "invitation.wrong_birth_date", why, nobody)


async def _told_to_the_invited(
    session: AsyncSession, action: str, why: NotInvited | BornOnAnotherDay, nobody: Actor
) -> None:
    invited = Touched(why.patient_id, ground_of(nobody, Encounter.invitation))
    await record_audit(session, nobody, action, invited, subject_id=why.invitation_id)


async def _require_born_on(session: AsyncSession, accepted: Accepted, given: date | None) -> None:
    require_birth_date(given)
    patient = await _patient_of(session, accepted)
    if patient.born_on != given:
        raise BornOnAnotherDay(accepted.invitation_id, patient.id)


async def _require_invited(session: AsyncSession, accepted: Accepted, proven: ProvenIdentity) -> None:
    patient = await _patient_of(session, accepted)
    is_proven = (patient.nhs_number, patient.born_on) == (proven.nhs_number, proven.born_on)
    if not is_proven or not is_same_family_name(patient.family_name, proven.family_name):
        raise NotInvited(accepted.invitation_id, patient.id)


async def _account_of_patient(session: AsyncSession, accepted: Accepted, password_hash: str) -> UUID:
    invited, inviter = accepted.invited, accepted.inviter
    patient_id = await _invited_patient(session, accepted.invitation_id)
    if patient_id is None:
        raise NotAuthenticated(REFUSED)
    new = NewAccount(invited.email, invited.display_name, password_hash, invited.organisation_id)
    account_id = await insert_account(session, new, inviter.at)
    try:
        await link_account(session, inviter, patient_id, account_id)
    except (NotFound, NotPermitted):  # whoever invited them cares for them no longer
        raise NotAuthenticated(REFUSED) from None
    await record_audit(session, inviter, "account.create", subject_id=account_id)
    return account_id


async def _patient_of(session: AsyncSession, accepted: Accepted) -> VisiblePatient:
    """Return whom an invitation is for, as whoever made it may link them. Raises NotAuthenticated."""
    patient_id = await _invited_patient(session, accepted.invitation_id)
    if patient_id is None:
        raise NotAuthenticated(REFUSED)
    try:
        return await permitted_patient(session, accepted.inviter, patient_id, Action.link_account)
    except (NotFound, NotPermitted):
        raise NotAuthenticated(REFUSED) from None


async def _invited_patient(session: AsyncSession, invitation_id: UUID) -> UUID | None:
    return await session.scalar(
        select(col(PatientInvitationRow.patient_id)).where(col(PatientInvitationRow.invitation_id) == invitation_id)
    )
