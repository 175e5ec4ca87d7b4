"""Reading responses back, each with the total before it. What is read is audited here, one row a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid, NotFound
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.questionnaires.answers import Answer, answered, from_json
from domain.questionnaires.catalogue import INSTRUMENTS
from domain.questionnaires.response import Response, Unread, Withdrawn
from domain.questionnaires.tables import QuestionnaireResponseRow as R

_EARLIER = aliased(R)


def _previous_total() -> ScalarSelect[int | None]:
    """Return SQL for the total of the response before, of one person and instrument, that has one and counts."""
    return (
        select(col(_EARLIER.total))
        .where(
            col(_EARLIER.patient_id) == col(R.patient_id),
            col(_EARLIER.questionnaire) == col(R.questionnaire),
            col(_EARLIER.total).is_not(None),
            col(_EARLIER.retracted_at).is_(None),
            tuple_(col(_EARLIER.authored_at), col(_EARLIER.id)) < tuple_(col(R.authored_at), col(R.id)),
        )
        .order_by(col(_EARLIER.authored_at).desc(), col(_EARLIER.id).desc())
        .limit(1)
        .correlate(R)
        .scalar_subquery()
    )


def _responses(patient_id: UUID) -> Select[R, int | None]:
    return select(R, _previous_total()).where(col(R.patient_id) == patient_id)


async def responses_read(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    *,
    questionnaire: str | None,
    history: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Response]:
    """Return a page of a patient's responses, the latest first, one more than the limit if any.

    Of one questionnaire if it is named; those entered in error with `history`. Raises NotFound, NotPermitted, Invalid.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if questionnaire is not None and questionnaire not in INSTRUMENTS:
        fault = Fault("query/questionnaire", "unknown_questionnaire", "Name one of GET /v1/questionnaires.")
        raise Invalid("The query is not acceptable as written.", [fault])
    query = _responses(patient_id).order_by(col(R.authored_at).desc(), col(R.id).desc()).limit(limit + 1)
    if questionnaire is not None:
        query = query.where(col(R.questionnaire) == questionnaire)
    if not history:
        query = query.where(col(R.retracted_at).is_(None))
    if before is not None:
        query = query.where(tuple_(col(R.authored_at), col(R.id)) < tuple_(*before))
    found = [_response(row) for row in (await session.execute(query)).all()]
    await record_audit(session, actor, "questionnaire.list", patient, count=min(limit, len(found)))
    return found


async def response_read(session: AsyncSession, actor: Actor, patient_id: UUID, response_id: UUID) -> Response:
    """Return one response, entered in error or not. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await response_of(session, patient_id, response_id)
    await record_audit(session, actor, "questionnaire.read", patient, subject_id=response_id)
    return found


async def response_of(session: AsyncSession, patient_id: UUID, response_id: UUID) -> Response:
    """Return one response, for callers who have authorised and audited already. Raises NotFound."""
    query = _responses(patient_id).where(col(R.id) == response_id).execution_options(populate_existing=True)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    return _response(row)


async def responses_by_ids(session: AsyncSession, patient_id: UUID, ids: Sequence[UUID]) -> list[Response]:
    """Return those of these responses that are this patient's, in error or not, for callers who have authorised."""
    query = _responses(patient_id).where(col(R.id).in_(ids)).order_by(col(R.id))
    return [_response(row) for row in (await session.execute(query)).all()]


async def response_by_client_id(session: AsyncSession, patient_id: UUID, client_id: str | None) -> Response:
    """Return the response recorded under a sender's own name for it, for callers who know that there is one."""
    query = _responses(patient_id).where(col(R.client_id) == client_id)
    return _response((await session.execute(query)).one())


async def response_called(session: AsyncSession, patient_id: UUID, client_id: str) -> UUID | None:
    """Return the id of what was recorded under a sender's own name for it, for callers who authorise what they do."""
    query = select(col(R.id)).where(col(R.patient_id) == patient_id, col(R.client_id) == client_id)
    found: UUID | None = (await session.execute(query)).scalar_one_or_none()
    return found


def _response(found: Row[R, int | None] | Sequence[object]) -> Response:
    row, previous = found
    assert isinstance(row, R)
    instrument = INSTRUMENTS[row.questionnaire]
    questions = {item.link_id: item for item in instrument.questionnaire.questions}
    given = {each["link_id"]: from_json(questions[each["link_id"]], each["value"]) for each in row.answers}
    fits = answered(instrument.questionnaire, [Answer(link_id, value) for link_id, value in given.items()])
    not_read = tuple(Unread(each["link_id"], each["value"]) for each in row.not_read or ())
    at, by, reason = row.retracted_at, row.retracted_by, row.retraction_reason
    return Response(
        id=row.id,
        patient_id=row.patient_id,
        client_id=row.client_id,
        instrument=instrument,
        version=row.version,
        authored_at=row.authored_at.astimezone(timezone(timedelta(minutes=row.authored_offset_minutes))),
        answers=given,
        missing=tuple(link_id for link_id in fits.missing if link_id not in {each.link_id for each in not_read}),
        total=row.total,
        previous_total=previous if isinstance(previous, int) else None,
        cannot_wait=row.cannot_wait,
        recorded_by=row.recorded_by,
        recorded_as=Basis(row.recorded_as),
        recorded_at=row.recorded_at,
        withdrawn=None if at is None or by is None or reason is None else Withdrawn(at, by, reason),
        stated_time=row.stated_time,
        not_read=not_read,
    )
