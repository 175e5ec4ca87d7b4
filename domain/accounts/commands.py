"""Making organisations, accounts and memberships, under an administrator's authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.ending_commands import end_everything_open
from domain.accounts.no_person_queries import require_nothing_to_a_person
from domain.accounts.queries import lock_account, organisations_below, roles_now_or_later
from domain.accounts.session_age import SessionKind
from domain.accounts.tables import AccountRow, MembershipRow, OrganisationRow, SessionRow
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, Invalid, NotFound, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.versions import Seen, require_seen

# Where a role may be held: a clinician does not work "at" a commissioner's office, for instance.
ROLE_AT_KIND: dict[Role, frozenset[str]] = {
    Role.clinician: frozenset({"practice", "network", "provider"}),
    Role.care_home_staff: frozenset({"care_home"}),
    Role.commissioner: frozenset({"commissioner", "network"}),
    Role.administrator: frozenset({"commissioner", "network", "practice", "care_home", "provider"}),
    Role.privacy_officer: frozenset({"commissioner", "network", "practice", "care_home", "provider"}),
}


LATEST_START = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation to be made: ODS code (3 to 10 capitals or digits), name, kind, and where in the tree."""

    ods_code: str
    name: str
    kind: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made; the password arrives hashed. Chosen by somebody else, it must be changed at first."""

    email: str
    display_name: str
    password_hash: str
    organisation_id: UUID
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class NewMembership:
    """A role to be given: to whom, where, until when (None: until ended), from when (None: now)."""

    account_id: UUID
    organisation_id: UUID
    role: Role
    expires_at: datetime | None
    starts_at: datetime | None = None


async def require_administration_of(session: AsyncSession, actor: Actor, organisation_id: UUID) -> None:
    """Raise NotPermitted unless the actor is an administrator, NotFound unless they answer for this organisation."""
    require_role(actor, Role.administrator)
    if organisation_id not in await organisations_below(session, actor.organisations_as(Role.administrator)):
        raise NotFound


async def create_organisation(session: AsyncSession, actor: Actor, new: NewOrganisation) -> UUID:
    """Return the id of a new organisation below one that the actor administers."""
    require_role(actor, Role.administrator)
    if new.parent_id is None:
        fault = Fault("/parent_id", "missing", "Name the organisation that this one belongs to.")
        raise Invalid("An organisation needs a parent.", [fault])
    await require_administration_of(session, actor, new.parent_id)
    made = await _insert_organisation(session, new, actor.at)
    await record_audit(session, actor, "organisation.create", subject_id=made)
    return made


async def rename_organisation(
    session: AsyncSession, actor: Actor, organisation_id: UUID, name: str, seen: Seen
) -> None:
    """Give an organisation that the actor administers another name. Raises NotPermitted, NotFound, Stale."""
    await require_administration_of(session, actor, organisation_id)
    row = await session.get_one(OrganisationRow, organisation_id, with_for_update=True, populate_existing=True)
    if row.name != name:
        require_seen(row.version, seen)
        row.name, row.version = name, row.version + 1
        session.add(row)
        await session.flush()
    await record_audit(session, actor, "organisation.rename", subject_id=organisation_id)


async def _insert_organisation(session: AsyncSession, new: NewOrganisation, at: datetime) -> UUID:
    made: UUID | None = (
        await session.execute(
            insert(OrganisationRow)
            .values(
                id=new_id(),
                ods_code=new.ods_code,
                name=new.name,
                kind=new.kind,
                parent_id=new.parent_id,
                created_at=at,
            )
            .on_conflict_do_nothing()
            .returning(col(OrganisationRow.id))
        )
    ).scalar_one_or_none()
    if made is None:
        raise AlreadyExists("An organisation with this ODS code is already recorded.")
    return made


async def create_account(session: AsyncSession, actor: Actor, new: NewAccount) -> UUID:
    """Return the id of a new account, kept by an organisation that the actor administers."""
    await require_administration_of(session, actor, new.organisation_id)
    made = await insert_account(session, new, actor.at)
    await record_audit(session, actor, "account.create", subject_id=made)
    return made


async def rename_account(session: AsyncSession, actor: Actor, account_id: UUID, display_name: str, seen: Seen) -> None:
    """Give an account that the actor administers another display name. Raises NotPermitted, NotFound, Stale."""
    require_role(actor, Role.administrator)
    account = await require_administered_account(session, actor, account_id)
    row = await session.get_one(AccountRow, account, with_for_update=True, populate_existing=True)
    if row.display_name != display_name:
        require_seen(row.version, seen)
        row.display_name, row.version = display_name, row.version + 1
        session.add(row)
        await session.flush()
    await record_audit(session, actor, "account.rename", subject_id=account)


async def insert_account(session: AsyncSession, new: NewAccount, at: datetime) -> UUID:
    """Return the id of a new account; the caller has judged whether it may be made. Raises AlreadyExists."""
    made: UUID | None = (
        await session.execute(
            insert(AccountRow)
            .values(
                id=new_id(),
                email=new.email.strip().lower(),
                display_name=new.display_name,
                password_hash=new.password_hash,
                organisation_id=new.organisation_id,
                created_at=at,
                must_change_password=new.must_change_password,
            )
            .on_conflict_do_nothing()
            .returning(col(AccountRow.id))
        )
    ).scalar_one_or_none()
    if made is None:
        raise AlreadyExists("An account with this email address exists already.")
    return made


async def grant_membership(session: AsyncSession, actor: Actor, new: NewMembership) -> UUID:
    """Return the id of a new membership: a role at an organisation that the actor administers.

    Whoever administers sees no persons and no outcomes, and cannot decide alone that they shall; no account reads
    outcomes that also makes them; and none administers, or reads outcomes, that is a patient's own, or a delegate's.
    Raises NotPermitted, NotFound, Invalid, Conflict, AlreadyExists.
    """
    made = await grant_first_membership(session, actor, new)
    # Asked last: what an account is to a person is nothing to who does not answer for it, not even whether it is.
    await require_nothing_to_a_person(session, new.account_id, new.role, actor.at)
    return made


async def grant_first_membership(session: AsyncSession, actor: Actor, new: NewMembership) -> UUID:
    """Return the same for an account that was only just made: it is nothing to anybody yet. Raises the same."""
    await require_administration_of(session, actor, new.organisation_id)
    if new.account_id == actor.account_id:
        raise NotPermitted("You cannot give yourself a role: ask another administrator.")
    account = await require_administered_account(session, actor, new.account_id)
    await require_fitting_role(session, new.role, new.organisation_id)
    _require_sensible_span(new, actor.at)
    await _require_one_duty(session, account, new.role, actor.at)
    made = await _insert_membership(session, account, new, actor.at)
    await _end_long_sessions(session, account, actor.at)
    await append_event(session, "access.changed", subject_ids=[account])
    await record_audit(session, actor, "membership.grant", subject_id=made)
    return made


async def _end_long_sessions(session: AsyncSession, account_id: UUID, at: datetime) -> None:
    """End the account's sessions of thirty days: whoever holds a role has the ages of the web."""
    await session.execute(
        update(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.kind) == SessionKind.app.value)
        .where(col(SessionRow.ended_at).is_(None))
        .values(ended_at=at, end_reason="role_given")
    )


def _require_sensible_span(new: NewMembership, at: datetime) -> None:
    if new.starts_at is not None and not at <= new.starts_at <= at + LATEST_START:
        fault = Fault("/starts_at", "implausible", "Give a time from now up to a year ahead.")
        raise Invalid("The membership cannot begin then.", [fault])
    if new.expires_at is not None and new.expires_at <= (new.starts_at or at):
        raise Invalid("The membership would already be over.", [Fault("/expires_at", "past", "Give a later time.")])


async def require_fitting_role(session: AsyncSession, role: Role, organisation_id: UUID) -> None:
    """Raise Invalid unless the role can be held at an organisation of this kind."""
    kind = await session.scalar(select(col(OrganisationRow.kind)).where(col(OrganisationRow.id) == organisation_id))
    if kind not in ROLE_AT_KIND[role]:
        fault = Fault("/role", "role_not_at_kind", "This role cannot be held at an organisation of this kind.")
        raise Invalid("The role does not fit the organisation.", [fault])


async def _require_one_duty(session: AsyncSession, account_id: UUID, role: Role, at: datetime) -> None:
    """Raise Conflict when the account would both read outcomes and write what they are counted from.

    Who may add contacts and enrolments and watch the figures move learns a suppressed count by adding known ones.
    """
    await lock_account(session, account_id)  # of two roles given at once, the second is judged by the first
    roles = {role, *await roles_now_or_later(session, account_id, at)}
    if len(roles) > 1 and Role.commissioner in roles:
        raise Conflict(
            "A commissioner holds no other role: who reads outcomes must not make them. Use another account."
        )


async def require_administered_account(session: AsyncSession, actor: Actor, account_id: UUID) -> UUID:
    """Return the account's id if an organisation that the actor administers keeps it; raise NotFound."""
    reach = await organisations_below(session, actor.organisations_as(Role.administrator))
    found = await session.scalar(
        select(col(AccountRow.id)).where(col(AccountRow.id) == account_id, col(AccountRow.organisation_id).in_(reach))
    )
    if found is None:
        raise NotFound
    return found


async def _insert_membership(session: AsyncSession, account_id: UUID, new: NewMembership, at: datetime) -> UUID:
    # An expired membership that nobody ended would block its own renewal: it is closed at its expiry first.
    await session.execute(
        update(MembershipRow)
        .where(
            col(MembershipRow.account_id) == account_id,
            col(MembershipRow.organisation_id) == new.organisation_id,
            col(MembershipRow.role) == new.role.value,
            col(MembershipRow.ended_at).is_(None),
            col(MembershipRow.expires_at) <= at,
        )
        .values(ended_at=MembershipRow.expires_at)
    )
    made: UUID | None = (
        await session.execute(
            insert(MembershipRow)
            .values(
                id=new_id(),
                account_id=account_id,
                organisation_id=new.organisation_id,
                role=new.role.value,
                starts_at=new.starts_at or at,
                expires_at=new.expires_at,
            )
            .on_conflict_do_nothing()
            .returning(col(MembershipRow.id))
        )
    ).scalar_one_or_none()
    if made is None:
        raise AlreadyExists("The account holds this role at this organisation already.")
    return made


async def end_membership(session: AsyncSession, actor: Actor, membership_id: UUID) -> None:
    """End a membership now; what it allowed is refused from this transaction's commit on."""
    require_role(actor, Role.administrator)
    row = await session.get(MembershipRow, membership_id, with_for_update=True)
    if row is None:
        raise NotFound
    await require_administration_of(session, actor, row.organisation_id)
    if row.ended_at is not None:
        raise Conflict("This membership has been ended already.")
    row.ended_at = actor.at
    session.add(row)
    await session.flush()
    await append_event(session, "access.changed", subject_ids=[row.account_id])
    await record_audit(session, actor, "membership.end", subject_id=membership_id)


async def disable_account(session: AsyncSession, actor: Actor, account_id: UUID, seen: Seen | None = None) -> None:
    """Disable an account and end its sessions; its tokens are refused from this transaction's commit on."""
    require_role(actor, Role.administrator)
    account = await require_administered_account(session, actor, account_id)
    await lock_account(session, account)
    version = await session.scalar(select(col(AccountRow.version)).where(col(AccountRow.id) == account))
    require_seen(version or 0, seen)
    disabled = await session.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == account, col(AccountRow.disabled_at).is_(None))
        .values(disabled_at=actor.at, version=AccountRow.version + 1)
        .returning(col(AccountRow.id))
    )
    if disabled.scalar_one_or_none() is None:
        raise Conflict("This account is disabled already.")
    await end_everything_open(session, account, at=actor.at, reason="account_disabled")
    await record_audit(session, actor, "account.disable", subject_id=account)


async def create_administrator(
    session: AsyncSession,
    at: datetime,
    *,
    organisation: NewOrganisation,
    email: str,
    display_name: str,
    password_hash: str,
) -> UUID:
    """Return the id of the first administrator, made at the command line together with the top organisation.

    An organisation that exists already (same ODS code) is kept; an account that exists already is an error.
    """
    organisation_id = await session.scalar(
        select(col(OrganisationRow.id)).where(col(OrganisationRow.ods_code) == organisation.ods_code)
    )
    if organisation_id is None:
        organisation_id = await _insert_organisation(session, organisation, at)
    account_id = await insert_account(session, NewAccount(email, display_name, password_hash, organisation_id), at)
    membership = NewMembership(account_id, organisation_id, Role.administrator, None)
    await _insert_membership(session, account_id, membership, at)
    await record_audit(
        session, Actor(account_id, at, request_id="command-line"), "administrator.create", subject_id=account_id
    )
    return account_id
