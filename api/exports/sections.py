"""What a copy of one's own record holds, section by section and page by page.

Each page comes from the authorised, audited query that answers the person anywhere else, in the same words. Refuses to
know how pages are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from api.exports.paging import Page, after_entry, after_id, after_instant, instant_place, paged, paged_by_id
from api.schemas.access_log import AccessOut
from api.schemas.accounts import MeOut, OrganisationOut
from api.schemas.action_plans import ActionPlanDetailOut
from api.schemas.alerts import AlertOut
from api.schemas.care_plans import CarePlanOut
from api.schemas.completions import CompletionOut
from api.schemas.consents import ConsentOut
from api.schemas.delegations import DelegateOut
from api.schemas.diary import DiaryEntryOut
from api.schemas.goals import GoalDetailOut
from api.schemas.invitations import InvitationOut
from api.schemas.notifications import ReceiptOut
from api.schemas.observations import ObservationOut
from api.schemas.patients import PatientOut
from api.schemas.pauses import PauseOut
from api.schemas.personal_bests import StatedBestOut
from api.schemas.questionnaires import QuestionnaireResponseOut
from api.schemas.rights_requests import RightsRequestOut
from api.schemas.time_zones import TimeZoneChoiceOut
from domain.access.actor import Actor
from domain.accounts.own_queries import sessions_kept, ways_to_sign_in
from domain.accounts.queries import organisations_by_id, own_account
from domain.alerts.queries import alerts_read
from domain.audit.entry import AuditEntry
from domain.care_plans.queries import care_plans_read
from domain.diary import queries as diary
from domain.notifications.receipt_queries import own_addresses, own_choices, receipts_kept
from domain.observations.personal_best_queries import personal_best_read
from domain.observations.queries import Sought, observation_page
from domain.outcomes.own_queries import own_contacts, own_enrolments
from domain.people.consent_queries import consents_read
from domain.people.delegation_queries import delegations_read
from domain.people.local_days_queries import zones_read
from domain.people.own_queries import (
    former_details,
    own_care_teams,
    own_emergencies,
    own_invitations,
    people_acted_for,
    residences,
)
from domain.people.queries import acts_for_others, care_homes_of, patient_read
from domain.plans.completion_queries import steps_done_read
from domain.plans.pause_queries import pauses_read
from domain.plans.plan_queries import plan_read, plans_read
from domain.plans.queries import goal_read, goals_read
from domain.questionnaires.queries import responses_read
from domain.rights.access_log_queries import LogSought, access_log, own_trail
from domain.rights.access_words import ROLES, deed_in_words
from domain.rights.request_queries import own_requests

READINGS_A_PAGE = 500
GOALS_A_PAGE = 20
STEPS_A_PAGE = 500
ENTRIES_A_PAGE = 500
DECISIONS_A_PAGE = 200
CONTACTS_A_PAGE = 500
ACCESSES_A_PAGE = 500
SESSIONS_A_PAGE = 200

# A plan tells its latest 50 steps done and its pauses; a copy tells them all, in sections of their own.
_TOLD_WHOLE = {"recent_completions", "pauses"}


Gather = Callable[[AsyncSession, Actor, UUID, str | None], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a copy: its name in the JSON, its heading for people, and how to gather its next page.

    `of_account`: from what is kept of an account, in which there are no records.
    """

    name: str
    heading: str
    gather: Gather
    of_account: bool = False


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
    acts = await acts_for_others(session, actor.account_id, actor.at)
    shown = MeOut.of(account, patient_id=patient_id, acts_for_others=acts, at=actor.at)
    return Page([shown.model_dump(mode="json")])


async def _former(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await former_details(session, actor, patient_id))


async def _residences(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await residences(session, actor, patient_id))


async def _care_teams(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await own_care_teams(session, actor, patient_id))


async def _readings(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await observation_page(
        session, actor, patient_id, Sought(history=True), after=after_instant(after), limit=READINGS_A_PAGE
    )
    return paged(
        found,
        READINGS_A_PAGE,
        lambda each: ObservationOut.of(each).model_dump(mode="json"),
        lambda last: instant_place(last.effective_at, last.id),
    )


async def _personal_bests(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    found = await personal_best_read(session, actor, patient_id)
    return Page([StatedBestOut.of(each).model_dump(mode="json") for each in found.stated])


async def _goals(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await goals_read(session, actor, patient_id, before=after_id(after), limit=GOALS_A_PAGE)
    whole = {goal.id: await goal_read(session, actor, patient_id, goal.id) for goal in found[:GOALS_A_PAGE]}
    return paged_by_id(found, GOALS_A_PAGE, lambda goal: GoalDetailOut.of_record(whole[goal.id]))


async def _plans(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await plans_read(session, actor, patient_id, before=after_id(after), limit=GOALS_A_PAGE)
    whole = {plan.id: await plan_read(session, actor, patient_id, plan.id) for plan in found[:GOALS_A_PAGE]}
    return paged(
        found,
        GOALS_A_PAGE,
        lambda each: ActionPlanDetailOut.of(whole[each.id], actor.at).model_dump(mode="json", exclude=_TOLD_WHOLE),
        lambda last: str(last.id),
    )


async def _care_plans(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await care_plans_read(session, actor, patient_id, before=after_id(after), limit=GOALS_A_PAGE)
    return paged_by_id(found, GOALS_A_PAGE, lambda each: CarePlanOut.of(each, actor.at))


async def _steps_done(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await steps_done_read(session, actor, patient_id, before=after_instant(after), limit=STEPS_A_PAGE)
    return paged(
        found,
        STEPS_A_PAGE,
        lambda each: {
            "plan": each.plan,
            "step": each.step,
            **CompletionOut.of(each.completion).model_dump(mode="json"),
        },
        lambda last: instant_place(last.completion.done_at, last.completion.id),
    )


async def _pauses(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await pauses_read(session, actor, patient_id, before=after_id(after), limit=STEPS_A_PAGE)
    return paged_by_id(found, STEPS_A_PAGE, PauseOut.of)


async def _time_zones(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    found = await zones_read(session, actor, patient_id)
    return Page([TimeZoneChoiceOut.of(choice).model_dump(mode="json") for choice in found.choices])


async def _diary(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await diary.entries_read(
        session, actor, patient_id, diary.Sought(history=True), before=after_instant(after), limit=ENTRIES_A_PAGE
    )
    return paged(
        found,
        ENTRIES_A_PAGE,
        lambda each: DiaryEntryOut.of(each).model_dump(mode="json"),
        lambda last: instant_place(last.effective_at, last.id),
    )


async def _questionnaires(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    before = after_instant(after)
    found = await responses_read(
        session, actor, patient_id, questionnaire=None, history=True, before=before, limit=DECISIONS_A_PAGE
    )
    return paged(
        found,
        DECISIONS_A_PAGE,
        lambda each: QuestionnaireResponseOut.of(each).model_dump(mode="json"),
        lambda last: instant_place(last.authored_at, last.id),
    )


async def _alerts(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await alerts_read(session, actor, patient_id, before=after_id(after), limit=DECISIONS_A_PAGE)
    return paged_by_id(found, DECISIONS_A_PAGE, AlertOut.of)


async def _pathways(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await own_enrolments(session, actor, patient_id))


async def _visits(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await own_contacts(session, actor, patient_id, before=after_instant(after), limit=CONTACTS_A_PAGE)
    return paged(found, CONTACTS_A_PAGE, dict, lambda last: instant_place(last["started_at"], last["id"]))


async def _consents(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await consents_read(session, actor, patient_id, before=after_id(after), limit=DECISIONS_A_PAGE)
    return paged_by_id(found, DECISIONS_A_PAGE, ConsentOut.of)


async def _delegates(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    found = await delegations_read(session, actor, patient_id, before=after_id(after), limit=DECISIONS_A_PAGE)
    return paged_by_id(found, DECISIONS_A_PAGE, DelegateOut.of)


async def _acting_for(session: AsyncSession, actor: Actor, _: UUID, __: str | None) -> Page:
    return Page(await people_acted_for(session, actor))


async def _emergencies(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    return Page(await own_emergencies(session, actor, patient_id))


async def _invitations(session: AsyncSession, actor: Actor, patient_id: UUID, _: str | None) -> Page:
    found = await own_invitations(session, actor, patient_id)
    places = await organisations_by_id(session, {each.organisation_id for each in found})
    return Page(
        [
            InvitationOut.of(each).model_dump(mode="json") | {"place": places[each.organisation_id].name}
            for each in found
        ]
    )


async def _ways_to_sign_in(session: AsyncSession, actor: Actor, _: UUID, __: str | None) -> Page:
    return Page(await ways_to_sign_in(session, actor))


async def _sessions(session: AsyncSession, actor: Actor, _: UUID, after: str | None) -> Page:
    found = await sessions_kept(session, actor, before=after_id(after), limit=SESSIONS_A_PAGE)
    return paged(found, SESSIONS_A_PAGE, dict, lambda last: str(last["id"]))


async def _notice_choices(session: AsyncSession, actor: Actor, _: UUID, __: str | None) -> Page:
    return Page(await own_choices(session, actor))


async def _notice_addresses(session: AsyncSession, actor: Actor, _: UUID, __: str | None) -> Page:
    return Page(await own_addresses(session, actor))


async def _notices(session: AsyncSession, actor: Actor, _: UUID, after: str | None) -> Page:
    found = await receipts_kept(session, actor, before=after_instant(after), limit=SESSIONS_A_PAGE)
    told = [ReceiptOut.of(each).model_dump(mode="json") for each in found]
    return paged(told, SESSIONS_A_PAGE, dict, lambda last: f"{last['due_at']} {last['id']}")


async def _own_trail(session: AsyncSession, actor: Actor, _: UUID, after: str | None) -> Page:
    found, places = await own_trail(session, actor, after=after_entry(after), limit=ACCESSES_A_PAGE)

    def told(entry: AuditEntry) -> dict[str, Any]:
        place = None if entry.organisation_id is None else places.get(entry.organisation_id)
        return {
            "at": entry.at,
            "what": deed_in_words(entry.action, entry.about, to_the_patient=True),
            "role": None if entry.role is None else ROLES[entry.role],
            "organisation": None if place is None else place.name,
            "outcome": entry.outcome,
            "action": entry.action,
        }

    return paged(found, ACCESSES_A_PAGE, told, lambda last: instant_place(last.at, last.id))


async def _requests(session: AsyncSession, actor: Actor, _: UUID, after: str | None) -> Page:
    found = await own_requests(session, actor, before=after_id(after), limit=DECISIONS_A_PAGE)
    return paged_by_id(found, DECISIONS_A_PAGE, RightsRequestOut.of)


async def _accesses(session: AsyncSession, actor: Actor, patient_id: UUID, after: str | None) -> Page:
    # A worker that died at this copy has left what it had read.
    sought = LogSought(but_request=actor.request_id)
    log = await access_log(session, actor, patient_id, sought, after=after_entry(after), limit=ACCESSES_A_PAGE)
    items = [
        AccessOut.of(each, log, yourself=each.latest.account_id == actor.account_id).model_dump(mode="json")
        for each in log.groups
    ]
    return Page(items, None if log.next_after is None else instant_place(*log.next_after))


SECTIONS = (
    Section("you", "Who you are", _you),
    Section("account", "Your account", _account),
    Section("former_details", "What was put right in your details", _former),
    Section("care_homes", "Care homes you have lived in", _residences),
    Section("care_teams", "Care teams that look after you, or did", _care_teams),
    Section("readings", "Your readings, with those put right or withdrawn", _readings),
    Section("personal_bests", "What was said to be your best peak flow", _personal_bests),
    Section("goals", "Your goals", _goals),
    Section("care_plans", "Your care and support plans", _care_plans),
    Section("action_plans", "Your action plans", _plans),
    Section("steps_done", "What you did of your action plans", _steps_done),
    Section("pauses", "When your action plans rested", _pauses),
    Section("time_zones", "Time zones that you chose", _time_zones),
    Section("diary", "Your diary", _diary),
    Section("questionnaires", "Your answers to questionnaires", _questionnaires),
    Section("alerts", "When your care team was alerted about you", _alerts),
    Section("pathways", "Care pathways", _pathways),
    Section("visits", "Your visits and admissions", _visits),
    Section("consents", "What you have consented to, or not", _consents),
    Section("delegates", "Who may act for you, or could before", _delegates),
    Section("acting_for", "For whom you act, or did", _acting_for),
    Section("requests", "What you have asked of your record, and the answers", _requests),
    Section("emergencies", "When your record was opened in an emergency, and what came of it", _emergencies),
    Section("who_looked", "Who looked at your record", _accesses),
    Section("invitations", "How you were invited to your record", _invitations, of_account=True),
    Section("ways_to_sign_in", "How you sign in", _ways_to_sign_in, of_account=True),
    Section("sessions", "Where you are signed in, and were", _sessions, of_account=True),
    Section("notice_choices", "What you chose to be told of", _notice_choices, of_account=True),
    Section("notice_addresses", "Where you can be told something", _notice_addresses, of_account=True),
    Section("notices", "What you were told lately", _notices, of_account=True),
    Section("own_trail", "What your account did besides, such as signing in", _own_trail),
)
