"""What a copy of one's own record holds, section by section and page by page.

Each page comes from the authorised, audited query that answers the person anywhere else, in the same words. Refuses to
know how pages are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from api.schemas.access_log import AccessOut
from api.schemas.accounts import MeOut, OrganisationOut
from api.schemas.action_plans import ActionPlanDetailOut
from api.schemas.consents import ConsentOut
from api.schemas.delegations import DelegateOut
from api.schemas.goals import GoalDetailOut
from api.schemas.observations import ObservationOut
from api.schemas.patients import PatientOut
from api.schemas.rights_requests import RightsRequestOut
from domain.access.actor import Actor
from domain.accounts.queries import organisations_by_id, own_account
from domain.observations.queries import Sought, observation_page
from domain.outcomes.own_queries import own_contacts, own_enrolments
from domain.people.consent_queries import consents_read
from domain.people.delegation_queries import delegations_read
from domain.people.own_queries import former_details, residences
from domain.people.queries import care_homes_of, patient_read
from domain.plans.plan_queries import plan_read, plans_read
from domain.plans.queries import goal_read, goals_read
from domain.rights.access_log_queries import LogSought, access_log
from domain.rights.request_queries import own_requests

READINGS_A_PAGE = 500
GOALS_A_PAGE = 20
DECISIONS_A_PAGE = 200
CONTACTS_A_PAGE = 500
ACCESSES_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a section, and where in it to go on: None when this was its last page."""

    items: list[Any]
    after: str | None = None


Gather = Callable[[AsyncSession, Actor, UUID, str | None], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a copy: its name in the JSON, its heading for people, and how to gather its next page."""

    name: str
    heading: str
    gather: Gather


def as_json(items: list[Any]) -> str:
    """Return a page's items as a JSON array."""
    return orjson.dumps(items, default=str).decode()


async def _you(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    patient = await patient_read(session, actor, patient_id)
    found = PatientOut.of(patient, await care_homes_of(session, [patient]))
    practice = (await organisations_by_id(session, [patient.practice_id])).get(patient.practice_id)
    named = None if practice is None else OrganisationOut.of(practice).model_dump(mode="json")
    return Page([found.model_dump(mode="json") | {"practice": named}])


async def _account(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    account = await own_account(session, actor)
    return Page([MeOut.of(account, patient_id, actor.at).model_dump(mode="json")])


async def _former(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await former_details(session, actor, patient_id))


async def _residences(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await residences(session, actor, patient_id))


async def _readings(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    at, _, last = (after or "").partition(" ")
    found = await observation_page(
        session,
        actor,
        patient_id,
        Sought(history=True),
        after=(datetime.fromisoformat(at), UUID(last)) if after else None,
        limit=READINGS_A_PAGE,
    )
    shown = found[:READINGS_A_PAGE]
    items = [ObservationOut.of(each).model_dump(mode="json") for each in shown]
    on = f"{shown[-1].effective_at.isoformat()} {shown[-1].id}" if len(found) > READINGS_A_PAGE else None
    return Page(items, on)


async def _goals(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await goals_read(session, actor, patient_id, before=UUID(after) if after else None, limit=GOALS_A_PAGE)
    shown = found[:GOALS_A_PAGE]
    whole = [await goal_read(session, actor, patient_id, goal.id) for goal in shown]
    items = [GoalDetailOut.of_record(each).model_dump(mode="json") for each in whole]
    return Page(items, str(shown[-1].id) if len(found) > GOALS_A_PAGE else None)


async def _plans(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await plans_read(session, actor, patient_id, before=UUID(after) if after else None, limit=GOALS_A_PAGE)
    shown = found[:GOALS_A_PAGE]
    whole = [await plan_read(session, actor, patient_id, plan.id) for plan in shown]
    items = [ActionPlanDetailOut.of(each, actor.at).model_dump(mode="json") for each in whole]
    return Page(items, str(shown[-1].id) if len(found) > GOALS_A_PAGE else None)


async def _pathways(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await own_enrolments(session, actor, patient_id))


async def _visits(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    last = UUID(after) if after else None
    found = await own_contacts(session, actor, patient_id, after=last, limit=CONTACTS_A_PAGE)
    return Page(found, str(found[-1]["id"]) if len(found) == CONTACTS_A_PAGE else None)


async def _consents(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    last = UUID(after) if after else None
    found = await consents_read(session, actor, patient_id, before=last, limit=DECISIONS_A_PAGE)
    shown = found[:DECISIONS_A_PAGE]
    items = [ConsentOut.of(each).model_dump(mode="json") for each in shown]
    return Page(items, str(shown[-1].id) if len(found) > DECISIONS_A_PAGE else None)


async def _delegates(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    last = UUID(after) if after else None
    found = await delegations_read(session, actor, patient_id, before=last, limit=DECISIONS_A_PAGE)
    shown = found[:DECISIONS_A_PAGE]
    items = [DelegateOut.of(each).model_dump(mode="json") for each in shown]
    return Page(items, str(shown[-1].id) if len(found) > DECISIONS_A_PAGE else None)


async def _requests(session: AsyncSession, actor: Actor, _: UUID, after: str | None) -> Page:
    last = UUID(after) if after else None
    found = await own_requests(session, actor, before=last, limit=DECISIONS_A_PAGE)
    shown = found[:DECISIONS_A_PAGE]
    items = [RightsRequestOut.of(each).model_dump(mode="json") for each in shown]
    return Page(items, str(shown[-1].id) if len(found) > DECISIONS_A_PAGE else None)


async def _accesses(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    at, _, last = (after or "").partition(" ")
    position = (datetime.fromisoformat(at), int(last)) if after else None
    log = await access_log(session, actor, patient_id, LogSought(), after=position, limit=ACCESSES_A_PAGE)
    items = [
        AccessOut.of(each, log, yourself=each.latest.account_id == actor.account_id).model_dump(mode="json")
        for each in log.groups
    ]
    on = None if log.next_after is None else f"{log.next_after[0].isoformat()} {log.next_after[1]}"
    return Page(items, on)


SECTIONS = (
    Section("you", "Who you are", _you),
    Section("account", "Your account", _account),
    Section("former_details", "What was put right in your details", _former),
    Section("care_homes", "Care homes you have lived in", _residences),
    Section("readings", "Your readings, with those put right or withdrawn", _readings),
    Section("goals", "Your goals", _goals),
    Section("action_plans", "Your action plans", _plans),
    Section("pathways", "Care pathways", _pathways),
    Section("visits", "Your visits and admissions", _visits),
    Section("consents", "What you have consented to, or not", _consents),
    Section("delegates", "Who may act for you, or could before", _delegates),
    Section("requests", "What you have asked of your record, and the answers", _requests),
    Section("who_looked", "Who looked at your record", _accesses),
)
