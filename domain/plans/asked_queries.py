"""Finding what in the record meets what plans ask for: one statement for all readings, and one each for the others.

Worked out when it is asked for and kept nowhere, so that what was taken back no longer counts, and what was sent late
does. Takes no actor: for callers who have authorised, and who audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.diary.first_queries import first_entries
from domain.observations.first_queries import first_readings
from domain.people.local_days import LocalDays
from domain.plans.adherence import InForce
from domain.plans.asked import AskedFor, RecordKind, stretches_of_week
from domain.plans.due_today import Answer
from domain.plans.schedule import Schedule
from domain.questionnaires.first_queries import first_responses
from domain.statements import Work


@dataclass(frozen=True, slots=True)
class Asking:
    """An action that asks for something: what, when, and while its plan is in force."""

    action_id: UUID
    asked_for: AskedFor
    schedule: Schedule
    in_force: InForce


_Span = tuple[datetime, datetime]


async def records_asked_for(
    work: Work, patient_id: UUID, asking: Sequence[Asking], days: LocalDays, *, at: datetime
) -> Mapping[UUID, Sequence[Answer]]:
    """Return the first record in each stretch of the days that adherence looks at, by the action that asks for it.

    A reading that two plans ask for meets a time of each: nobody measures twice for that.
    """
    spans = {
        each.action_id: [
            (stretch.from_at, stretch.until_at)
            for stretch in stretches_of_week(each.schedule, each.in_force, days, at=at)
        ]
        for each in asking
    }
    wanted = list(dict.fromkeys((each.asked_for, span) for each in asking for span in spans[each.action_id]))
    found: dict[tuple[AskedFor, _Span], Answer] = {}
    for kind in RecordKind:
        of_kind = [(asked_for, span) for asked_for, span in wanted if asked_for.kind is kind]
        if of_kind:
            first = await _first(work, patient_id, kind, of_kind)
            found |= {of_kind[place]: Answer(None, met_at, None, met) for place, (met, met_at) in first.items()}
    return {
        each.action_id: [
            found[each.asked_for, span] for span in spans[each.action_id] if (each.asked_for, span) in found
        ]
        for each in asking
    }


async def _first(
    work: Work, patient_id: UUID, kind: RecordKind, wanted: Sequence[tuple[AskedFor, _Span]]
) -> Mapping[int, tuple[UUID, datetime]]:
    if kind is RecordKind.diary_entry:
        return await first_entries(work, patient_id, [span for _, span in wanted])
    named = [(asked_for.of or "", *span) for asked_for, span in wanted]
    if kind is RecordKind.questionnaire:
        return await first_responses(work, patient_id, named)
    return await first_readings(work, patient_id, named)
