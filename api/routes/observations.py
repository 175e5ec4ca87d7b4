"""Observations of one patient: recording them, reading them back, putting them right."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.deps import CurrentActor, TheServices, Turning, Writing
from api.description import problem_with
from api.direct_routing import DirectRoute
from api.encoding import encoded, encoded_model, series_answer, verdicts_answer
from api.entity_tags import IfMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.problems import problem_of
from api.readings import read_each
from api.request_id import request_id_of
from api.schemas.observations import (
    AnySign,
    AnyUnit,
    CorrectionIn,
    LatestsOut,
    ObservationOut,
    ObservationPage,
    ReadingsIn,
    RetractionIn,
    SeriesOut,
    VerdictsOut,
)
from api.schemas.strict import PLAIN_DIGITS, FlagInQuery, Id, StrictInstant
from api.strict_routing import StrictRoute
from domain.access.ground import Basis
from domain.errors import Conflict, DomainError, Fault, Invalid
from domain.observations import amendment_commands, queries
from domain.observations.commands import Posting
from domain.observations.series import MOST_BUCKETS, Span
from domain.observations.series_queries import series_read
from domain.observations.verdict import Outcome, RefusalCode
from domain.people.delegation_queries import names_of_delegates

router = APIRouter(prefix="/v1/patients/{patient_id}/observations", tags=["observations"], route_class=StrictRoute)

# What a chart on a screen shows when nobody asked for more.
DEFAULT_SPAN = timedelta(days=7)
DEFAULT_BUCKETS = 200

From = Annotated[StrictInstant | None, Query(alias="from", description="From this instant on.")]
Until = Annotated[StrictInstant | None, Query(description="Up to, not including, this instant.")]
Buckets = Annotated[
    int, Field(ge=1, le=MOST_BUCKETS), PLAIN_DIGITS, Query(description="Into how many buckets at most.")
]
History = Annotated[
    FlagInQuery, Query(description="Also those superseded by a correction or entered in error, each with its status.")
]


async def post_observations(
    patient_id: Id,
    body: ReadingsIn,
    actor: CurrentActor,
    held: TheServices,
    request: Request,
) -> Response:
    """Record 1 to 1,000 readings. Safe to retry: each gets its own verdict, and a repeat is stored once."""
    held.budgets.charge_readings(request.scope, actor.account_id, len(body.readings))
    posting = Posting(actor, patient_id, read_each(body.readings), body.sent_at)
    verdicts = await held.recording.recorded(posting)
    held.metrics.readings_judged((each.outcome, each.refusal.code if each.refusal else "") for each in verdicts)
    refused = sum(each.refusal is not None for each in verdicts)
    if refused < len(verdicts):
        return encoded(verdicts_answer(verdicts, actor.at), 207 if refused else 201)
    answer = VerdictsOut.of(verdicts, actor.at)
    return problem_of(_nothing_accepted(answer), request_id_of(request.scope), extra=answer.model_dump(mode="json"))


# The busiest of all routes.
router.add_api_route(
    "",
    post_observations,
    methods=["POST"],
    status_code=201,
    response_model=VerdictsOut,
    responses={
        207: {"model": VerdictsOut, "description": "Some readings were refused."},
        409: problem_with(VerdictsOut, "Every reading disagrees with what is recorded: see the verdicts."),
        422: problem_with(VerdictsOut, "No reading was accepted: see the verdicts. Or the request could not be read."),
    },
    route_class_override=DirectRoute,
)


def _nothing_accepted(answer: VerdictsOut) -> DomainError:
    if all(verdict.code is RefusalCode.conflict for verdict in answer.verdicts):
        return Conflict("Every reading disagrees with what is recorded: see the verdicts.")
    faults = [
        Fault(v.field or "", v.code or "", v.detail or "") for v in answer.verdicts if v.verdict is Outcome.refused
    ]
    return Invalid("No reading was accepted: see the verdicts.", faults)


async def list_observations(
    patient_id: Id,
    actor: CurrentActor,
    turning: Turning,
    page: Paging,
    sign: Annotated[AnySign | None, Query()] = None,
    from_at: From = None,
    until: Until = None,
    history: History = False,
) -> Response:
    """Return the current observations, newest first: neither superseded nor entered in error, unless with `history`."""
    sought = queries.Sought(sign, from_at, until, history)
    async with turning() as turn:
        found = await queries.observation_page(turn, actor, patient_id, sought, after=_after(page), limit=page.limit)
        items, next_cursor = page.cut(found, key=lambda observation: (observation.effective_at, observation.id))
        acting = (each.recorded_by for each in items if each.recorded_as == Basis.delegate.value)
        names = await names_of_delegates(turn, actor, patient_id, acting)
    return encoded_model(ObservationPage.of(items, names, next_cursor))


router.add_api_route("", list_observations, response_model=ObservationPage, route_class_override=DirectRoute)


def _after(page: Paging) -> tuple[datetime, UUID] | None:
    if page.after is None:
        return None
    effective_at, observation_id = page.after
    return datetime.fromisoformat(effective_at), UUID(observation_id)


async def get_latest_observations(patient_id: Id, actor: CurrentActor, turning: Turning) -> Response:
    """Return the latest of each sign with its age, and whether it is too old to stand for the present."""
    async with turning() as turn:
        latest = await queries.latest_read(turn, actor, patient_id)
    return encoded_model(LatestsOut.of(latest))


router.add_api_route("/latest", get_latest_observations, response_model=LatestsOut, route_class_override=DirectRoute)


async def get_observation_series(
    patient_id: Id,
    actor: CurrentActor,
    turning: Turning,
    sign: AnySign,
    unit: Annotated[AnyUnit | None, Query(description="For a sign that is kept in two units.")] = None,
    from_at: From = None,
    until: Until = None,
    buckets: Buckets = DEFAULT_BUCKETS,
) -> Response:
    """Return how many, least, greatest and mean of a sign for each of equal stretches of time: by default a week.

    Stretches of a day or more are of whole days (UTC), the first from the midnight before `from`: with it there may be
    one more than asked for. It holds nothing from before `from`.
    """
    end = until or actor.at
    span = Span(from_at or end - DEFAULT_SPAN, end, buckets)
    async with turning() as turn:
        series = await series_read(turn, actor, patient_id, sign=sign, unit=unit, span=span)
    return encoded(series_answer(series))


router.add_api_route("/series", get_observation_series, response_model=SeriesOut, route_class_override=DirectRoute)


@router.get("/{observation_id}")
async def get_observation(
    patient_id: Id, observation_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged
) -> ObservationOut:
    """Return one observation in whichever status it is, entered in error too."""
    async with writing() as session:
        found = await queries.observation_read(session, actor, patient_id, observation_id)
    return tagged.told(ObservationOut.of(found), about=observation_id, version=found.edition)


@router.post("/{observation_id}/correction", status_code=201)
async def correct_observation(
    patient_id: Id, observation_id: Id, body: CorrectionIn, actor: CurrentActor, once: Once, step: IfMatch
) -> ObservationOut:
    """Supersede the current version by what should have been recorded. Safe to retry under the same client_id."""
    reading, seen = body.reading.to_reading(), step.seen(observation_id)
    async with once() as deed:
        corrected = await amendment_commands.correct_observation(
            deed.session, actor, patient_id, observation_id, reading, body.reason, seen
        )
        return await deed.reply(ObservationOut.of(corrected))


@router.post("/{observation_id}/retraction")
async def retract_observation(
    patient_id: Id, observation_id: Id, body: RetractionIn, actor: CurrentActor, once: Once, step: IfMatch
) -> ObservationOut:
    """Mark the current version as entered in error: hidden from now on, never deleted. Safe to retry."""
    async with once() as deed:
        retracted = await amendment_commands.retract_observation(
            deed.session, actor, patient_id, observation_id, body.reason, step.seen(observation_id)
        )
        shown = step.told(ObservationOut.of(retracted), about=observation_id, version=retracted.edition)
        return await deed.reply(shown)
