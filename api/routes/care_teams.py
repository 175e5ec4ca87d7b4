"""Care teams: which clinicians look after which patients together."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import MustMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.patients import (
    CareTeamIn,
    CareTeamMemberIn,
    CareTeamNameIn,
    CareTeamOut,
    CareTeamPage,
    CareTeamPatientIn,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people import care_team_commands as commands
from domain.people.care_team_queries import care_team, care_teams

router = APIRouter(prefix="/v1/care-teams", tags=["care teams"], route_class=StrictRoute)


@router.post("", status_code=201)
async def create_care_team(body: CareTeamIn, actor: CurrentActor, once: Once) -> CreatedOut:
    """Make a care team where the caller is a clinician; the caller is its first member."""
    async with once() as deed:
        made = await commands.create_care_team(deed.session, actor, body.organisation_id, body.name)
        return await deed.reply(CreatedOut(id=made))


@router.get("")
async def list_care_teams(actor: CurrentActor, writing: Writing, page: Paging) -> CareTeamPage:
    """Return the care teams the caller is on, or that belong to where they are a clinician; each patient is audited."""
    async with writing() as session:
        found = await care_teams(session, actor, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda team: team.id)
    return CareTeamPage(items=[CareTeamOut.of(team) for team in items], next_cursor=next_cursor)


@router.get("/{care_team_id}")
async def get_care_team(care_team_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> CareTeamOut:
    """Return one care team that the caller is on, or that belongs to where they are a clinician."""
    async with writing() as session:
        found = await care_team(session, actor, care_team_id)
    return tagged.told(CareTeamOut.of(found), about=care_team_id, version=found.version)


@router.put("/{care_team_id}")
async def rename_care_team(
    care_team_id: Id, body: CareTeamNameIn, actor: CurrentActor, writing: Writing, edit: MustMatch
) -> CareTeamOut:
    """Give a care team another name, by a clinician on it or of its organisation."""
    async with writing() as session:
        await commands.rename_care_team(session, actor, care_team_id, body.name, edit.seen(care_team_id))
        found = await care_team(session, actor, care_team_id)
    return edit.told(CareTeamOut.of(found), about=care_team_id, version=found.version)


@router.post("/{care_team_id}/members", status_code=204)
async def add_care_team_member(care_team_id: Id, body: CareTeamMemberIn, actor: CurrentActor, once: Once) -> None:
    """Put a clinician on a care team."""
    async with once() as deed:
        await commands.add_member(deed.session, actor, care_team_id, body.account_id, body.from_at)
        await deed.reply(None)


@router.delete("/{care_team_id}/members/{account_id}", status_code=204)
async def remove_care_team_member(care_team_id: Id, account_id: Id, actor: CurrentActor, writing: Writing) -> None:
    """Take a clinician off a care team, effective at once."""
    async with writing() as session:
        await commands.remove_member(session, actor, care_team_id, account_id)


@router.post("/{care_team_id}/patients", status_code=204)
async def add_care_team_patient(care_team_id: Id, body: CareTeamPatientIn, actor: CurrentActor, once: Once) -> None:
    """Put a patient whom the caller sees on a care team's list."""
    async with once() as deed:
        await commands.add_patient(deed.session, actor, care_team_id, body.patient_id, body.from_at)
        await deed.reply(None)


@router.delete("/{care_team_id}/patients/{patient_id}", status_code=204)
async def remove_care_team_patient(care_team_id: Id, patient_id: Id, actor: CurrentActor, writing: Writing) -> None:
    """Take a patient off a care team's list, effective at once."""
    async with writing() as session:
        await commands.remove_patient(session, actor, care_team_id, patient_id)
