"""In which zone of their plans somebody is, by readings and diary as they stand. Worked out anew, never kept.

Audited as one read of the plan's zone, which covers the readings and entries that are told as its reasons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.diary.symptom_queries import MOST_OF_A_SYMPTOM, symptoms_between
from domain.errors import NotFound
from domain.instant import seen_until
from domain.observations.personal_best_queries import personal_best
from domain.observations.window_queries import MOST_OF_A_SIGN, readings_between
from domain.people.local_days import LocalDays
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.agreed_zone_queries import Zones, zones_in_force
from domain.plans.plan_queries import ActionPlan, plan_of_patient
from domain.plans.zone import Decision, Known, ReadingBasis, ReadingCriterion, Seen, SymptomCriterion, decide
from domain.plans.zone_rules import AgreedZone
from domain.statements import Work

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """Of a plan, on the person's day, the decision; `agreed` is the zone that they are in, None while not known."""

    plan_id: UUID
    today: date
    decision: Decision
    agreed: AgreedZone | None


async def zone_read(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID) -> tuple[ActionPlan, ZoneNow]:
    """Return a visible patient's plan and their zone of it now, audited. Raises NotFound, without zones too."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    if not plan.zones or plan.ending is not None:
        raise NotFound("This plan has no zones, or has ended.")
    known = await _known(session, patient_id, plan.days, [plan.zones], actor.at)
    found = _zone_now(plan_id, plan.zones, known)
    looked_at = {each.id for reason in found.decision.reasons for each in reason.seen}
    await record_audit(session, actor, "zone.read", patient, subject_id=plan_id, count=len(looked_at))
    return plan, found


async def zones_now(work: Work, patient_id: UUID, days: LocalDays, now: datetime) -> list[ZoneNow]:
    """Return in which zones a patient is now, of their plans in force that have zones, the newest plan first.

    However many plans: one statement for the zones, and where there are some one for the readings and one for the
    diary; where peak flow is held against the best up to three more. For callers who have authorised, and who audit.
    """
    agreed = await zones_in_force(work, patient_id)
    if not agreed:
        return []
    known = await _known(work, patient_id, days, list(agreed.values()), now)
    return [_zone_now(plan_id, zones, known) for plan_id, zones in agreed.items()]


def _zone_now(plan_id: UUID, zones: Zones, known: Known) -> ZoneNow:
    decision = decide([each.zone for each in zones], known)
    agreed = next((each for each in zones if each.zone.colour is decision.colour), None)
    return ZoneNow(plan_id, known.today, decision, agreed)


async def _known(work: Work, patient_id: UUID, days: LocalDays, agreed: Sequence[Zones], at: datetime) -> Known:
    """Return what the readings and the diary have of all that these zones ask for, at an instant."""
    criteria = [c for zones in agreed for each in zones for group in each.zone.groups for c in group]
    today = days.day_of(at)
    from_at = days.instant(today - (max(each.days for each in criteria) - 1) * ONE_DAY)
    measured = [each for each in criteria if isinstance(each, ReadingCriterion)]
    symptoms = {each.symptom for each in criteria if isinstance(each, SymptomCriterion)}
    readings: dict[tuple[str, str | None], list[Seen]] = defaultdict(list)
    found = await readings_between(work, patient_id, {each.sign for each in measured}, from_at, seen_until(at))
    for reading in found:
        for part in _parts(measured, reading.sign):
            value = reading.of(part)
            if value is not None:
                on = days.day_of(reading.at)
                readings[reading.sign, part].append(Seen(reading.id, reading.at, on, value, reading.bound))
    told: dict[str, list[Seen]] = defaultdict(list)
    for each in await symptoms_between(work, patient_id, symptoms, from_at, seen_until(at)):
        told[each.symptom].append(Seen(each.entry_id, each.at, days.day_of(each.at), Decimal(each.level)))
    best = None
    if any(each.basis is ReadingBasis.percent_of_best for each in measured):
        best = await personal_best(work, patient_id, at)
    number = Counter(reading.sign for reading in found)
    return Known(
        at=at,
        today=today,
        readings={key: tuple(seen) for key, seen in readings.items()},
        symptoms={key: tuple(seen) for key, seen in told.items()},
        personal_best=None if best is None else best.value,
        cut=frozenset(sign for sign, count in number.items() if count >= MOST_OF_A_SIGN)
        | frozenset(symptom for symptom, seen in told.items() if len(seen) >= MOST_OF_A_SYMPTOM),
    )


def _parts(criteria: Iterable[ReadingCriterion], sign: str) -> set[str | None]:
    return {each.part for each in criteria if each.sign == sign}
