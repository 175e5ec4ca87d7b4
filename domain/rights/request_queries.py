"""Reading what people asked of their own record: by themselves, and by the practice that answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Touched
from domain.audit.commands import record_audits
from domain.people.queries import patient_of_account
from domain.people.reach_queries import grounds
from domain.rights.law import Decision, Kind

_COLUMNS = "r.id, r.patient_id, r.kind, r.about, r.asked_at, r.decision, r.ground, r.answer, r.decided_at"
_MINE = text(
    f"select {_COLUMNS} from rights_request r where r.patient_id = :patient_id and r.id < :before"
    " order by r.id desc limit :limit"
)
_TO_ANSWER = text(
    f"""
    select {_COLUMNS} from rights_request r join patient p on p.id = r.patient_id
    where p.practice_id = any(cast(:practices as uuid[])) and r.id > :after and (r.decision is null or :answered)
    order by r.id limit :limit
    """
)
_BEYOND, _BEFORE_ALL = UUID(int=2**128 - 1), UUID(int=0)


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """What somebody asked of their record, and the answer; None as long as there is none."""

    id: UUID
    patient_id: UUID
    kind: Kind
    about: str
    asked_at: datetime
    decision: Decision | None
    ground: str | None
    answer: str | None
    decided_at: datetime | None


async def own_requests(session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int) -> list[RightsRequest]:
    """Return what the caller has asked of their own record, newest first: one beyond the limit if any; audited."""
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        return []
    asked = {"patient_id": patient_id, "before": before or _BEYOND, "limit": limit + 1}
    return await _shown(session, actor, [_request(row) for row in await session.execute(_MINE, asked)], limit)


async def requests_to_answer(
    session: AsyncSession, actor: Actor, *, answered: bool, after: UUID | None, limit: int
) -> list[RightsRequest]:
    """Return what was asked by patients of the practices where the caller is a clinician, oldest first; audited.

    With `answered` also what has been answered. One beyond the limit if any. Raises NotPermitted.
    """
    require_role(actor, Role.clinician)
    asked = {
        "practices": list(actor.organisations_as(Role.clinician)),
        "after": after or _BEFORE_ALL,
        "answered": answered,
        "limit": limit + 1,
    }
    return await _shown(session, actor, [_request(row) for row in await session.execute(_TO_ANSWER, asked)], limit)


async def _shown(session: AsyncSession, actor: Actor, found: list[RightsRequest], limit: int) -> list[RightsRequest]:
    standing = await grounds(session, actor, {each.patient_id for each in found})
    visible = [each for each in found if each.patient_id in standing]
    shown = dict.fromkeys(each.patient_id for each in visible[:limit])
    touched = [Touched(patient_id, standing[patient_id]) for patient_id in shown]
    await record_audits(session, actor, "rights_request.list", touched)
    return visible


def _request(row: Row[Any]) -> RightsRequest:
    return RightsRequest(
        row.id,
        row.patient_id,
        Kind(row.kind),
        row.about,
        row.asked_at,
        None if row.decision is None else Decision(row.decision),
        row.ground,
        row.answer,
        row.decided_at,
    )
