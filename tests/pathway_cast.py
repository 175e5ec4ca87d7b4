"""People on a pathway, and their contacts: made by the domain's own commands, counted by hand where it says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import new_id
from domain.outcomes import commands
from domain.outcomes.commands import EndReason, NewEnrolment, NewPathway
from domain.outcomes.contact import ContactClaim, ContactOutcome
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.definitions import ContactKind, MeasureKey
from domain.outcomes.release_commands import OutcomeReport, read_outcomes
from tests.cast import Cast, assemble

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CUT_OFF = date(2026, 11, 1)
BORN_ON = date(1940, 2, 29)
VISITS = MeasureKey.face_to_face_gp_visits
ASHA, IRIS = "asha_clinician_of_practice", "iris_commissioner"
PATHWAY = "heart failure at home"


async def assemble_with_pathway(session: AsyncSession) -> Cast:
    """Return the cast, and a pathway that Iris commissions."""
    cast = await assemble(session, NOW, "not a hash: nobody signs in here")
    cast.others[PATHWAY] = await commands.create_pathway(session, cast.actor(IRIS), new_pathway(cast))
    return cast


def new_pathway(cast: Cast, code: str = "heart-failure") -> NewPathway:
    return NewPathway(cast.organisations["commissioner"], code, "Heart failure at home", "Daily signs, weekly call.")


async def add_people(session: AsyncSession, cast: Cast, how_many: int) -> list[UUID]:
    """Return the ids of new patients of Asha's practice."""
    people = [new_id() for _ in range(how_many)]
    shared = {"practice": cast.organisations["practice"], "by": cast.accounts[ASHA], "at": NOW, "born": BORN_ON}
    await session.execute(
        text(
            "insert into patient (id, given_name, family_name, born_on, practice_id, created_at, created_by)"
            " values (:id, 'Una', 'Invented', :born, :practice, :at, :by)"
        ),
        [{"id": person, **shared} for person in people],
    )
    return people


async def enrol(
    session: AsyncSession,
    cast: Cast,
    patient: UUID,
    on: date,
    *,
    until: date | None = None,
    reason: EndReason = EndReason.completed,
    known_from: date | None = BORN_ON,
) -> UUID:
    asha = cast.actor(ASHA)
    made = await commands.enrol_patient(session, asha, cast.others[PATHWAY], NewEnrolment(patient, on, known_from))
    if until is not None:
        await commands.end_enrolment(session, asha, made, until, reason)
    return made


def claim(
    cast: Cast, at: datetime, kind: ContactKind = ContactKind.gp_face_to_face, external_id: str | None = None
) -> ContactClaim:
    return ContactClaim(kind, at, cast.organisations["practice"], "emis", external_id)


def noon(day: date, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 12, minute, tzinfo=UTC)


async def visit(session: AsyncSession, cast: Cast, patient: UUID, times: Iterable[datetime], **more: Any) -> None:
    verdicts = await record_contacts(session, cast.actor(ASHA), patient, [claim(cast, at, **more) for at in times])
    assert {verdict.outcome for verdict in verdicts} <= {ContactOutcome.stored}


async def outcomes(session: AsyncSession, cast: Cast, *, baseline: int = 90, at: datetime = NOW) -> OutcomeReport:
    return await read_outcomes(
        session, cast.actor(IRIS, at=at), cast.others[PATHWAY], measures=[VISITS], baseline_days=baseline
    )


async def audited(session: AsyncSession, action: str) -> list[Any]:
    rows = await session.execute(
        text("select account_id, patient_id, subject_id, count from audit_event where action = :action"),
        {"action": action},
    )
    return list(rows)


async def worked_example(session: AsyncSession, cast: Cast) -> None:
    """Ten people on a pathway, counted by hand below.

    | person        | on the pathway                      | days since | days before (90) |
    | 1             | from 1 August, died 1 September     |         31 |               90 |
    | 2             | from 1 August, known from 2 July    |         92 |               30 |
    | 3             | from 22 October                     |         10 |               90 |
    | 4             | 1 to 11 August, and from 1 October  |    10 + 31 |               90 |
    | 5, joined late| from 5 November, after the cut-off  |          - |                - |
    | 6 to 10       | from 1 August                       |     5 * 92 |           5 * 90 |
    |               |                               sum:  |        634 |              750 |
    """
    people = await add_people(session, cast, 10)
    joined = date(2026, 8, 1)
    await enrol(session, cast, people[0], joined, until=date(2026, 9, 1), reason=EndReason.died)
    await enrol(session, cast, people[1], joined, known_from=date(2026, 7, 2))
    await enrol(session, cast, people[2], date(2026, 10, 22))
    await enrol(session, cast, people[3], joined, until=date(2026, 8, 11), reason=EndReason.withdrew)
    await enrol(session, cast, people[3], date(2026, 10, 1))
    await enrol(session, cast, people[4], date(2026, 11, 5))
    for person in people[5:]:
        await enrol(session, cast, person, joined)
    await _visits_before(session, cast, people)
    await _visits_since(session, cast, people)
    # 4 on neither side: the day of death, while away from the pathway, after the cut-off, joined too late.
    await visit(session, cast, people[0], [noon(date(2026, 9, 1))])
    await visit(session, cast, people[3], [noon(date(2026, 9, 15))])
    await visit(session, cast, people[6], [noon(CUT_OFF)])
    await visit(session, cast, people[4], [noon(date(2026, 10, 1))])
    # Other kinds count for other measures only.
    await visit(session, cast, people[6], [noon(date(2026, 9, 20))], kind=ContactKind.emergency_attendance)


async def _visits_before(session: AsyncSession, cast: Cast, people: list[UUID]) -> None:
    """Record 22 that count (4 for each of five, the window's first and last day), and 2 that are too early."""
    first_day_of_baseline, day_too_early = date(2026, 5, 3), date(2026, 5, 2)
    for person in people[5:]:
        await visit(session, cast, person, [noon(date(2026, 6, day)) for day in (1, 8, 15, 22)])
    await visit(session, cast, people[0], [noon(first_day_of_baseline), noon(date(2026, 7, 31))])
    await visit(session, cast, people[0], [noon(day_too_early)])
    await visit(session, cast, people[1], [noon(date(2026, 7, 1))])


async def _visits_since(session: AsyncSession, cast: Cast, people: list[UUID]) -> None:
    """Record 12: 2 for each of five, the very first half hour by the local clock, the last day before the cut-off."""
    for person in people[5:]:
        await visit(session, cast, person, [noon(date(2026, 9, day)) for day in (1, 15)])
    await visit(session, cast, people[5], [datetime.fromisoformat("2026-08-01T00:30:00+01:00")])
    await visit(session, cast, people[2], [noon(date(2026, 10, 31))])
