"""Questionnaires: the instruments, and a patient's answers to them."""

import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.deps import CurrentActor, Writing
from api.entity_tags import is_named
from api.once import Once
from api.pagination import Paging
from api.schemas.questionnaires import (
    QuestionnaireKey,
    QuestionnaireOut,
    QuestionnaireResponseIn,
    QuestionnaireResponseOut,
    QuestionnaireResponsePage,
    QuestionnairesOut,
    ResponseRetractionIn,
)
from api.schemas.strict import FlagInQuery, Id, Token
from api.strict_routing import StrictRoute
from domain.errors import NotFound
from domain.questionnaires import commands
from domain.questionnaires.catalogue import INSTRUMENTS
from domain.questionnaires.queries import response_read, responses_read

router = APIRouter(tags=["questionnaires"], route_class=StrictRoute)
_RESPONSES = "/v1/patients/{patient_id}/questionnaire-responses"
_FHIR = "application/fhir+json"
_WHOLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_FHIR: {"schema": {"type": "object", "description": "A FHIR R4 Questionnaire."}}}},
    304: {"description": "It is the one that you have."},
}

History = Annotated[FlagInQuery, Query(description="Also those entered in error, each with its status.")]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=1024, description="An ETag you have.")]


@router.get("/v1/questionnaires")
async def list_questionnaires(actor: CurrentActor) -> QuestionnairesOut:
    """Return every instrument in the version in use, with whom it asks to be named."""
    return QuestionnairesOut(items=[QuestionnaireOut.of(each) for each in INSTRUMENTS.values()])


@router.get("/v1/questionnaires/{key}", response_class=Response, responses=_WHOLE)
async def get_questionnaire(key: Token, actor: CurrentActor, known: Known = None) -> Response:
    """Return one instrument as a FHIR R4 Questionnaire: its questions, options, scores, and when each is asked."""
    if key not in INSTRUMENTS:
        raise NotFound
    fhir = INSTRUMENTS[key].fhir
    digest = hashlib.sha256(fhir).hexdigest()
    # In the form of every tag here, which the API's description tells.
    headers = {"ETag": f'"{INSTRUMENTS[key].questionnaire.version}.{digest[:16]}.{digest[16:32]}"'}
    if is_named(headers["ETag"], known):
        return Response(status_code=304, headers=headers)
    return Response(fhir, media_type=_FHIR, headers=headers)


@router.post(_RESPONSES, status_code=201)
async def answer_questionnaire(
    patient_id: Id, body: QuestionnaireResponseIn, actor: CurrentActor, once: Once
) -> QuestionnaireResponseOut:
    """Keep answers and what they add up to. Show `safety` at once if there is one. Safe to retry with a `client_id`."""
    async with once() as deed:
        found = await commands.record_response(deed.session, actor, patient_id, body.to_new_response())
        return await deed.reply(QuestionnaireResponseOut.of(found))


@router.get(_RESPONSES)
async def list_questionnaire_responses(
    patient_id: Id,
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    questionnaire: Annotated[QuestionnaireKey | None, Query(description="Of this one alone.")] = None,
    history: History = False,
) -> QuestionnaireResponsePage:
    """Return a patient's answers, the latest first, each with its total and by how much it differs from the last."""
    before = _before(page)
    async with writing() as session:
        found = await responses_read(
            session, actor, patient_id, questionnaire=questionnaire, history=history, before=before, limit=page.limit
        )
    items, next_cursor = page.cut(found, key=lambda response: (response.authored_at, response.id))
    return QuestionnaireResponsePage(
        items=[QuestionnaireResponseOut.of(each) for each in items], next_cursor=next_cursor
    )


@router.get(_RESPONSES + "/{response_id}")
async def get_questionnaire_response(
    patient_id: Id, response_id: Id, actor: CurrentActor, writing: Writing
) -> QuestionnaireResponseOut:
    """Return one response, also when it was entered in error."""
    async with writing() as session:
        return QuestionnaireResponseOut.of(await response_read(session, actor, patient_id, response_id))


@router.post(_RESPONSES + "/{response_id}/retraction")
async def retract_questionnaire_response(
    patient_id: Id, response_id: Id, body: ResponseRetractionIn, actor: CurrentActor, once: Once
) -> QuestionnaireResponseOut:
    """Mark answers as entered in error. An alert that they raised stays, and says so. Safe to retry."""
    async with once() as deed:
        found = await commands.retract_response(deed.session, actor, patient_id, response_id, body.reason)
        return await deed.reply(QuestionnaireResponseOut.of(found))


def _before(page: Paging) -> tuple[datetime, UUID] | None:
    if page.after is None:
        return None
    authored_at, response_id = page.after
    return datetime.fromisoformat(authored_at), UUID(response_id)
