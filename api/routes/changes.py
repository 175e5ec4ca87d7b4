"""One's own record on a phone that works without a network: what changed in it, and what was done meanwhile."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from api.copies import keeping
from api.copies.catching_up import log_caught_up
from api.copies.sending import Keeping
from api.deps import CurrentActor, TheServices, Writing
from api.pagination import Binding, Cursor, PageRequest
from api.schemas.changes import ChangesOut
from api.schemas.sendings import SendingIn, SendingOut
from api.schemas.strict import PLAIN_DIGITS
from api.strict_routing import StrictRoute
from domain.changes.queries import own_record

router = APIRouter(prefix="/v1/me/changes", tags=["offline"], route_class=StrictRoute)

DEFAULT_DAYS, MOST_DAYS = 90, 400
BEGINNING = "0"
_NO_RECORD: dict[int | str, dict[str, Any]] = {404: {"description": "The caller is no patient: no record is theirs."}}

Since = Annotated[Cursor, Query(description="`since` of the answer before; 0, or nothing: the whole.")]
Days = Annotated[
    int,
    Field(ge=1, le=MOST_DAYS),
    PLAIN_DIGITS,
    Query(description="How far back a copy begun anew holds readings, what was done, and the diary."),
]


@router.get("", responses=_NO_RECORD)
async def list_own_changes(
    request: Request,
    actor: CurrentActor,
    held: TheServices,
    writing: Writing,
    since: Since = BEGINNING,
    days: Days = DEFAULT_DAYS,
) -> ChangesOut:
    """Return what changed in the caller's own record since they last asked, or first the whole of it, in pieces."""
    bound = Binding(actor.account_id, request.url.path)
    page = PageRequest(1, None if since == BEGINNING else since, bound, held.cursor_secret, epoch=None)
    reached = None if page.after is None else keeping.read(page.after)
    log = await log_caught_up(held.database.feed, actor.account_id)
    async with writing() as session:
        told = await keeping.told(session, actor, log, reached, from_at=actor.at - timedelta(days=days))
    return keeping.as_answer(told, page.onward(keeping.written(told.reached)) or BEGINNING)


@router.post("", responses=_NO_RECORD)
async def send_own_changes(
    request: Request, body: SendingIn, actor: CurrentActor, held: TheServices, writing: Writing
) -> SendingOut:
    """Keep what was done without a network: each thing gets its own verdict, and one sent again is kept once."""
    held.budgets.charge_readings(request.scope, actor.account_id, len(body.items))
    async with writing() as session:
        patient_id = await own_record(session, actor)
    kept = await Keeping(actor, patient_id, writing, held.recording, body.clock()).kept(body.items)
    return SendingOut.of(kept, actor.at)
