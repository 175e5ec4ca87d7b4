"""Pauses: letting action plans rest for a holiday or an illness, and going on before the time."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.pauses import PauseIn, PauseOut, PausePage
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.plans import pause_commands
from domain.plans.pause_queries import pause_of_patient, pauses_read

router = APIRouter(prefix="/v1/patients/{patient_id}/pauses", tags=["action plans"], route_class=StrictRoute)


@router.post("", status_code=201)
async def create_pause(patient_id: Id, body: PauseIn, actor: CurrentActor, once: Once) -> PauseOut:
    """Let one plan or all rest: nothing is due meanwhile. Safe to retry with a `client_id`."""
    async with once() as deed:
        made = await pause_commands.pause_plans(deed.session, actor, patient_id, body.to_new_pause())
        return await deed.reply(PauseOut.of(await pause_of_patient(deed.session, patient_id, made)))


@router.get("")
async def list_pauses(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> PausePage:
    """Return a patient's pauses, past and to come, the last made first."""
    async with writing() as session:
        found = await pauses_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda pause: pause.id)
    return PausePage(items=[PauseOut.of(pause) for pause in items], next_cursor=next_cursor)


@router.post("/{pause_id}/end")
async def end_pause(patient_id: Id, pause_id: Id, actor: CurrentActor, once: Once) -> PauseOut:
    """Go on before the time: things are due again from the patient's today on. Safe to retry."""
    async with once() as deed:
        await pause_commands.end_pause(deed.session, actor, patient_id, pause_id)
        return await deed.reply(PauseOut.of(await pause_of_patient(deed.session, patient_id, pause_id)))
