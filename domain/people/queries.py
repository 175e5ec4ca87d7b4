"""Reading patients: one, a page, or just their ids. Whom a caller may see is decided in `reach_queries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, and_, bindparam, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.access.ground import Basis, Ground, Touched, ground_of, nearest
from domain.accounts.queries import Organisation, organisations_by_id
from domain.audit.commands import record_audit, record_audits
from domain.clock import london_date
from domain.errors import NotFound, NotPermitted
from domain.people.permission import Action, Scope, Standing, adds_without_reading, allowed_basis
from domain.people.reach_queries import (
    AT,
    TODAY,
    by_work,
    instants,
    listed,
    lives_there_on,
    reach,
    reason_of,
    scopes_of,
)
from domain.people.tables import BreakGlassRow, PatientRow, ResidenceRow
from domain.statements import Statement, Work, rows_of, run


@dataclass(frozen=True, slots=True)
class VisiblePatient:
    """A patient this caller is related to, how, and on what ground they do what they do."""

    id: UUID
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    practice_id: UUID
    account_id: UUID | None
    care_home_id: UUID | None
    room: str | None
    standing: Standing
    broken_glass: str | None
    ground: Ground
    version: int


_ACCOUNT = bindparam("account", type_=Uuid())
_PATIENT = bindparam("patient", type_=Uuid())
Visible = Select[Any]
Alike = dict[tuple[object, ...], tuple[Standing, Ground]]
_WITHIN = reach().subquery("reach")
PARTICULARS = (
    col(PatientRow.id),
    col(PatientRow.nhs_number),
    col(PatientRow.given_name),
    col(PatientRow.family_name),
    col(PatientRow.born_on),
    col(PatientRow.practice_id),
    col(PatientRow.account_id),
    col(PatientRow.version),
)
PLACE = (col(ResidenceRow.care_home_id), col(ResidenceRow.room))


def _related(*which: ColumnElement[bool]) -> Visible:
    """Return SQL for the patients that :account is related to, how, and the home they live in."""
    mine = (
        select(
            _WITHIN.c.patient_id,
            func.array_agg(_WITHIN.c.basis.distinct()).label("bases"),
            scopes_of(_WITHIN).label("scopes"),
            reason_of(_WITHIN).label("reason"),
        )
        .where(_WITHIN.c.account_id == _ACCOUNT, *which)
        .group_by(_WITHIN.c.patient_id)
        .subquery("mine")
    )
    return (
        select(*PARTICULARS, mine.c.bases, mine.c.scopes, mine.c.reason, *PLACE)
        .join(mine, mine.c.patient_id == col(PatientRow.id))
        .outerjoin(ResidenceRow, and_(col(ResidenceRow.patient_id) == col(PatientRow.id), lives_there_on(TODAY)))
    )


_ONE_RELATED = Statement(_related().where(col(PatientRow.id) == _PATIENT))
Pages = tuple[Statement, Statement]


def _first(which: Visible) -> Visible:
    """Return SQL for the first page, of :most."""
    return which.order_by(col(PatientRow.id)).limit(bindparam("most", type_=Integer()))


def _later(which: Visible) -> Visible:
    """Return SQL for the page after :after."""
    return _first(which).where(col(PatientRow.id) > bindparam("after", type_=Uuid()))


_LISTED, _CARED_FOR = _related(listed(_WITHIN)), _related(by_work(_WITHIN))
_AMONG_CARED_FOR = Statement(_CARED_FOR.where(col(PatientRow.id) == func.any(bindparam("among", type_=ARRAY(Uuid())))))
_RESIDENTS = _CARED_FOR.where(col(ResidenceRow.care_home_id) == bindparam("home", type_=Uuid()))
_ALL_LISTED = Statement(_first(_LISTED)), Statement(_later(_LISTED))
_ALL_CARED_FOR = Statement(_first(_CARED_FOR)), Statement(_later(_CARED_FOR))
_RESIDENTS_CARED_FOR = Statement(_first(_RESIDENTS)), Statement(_later(_RESIDENTS))


def as_visible(actor: Actor, row: Sequence[Any], known: Alike | None = None) -> VisiblePatient:
    """Return a row of PARTICULARS, of how the actor is related (bases, scopes, reason) and of PLACE, as whom they see.

    By their order: to ask a row for each by its name takes longer than all the rest. `known` keeps, for the other rows
    of a list, on what ground the actor sees whoever is related to them alike and cared for at the same places.
    """
    patient_id, nhs_number, given_name, family_name, born_on, practice_id, account_id, version = row[:8]
    bases, scopes, reason, care_home_id, room = row[8:]
    alike = (tuple(bases), tuple(scopes or ()), practice_id, care_home_id)
    if known is None or alike not in known:
        held = frozenset(map(Basis, bases))
        standing = Standing(held, frozenset(map(Scope, scopes or ())))
        ground = ground_of(actor, nearest(held), places=(practice_id, care_home_id))
        if known is not None:
            known[alike] = standing, ground
    else:
        standing, ground = known[alike]
    return VisiblePatient(
        id=patient_id,
        nhs_number=nhs_number,
        given_name=given_name,
        family_name=family_name,
        born_on=born_on,
        practice_id=practice_id,
        account_id=account_id,
        care_home_id=care_home_id,
        room=room,
        standing=standing,
        broken_glass=reason,
        ground=ground,
        version=version,
    )


async def visible_patient(work: Work, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return the patient if this actor may know that they exist; raise NotFound in every other case."""
    asked = {"account": actor.account_id, "patient": patient_id, **instants(actor.at)}
    rows = await rows_of(work, _ONE_RELATED, asked)
    if not rows:
        raise NotFound
    return as_visible(actor, rows[0])


_HAD_OPEN = Statement(
    select(
        exists().where(
            col(BreakGlassRow.account_id) == _ACCOUNT,
            col(BreakGlassRow.patient_id) == _PATIENT,
            col(BreakGlassRow.opened_at) <= AT,
        )
    )
)


async def related_patient(work: Work, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return the patient if this actor is related to them. Raises NotFound, and NotPermitted where that tells nothing.

    To a commissioner, whomever they ask about: they see no person. And to a clinician who broke the glass over this
    person before: they know that the person is there, and are told only that the record is closed again.
    """
    try:
        return await visible_patient(work, actor, patient_id)
    except NotFound:
        if actor.has(Role.commissioner):
            raise NotPermitted("A commissioner sees figures, and no person.") from None
        asked = {"account": actor.account_id, "patient": patient_id, "at": actor.at}
        if actor.has(Role.clinician) and (await rows_of(work, _HAD_OPEN, asked))[0][0]:
            raise NotPermitted("The record that you opened in an emergency is closed again.") from None
        raise


# Row security keeps a record from whoever may only add to it. What they add is to be held against what is there: a
# repeat must be seen as one, and a weight beside the one before it. So, for this transaction, those rows are there.
_ADDING_TO = Statement(text("select set_config('tendwell.adding_to', :patient_id, true)"))


async def permitted_patient(work: Work, actor: Actor, patient_id: UUID, action: Action) -> VisiblePatient:
    """Return the patient, with the ground on which this actor may do this with their record: the one to audit.

    Raises NotFound unless they are related at all, and then NotPermitted.
    """
    patient = permitted(actor, await related_patient(work, actor, patient_id), action)
    if adds_without_reading(patient.standing, action):
        await run(work, _ADDING_TO, {"patient_id": str(patient_id)})
    return patient


def permitted(actor: Actor, patient: VisiblePatient, action: Action) -> VisiblePatient:
    """Return the patient with the ground on which the actor may do this; raise NotPermitted."""
    basis = allowed_basis(patient.standing, action)
    if basis is patient.ground.basis and basis is not Basis.break_glass:
        return patient
    reason = patient.broken_glass if basis is Basis.break_glass else None
    places = (patient.practice_id, patient.care_home_id)
    return replace(patient, ground=ground_of(actor, basis, places=places, reason=reason))


def amended(actor: Actor, patient: VisiblePatient, recorded_by: UUID) -> VisiblePatient:
    """Return the patient with the ground on which this may be put right: by who recorded it, or by staff.

    Raises NotPermitted.
    """
    if recorded_by == actor.account_id:
        return patient
    try:
        return permitted(actor, patient, Action.amend_any_reading)
    except NotPermitted:
        raise NotPermitted("Someone else recorded this. Ask them, or your care team, to put it right.") from None


async def visible_patients(
    session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int
) -> list[VisiblePatient]:
    """Return the patients whose records this actor may read, by id: `limit` of them, and one beyond if there are more.

    Not those opened by break-glass, which lists nobody. The reading of each of the `limit` is audited; the one beyond
    only says that a next page exists.
    """
    return await _page(session, actor, _ALL_LISTED, after=after, limit=limit, action="patient.list")


async def patients_cared_for(work: Work, actor: Actor, *, after: UUID | None, limit: int) -> list[VisiblePatient]:
    """Return whom this actor cares for by their work, by id: `limit` of them, and one beyond if there are more.

    Neither themself nor whom they act for at home: those are not a board's, and are not audited as read on it.
    """
    return await _page(work, actor, _ALL_CARED_FOR, after=after, limit=limit, action="board.read")


async def cared_for_among(work: Work, actor: Actor, patient_ids: Collection[UUID]) -> list[VisiblePatient]:
    """Return who of these this actor cares for by their work, for callers who audit what they show of them."""
    if not patient_ids:
        return []
    asked = {"account": actor.account_id, **instants(actor.at), "among": list(patient_ids)}
    known: Alike = {}
    return [as_visible(actor, row, known) for row in await rows_of(work, _AMONG_CARED_FOR, asked)]


async def residents_cared_for(
    session: AsyncSession, actor: Actor, care_home_id: UUID, *, after: UUID | None, limit: int
) -> list[VisiblePatient]:
    """Return who of them lives in this home today, likewise: a home's list is read at work, as a board is."""
    return await _page(
        session, actor, _RESIDENTS_CARED_FOR, after=after, limit=limit, action="patient.list", home=care_home_id
    )


async def _page(
    work: Work,
    actor: Actor,
    which: Pages,
    *,
    after: UUID | None,
    limit: int,
    action: str,
    **where: UUID,
) -> list[VisiblePatient]:
    asked = {"account": actor.account_id, **instants(actor.at), "most": limit + 1, "after": after, **where}
    first, later = which
    known: Alike = {}
    found = [as_visible(actor, row, known) for row in await rows_of(work, first if after is None else later, asked)]
    await record_audits(work, actor, action, [Touched(p.id, p.ground) for p in found[:limit]])
    return found


async def patient_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    """Return one patient whose record the actor may read, audited. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    await record_audit(session, actor, "patient.read", patient)
    return patient


async def care_homes_of(work: Work, patients: Iterable[VisiblePatient]) -> dict[UUID, Organisation]:
    """Return the care homes that these patients live in today, by id."""
    return await organisations_by_id(work, {p.care_home_id for p in patients if p.care_home_id is not None})


def _visible_ids() -> Select[UUID]:
    found = select(_WITHIN.c.patient_id).where(_WITHIN.c.account_id == _ACCOUNT, listed(_WITHIN))
    return found.distinct().order_by(_WITHIN.c.patient_id)


_VISIBLE_IDS = _visible_ids()


async def visible_patient_ids(session: AsyncSession, actor: Actor, limit: int) -> list[UUID]:
    """Return the ids of the patients whose records this actor may read, at most `limit`; break-glass lists nobody."""
    asked = {"account": actor.account_id, **instants(actor.at)}
    return list((await session.execute(_VISIBLE_IDS.limit(limit), asked)).scalars())


async def registered_on(session: AsyncSession, patient_id: UUID) -> date:
    """Return the London date on which the patient's record was made."""
    made = await session.execute(select(col(PatientRow.created_at)).where(col(PatientRow.id) == patient_id))
    return london_date(made.scalar_one())


# Asked of PostgreSQL's own function: who looks after accounts has no right on patients.
_OF_ACCOUNT = Statement(text("select patient_of_account(:account)"))


async def patient_of_account(work: Work, account_id: UUID) -> UUID | None:
    """Return the patient that this account is, if any."""
    found: UUID | None = (await rows_of(work, _OF_ACCOUNT, {"account": account_id}))[0][0]
    return found


_ACTS_FOR_OTHERS = text("select acts_for_others(:account, :at)")


async def acts_for_others(session: AsyncSession, account_id: UUID, at: datetime) -> bool:
    """Return whether this account acts for somebody at an instant, or will by what it has accepted."""
    return bool(await session.scalar(_ACTS_FOR_OTHERS, {"account": account_id, "at": at}))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a patient is registered, and in which care home they live on a date if in one."""

    practice_id: UUID
    care_home_id: UUID | None


_PLACES = text(
    """
    select p.id, p.practice_id, r.care_home_id from patient p
    left join residence r on r.patient_id = p.id and r.from_on <= :today
        and (r.until_on is null or r.until_on > :today)
    where p.id = any(cast(:patients as uuid[]))
    """
)


async def places_of(session: AsyncSession, patient_ids: Collection[UUID], at: datetime) -> dict[UUID, Places]:
    """Return where these patients belong at an instant. For commands that show nobody the answer."""
    rows = await session.execute(_PLACES, {"patients": list(patient_ids), "today": london_date(at)})
    return {row.id: Places(row.practice_id, row.care_home_id) for row in rows}


# Asked of PostgreSQL's own function: the worker has no right on consents.
_NOT_SHARED = text("select who_withdrew_sharing(cast(:patients as uuid[]), :at)")


async def shared_places_of(session: AsyncSession, patient_ids: Collection[UUID], at: datetime) -> dict[UUID, Places]:
    """Return the places that may be told of these patients: no care home where sharing is refused, or restricted."""
    places = await places_of(session, patient_ids, at)
    refused = await session.scalars(_NOT_SHARED, {"patients": list(places), "at": at})
    return places | {patient: replace(places[patient], care_home_id=None) for patient in refused}


_REGISTERED = text(
    """
    select id, nhs_number from patient
    where practice_id = any(cast(:practices as uuid[]))
        and (nhs_number = any(cast(:nhs_numbers as text[])) or id = any(cast(:patient_ids as uuid[])))
    """
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient registered at one of the practices asked about."""

    patient_id: UUID
    nhs_number: str | None


async def registered_patients(
    session: AsyncSession,
    practice_ids: Collection[UUID],
    *,
    nhs_numbers: Collection[str],
    patient_ids: Collection[UUID],
) -> list[Registered]:
    """Return which of these people are registered at these practices. For commands that show nobody the answer."""
    rows = await session.execute(
        _REGISTERED,
        {"practices": list(practice_ids), "nhs_numbers": list(nhs_numbers), "patient_ids": list(patient_ids)},
    )
    return [Registered(row.id, row.nhs_number) for row in rows]
