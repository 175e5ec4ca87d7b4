"""Who looked at a record, when, in what role and why."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.audit_events import MEDIA_TYPE, bundle
from api.deps import CurrentActor, Transaction, Writing
from api.pagination import PageRequest, Paging
from api.schemas.access_log import AccessLogPage, AccessOut
from api.schemas.strict import FlagInQuery, Id, StrictInstant
from api.strict_routing import StrictRoute
from domain.access.actor import Actor
from domain.rights.access_log_queries import LogSought, access_events, access_log, own_patient_id

router = APIRouter(prefix="/v1", tags=["access log"], route_class=StrictRoute)

From = Annotated[StrictInstant | None, Query(alias="from", description="From this instant on.")]
Until = Annotated[StrictInstant | None, Query(description="Up to, not including, this instant.")]
Own = Annotated[FlagInQuery, Query(description="Also what the patient did themself.")]
Format = Annotated[
    Literal["plain", "fhir"] | None,
    Query(
        alias="format", description="`fhir`: a FHIR R4 Bundle of AuditEvents, as does `Accept: application/fhir+json`."
    ),
]
_ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}}
_NO_RECORD: dict[int | str, dict[str, Any]] = {404: {"description": "The caller is no patient: no record is theirs."}}


@router.get("/me/access-log", response_model=AccessLogPage, responses=_ANSWERS | _NO_RECORD)
async def get_own_access_log(
    request: Request,
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    from_at: From = None,
    until: Until = None,
    own: Own = True,
    shape: Format = None,
) -> AccessLogPage | Response:
    """Return who looked at the caller's own record: what is alike on one day together, nothing left out."""
    async with writing() as session:
        patient_id = await own_patient_id(session, actor)
    return await _answer(request, writing, actor, patient_id, LogSought(from_at, until, own), page, shape)


@router.get("/patients/{patient_id}/access-log", response_model=AccessLogPage, responses=_ANSWERS)
async def get_access_log(
    patient_id: Id,
    request: Request,
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    from_at: From = None,
    until: Until = None,
    own: Own = True,
    shape: Format = None,
) -> AccessLogPage | Response:
    """Return who looked at a patient's record: for the patient, who acts for them, and their practice."""
    return await _answer(request, writing, actor, patient_id, LogSought(from_at, until, own), page, shape)


async def _answer(
    request: Request,
    writing: Transaction,
    actor: Actor,
    patient_id: UUID,
    sought: LogSought,
    page: PageRequest,
    shape: str | None,
) -> AccessLogPage | Response:
    accepts = MEDIA_TYPE in request.headers.get("accept", "")
    if shape == "fhir" or (shape is None and accepts):
        async with writing() as session:
            log = await access_events(session, actor, patient_id, sought, after=_after(page), limit=page.limit)
        return bundle(log, request.url, page.onward(log.next_after))
    async with writing() as session:
        log = await access_log(session, actor, patient_id, sought, after=_after(page), limit=page.limit)
    items = [AccessOut.of(each, log, yourself=each.latest.account_id == actor.account_id) for each in log.groups]
    return AccessLogPage(items=items, next_cursor=page.onward(log.next_after))


def _after(page: PageRequest) -> tuple[datetime, int] | None:
    if page.after is None:
        return None
    at, entry_id = page.after
    return datetime.fromisoformat(at), int(entry_id)
