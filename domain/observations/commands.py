"""Recording observations: each distinct reading once, whatever is repeated, reordered or raced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid
from domain.events.commands import append_event
from domain.ids import new_id
from domain.observations.observation import Observation
from domain.observations.plausibility import objection
from domain.observations.queries import COLUMNS, CURRENT, as_observation
from domain.observations.reading import Measurement, Reading, Unreadable, measured
from domain.observations.timing import clock_skew_seconds, objection_to_sending, objection_to_time, offset_minutes
from domain.observations.verdict import Outcome, Refusal, RefusalCode, Verdict
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient

# One patient's writers go one after another, from their authorisation to their commit. What a reading is judged by
# (the weight before it) is then what it is stored beside; and two batches that share readings, in any order and by
# either of the two unique keys, cannot each wait for a row of the other's. A statement of its own, so that the next
# takes its snapshot after the wait. The lock is the patient's own: nobody else waits. A statement or an abandoned
# transaction is ended by the server's time-outs.
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended(cast(cast(:patient_id as uuid) as text), 0))")

_SAME = "o.patient_id = :patient_id and o.sign = r.sign and o.effective_at = r.effective_at and o.source = r.source"

# `on conflict do nothing` names no index on purpose: either key makes a repeat, within the batch as well. The second
# is of first versions only: what a correction states stands in the way as well, and a correction takes no other
# observation's place. The patient's lock is held, so what is asked here stays so.
_INSERT = text(
    f"""
    insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes,
        confirmed, sign, source, client_id, recorded_as, value, systolic, diastolic, code, comparator,
        original_value, original_unit, clock_skew_seconds, supersedes_id, correction_reason)
    select r.id, :patient_id, :recorded_by, r.effective_at, :received_at, r.effective_offset_minutes,
        r.confirmed, r.sign, r.source, r.client_id, :recorded_as, r.value, r.systolic, r.diastolic, r.code,
        r.comparator, r.original_value, r.original_unit, r.clock_skew_seconds,
        cast(:supersedes_id as uuid), :correction_reason
    from unnest(
        cast(:id as uuid[]), cast(:effective_at as timestamptz[]), cast(:effective_offset_minutes as smallint[]),
        cast(:confirmed as boolean[]), cast(:sign as text[]), cast(:source as text[]), cast(:client_id as text[]),
        cast(:value as numeric[]), cast(:systolic as numeric[]), cast(:diastolic as numeric[]),
        cast(:code as text[]), cast(:comparator as text[]), cast(:original_value as numeric[]),
        cast(:original_unit as text[]), cast(:clock_skew_seconds as integer[])
    ) with ordinality as r(id, effective_at, effective_offset_minutes, confirmed, sign, source, client_id,
        value, systolic, diastolic, code, comparator, original_value, original_unit, clock_skew_seconds, place)
    where case when cast(:supersedes_id as uuid) is null
        then not exists (select from observation o where {_SAME} and o.supersedes_id is not null)
        else not exists (select from observation o where {_SAME} and {CURRENT} and o.id <> cast(:supersedes_id as uuid))
    end
    order by r.place
    on conflict do nothing
    returning id
    """
)

_ALREADY = text(
    f"""
    select r.place, found.* from unnest(
        cast(:place as integer[]), cast(:client_id as text[]), cast(:sign as text[]),
        cast(:effective_at as timestamptz[]), cast(:source as text[])
    ) as r(place, client_id, sign, effective_at, source)
    cross join lateral (
        select {COLUMNS} from observation o where o.patient_id = :patient_id and o.client_id = r.client_id
        union all
        select {COLUMNS} from observation o
        where {_SAME} and o.supersedes_id is null
        union all
        select {COLUMNS} from observation o
        where {_SAME} and o.supersedes_id is not null) found
    """
)
_BEFORE = text(
    f"""
    select k.place, found.effective_at, found.value from unnest(
        cast(:place as integer[]), cast(:sign as text[]), cast(:effective_at as timestamptz[])
    ) as k(place, sign, effective_at)
    cross join lateral (
        select o.effective_at, o.value from observation o
        where o.patient_id = :patient_id and o.sign = k.sign and o.effective_at < k.effective_at and {CURRENT}
            and o.id is distinct from cast(:but as uuid)
        order by o.effective_at desc, o.id desc limit 1) found
    """
)

Dated = tuple[datetime, Decimal]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who writes into whose record, on what ground, at which instant, and what their phone's clock said then."""

    patient: VisiblePatient
    actor: Actor
    sent_at: datetime | None = None


async def record_observations(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    readings: Sequence[Reading | Unreadable],
    sent_at: datetime | None = None,
) -> list[Verdict]:
    """Return a verdict for each reading, in order; those stored are stored once, and refused ones stop no other.

    A repeat that agrees with any version of what is recorded, also if it was since corrected or entered in error, is
    a duplicate; one that disagrees with all of them is refused as a conflict, and what was entered in error cannot be
    stated anew under another id.
    `sent_at` is the phone's clock at sending. Raises NotFound, NotPermitted, and Invalid for a phone's clock that
    says nothing.
    """
    recorder = await recorder_of(session, actor, patient_id, sent_at)
    understood = [reading.refusal if isinstance(reading, Unreadable) else measured(reading) for reading in readings]
    measurements = {place: found for place, found in enumerate(understood) if isinstance(found, Measurement)}
    refusals = {place: found for place, found in enumerate(understood) if isinstance(found, Refusal)}
    objections = await _objections(session, recorder, measurements)
    stored = await insert_measurements(
        session, recorder, {place: m for place, m in measurements.items() if place not in objections}
    )
    already = await already_recorded(
        session, patient_id, {place: m for place, m in measurements.items() if place not in stored}
    )
    for place, found in already.items():
        objections.pop(place, None)
        if refusal := _contradiction(measurements[place], found):
            refusals[place] = refusal
    await _announce(session, recorder, list(stored.values()))
    await record_audit(session, actor, "observation.create", recorder.patient, count=len(stored))
    return [
        _verdict(reading.client_id, refusals.get(place) or objections.get(place), stored.get(place), already.get(place))
        for place, reading in enumerate(readings)
    ]


async def recorder_of(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    sent_at: datetime | None = None,
    *,
    action: Action = Action.record_readings,
) -> Recorder:
    """Return the actor as the one writer into this patient's record until the transaction ends.

    Waits for another one's end. Raises NotFound, NotPermitted, Invalid.
    """
    patient = await permitted_patient(session, actor, patient_id, action)
    unusable = None if sent_at is None else objection_to_sending(sent_at, received_at=actor.at)
    if unusable is not None:
        fault = Fault("/sent_at", unusable.value, "The phone's clock is off by more than a year, or has no offset.")
        raise Invalid("The phone's clock cannot be used.", [fault])
    await session.execute(_ONE_WRITER, {"patient_id": patient_id})
    return Recorder(patient, actor, sent_at)


async def _announce(session: AsyncSession, recorder: Recorder, stored: Sequence[UUID]) -> None:
    """Do all that follows from newly stored observations, in their transaction. Alerts are to be decided here."""
    if stored:
        await append_event(session, "observation.recorded", patient_id=recorder.patient.id, subject_ids=stored)


def _verdict(
    client_id: str | None, refusal: Refusal | None, stored: UUID | None, already: Observation | None
) -> Verdict:
    if refusal is not None:
        return Verdict(client_id, Outcome.refused, refusal=refusal)
    if stored is not None:
        return Verdict(client_id, Outcome.stored, stored)
    if already is None:
        raise RuntimeError("an observation that stood in the way of another has vanished")
    return Verdict(client_id, Outcome.duplicate, already.id)


def _contradiction(measurement: Measurement, found: Observation) -> Refusal | None:
    """Return why a reading cannot stand beside what is recorded already; None when it is a repeat of it.

    Under another id, what was entered in error is no repeat but a new statement: to call it recorded would hide it.
    """
    same_id = found.client_id == measurement.reading.client_id
    if found.retracted and not same_id:
        return Refusal(RefusalCode.withdrawn, "effective_at")
    if found.states() != measurement.states():
        return Refusal(RefusalCode.conflict, "client_id" if same_id else "effective_at")
    return None


async def _objections(
    session: AsyncSession, recorder: Recorder, measurements: Mapping[int, Measurement]
) -> dict[int, Refusal]:
    """Return by place why measurements cannot be accepted, earliest first: each change is from the one before."""
    before = await values_before(session, recorder.patient.id, measurements)
    in_batch: dict[str, Dated] = {}
    found: dict[int, Refusal] = {}
    for place, measurement in sorted(measurements.items(), key=lambda item: item[1].reading.effective_at):
        sign = measurement.sign
        known = [dated for dated in (before.get(place), in_batch.get(sign.key)) if dated is not None]
        previous = max(known)[1] if known else None
        refusal = objection_of(recorder, measurement, previous)
        if refusal is not None:
            found[place] = refusal
        elif sign.change_to_confirm is not None and measurement.value is not None:
            in_batch[sign.key] = (measurement.reading.effective_at, measurement.value)
    return found


def objection_of(recorder: Recorder, measurement: Measurement, previous: Decimal | None) -> Refusal | None:
    """Return why a measurement cannot be accepted from this recorder now, or None."""
    return objection_to_time(
        measurement.reading.effective_at, received_at=recorder.actor.at, born_on=recorder.patient.born_on
    ) or objection(measurement, by_the_patient=recorder.patient.ground.basis is Basis.self_, previous=previous)


async def values_before(
    session: AsyncSession, patient_id: UUID, measurements: Mapping[int, Measurement], *, but: UUID | None = None
) -> dict[int, Dated]:
    """Return by place the last current value before each measurement whose sign is judged by its change.

    `but` is an observation to leave out: the one that a correction replaces.
    """
    judged = {p: m for p, m in measurements.items() if m.sign.change_to_confirm is not None and not m.reading.confirmed}
    if not judged:
        return {}
    rows = await session.execute(
        _BEFORE,
        {
            "patient_id": patient_id,
            "but": but,
            "place": list(judged),
            "sign": [m.sign.key for m in judged.values()],
            "effective_at": [m.reading.effective_at for m in judged.values()],
        },
    )
    return {row.place: (row.effective_at, row.value) for row in rows}


async def insert_measurements(
    session: AsyncSession,
    recorder: Recorder,
    measurements: Mapping[int, Measurement],
    *,
    supersedes_id: UUID | None = None,
    correction_reason: str | None = None,
) -> dict[int, UUID]:
    """Return by place the ids of those that were not recorded yet and now are: one statement for all."""
    if not measurements:
        return {}
    ids = {place: new_id() for place in measurements}
    scalars = {
        "patient_id": recorder.patient.id,
        "recorded_by": recorder.actor.account_id,
        "received_at": recorder.actor.at,
        "recorded_as": recorder.patient.ground.basis.value,
        "supersedes_id": supersedes_id,
        "correction_reason": correction_reason,
    }
    rows = await session.execute(_INSERT, scalars | {"id": list(ids.values())} | _columns(recorder, measurements))
    inserted = set(rows.scalars())
    return {place: observation_id for place, observation_id in ids.items() if observation_id in inserted}


def _columns(recorder: Recorder, measurements: Mapping[int, Measurement]) -> dict[str, list[Any]]:
    taken = list(measurements.values())
    readings = [measurement.reading for measurement in taken]
    skew = [
        clock_skew_seconds(reading.effective_at, received_at=recorder.actor.at, sent_at=recorder.sent_at)
        for reading in readings
    ]
    return {
        "effective_at": [reading.effective_at for reading in readings],
        "effective_offset_minutes": [offset_minutes(reading.effective_at) for reading in readings],
        "confirmed": [reading.confirmed for reading in readings],
        "sign": [reading.sign for reading in readings],
        "source": [reading.source for reading in readings],
        "client_id": [reading.client_id for reading in readings],
        "value": [measurement.value for measurement in taken],
        "systolic": [measurement.systolic for measurement in taken],
        "diastolic": [measurement.diastolic for measurement in taken],
        "code": [reading.code for reading in readings],
        "comparator": [reading.comparator for reading in readings],
        "original_value": [reading.value for reading in readings],
        "original_unit": [reading.unit for reading in readings],
        "clock_skew_seconds": skew,
    }


async def already_recorded(
    session: AsyncSession, patient_id: UUID, measurements: Mapping[int, Measurement]
) -> dict[int, Observation]:
    """Return by place what is recorded already under the same client id or natural key: of several, what agrees.

    Every version counts, corrected and entered in error too: a phone that sends its store again revives nothing. Of
    those that agree, the one of the same id comes first, then the version that no other supersedes.
    """
    if not measurements:
        return {}
    readings = [measurement.reading for measurement in measurements.values()]
    rows = await session.execute(
        _ALREADY,
        {
            "patient_id": patient_id,
            "place": list(measurements),
            "client_id": [reading.client_id for reading in readings],
            "sign": [reading.sign for reading in readings],
            "effective_at": [reading.effective_at for reading in readings],
            "source": [reading.source for reading in readings],
        },
    )
    found: dict[int, list[Observation]] = defaultdict(list)
    for row in rows:
        found[row.place].append(as_observation(row))
    return {place: max(versions, key=_nearness(measurements[place])) for place, versions in found.items()}


def _nearness(measurement: Measurement) -> Callable[[Observation], tuple[bool, bool, bool]]:
    """Return what to choose by, the greatest first, of the versions that a measurement may be a repeat of."""
    stated, client_id = measurement.states(), measurement.reading.client_id
    return lambda version: (
        version.states() == stated,
        version.client_id == client_id,
        version.superseded_by_id is None,
    )
