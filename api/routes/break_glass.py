"""Break-glass: opening one record in an emergency; what the person sees of it; and privacy officers' alerts."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import CurrentActor, Linking, TheServices, Writing
from api.links import Links
from api.once import Once
from api.pagination import Paging
from api.schemas.break_glass import (
    BreakGlasses,
    BreakGlassIn,
    BreakGlassOut,
    EmergencyAccessOut,
    EmergencyAccessPage,
    PrivacyAlertDetailOut,
    PrivacyAlertOut,
    PrivacyAlertPage,
    PrivacyReviewIn,
)
from api.schemas.strict import Choice, Id
from api.strict_routing import StrictRoute
from domain.errors import NotFound
from domain.people import break_glass_commands as commands
from domain.people import break_glass_queries as queries
from domain.people.alarm_commands import Pages, tell_officers, tell_whose_record
from domain.people.break_glass import AlertState
from domain.people.privacy_alert_commands import review_alert

router = APIRouter(prefix="/v1", tags=["break-glass"], route_class=StrictRoute)


@router.post("/break-glass", status_code=201)
async def break_glass(body: BreakGlassIn, actor: CurrentActor, linking: Linking, held: TheServices) -> BreakGlassOut:
    """Open one record to read, for up to 4 hours, for a stated reason. The person sees it; privacy officers check it.

    All are told by letter at once. A number and a birth date that are not one person's are 404, and counted: after
    five in an hour 429.
    """
    async with linking() as session:
        opened = await commands.break_glass(session, actor, body.to_emergency(allow_test_range=held.test_numbers))
        if opened is not None:
            pages = _pages(held.links)
            await tell_officers(session, actor, opened.answer_for_it, held.sealing, pages)
            await tell_whose_record(session, actor, opened.id, held.sealing, pages)
    if opened is None:
        raise NotFound
    return BreakGlassOut.of(opened)


def _pages(links: Links) -> Pages:
    return Pages(alerts=links.to_alerts, accounts=links.to_accounts, looked=links.to_looked, acting=links.to_acting)


@router.get("/break-glass")
async def list_break_glass(actor: CurrentActor, writing: Writing) -> BreakGlasses:
    """Return which records the caller has open by break-glass."""
    async with writing() as session:
        found = await queries.open_break_glasses(session, actor)
    return BreakGlasses(items=[BreakGlassOut.of(each) for each in found])


@router.delete("/break-glass/{break_glass_id}", status_code=204)
async def end_break_glass(break_glass_id: Id, actor: CurrentActor, writing: Writing) -> None:
    """Close a record before its time."""
    async with writing() as session:
        await commands.end_break_glass(session, actor, break_glass_id)


@router.get("/patients/{patient_id}/emergency-accesses")
async def list_emergency_accesses(
    patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging
) -> EmergencyAccessPage:
    """Return when a record was opened in an emergency, newest first: for whoever may read who looked at it."""
    async with writing() as session:
        found = await queries.emergency_accesses(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda access: access.id)
    return EmergencyAccessPage(items=[EmergencyAccessOut.of(each) for each in items], next_cursor=next_cursor)


@router.get("/privacy-alerts")
async def list_privacy_alerts(
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    state: Annotated[Choice[AlertState] | None, Query(description="Only those in this state.")] = None,
) -> PrivacyAlertPage:
    """Return the alerts that the caller answers for as privacy officer, newest first. They name no patient."""
    async with writing() as session:
        found = await queries.privacy_alerts(session, actor, before=page.after_id, limit=page.limit, state=state)
    items, next_cursor = page.cut(found, key=lambda alert: alert.id)
    return PrivacyAlertPage(items=[PrivacyAlertOut.of(each) for each in items], next_cursor=next_cursor)


@router.get("/privacy-alerts/{alert_id}")
async def get_privacy_alert(alert_id: Id, actor: CurrentActor, writing: Writing) -> PrivacyAlertDetailOut:
    """Return one alert with the name and NHS number of whose record it was; the person's access log says so."""
    async with writing() as session:
        found, whose = await queries.privacy_alert(session, actor, alert_id)
    return PrivacyAlertDetailOut.of_person(found, whose)


@router.post("/privacy-alerts/{alert_id}/review", status_code=204)
async def review_privacy_alert(alert_id: Id, body: PrivacyReviewIn, actor: CurrentActor, once: Once) -> None:
    """Record what came of looking into an alert."""
    async with once() as deed:
        await review_alert(deed.session, actor, alert_id, body.state, body.note)
        await deed.reply(None)
