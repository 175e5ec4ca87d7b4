"""Reading a person's own numbers: their readings, worked out anew, beside the targets of their own goals.

Audited as one read of their readings. How many statements there are does not depend on how many readings or goals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.observations.glucose_range import glucose_range
from domain.observations.home_blood_pressure import HomeAverage, home_average
from domain.observations.observation import Latest
from domain.observations.peak_flow import against_best
from domain.observations.personal_best_queries import best_that_holds, stated_best
from domain.observations.queries import PLACE, latest_for_patients
from domain.observations.recent_queries import (
    LOOKED_BACK,
    PEAK_FLOW,
    PRESSURE,
    WEIGHT,
    Heaps,
    heaps_of_weeks,
    recent_glucose,
    recent_readings,
)
from domain.observations.trend import LEAST_DIFFERENCE, Heap, trend
from domain.observations.weight_change import weight_change
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.goal_lifecycle import Lifecycle
from domain.plans.own_numbers import Comparison, OwnNumbers, OwnTarget, SignTrend, compared
from domain.plans.target import Comparator, SignTarget
from domain.statements import Statement, Work, rows_of

# More than anybody works towards at a time (`commands.MOST_OPEN_GOALS`).
MOST_TARGETS = 100
UNDER_WAY = (Lifecycle.accepted.value, Lifecycle.active.value)
_TARGETS = Statement(
    text(
        """
    select g.id, g.target_sign, g.target_part, g.target_comparator, g.target_value, g.target_unit, g.target_due_on
    from goal g
    where g.patient_id = :patient_id and g.target_sign is not null
        and g.lifecycle_status = any(cast(:under_way as text[]))
    order by g.id desc limit :limit
    """
    )
)
_NOTHING = Heaps(Heap(), Heap())


async def own_numbers_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> OwnNumbers:
    """Return what a visible patient's readings say now, days being their own. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await _own_numbers(session, actor, patient_id, await local_days(session, patient_id))
    await record_audit(session, actor, "numbers.read", patient, count=len(found.trends))
    return found


async def _own_numbers(work: Work, actor: Actor, patient_id: UUID, days: LocalDays) -> OwnNumbers:
    at = actor.at
    latest = (await latest_for_patients(work, [patient_id], at=at)).get(patient_id, [])
    by_sign = {each.observation.sign: each for each in latest}
    targets = await _targets(work, patient_id)
    recent = await recent_readings(work, patient_id, at, list(LOOKED_BACK))
    glucose = await recent_glucose(work, patient_id, at)
    pressure = home_average(recent.pressures, as_of=at, days=days)
    weight = weight_change(recent.weights, as_of=at, days=days)
    best, measured = best_that_holds(await stated_best(work, patient_id, at), recent.peak_flows, at, days)
    blown = against_best(recent.peak_flows[0] if recent.peak_flows else None, best, as_of=at)
    weighed = None if weight.newest is None else Fraction(weight.newest.value)
    flow = None if blown.latest is None else Fraction(blown.latest.value)
    return OwnNumbers(
        as_of=at,
        days=days,
        latest=by_sign,
        blood_pressure=pressure,
        blood_pressure_targets=_of_pressure(targets, pressure),
        glucose=glucose_range(glucose.readings, as_of=at, complete=glucose.complete),
        glucose_ids=glucose.observation_ids,
        weight=weight,
        weight_targets=compared(targets, WEIGHT, None, weighed, weight.data),
        peak_flow=blown,
        measured_best=measured,
        peak_flow_targets=compared(targets, PEAK_FLOW, None, flow, blown.data),
        trends=_trends(await heaps_of_weeks(work, patient_id, at), by_sign, targets),
    )


async def _targets(work: Work, patient_id: UUID) -> list[OwnTarget]:
    """Return the measurable targets of the goals that a patient has taken on and not ended or paused."""
    asked = {"patient_id": patient_id, "under_way": list(UNDER_WAY), "limit": MOST_TARGETS}
    return [
        OwnTarget(
            row.id,
            SignTarget(
                sign=row.target_sign,
                part=row.target_part,
                comparator=Comparator(row.target_comparator),
                value=row.target_value,
                unit=row.target_unit,
                due_on=row.target_due_on,
            ),
        )
        for row in await rows_of(work, _TARGETS, asked)
    ]


def _of_pressure(targets: Sequence[OwnTarget], average: HomeAverage) -> tuple[Comparison, ...]:
    parts = {"systolic": average.systolic, "diastolic": average.diastolic}
    return tuple(
        each for part, value in parts.items() for each in compared(targets, PRESSURE, part, value, average.data)
    )


def _trends(
    heaps: dict[tuple[str, str | None], Heaps], latest: dict[str, Latest], targets: Sequence[OwnTarget]
) -> tuple[SignTrend, ...]:
    found = []
    for sign in sorted(LEAST_DIFFERENCE.keys() & latest.keys(), key=PLACE.__getitem__):
        parts: tuple[str | None, ...] = ("systolic", "diastolic") if sign == PRESSURE else (None,)
        for part in parts:
            held = heaps.get((sign, part), _NOTHING)
            told = trend(sign, held.week, held.before)
            against = compared(targets, sign, part, held.week.mean, told.data)
            found.append(SignTrend(sign, part, told, latest[sign], against))
    return tuple(found)
