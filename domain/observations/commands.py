"""Recording observations: each distinct reading once, whatever is repeated, reordered or raced.

One record's readings are recorded by themselves, or many records' in one transaction: what decides is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.arrays import as_array
from domain.audit.commands import Deed, record_deeds
from domain.errors import Fault, Invalid
from domain.events.commands import append_events
from domain.observations.catalogue import CATALOGUE
from domain.observations.observation import Observation
from domain.observations.plausibility import objection
from domain.observations.reading import Measurement, Reading, Unreadable, measured
from domain.observations.storing_commands import (
    Claim,
    Dated,
    Recorder,
    already_recorded,
    insert_claims,
    values_before,
)
from domain.observations.timing import objection_to_sending, objection_to_time
from domain.observations.verdict import Outcome, Refusal, RefusalCode, Verdict
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.people.together_queries import patients_of_pairs
from domain.statements import Statement, Work, rows_of

# One patient's writers go one after another, from their authorisation to their commit. What a reading is judged by
# (the weight before it) is then what it is stored beside; and two batches that share readings, in any order and by
# either of the two unique keys, cannot each wait for a row of the other's. A statement of its own, so that the next
# takes its snapshot after the wait. The lock is the patient's own: nobody else waits. A statement or an abandoned
# transaction is ended by the server's time-outs.
_LOCK_OF = "hashtextextended(cast({patient} as text), 0)"
_ONE_WRITER = text(f"select pg_advisory_xact_lock({_LOCK_OF.format(patient='cast(:patient_id as uuid)')})")
# Who holds somebody's lock may hold it for long: many records together wait for none, and leave the taken ones out.
_FREE = Statement(
    text(
        f"""
    select p.id from unnest(cast(cast(:patient_ids as text) as uuid[])) as p(id)
    where pg_try_advisory_xact_lock({_LOCK_OF.format(patient="p.id")})
    """
    )
)

Sent = Sequence[Reading | Unreadable]


@dataclass(frozen=True, slots=True)
class Posting:
    """Readings that somebody sends of one patient, and the phone's clock at sending."""

    actor: Actor
    patient_id: UUID
    readings: Sent
    sent_at: datetime | None = None


async def record_observations(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    readings: Sent,
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
    (verdicts,) = await _record(session, [(recorder, readings)])
    return verdicts


async def record_together(work: Work, postings: Sequence[Posting]) -> list[list[Verdict] | None]:
    """Return the verdicts of each posting, as `record_observations` would; None for what has to be recorded by itself.

    By itself goes whatever could hold the others up or is to be told otherwise: of a patient whom another transaction
    is writing to, from somebody who may not, from a clock that says nothing. Of such a posting nothing is recorded.
    """
    recorders = await _recorders_together(work, postings)
    verdicts = iter(
        await _record(
            work,
            [(who, posting.readings) for who, posting in zip(recorders, postings, strict=True) if who is not None],
        )
    )
    return [None if recorder is None else next(verdicts) for recorder in recorders]


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


async def _recorders_together(work: Work, postings: Sequence[Posting]) -> list[Recorder | None]:
    pairs = [(posting.actor, posting.patient_id) for posting in postings]
    related = await patients_of_pairs(work, pairs, Action.record_readings)
    wanted = [_usable(posting, patient) for posting, patient in zip(postings, related, strict=True)]
    wanted = _without_whom_others_judge(postings, wanted)
    ids = {recorder.patient.id for recorder in wanted if recorder is not None}
    free = {found for (found,) in await rows_of(work, _FREE, {"patient_ids": as_array(sorted(ids))})} if ids else set()
    return [recorder if recorder is not None and recorder.patient.id in free else None for recorder in wanted]


def _without_whom_others_judge(postings: Sequence[Posting], wanted: Sequence[Recorder | None]) -> list[Recorder | None]:
    """Return whom of several who record of one person can share: where a change is judged, only the first.

    By what a weight is judged must be settled before it: what another sends beside it may come to be refused.
    """
    judged = {
        recorder.patient.id
        for posting, recorder in zip(postings, wanted, strict=True)
        if recorder is not None and any(map(_is_judged_by_change, posting.readings))
    }
    seen: set[UUID] = set()
    left: list[Recorder | None] = []
    for recorder in wanted:
        is_second = recorder is not None and recorder.patient.id in judged & seen
        left.append(None if is_second else recorder)
        if recorder is not None:
            seen.add(recorder.patient.id)
    return left


def _is_judged_by_change(reading: Reading | Unreadable) -> bool:
    sign = None if isinstance(reading, Unreadable) else CATALOGUE.get(reading.sign)
    return sign is not None and sign.change_to_confirm is not None


def _usable(posting: Posting, patient: VisiblePatient | None) -> Recorder | None:
    sent_at = posting.sent_at
    if patient is None or (
        sent_at is not None and objection_to_sending(sent_at, received_at=posting.actor.at) is not None
    ):
        return None
    return Recorder(patient, posting.actor, sent_at)


async def _record(work: Work, sent: Sequence[tuple[Recorder, Sent]]) -> list[list[Verdict]]:
    """Return the verdicts of each recorder's readings: the writers into all of these records are they alone."""
    places = [(recorder, reading) for recorder, readings in sent for reading in readings]
    understood = [_understood(recorder, reading) for recorder, reading in places]
    claims = {place: found for place, found in enumerate(understood) if isinstance(found, Claim)}
    refusals = {place: found for place, found in enumerate(understood) if isinstance(found, Refusal)}
    objections = await _objections(work, claims)
    stored = await insert_claims(work, {place: c for place, c in claims.items() if place not in objections})
    already = await already_recorded(work, {place: c for place, c in claims.items() if place not in stored})
    for place, found in already.items():
        objections.pop(place, None)
        if refusal := _contradiction(claims[place].measurement, found):
            refusals[place] = refusal
    verdicts = [
        _verdict(reading.client_id, refusals.get(place) or objections.get(place), stored.get(place), already.get(place))
        for place, (_, reading) in enumerate(places)
    ]
    each = _shared_out(verdicts, [len(readings) for _, readings in sent])
    await _announce(work, [(recorder, told) for (recorder, _), told in zip(sent, each, strict=True)])
    return each


def _understood(recorder: Recorder, reading: Reading | Unreadable) -> Claim | Refusal:
    found = reading.refusal if isinstance(reading, Unreadable) else measured(reading)
    return Claim(recorder, found) if isinstance(found, Measurement) else found


def _shared_out(verdicts: Sequence[Verdict], numbers: Iterable[int]) -> list[list[Verdict]]:
    left = iter(verdicts)
    return [[next(left) for _ in range(number)] for number in numbers]


async def _announce(work: Work, recorded: Sequence[tuple[Recorder, Sequence[Verdict]]]) -> None:
    """Do all that follows from newly stored observations, in their transaction. Alerts are to be decided here."""
    stored = [
        (recorder, [v.observation_id for v in verdicts if v.outcome is Outcome.stored and v.observation_id is not None])
        for recorder, verdicts in recorded
    ]
    facts = [(recorder.patient.id, ids) for recorder, ids in stored if ids]
    await append_events(work, "observation.recorded", facts)
    await record_deeds(
        work, "observation.create", [Deed(recorder.actor, recorder.patient, len(ids)) for recorder, ids in stored]
    )


def _verdict(
    client_id: str | None, refusal: Refusal | None, stored: UUID | None, already: Observation | None
) -> Verdict:
    if refusal is not None:
        return Verdict(client_id, Outcome.refused, refusal=refusal)
    if stored is not None:
        return Verdict(client_id, Outcome.stored, stored)
    if already is None:
        # Another patient's reading has this id: who sent both chose ids so that they collide, and learns no more of it.
        return Verdict(client_id, Outcome.refused, refusal=Refusal(RefusalCode.conflict, "client_id"))
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


async def _objections(work: Work, claims: Mapping[int, Claim]) -> dict[int, Refusal]:
    """Return by place why claims cannot be accepted, earliest first: each change is from the one before."""
    before = await values_before(work, claims)
    refuted = await _refuted(work, claims)
    accepted: dict[tuple[UUID, str], list[Dated]] = {}
    found: dict[int, Refusal] = {}
    for place, claim in sorted(claims.items(), key=lambda item: item[1].reading.effective_at):
        sign, of_whom = claim.measurement.sign, claim.recorder.patient.id
        at = claim.reading.effective_at
        so_far = accepted.get((of_whom, sign.key), [])
        until_then = bisect_left(so_far, at, key=itemgetter(0))
        earlier = so_far[max(0, until_then - 1) : until_then]
        known = [dated for dated in (before.get(place), *earlier) if dated is not None]
        previous = max(known)[1] if known else None
        refusal = objection_of(claim, previous)
        if refusal is not None:
            found[place] = refusal
        elif place not in refuted and sign.change_to_confirm is not None and claim.measurement.value is not None:
            accepted.setdefault((of_whom, sign.key), []).append((at, claim.measurement.value))
    return found


async def _refuted(work: Work, claims: Mapping[int, Claim]) -> set[int]:
    """Return the places of claims judged by their change that contradict the record: no other is judged by them."""
    judged = {place: claim for place, claim in claims.items() if claim.measurement.sign.change_to_confirm is not None}
    if len(judged) < 2:
        return set()
    already = await already_recorded(work, judged)
    return {place for place, found in already.items() if _contradiction(judged[place].measurement, found) is not None}


def objection_of(claim: Claim, previous: Decimal | None) -> Refusal | None:
    """Return why a claim cannot be accepted from its recorder now, or None."""
    recorder = claim.recorder
    return objection_to_time(
        claim.reading.effective_at, received_at=recorder.actor.at, born_on=recorder.patient.born_on
    ) or objection(claim.measurement, by_the_patient=recorder.patient.ground.basis is Basis.self_, previous=previous)
