"""Reading care teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.access.ground import Basis, Ground, Touched
from domain.accounts.queries import names_of_accounts
from domain.audit.commands import record_audits
from domain.errors import NotFound
from domain.people.reach_queries import grounds, holds_at
from domain.people.tables import CareTeamMemberRow, CareTeamPatientRow, CareTeamRow


@dataclass(frozen=True, slots=True)
class Member:
    """Whoever is on a care team, by the name that their account bears."""

    account_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class CareTeam:
    """A care team with its present members and patients."""

    id: UUID
    organisation_id: UUID
    name: str
    members: tuple[Member, ...]
    patient_ids: tuple[UUID, ...]
    version: int


async def care_teams(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> list[CareTeam]:
    """Return the care teams that the actor is on, or that belong to where they are a clinician: one beyond if any.

    That somebody is a patient of the teams shown is audited, for each of them once.
    """
    query = _teams_of(actor).order_by(col(CareTeamRow.id)).limit(limit + 1)
    if after is not None:
        query = query.where(col(CareTeamRow.id) > after)
    found, visible = await _with_people(session, actor, query)
    shown = dict.fromkeys(patient for team in found[:limit] for patient in team.patient_ids)
    await record_audits(session, actor, "care_team.list", [Touched(each, visible[each]) for each in shown])
    return found


async def care_team(session: AsyncSession, actor: Actor, care_team_id: UUID) -> CareTeam:
    """Return one care team that the actor may know of, audited for each patient shown; raise NotFound."""
    found, visible = await _with_people(session, actor, _teams_of(actor).where(col(CareTeamRow.id) == care_team_id))
    if not found:
        raise NotFound
    shown = [Touched(patient, visible[patient]) for patient in found[0].patient_ids]
    await record_audits(session, actor, "care_team.read", shown, subject_id=care_team_id)
    return found[0]


def _teams_of(actor: Actor) -> Select[CareTeamRow]:
    on_it = select(col(CareTeamMemberRow.care_team_id)).where(
        col(CareTeamMemberRow.account_id) == actor.account_id, holds_at(CareTeamMemberRow, actor.at)
    )
    return select(CareTeamRow).where(
        or_(
            col(CareTeamRow.id).in_(on_it),
            col(CareTeamRow.organisation_id).in_(actor.organisations_as(Role.clinician)),
        )
    )


async def _with_people(
    session: AsyncSession, actor: Actor, query: Select[CareTeamRow]
) -> tuple[list[CareTeam], dict[UUID, Ground]]:
    teams = list((await session.execute(query)).scalars())
    members = await _present(session, CareTeamMemberRow, [team.id for team in teams], actor.at)
    patients = await _present(session, CareTeamPatientRow, [team.id for team in teams], actor.at)
    names = await names_of_accounts(session, {each for on_it in members.values() for each in on_it})
    related = await grounds(session, actor, (p for listed in patients.values() for p in listed))
    visible = {p: ground for p, ground in related.items() if ground.basis is not Basis.break_glass}
    found = [
        CareTeam(
            team.id,
            team.organisation_id,
            team.name,
            tuple(Member(each, names[each]) for each in members.get(team.id, ())),
            tuple(p for p in patients.get(team.id, ()) if p in visible),
            team.version,
        )
        for team in teams
    ]
    return found, visible


async def _present(
    session: AsyncSession,
    row: type[CareTeamMemberRow | CareTeamPatientRow],
    team_ids: list[UUID],
    at: datetime,
) -> dict[UUID, list[UUID]]:
    who = col(row.account_id) if row is CareTeamMemberRow else col(row.patient_id)  # type: ignore[union-attr]
    rows = await session.execute(
        select(col(row.care_team_id), who).where(col(row.care_team_id).in_(team_ids), holds_at(row, at)).order_by(who)
    )
    found: dict[UUID, list[UUID]] = {}
    for team_id, member_id in rows:
        found.setdefault(team_id, []).append(member_id)
    return found
