"""Care and support plans of Rose, the resident, to begin a test with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.care_plans.commands import NewCarePlan, NewSection, draft_care_plan, publish_care_plan
from domain.care_plans.lifecycle import Agreement
from domain.care_plans.section import CareSection, WordsOf
from domain.clock import london_date
from tests.cast import Cast

ASHA, CARL, GUS, ROSE, UMA = (
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
    "uma_delegate",
)
MATTERS, CONTINGENCY = CareSection.matters, CareSection.contingency


def rose(cast: Cast) -> UUID:
    return cast.patients["rose_resident"]


def says(section: CareSection, said: str, words_of: WordsOf = WordsOf.person) -> NewSection:
    return NewSection(section, said, words_of)


def new(cast: Cast, client_id: str, *sections: NewSection, **but: Any) -> NewCarePlan:
    on = london_date(cast.now) + timedelta(days=90)
    return replace(NewCarePlan(client_id, on, sections or (says(MATTERS, "My garden"),)), **but)


async def in_force(
    session: AsyncSession, cast: Cast, by: str, *sections: NewSection, after: UUID | None = None
) -> UUID:
    """Return the id of a version that somebody drafted and published."""
    actor = cast.actor(by)
    made = await draft_care_plan(
        session, actor, rose(cast), new(cast, f"after {after}".replace(" ", "-"), *sections, supersedes_id=after)
    )
    agreed = None if by == ROSE else Agreement.with_person
    await publish_care_plan(session, actor, rose(cast), made, agreed)
    return made
