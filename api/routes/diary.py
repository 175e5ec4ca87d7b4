"""A patient's diary: writing what was noticed, reading it back, marking what was written in error."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import CurrentActor, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.diary import (
    DiaryEntryIn,
    DiaryEntryOut,
    DiaryPage,
    EntryRetractionIn,
    SymptomOut,
    SymptomsOut,
)
from api.schemas.strict import FlagInQuery, Id, StrictInstant
from api.strict_routing import StrictRoute
from domain.diary import commands
from domain.diary.queries import Sought, entries_read, entry_of, entry_read
from domain.diary.symptom import SYMPTOMS

router = APIRouter(tags=["diary"], route_class=StrictRoute)
_DIARY = "/v1/patients/{patient_id}/diary"

From = Annotated[StrictInstant | None, Query(alias="from", description="From this instant on.")]
Until = Annotated[StrictInstant | None, Query(description="Up to, not including, this instant.")]
History = Annotated[FlagInQuery, Query(description="Also those entered in error, each with its status.")]


@router.get("/v1/symptoms")
async def list_symptoms(actor: CurrentActor) -> SymptomsOut:
    """Return every symptom that can be noted, in plain words, with the words of its four steps."""
    return SymptomsOut(items=[SymptomOut.of(symptom) for symptom in SYMPTOMS.values()])


@router.post(_DIARY, status_code=201)
async def create_diary_entry(patient_id: Id, body: DiaryEntryIn, actor: CurrentActor, once: Once) -> DiaryEntryOut:
    """Write down what was noticed. Nobody is called because of it. Safe to retry with a `client_id`."""
    async with once() as deed:
        made = await commands.record_entry(deed.session, actor, patient_id, body.to_new_entry())
        return await deed.reply(DiaryEntryOut.of(await entry_of(deed.session, patient_id, made)))


@router.get(_DIARY)
async def list_diary_entries(
    patient_id: Id,
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    from_at: From = None,
    until: Until = None,
    history: History = False,
) -> DiaryPage:
    """Return a patient's diary, what was noticed last first."""
    sought = Sought(from_at, until, history)
    async with writing() as session:
        found = await entries_read(session, actor, patient_id, sought, before=_before(page), limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda entry: (entry.effective_at, entry.id))
    return DiaryPage(items=[DiaryEntryOut.of(entry) for entry in items], next_cursor=next_cursor)


@router.get(_DIARY + "/{entry_id}")
async def get_diary_entry(patient_id: Id, entry_id: Id, actor: CurrentActor, writing: Writing) -> DiaryEntryOut:
    """Return one entry, also when it was entered in error."""
    async with writing() as session:
        return DiaryEntryOut.of(await entry_read(session, actor, patient_id, entry_id))


@router.post(_DIARY + "/{entry_id}/retraction")
async def retract_diary_entry(
    patient_id: Id, entry_id: Id, body: EntryRetractionIn, actor: CurrentActor, once: Once
) -> DiaryEntryOut:
    """Mark an entry as entered in error: left out of lists from now on, never deleted. Safe to retry."""
    async with once() as deed:
        await commands.retract_entry(deed.session, actor, patient_id, entry_id, body.reason)
        return await deed.reply(DiaryEntryOut.of(await entry_of(deed.session, patient_id, entry_id)))


def _before(page: Paging) -> tuple[datetime, UUID] | None:
    if page.after is None:
        return None
    effective_at, entry_id = page.after
    return datetime.fromisoformat(effective_at), UUID(entry_id)
