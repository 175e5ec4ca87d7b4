"""Reading organisations, accounts, and what an account may be where."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Subquery, Uuid, any_, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role, require_role
from domain.accounts.tables import AccountRow, MembershipRow, OrganisationRow
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.statements import Statement, Work, rows_of


@dataclass(frozen=True, slots=True)
class Organisation:
    """An ODS-coded body."""

    id: UUID
    ods_code: str
    name: str
    kind: str
    parent_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A role at an organisation, with the instants between which it holds."""

    id: UUID
    role: Role
    organisation: Organisation
    starts_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in, with the memberships that have not been ended."""

    id: UUID
    email: str
    display_name: str
    disabled_at: datetime | None
    memberships: tuple[Membership, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What sign-in compares with: the account and its password hash, and since when this has been its password.

    `wishes_since`: since when somebody may have asked for another, nothing that was open having been ended after it.
    """

    account_id: UUID
    password_hash: str
    password_since: datetime
    wishes_since: datetime


def effective_grants(at: datetime) -> Subquery:
    """Return SQL for (account_id, role, organisation_id) in force at an instant, of accounts not disabled."""
    return (
        select(col(MembershipRow.account_id), col(MembershipRow.role), col(MembershipRow.organisation_id))
        .join(AccountRow, col(AccountRow.id) == col(MembershipRow.account_id))
        .where(
            col(AccountRow.disabled_at).is_(None),
            col(MembershipRow.ended_at).is_(None),
            col(MembershipRow.starts_at) <= at,
            or_(col(MembershipRow.expires_at).is_(None), col(MembershipRow.expires_at) > at),
        )
        .subquery("effective_grant")
    )


async def actor_in_force(session: AsyncSession, account_id: UUID, *, at: datetime, request_id: str) -> Actor | None:
    """Return an account with the grants in force, for what is done in its name later; None when it is disabled."""
    if not await account_is_kept(session, account_id):
        return None
    grants = effective_grants(at)
    rows = await session.execute(
        select(grants.c.role, grants.c.organisation_id).where(grants.c.account_id == account_id)
    )
    held = tuple(Grant(Role(row.role), row.organisation_id) for row in rows)
    return Actor(account_id=account_id, at=at, request_id=request_id, grants=held)


async def credentials_of(session: AsyncSession, email: str) -> Credentials | None:
    """Return what to compare a password with, or None for an unknown or disabled account."""
    since = func.coalesce(AccountRow.password_changed_at, AccountRow.created_at)
    row = (
        await session.execute(
            select(
                col(AccountRow.id),
                col(AccountRow.password_hash),
                since,
                func.greatest(since, AccountRow.all_ended_at),  # null is no greater
            ).where(col(AccountRow.email) == email.strip().lower(), col(AccountRow.disabled_at).is_(None))
        )
    ).one_or_none()
    return None if row is None else Credentials(*row)


async def own_password_hash(session: AsyncSession, account_id: UUID) -> str | None:
    """Return what the password of an account is compared with when its holder confirms that it is they."""
    return await session.scalar(select(col(AccountRow.password_hash)).where(col(AccountRow.id) == account_id))


async def organisations_below(session: AsyncSession, organisation_ids: Iterable[UUID]) -> set[UUID]:
    """Return these organisations and all below them in the tree."""
    rows = await session.execute(
        text(
            "with recursive below(id) as ("
            " select id from organisation where id = any(cast(:roots as uuid[]))"
            " union select o.id from organisation o join below b on o.parent_id = b.id)"
            " select id from below"
        ),
        {"roots": list(organisation_ids)},
    )
    return set(rows.scalars())


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(row.id, row.ods_code, row.name, row.kind, row.parent_id, row.version)


async def organisation(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """Return one organisation (organisations are public knowledge); raise NotFound."""
    row = await session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound
    return _organisation(row)


async def organisations(
    session: AsyncSession, *, after: UUID | None, limit: int, ods_code: str | None = None
) -> list[Organisation]:
    """Return a page of organisations by id, or the one with this ODS code."""
    query = select(OrganisationRow).order_by(col(OrganisationRow.id)).limit(limit)
    if after is not None:
        query = query.where(col(OrganisationRow.id) > after)
    if ods_code is not None:
        query = query.where(col(OrganisationRow.ods_code) == ods_code)
    return [_organisation(row) for row in (await session.execute(query)).scalars()]


async def _memberships(session: AsyncSession, account_ids: list[UUID]) -> dict[UUID, list[Membership]]:
    rows = await session.execute(
        select(MembershipRow, OrganisationRow)
        .join(OrganisationRow, col(OrganisationRow.id) == col(MembershipRow.organisation_id))
        .where(col(MembershipRow.account_id).in_(account_ids), col(MembershipRow.ended_at).is_(None))
        .order_by(col(MembershipRow.id))
    )
    found: dict[UUID, list[Membership]] = {account_id: [] for account_id in account_ids}
    for m, o in rows:
        found[m.account_id].append(Membership(m.id, Role(m.role), _organisation(o), m.starts_at, m.expires_at))
    return found


async def account_itself(session: AsyncSession, account_id: UUID) -> Account:
    """Return an account for its own holder; raise NotFound."""
    row = await session.get(AccountRow, account_id)
    if row is None:
        raise NotFound
    memberships = await _memberships(session, [account_id])
    return _account(row, memberships)


# A column that nobody else's account shows to the role that reads records.
_OWN = text("select id, own_email() as email, display_name, disabled_at, version from account where id = :id")


async def own_account(session: AsyncSession, actor: Actor) -> Account:
    """Return the caller's own account, in a transaction that acts for them; raise NotFound."""
    row = (await session.execute(_OWN, {"id": actor.account_id})).one_or_none()
    if row is None:
        raise NotFound
    memberships = await _memberships(session, [row.id])
    return Account(row.id, row.email, row.display_name, row.disabled_at, tuple(memberships[row.id]), row.version)


async def administered_accounts(
    session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int
) -> list[Account]:
    """Return a page of the accounts kept by the organisations that this administrator answers for: one beyond if any.

    How many were shown is audited: patients' accounts, with their names and addresses, are among them.
    """
    query = (await _kept_below(session, actor)).order_by(col(AccountRow.id)).limit(limit + 1)
    if after is not None:
        query = query.where(col(AccountRow.id) > after)
    rows = list((await session.execute(query)).scalars())
    memberships = await _memberships(session, [row.id for row in rows])
    await record_audit(session, actor, "account.list", count=min(limit, len(rows)))
    return [_account(row, memberships) for row in rows]


async def _kept_below(session: AsyncSession, actor: Actor) -> Select[AccountRow]:
    """Return SQL for the accounts that this administrator answers for. Raises NotPermitted."""
    require_role(actor, Role.administrator)
    reach = await organisations_below(session, actor.organisations_as(Role.administrator))
    return select(AccountRow).where(col(AccountRow.organisation_id).in_(reach))


def _account(row: AccountRow, memberships: dict[UUID, list[Membership]]) -> Account:
    return Account(row.id, row.email, row.display_name, row.disabled_at, tuple(memberships[row.id]), row.version)


async def administered_account(session: AsyncSession, actor: Actor, account_id: UUID) -> Account:
    """Return one account that this administrator may know, after a deed that is audited; raise NotFound."""
    query = (await _kept_below(session, actor)).where(col(AccountRow.id) == account_id)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotFound
    return _account(row, await _memberships(session, [row.id]))


async def account_read(session: AsyncSession, actor: Actor, account_id: UUID) -> Account:
    """Return one account that this administrator may know, audited as read; raise NotFound."""
    found = await administered_account(session, actor, account_id)
    await record_audit(session, actor, "account.read", subject_id=account_id)
    return found


async def roles_now_or_later(session: AsyncSession, account_id: UUID, at: datetime) -> set[Role]:
    """Return the roles that an account holds at this instant, or will by what it was given."""
    held = select(col(MembershipRow.role)).where(
        col(MembershipRow.account_id) == account_id,
        col(MembershipRow.ended_at).is_(None),
        or_(col(MembershipRow.expires_at).is_(None), col(MembershipRow.expires_at) > at),
    )
    return {Role(role) for role in (await session.execute(held)).scalars()}


async def account_is_kept(session: AsyncSession, account_id: UUID) -> bool:
    """Return whether this account exists and is not disabled."""
    found = await session.scalar(
        select(col(AccountRow.id)).where(col(AccountRow.id) == account_id, col(AccountRow.disabled_at).is_(None))
    )
    return found is not None


# Not the row: locking one takes a right to change it, which who links a patient's account does not have.
_ONE_AT_AN_ACCOUNT = text("select pg_advisory_xact_lock(hashtextextended('account ' || :account, 0))")


async def lock_account(session: AsyncSession, account_id: UUID) -> None:
    """Be the only one to the end of the transaction who decides what an account is: its roles, whose it is."""
    await session.execute(_ONE_AT_AN_ACCOUNT, {"account": str(account_id)})


async def clinicians_among(session: AsyncSession, account_ids: Iterable[UUID], at: datetime) -> set[UUID]:
    """Return which of these accounts are clinicians somewhere at this instant."""
    grants = effective_grants(at)
    rows = await session.execute(
        select(grants.c.account_id).where(
            grants.c.role == Role.clinician.value, grants.c.account_id.in_(list(account_ids))
        )
    )
    return set(rows.scalars())


_AMONG = bindparam("ids", type_=ARRAY(Uuid()))
_NAMES = Statement(select(col(AccountRow.id), col(AccountRow.display_name)).where(col(AccountRow.id) == any_(_AMONG)))


async def names_of_accounts(work: Work, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display names of these accounts by id; an unknown id is left out."""
    return dict(await rows_of(work, _NAMES, {"ids": list(ids)}))


_BY_IDS = Statement(
    select(
        col(OrganisationRow.id),
        col(OrganisationRow.ods_code),
        col(OrganisationRow.name),
        col(OrganisationRow.kind),
        col(OrganisationRow.parent_id),
        col(OrganisationRow.version),
    ).where(col(OrganisationRow.id) == any_(_AMONG))
)


async def organisations_by_id(work: Work, ids: Iterable[UUID]) -> dict[UUID, Organisation]:
    """Return these organisations by id; an unknown id is left out."""
    asked = list(ids)
    if not asked:
        return {}
    return {row[0]: Organisation(*row) for row in await rows_of(work, _BY_IDS, {"ids": asked})}


_ABOVE = text(
    """
    with recursive above(id, parent_id) as (
        select id, parent_id from organisation where id = any(cast(:leaves as uuid[]))
        union select o.id, o.parent_id from organisation o join above a on o.id = a.parent_id)
    select id from above
    """
)

_IDS_BY_ODS_CODE = text("select ods_code, id from organisation where ods_code = any(cast(:codes as text[]))")


async def organisations_above(session: AsyncSession, organisation_ids: Iterable[UUID]) -> set[UUID]:
    """Return these organisations and all above them in the tree."""
    return set((await session.execute(_ABOVE, {"leaves": list(organisation_ids)})).scalars())


async def organisations_by_ods_code(session: AsyncSession, codes: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the organisations with these ODS codes; unknown codes are absent."""
    rows = await session.execute(_IDS_BY_ODS_CODE, {"codes": list(codes)})
    return {row.ods_code: row.id for row in rows}
