"""Alerts: those of one patient, and all that are open for whoever cares for people by their work."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import IfMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.schemas.alerts import AcknowledgementIn, AlertOut, AlertPage, OpenAlertOut, OpenAlertPage, ResolutionIn
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.alerts import commands
from domain.alerts.queries import Place, alert_of, alert_read, alerts_read, open_alerts_read

router = APIRouter(tags=["alerts"], route_class=StrictRoute)
_OF_PATIENT = "/v1/patients/{patient_id}/alerts"


@router.get("/v1/alerts")
async def list_open_alerts(actor: CurrentActor, writing: Writing, page: Paging) -> OpenAlertPage:
    """Return the open alerts of everybody whom the caller cares for by their work; those that nobody has first."""
    async with writing() as session:
        found = await open_alerts_read(session, actor, after=_after(page), limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: each.place)
    return OpenAlertPage(items=[OpenAlertOut.of_open(each) for each in items], next_cursor=next_cursor)


@router.get(_OF_PATIENT)
async def list_alerts(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> AlertPage:
    """Return a patient's alerts, newest first. They and whoever acts for them are not told notes and outcomes."""
    async with writing() as session:
        found = await alerts_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda alert: alert.id)
    return AlertPage(items=[AlertOut.of(alert) for alert in items], next_cursor=next_cursor)


@router.get(_OF_PATIENT + "/{alert_id}")
async def get_alert(patient_id: Id, alert_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> AlertOut:
    """Return one alert with what it rests on and its history."""
    async with writing() as session:
        found = await alert_read(session, actor, patient_id, alert_id)
    return tagged.told(AlertOut.of(found), about=alert_id, version=found.version)


@router.post(_OF_PATIENT + "/{alert_id}/acknowledgement")
async def acknowledge_alert(
    patient_id: Id, alert_id: Id, body: AcknowledgementIn, actor: CurrentActor, once: Once, step: IfMatch
) -> AlertOut:
    """Say that one has seen an alert and sees to it. Safe to retry; 409 when somebody else has it."""
    seen = step.seen(alert_id)
    async with once() as deed:
        await commands.acknowledge_alert(deed.session, actor, patient_id, alert_id, body.note, seen)
        found = await alert_of(deed.session, patient_id, alert_id)
        return await deed.reply(step.told(AlertOut.of(found), about=alert_id, version=found.version))


@router.post(_OF_PATIENT + "/{alert_id}/resolution")
async def resolve_alert(
    patient_id: Id, alert_id: Id, body: ResolutionIn, actor: CurrentActor, once: Once, step: IfMatch
) -> AlertOut:
    """Say what came of an alert that was acknowledged. Safe to retry; 409 when it is resolved."""
    seen = step.seen(alert_id)
    async with once() as deed:
        await commands.resolve_alert(deed.session, actor, patient_id, alert_id, body.outcome, body.note, seen)
        found = await alert_of(deed.session, patient_id, alert_id)
        return await deed.reply(step.told(AlertOut.of(found), about=alert_id, version=found.version))


def _after(page: Paging) -> Place | None:
    if page.after is None:
        return None
    rank, raised_at, alert_id = page.after
    return int(rank), datetime.fromisoformat(raised_at), UUID(alert_id)
