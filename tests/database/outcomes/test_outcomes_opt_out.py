"""Who has said no to being counted is counted nowhere, from the decision on; who changes their mind is again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes.policy import Why
from domain.people.consent import Provision, Purpose
from domain.people.consent_commands import Choice, decide
from domain.people.consent_texts import current_text
from tests.cast import Cast
from tests.pathway_cast import ASHA, add_people, enrol, outcomes


async def said(session: AsyncSession, cast: Cast, person: UUID, purpose: Purpose, provision: Provision) -> None:
    choice = Choice(purpose, provision, current_text(purpose).version, "Told Asha at the surgery")
    await decide(session, cast.actor(ASHA), person, choice)


@pytest.fixture
async def enrolled(session: AsyncSession, cast: Cast) -> list[UUID]:
    """Return as many people as are just shown, once they are on the pathway."""
    people = await add_people(session, cast, 8)
    for person in people:
        await enrol(session, cast, person, date(2026, 8, 1))
    return people


@pytest.mark.parametrize("purpose", [Purpose.research, Purpose.national_data_opt_out])
async def test_eight_of_whom_one_says_no_are_seven_and_shown_to_nobody(
    session: AsyncSession, cast: Cast, enrolled: list[UUID], purpose: Purpose
) -> None:
    await said(session, cast, enrolled[0], purpose, Provision.deny)
    (found,) = (await outcomes(session, cast)).results
    assert (found.people.value, found.since.events.reason) == (None, Why.fewer_than_eight_people)


@pytest.mark.parametrize("purpose", [Purpose.care_sharing, Purpose.delegate])
async def test_what_is_said_of_one_s_own_care_changes_no_count(
    session: AsyncSession, cast: Cast, enrolled: list[UUID], purpose: Purpose
) -> None:
    await said(session, cast, enrolled[0], purpose, Provision.deny)
    (found,) = (await outcomes(session, cast)).results
    assert found.people.value is not None


async def test_who_changes_their_mind_is_counted_again(session: AsyncSession, cast: Cast, enrolled: list[UUID]) -> None:
    await said(session, cast, enrolled[0], Purpose.research, Provision.deny)
    await said(session, cast, enrolled[0], Purpose.research, Provision.permit)
    (found,) = (await outcomes(session, cast)).results
    assert found.people.value is not None
