"""By whose work a person's record is open: told to them by the names under which those people and places work.

It knows neither accounts nor addresses, nor who of a practice or a care home works there: those are many, and change.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import names_of_accounts, organisations_by_id
from domain.audit.commands import record_audit
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.reach_queries import AT, holds_at, instants, sees_for_a_team, shared
from domain.people.tables import CareTeamMemberRow, CareTeamPatientRow, CareTeamRow, PatientRow

_PATIENT = bindparam("patient", type_=Uuid())
# Asked of the person, so that it is no of somebody whom the caller cannot see.
_SHARED = select(exists().where(col(PatientRow.id) == _PATIENT, shared(col(PatientRow.id))))
# Of each team on whose list the person is, a row for each member who sees them; one without a member where nobody does.
_ON_LISTS = (
    select(
        col(CareTeamRow.id), col(CareTeamRow.name), col(CareTeamRow.organisation_id), col(CareTeamMemberRow.account_id)
    )
    .join(CareTeamPatientRow, col(CareTeamPatientRow.care_team_id) == col(CareTeamRow.id))
    .outerjoin(CareTeamMemberRow, and_(col(CareTeamMemberRow.care_team_id) == col(CareTeamRow.id), sees_for_a_team()))
    .where(col(CareTeamPatientRow.patient_id) == _PATIENT, holds_at(CareTeamPatientRow, AT))
    .order_by(col(CareTeamRow.name), col(CareTeamRow.id))
)


@dataclass(frozen=True, slots=True)
class CaringTeam:
    """A care team on whose list somebody is: its name, whose team it is, and by name the clinicians who see them."""

    name: str
    organisation: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caring:
    """Who sees a record by their work now. Without sharing only the practice: no team then, and no care home."""

    practice: str
    is_shared: bool
    care_teams: tuple[CaringTeam, ...]
    care_home: str | None


async def caring_for(session: AsyncSession, actor: Actor, patient_id: UUID) -> Caring:
    """Return who sees a record by their work, for the person, who decides for them by law, and their clinicians.

    Audited. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_access)
    asked = {"patient": patient.id, **instants(actor.at)}
    is_shared = bool((await session.execute(_SHARED, asked)).scalar_one())
    rows = (await session.execute(_ON_LISTS, asked)).all() if is_shared else []
    home = patient.care_home_id if is_shared else None
    places = await organisations_by_id(
        session, {patient.practice_id, *(row.organisation_id for row in rows), *([home] if home else [])}
    )
    names = await names_of_accounts(session, {row.account_id for row in rows if row.account_id is not None})
    teams = {row.id: (row.name, places[row.organisation_id].name) for row in rows}
    members = {
        team: sorted(names[row.account_id] for row in rows if row.id == team and row.account_id) for team in teams
    }
    await record_audit(session, actor, "access.read", patient, count=len(teams))
    return Caring(
        practice=places[patient.practice_id].name,
        is_shared=is_shared,
        care_teams=tuple(CaringTeam(*told, tuple(members[team])) for team, told in teams.items()),
        care_home=None if home is None else places[home].name,
    )
