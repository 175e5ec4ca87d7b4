"""The access rule: who may see which patient, and why. One statement, which every other query joins.

Nothing else in Tendwell decides who sees whom: HTTP, the live feed and the worker all come here.

What somebody has ended is over from its commit on, whatever a clock says: those of two nodes differ, and the one that
is behind would go on showing a record. An end that was agreed before (a delegation's, a day of leaving) comes by the
clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import SEES_NO_PERSON, Actor, Role
from domain.access.ground import Basis, Ground, ground_of, nearest
from domain.accounts.queries import effective_grants
from domain.arrays import as_array
from domain.clock import london_date
from domain.people.permission import Scope
from domain.people.tables import (
    BreakGlassRow,
    CareTeamMemberRow,
    CareTeamPatientRow,
    ConsentRow,
    DelegationRow,
    PatientRow,
    ResidenceRow,
)
from domain.statements import Statement, Work, rows_of

_WORDS: Mapping[StrEnum, ColumnElement[str]] = {
    word: literal_column(f"'{word.value}'", Text) for word in (*Basis, *Scope, *Role)
}
# Statements are built once, with these to fill in: building one anew costs ten times as much as running it
# (3 ms against 0.3 ms).
AT: Any = bindparam("at", type_=TIMESTAMP(timezone=True))
TODAY: Any = bindparam("today", type_=Date())

Reach = Select[UUID | None, UUID, str, str | None]


def instants(at: datetime) -> dict[str, datetime | date]:
    """Return what fills in AT and TODAY: an instant, and the date in England then."""
    return {"at": at, "today": london_date(at)}


def reach() -> CompoundSelect[tuple[UUID, UUID, str, str | None]]:
    """Return SQL for (account_id, patient_id, basis, detail): every account that is related to every patient, and how.

    A delegate has a row for each scope, which is its detail; that of break-glass is its reason. Commissioners,
    administrators and privacy officers are not in it: they see nobody.
    """
    return union_all(_itself(), _delegate(), _practice(), _care_team(), _care_home(), _break_glass())


def readable(within: Subquery) -> ColumnElement[bool]:
    """Return SQL that keeps of a reach what allows to read the record."""
    return or_(within.c.basis != _constant(Basis.delegate), within.c.detail == _constant(Scope.read))


def listed(within: Subquery) -> ColumnElement[bool]:
    """Return SQL that keeps of a reach whose records stand in lists and on boards: break-glass opens one record."""
    return and_(readable(within), within.c.basis != _constant(Basis.break_glass))


def by_work(within: Subquery) -> ColumnElement[bool]:
    """Return SQL that keeps of a reach whom an account cares for by its work: not themself, nor whom they act for."""
    return within.c.basis.in_([_constant(basis) for basis in (Basis.practice, Basis.care_team, Basis.care_home)])


def reason_of(within: Subquery) -> ColumnElement[str | None]:
    """Return SQL for the reason that was typed to break the glass; null where nobody has."""
    return func.max(within.c.detail).filter(within.c.basis == _constant(Basis.break_glass))


def scopes_of(within: Subquery) -> ColumnElement[Any]:
    """Return SQL for a delegate's scopes; null for who is none."""
    return func.array_agg(within.c.detail.distinct()).filter(within.c.basis == _constant(Basis.delegate))


def _why(basis: Basis) -> tuple[Any, Any]:
    return _constant(basis).label("basis"), cast(null(), Text).label("detail")


def _constant(word: StrEnum) -> ColumnElement[str]:
    """Return SQL for one of our own words: as a parameter, a generic plan could not leave out what it excludes."""
    return _WORDS[word]


def _itself() -> Reach:
    """A patient sees themself, unless they also administer accounts or read outcomes with their account."""
    return select(
        col(PatientRow.account_id).label("account_id"), col(PatientRow.id).label("patient_id"), *_why(Basis.self_)
    ).where(col(PatientRow.account_id).is_not(None), _sees_persons(col(PatientRow.account_id)))


def _delegate() -> Reach:
    """A delegate who has accepted sees whom they act for, from the first instant up to the end, within their scopes.

    Unless they also administer accounts or read outcomes with their account.
    """
    held = func.unnest(col(DelegationRow.scopes)).table_valued("detail").render_derived("held")
    found = select(
        col(DelegationRow.account_id), col(DelegationRow.patient_id), _constant(Basis.delegate), held.c.detail
    )
    return found.join(held, true()).where(
        delegation_holds_at(AT),
        _sees_persons(col(DelegationRow.account_id)),
    )


def _practice() -> Reach:
    """A clinician sees the patients registered at the practice where they work."""
    grant = effective_grants(AT)
    return select(grant.c.account_id, col(PatientRow.id), *_why(Basis.practice)).join(
        grant,
        and_(grant.c.organisation_id == col(PatientRow.practice_id), grant.c.role == _constant(Role.clinician)),
    )


def _care_team() -> Reach:
    """A member of a care team sees the patients on its list, as long as they are a clinician somewhere.

    Not those who have withdrawn from sharing beyond their practice; its own clinicians see them as such.
    """
    return (
        select(col(CareTeamMemberRow.account_id), col(CareTeamPatientRow.patient_id), *_why(Basis.care_team))
        .join(CareTeamPatientRow, col(CareTeamPatientRow.care_team_id) == col(CareTeamMemberRow.care_team_id))
        .where(sees_for_a_team(), holds_at(CareTeamPatientRow, AT), shared(col(CareTeamPatientRow.patient_id)))
    )


def _care_home() -> Reach:
    """Care-home staff see the home's residents of today who have not withdrawn from sharing."""
    grant = effective_grants(AT)
    return (
        select(grant.c.account_id, col(ResidenceRow.patient_id), *_why(Basis.care_home))
        .join(
            grant,
            and_(
                grant.c.organisation_id == col(ResidenceRow.care_home_id),
                grant.c.role == _constant(Role.care_home_staff),
            ),
        )
        .where(lives_there_on(TODAY), shared(col(ResidenceRow.patient_id)))
    )


def _break_glass() -> Reach:
    """A clinician who has broken the glass sees that one patient until it runs out or is ended."""
    why = col(BreakGlassRow.reason_code).concat(literal_column("': '", Text)).concat(col(BreakGlassRow.reason))
    return select(
        col(BreakGlassRow.account_id), col(BreakGlassRow.patient_id), _constant(Basis.break_glass), why
    ).where(
        col(BreakGlassRow.opened_at) <= AT,
        col(BreakGlassRow.until_at) > AT,
        col(BreakGlassRow.ended_at).is_(None),
        _holds(col(BreakGlassRow.account_id), Role.clinician),
    )


def _sees_persons(account_id: Any) -> ColumnElement[bool]:
    """Return SQL for: the account neither administers nor reads outcomes, by which nobody is seen, nor beside which."""
    return ~_holds(account_id, *SEES_NO_PERSON)


def _holds(account_id: Any, *roles: Role) -> ColumnElement[bool]:
    grant = effective_grants(AT)
    # As words: a list of parameters would be written into the statement anew at each execution.
    held = [_constant(role) for role in sorted(roles)]
    return exists().where(grant.c.account_id == account_id, grant.c.role.in_(held))


def sees_for_a_team() -> ColumnElement[bool]:
    """Return SQL for: this member of a care team sees whoever is on its list and shares their record."""
    return and_(holds_at(CareTeamMemberRow, AT), _holds(col(CareTeamMemberRow.account_id), Role.clinician))


def shared(patient_id: Any) -> ColumnElement[bool]:
    """Return SQL for: the patient has not withdrawn from care sharing."""
    return ~exists().where(
        col(ConsentRow.patient_id) == patient_id,
        col(ConsentRow.purpose) == literal_column("'care_sharing'"),
        col(ConsentRow.provision) == literal_column("'deny'"),
        col(ConsentRow.ended_at).is_(None),
    )


def holds_at(row: type[CareTeamMemberRow | CareTeamPatientRow], at: datetime) -> ColumnElement[bool]:
    """Return SQL for: this place on a care team, or on its list, holds at an instant."""
    return and_(col(row.from_at) <= at, col(row.until_at).is_(None))


def delegation_holds_at(at: datetime) -> ColumnElement[bool]:
    """Return SQL for: somebody has accepted this delegation, and acts by it at an instant."""
    return and_(
        col(DelegationRow.account_id).is_not(None),
        col(DelegationRow.accepted_at) <= at,
        col(DelegationRow.from_at) <= at,
        or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > at),
        col(DelegationRow.ended_at).is_(None),
    )


def lives_there_on(day: date) -> ColumnElement[bool]:
    """Return SQL for: the person lives in the home on a date. The day of leaving is the first one elsewhere."""
    return and_(
        col(ResidenceRow.from_on) <= day, or_(col(ResidenceRow.until_on).is_(None), col(ResidenceRow.until_on) > day)
    )


def _standing_places() -> Select[Any]:
    """Return SQL for one row: the places, among the pairs asked about, of those whose account may read the record.

    LATERAL with LIMIT 1 has PostgreSQL look each pair up by index, 10 µs a pair. As a join or EXISTS it computes the
    reach of everybody first: 0.1 to 1.3 s with 50,000 patients and 2,000 accounts. Told as one list of numbers, because
    200 rows of two ids each cost three times as much to read as to find.
    """
    ids = ARRAY(Uuid())
    accounts, patients = (cast(bindparam(name, type_=Text()), ids) for name in ("accounts", "patients"))
    pair = (
        func.unnest(accounts, patients)
        .table_valued("account_id", "patient_id", with_ordinality="place")
        .render_derived("pair")
    )
    within = reach().subquery("reach")
    stands = (
        select(within.c.basis)
        .where(within.c.account_id == pair.c.account_id, within.c.patient_id == pair.c.patient_id, readable(within))
        .limit(1)
        .lateral("stands")
    )
    return select(func.array_agg(pair.c.place)).select_from(pair).join(stands, true())


_STANDING_PLACES = Statement(_standing_places())


async def visible_pairs(work: Work, pairs: Iterable[tuple[UUID, UUID]], at: datetime) -> set[tuple[UUID, UUID]]:
    """Return in which of these (account, patient) pairs the record may be read: the live feed's re-authorisation."""
    asked = list(set(pairs))
    if not asked:
        return set()
    accounts, patients = (as_array(ids) for ids in zip(*asked, strict=True))
    given = {**instants(at), "accounts": accounts, "patients": patients}
    ((places,),) = await rows_of(work, _STANDING_PLACES, given)
    return {asked[place - 1] for place in places or ()}


def _standing_bases() -> Select[Any]:
    """Return SQL for on which bases :account may read of which of :patients, and where each is cared for."""
    asked = select(func.unnest(bindparam("patients", type_=ARRAY(Uuid()))).label("patient_id")).subquery("asked")
    within = reach().subquery("reach")
    stands = (
        select(func.array_agg(within.c.basis.distinct()).label("bases"), reason_of(within).label("reason"))
        .where(
            within.c.account_id == bindparam("account", type_=Uuid()),
            within.c.patient_id == asked.c.patient_id,
            readable(within),
        )
        .lateral("stands")
    )
    return (
        select(asked.c.patient_id, stands, col(PatientRow.practice_id), col(ResidenceRow.care_home_id))
        .select_from(asked)
        .join(stands, stands.c.bases.is_not(None))
        .join(PatientRow, col(PatientRow.id) == asked.c.patient_id)
        .outerjoin(ResidenceRow, and_(col(ResidenceRow.patient_id) == col(PatientRow.id), lives_there_on(TODAY)))
    )


_STANDING_BASES = _standing_bases()


async def grounds(session: AsyncSession, actor: Actor, patient_ids: Iterable[UUID]) -> dict[UUID, Ground]:
    """Return on what ground the actor reads the record of each of these, in their order; without whom they may not."""
    asked = list(dict.fromkeys(patient_ids))
    if not asked:
        return {}
    rows = await session.execute(
        _STANDING_BASES, {**instants(actor.at), "account": actor.account_id, "patients": asked}
    )
    found = {
        row.patient_id: ground_of(
            actor,
            nearest([Basis(basis) for basis in row.bases]),
            places=(row.practice_id, row.care_home_id),
            reason=row.reason if row.bases == [Basis.break_glass] else None,
        )
        for row in rows
    }
    return {patient_id: found[patient_id] for patient_id in asked if patient_id in found}
