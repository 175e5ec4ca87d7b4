"""Inviting colleagues and patients by mail, and accepting."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request

from api.deps import CurrentActor, Identifying, Linking, Services, TheServices
from api.once import IdentityOnce, LinkingOnce
from api.pagination import Paging
from api.password_proof import begun, new_device_token
from api.passwords import require_acceptable
from api.schemas.accounts import CreatedOut
from api.schemas.invitations import (
    AcceptedOut,
    AcceptIn,
    InvitationIn,
    InvitationOut,
    InvitationPage,
    InvitationStateOut,
    LinkIn,
    PatientInvitationIn,
    PatientInvitationsOut,
)
from api.schemas.strict import Id
from api.session_answers import Responses
from api.strict_routing import StrictRoute
from domain.access.actor import Actor
from domain.accounts import invitation_commands
from domain.accounts.invitation_queries import (
    GoodInvitation,
    colleague_invitations,
    good_invitation,
    state_by_link,
    who_invited,
)
from domain.accounts.throttle import Scope
from domain.people import invitation_commands as patient_invitations

router = APIRouter(prefix="/v1", tags=["invitations"], route_class=StrictRoute)
_UNUSABLE: Responses = {401: {"description": "The link is not good: used, revoked, or too old."}}


@router.post("/invitations", status_code=201)
async def invite_colleague(
    body: InvitationIn, actor: CurrentActor, once: IdentityOnce, held: TheServices
) -> CreatedOut:
    """Invite a colleague to a role at an organisation that the caller administers. The link goes to the mailbox alone.

    Their account is made when they accept, with a password that nobody else knows.
    """
    invited = invitation_commands.Invited(body.email, body.display_name, body.organisation_id, body.role)
    async with once() as deed:
        made = await invitation_commands.invite_colleague(
            deed.session, actor, invited, held.sealing, held.links.to_invitation
        )
        return await deed.reply(CreatedOut(id=made))


@router.get("/invitations")
async def list_invitations(actor: CurrentActor, identifying: Identifying, page: Paging) -> InvitationPage:
    """Return the invitations to a role at the organisations that the caller administers."""
    async with identifying() as session:
        found = await colleague_invitations(session, actor, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda invitation: invitation.id)
    return InvitationPage(items=[InvitationOut.of(invitation) for invitation in items], next_cursor=next_cursor)


@router.post("/invitations/{invitation_id}/revoke", status_code=204)
async def revoke_invitation(invitation_id: Id, actor: CurrentActor, identifying: Identifying) -> None:
    """Revoke an invitation to a role: its link is worthless from now on."""
    async with identifying() as session:
        await invitation_commands.revoke_colleague_invitation(session, actor, invitation_id)


@router.post("/patients/{patient_id}/invitations", status_code=201)
async def invite_patient(
    patient_id: Id, body: PatientInvitationIn, actor: CurrentActor, once: LinkingOnce, held: TheServices
) -> CreatedOut:
    """Invite a patient to their own record, by a clinician who sees them. Be sure that the address is the patient's."""
    async with once() as deed:
        made = await patient_invitations.invite_patient(
            deed.session,
            actor,
            patient_id,
            held.sealing,
            held.links.to_record,
            email=body.email,
            display_name=body.display_name,
        )
        return await deed.reply(CreatedOut(id=made))


@router.get("/patients/{patient_id}/invitations")
async def list_patient_invitations(patient_id: Id, actor: CurrentActor, linking: Linking) -> PatientInvitationsOut:
    """Return the invitations of one patient, and whether they have an account already."""
    async with linking() as session:
        return PatientInvitationsOut.of(await patient_invitations.patient_invitations(session, actor, patient_id))


@router.post("/patients/{patient_id}/invitations/{invitation_id}/revoke", status_code=204)
async def revoke_patient_invitation(patient_id: Id, invitation_id: Id, actor: CurrentActor, linking: Linking) -> None:
    """Revoke a patient's invitation: its link is worthless from now on."""
    async with linking() as session:
        await patient_invitations.revoke_patient_invitation(session, actor, patient_id, invitation_id)


@router.post("/invitations/look-up", responses={401: {"description": "Nobody was sent this link, or lately."}})
async def look_up_invitation(body: LinkIn, request: Request, held: TheServices) -> InvitationStateOut:
    """Return whether the link of a letter can still be used, and why not, before anything is typed.

    The token goes in the body, since addresses are logged. Who the letter was for is not told.
    """
    async with held.database.looking_up() as session:
        state = await state_by_link(session, body.token, at=held.clock(), request_id=request.state.request_id)
    return InvitationStateOut(state=state)


@router.post("/invitations/accept", status_code=201, responses=_UNUSABLE)
async def accept_invitation(body: AcceptIn, request: Request, held: TheServices) -> AcceptedOut:
    """Make the account that an invitation offers, with a password of one's own. Sign in afterwards.

    Send the `device_token` then: wrong guesses from elsewhere do not hold up a device that is known.

    An invitation to one's own record asks for the date of birth as well, since a letter may reach somebody else:
    guesses are counted, and 429 says how long to wait.
    """
    at, request_id = held.clock(), request.state.request_id
    invitation, inviter = await _taken_up(held, body, at, request_id)
    password_hash = await held.passwords.hash(body.password)
    try:
        made = await _account(held, body, inviter, password_hash)
    except patient_invitations.BornOnAnotherDay as refusal:
        async with held.database.identifying() as session:
            await patient_invitations.another_birth_date(session, refusal, at=at, request_id=request_id)
        raise
    return AcceptedOut(id=made, device_token=new_device_token(held, invitation.email))


async def _account(held: Services, body: AcceptIn, inviter: Actor, password_hash: str) -> UUID:
    async with held.database.linking(inviter) as session:
        return await patient_invitations.accept_invitation(
            session, body.token, password_hash, born_on=body.born_on, at=inviter.at, request_id=inviter.request_id
        )


async def _taken_up(held: Services, body: AcceptIn, at: datetime, request_id: str) -> tuple[GoodInvitation, Actor]:
    """Return what is accepted and whose deed that is; a guess at whom the letter is for is counted before its check.

    Raises NotAuthenticated, Invalid, TooManyAttempts.
    """
    async with held.database.looking_up() as session:
        invitation = await good_invitation(session, body.token, at=at)
        inviter = await who_invited(session, invitation, at=at, request_id=request_id)
    require_acceptable(body.password, *invitation.own_words)
    if invitation.is_to_a_record:
        patient_invitations.require_birth_date(body.born_on)
        await begun(held, Scope.invitation, body.token.encode())
    return invitation, inviter
