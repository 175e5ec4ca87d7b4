"""Copies of everything about oneself: asking, watching them being made, fetching."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from api.deps import CurrentActor, Linking, Reading, TheServices, Transaction, Writing
from api.exports.archive import Told, archive
from api.exports.sections import SECTIONS
from api.head_requests import is_head
from api.once import Once
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.own_exports import OwnExportOut, OwnExportPage
from api.schemas.privacy import PrivacyNoticeOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.access.actor import Actor
from domain.rights.export_commands import ask_for_export, audit_fetching, hand_over, require_still_theirs
from domain.rights.export_queries import ExportPage, OwnExport, export_page, own_export, own_exports, ready_export

router = APIRouter(prefix="/v1/me/exports", tags=["rights"], route_class=StrictRoute)

_ZIP = "application/zip"
_AS_FILE = {"content-disposition": 'attachment; filename="your-record.zip"'}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    409: {"description": "It has not been made yet, or could not be."},
    410: {"description": "It has been fetched, or a day has passed."},
}


@router.post("", status_code=202, responses={404: {"description": "The caller is no patient: no record is theirs."}})
async def ask_for_own_export(actor: CurrentActor, once: Once) -> CreatedOut:
    """Ask for a copy of everything kept about the caller. A worker makes it; one at a time."""
    async with once() as deed:
        return await deed.reply(CreatedOut(id=await ask_for_export(deed.session, actor)))


@router.get("")
async def list_own_exports(actor: CurrentActor, reading: Reading, page: Paging) -> OwnExportPage:
    """Return the copies that the caller has asked for, newest first."""
    async with reading() as session:
        found = await own_exports(session, actor, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: each.id)
    return OwnExportPage(items=[OwnExportOut.of(each, len(SECTIONS)) for each in items], next_cursor=next_cursor)


@router.get("/{export_id}")
async def get_own_export(export_id: Id, actor: CurrentActor, reading: Reading) -> OwnExportOut:
    """Return how far one of the caller's copies is."""
    async with reading() as session:
        return OwnExportOut.of(await own_export(session, actor, export_id), len(SECTIONS))


@router.get("/{export_id}/file", response_class=StreamingResponse, responses=_FILE)
async def fetch_own_export(
    export_id: Id, request: Request, actor: CurrentActor, writing: Writing, linking: Linking, held: TheServices
) -> StreamingResponse:
    """Return the copy as a ZIP of JSON and a page to read. Once it has been handed over whole it is deleted.

    HEAD says whether there is one to fetch, and hands nothing over.
    """
    async with writing() as session:
        found = await ready_export(session, actor, export_id)
        patient = await require_still_theirs(session, actor, found.patient_id)
        if not is_head(request.scope):
            await audit_fetching(session, actor, export_id, patient)
    notice = PrivacyNoticeOut.of(held.privacy)
    file: AsyncIterator[bytes] | tuple[()] = (
        () if is_head(request.scope) else _handed_over(writing, linking, actor, found, notice)
    )
    return StreamingResponse(file, media_type=_ZIP, headers=_AS_FILE)


async def _handed_over(
    writing: Transaction, linking: Transaction, actor: Actor, found: OwnExport, notice: PrivacyNoticeOut
) -> AsyncIterator[bytes]:
    """Yield the file, then delete it. When the line breaks before its end, it can be fetched again."""
    of = Told(found.asked_at, found.taken_at or found.asked_at)
    async for piece in archive(lambda: _pages(writing, found.id), of, notice):
        yield piece
    async with linking() as session:
        await hand_over(session, actor, found.id)


async def _pages(writing: Transaction, export_id: UUID) -> AsyncIterator[ExportPage]:
    number = 0
    while True:
        async with writing() as session:
            page = await export_page(session, export_id, number)
        if page is None:
            return
        yield page
        number += 1
