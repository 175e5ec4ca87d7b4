"""Taking back what a phone's owner recorded in error, by the name under which the phone sent it.

Each by the command that takes it back anywhere else. Whether there is no such thing, or it is another's, is not told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.schemas.sendings import SentRetractionIn, TakenBack
from domain.access.actor import Actor
from domain.diary.commands import retract_entry
from domain.diary.queries import entry_called
from domain.errors import Fault, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.observations.amendment_commands import retract_observation
from domain.observations.observation import Status
from domain.observations.queries import observation_called, observations_by_ids
from domain.plans.completion_commands import Which, take_back_completion
from domain.plans.completion_queries import places_of_completion
from domain.questionnaires.commands import retract_response
from domain.questionnaires.queries import response_called

Find = Callable[[AsyncSession, UUID, str], Awaitable[UUID | None]]
TakeBack = Callable[[AsyncSession, Actor, UUID, SentRetractionIn], Awaitable[UUID]]


async def take_back(session: AsyncSession, actor: Actor, patient_id: UUID, sent: SentRetractionIn) -> UUID:
    """Return the id of what is taken back: now, or before for whatever reason.

    Raises NotFound when there is nothing of the actor's own by that name, Invalid when several have it, and
    IllegalTransition for a reading that was corrected since.
    """
    try:
        return await _TAKE_BACK[sent.of](session, actor, patient_id, sent)
    except (NotFound, NotPermitted):
        raise NotFound("There is nothing of your own here to take back.") from None


async def _reading(session: AsyncSession, actor: Actor, patient_id: UUID, sent: SentRetractionIn) -> UUID:
    found = await _named(session, patient_id, sent, observation_called)
    try:
        await retract_observation(session, actor, patient_id, found, sent.reason)
    except IllegalTransition:
        (stands,) = await observations_by_ids(session, [found])
        if stands.status is not Status.entered_in_error:
            raise
    return found


async def _completion(session: AsyncSession, actor: Actor, patient_id: UUID, sent: SentRetractionIn) -> UUID:
    places = await places_of_completion(session, patient_id, client_id=sent.client_id, completion_id=sent.id)
    if not places:
        raise NotFound
    if len(places) > 1:
        fault = Fault("/client_id", "several", "Several steps were recorded under it: name this one by its id.")
        raise Invalid("Which one is meant cannot be told.", [fault])
    which = Which(patient_id, *places[0])
    with suppress(IllegalTransition):
        await take_back_completion(session, actor, which, sent.reason)
    return which.completion_id


async def _diary_entry(session: AsyncSession, actor: Actor, patient_id: UUID, sent: SentRetractionIn) -> UUID:
    found = await _named(session, patient_id, sent, entry_called)
    with suppress(IllegalTransition):
        await retract_entry(session, actor, patient_id, found, sent.reason)
    return found


async def _response(session: AsyncSession, actor: Actor, patient_id: UUID, sent: SentRetractionIn) -> UUID:
    found = await _named(session, patient_id, sent, response_called)
    with suppress(IllegalTransition):
        await retract_response(session, actor, patient_id, found, sent.reason)
    return found


async def _named(session: AsyncSession, patient_id: UUID, sent: SentRetractionIn, find: Find) -> UUID:
    found = sent.id if sent.client_id is None else await find(session, patient_id, sent.client_id)
    if found is None:
        raise NotFound
    return found


_TAKE_BACK: Mapping[TakenBack, TakeBack] = MappingProxyType(
    {
        TakenBack.reading: _reading,
        TakenBack.completion: _completion,
        TakenBack.diary_entry: _diary_entry,
        TakenBack.questionnaire_response: _response,
    }
)
