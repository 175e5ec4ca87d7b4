"""Storing claims: set-based statements over any number of readings, of one record or of many, by one person or by many.

Decides nothing of its own but what a repeat is: who may record, and what can be believed, was settled before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from domain.access.actor import Actor
from domain.arrays import as_array, as_bytes, as_column, as_texts
from domain.instant import offset_minutes
from domain.observations.basis_letter import letter_of
from domain.observations.client_id import observation_id, packed
from domain.observations.observation import Observation
from domain.observations.queries import COLUMNS, CURRENT, as_observation
from domain.observations.reading import Measurement, Reading
from domain.observations.timing import clock_skew_seconds
from domain.people.queries import VisiblePatient
from domain.statements import Statement, Work, rows_of

_SAME = """o.patient_id = r.patient_id and o.sign = sign_letter(r.sign) and o.effective_at = r.effective_at
            and o.source = r.source"""

# What was recorded before 0054 has an id of its own, and is known by its sender's through an index of those alone.
_EARLIER = "o.patient_id = r.patient_id and o.client_id = r.client_id and get_byte(uuid_send(o.id), 6) >> 4 <> 8"

# What is told of each reading, and of each who records: lists as text (`domain/arrays.py`), by their columns' types.
_READ = {
    "by": "integer",
    "id": "uuid",
    "effective_at": "timestamptz",
    "effective_offset_minutes": "smallint",
    "confirmed": "boolean",
    "sign": "text",
    "source": "text",
    "client_id": "bytea",
    "value": "numeric",
    "systolic": "numeric",
    "diastolic": "numeric",
    "code": "text",
    "comparator": "text",
    "original_value": "numeric",
    "original_unit": "text",
    "clock_skew_seconds": "integer",
}
_WHO = {"patient_id": "uuid", "recorded_by": "uuid", "received_at": "timestamptz", "recorded_as": "text"}


def _lists(columns: Mapping[str, str]) -> str:
    return ", ".join(f"cast(cast(:{name} as text) as {kind}[])" for name, kind in columns.items())


# `on conflict do nothing` names no index on purpose: either key makes a repeat, within the batch as well: the id, which
# follows from the sender's own, or what was measured when. The second is of first versions only: what a correction
# states stands in the way as well, and a correction takes no other observation's place. The patient's lock is held, so
# what is asked here stays so. Who records is told once for all the readings they send: `by` is their number.
# `offset 0`: each is looked up for itself. While the table is empty PostgreSQL would as soon gather all corrections of
# everybody to look among them, and would go on doing so.
_INSERT_ALL = f"""
    insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes,
        confirmed, sign, source, client_id, recorded_as, value, systolic, diastolic, code, comparator,
        original_value, original_unit, clock_skew_seconds, supersedes_id, correction_reason)
    select r.id, r.patient_id, r.recorded_by, r.effective_at, r.received_at, r.effective_offset_minutes,
        r.confirmed, sign_letter(r.sign), r.source, r.client_id, r.recorded_as, r.value, r.systolic, r.diastolic,
        r.code, r.comparator, r.original_value, r.original_unit, r.clock_skew_seconds,
        cast(:supersedes_id as uuid), :correction_reason
    from (
        select read.*, who.patient_id, who.recorded_by, who.received_at, who.recorded_as from unnest(
            {_lists(_READ)}
        ) with ordinality as read({", ".join(_READ)}, place)
        join unnest(
            {_lists(_WHO)}
        ) with ordinality as who({", ".join(_WHO)}, by) on who.by = read.by
    ) r
    where case when cast(:supersedes_id as uuid) is null
        then not exists (select from observation o where {_SAME} and o.supersedes_id is not null offset 0)
        else not exists (
            select from observation o where {_SAME} and {CURRENT} and o.id <> cast(:supersedes_id as uuid) offset 0)
    end and not exists (select from observation o where {_EARLIER} offset 0)
    order by r.place
    on conflict do nothing
    """
_INSERT = Statement(text(f"{_INSERT_ALL} returning id"))
# Where a sender calls several readings by one id, or two patients' ids were made alike.
_INSERT_AND_TELL = Statement(text(f"{_INSERT_ALL} returning id, patient_id, sign_name(sign), effective_at, source"))
# `is not distinct from`: found by the id alone. By the patient, while the table is empty, PostgreSQL would as soon look
# through all that is recorded of them, and would go on doing so.
_ALREADY = Statement(
    text(
        f"""
    select r.place, found.* from unnest(
        cast(:place as integer[]), cast(:patient_id as uuid[]), cast(:id as uuid[]), cast(:client_id as bytea[]),
        cast(:sign as text[]), cast(:effective_at as timestamptz[]), cast(:source as text[])
    ) as r(place, patient_id, id, client_id, sign, effective_at, source)
    cross join lateral (
        select {COLUMNS} from observation o where o.id = r.id and o.patient_id is not distinct from r.patient_id
        union all
        select {COLUMNS} from observation o where {_EARLIER}
        union all
        select {COLUMNS} from observation o
        where {_SAME} and o.supersedes_id is null
        union all
        select {COLUMNS} from observation o
        where {_SAME} and o.supersedes_id is not null) found
    """
    )
)
_BEFORE = Statement(
    text(
        f"""
    select k.place, found.effective_at, found.value from unnest(
        cast(:place as integer[]), cast(:patient_id as uuid[]), cast(:sign as text[]),
        cast(:effective_at as timestamptz[])
    ) as k(place, patient_id, sign, effective_at)
    cross join lateral (
        select o.effective_at, o.value from observation o
        where o.patient_id = k.patient_id and o.sign = sign_letter(k.sign) and o.effective_at < k.effective_at
            and {CURRENT} and o.id is distinct from cast(:but as uuid)
        order by o.effective_at desc, o.received_at desc, o.id desc limit 1) found
    """
    )
)

Dated = tuple[datetime, Decimal]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who writes into whose record, on what ground, at which instant, and what their phone's clock said then."""

    patient: VisiblePatient
    actor: Actor
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A reading that could be understood, and who claims it of whom."""

    recorder: Recorder
    measurement: Measurement

    @property
    def reading(self) -> Reading:
        """Return the reading as it was sent."""
        return self.measurement.reading


async def values_before(work: Work, claims: Mapping[int, Claim], *, but: UUID | None = None) -> dict[int, Dated]:
    """Return by place the last current value before each claim whose sign is judged by its change.

    `but` is an observation to leave out: the one that a correction replaces.
    """
    judged = {
        place: claim
        for place, claim in claims.items()
        if claim.measurement.sign.change_to_confirm is not None and not claim.reading.confirmed
    }
    if not judged:
        return {}
    rows = await rows_of(
        work,
        _BEFORE,
        {
            "but": but,
            "place": list(judged),
            "patient_id": _patients(judged.values()),
            "sign": [claim.reading.sign for claim in judged.values()],
            "effective_at": [claim.reading.effective_at for claim in judged.values()],
        },
    )
    return {row.place: (row.effective_at, row.value) for row in rows}


async def insert_claims(
    work: Work,
    claims: Mapping[int, Claim],
    *,
    supersedes_id: UUID | None = None,
    correction_reason: str | None = None,
) -> dict[int, UUID]:
    """Return by place the ids of those that were not recorded yet and now are: one statement for all.

    Of several that a sender calls by one id, it is the first that nothing else stands in the way of.
    """
    if not claims:
        return {}
    ids = [_id_of(claim) for claim in claims.values()]
    asked: dict[str, object] = {"supersedes_id": supersedes_id, "correction_reason": correction_reason}
    asked |= _who(claims.values()) | _what(claims.values(), ids)
    if len(set(ids)) == len(ids):
        by_id = dict(zip(ids, claims, strict=True))
        return {by_id[found]: found for (found,) in await rows_of(work, _INSERT, asked)}
    # Of those that are alike in all of this the first alone can have been stored: the later ones met it.
    places: dict[tuple[object, ...], int] = {}
    for made, (place, claim) in zip(ids, claims.items(), strict=True):
        places.setdefault(_row_of(claim, made), place)
    return {places[tuple(row)]: row[0] for row in await rows_of(work, _INSERT_AND_TELL, asked)}


def _row_of(claim: Claim, made: UUID) -> tuple[object, ...]:
    """Return a claim as `_INSERT_AND_TELL` names its row: two patients' are told apart by whose they are."""
    reading = claim.reading
    return (made, claim.recorder.patient.id, reading.sign, reading.effective_at, reading.source)


def _id_of(claim: Claim) -> UUID:
    return observation_id(claim.recorder.patient.id, packed(claim.reading.client_id))


def _who(claims: Iterable[Claim]) -> dict[str, str]:
    """Return each recorder once, and for each claim the number of its own, from 1."""
    numbers: dict[int, int] = {}
    recorders: list[Recorder] = []
    by = []
    for claim in claims:
        known = numbers.get(id(claim.recorder))
        if known is None:
            recorders.append(claim.recorder)
            known = numbers[id(claim.recorder)] = len(recorders)
        by.append(known)
    return {
        "by": as_array(by),
        "patient_id": as_array(recorder.patient.id for recorder in recorders),
        "recorded_by": as_array(recorder.actor.account_id for recorder in recorders),
        "received_at": as_array(recorder.actor.at for recorder in recorders),
        "recorded_as": as_texts([letter_of(recorder.patient.ground.basis) for recorder in recorders]),
    }


def _what(claims: Iterable[Claim], ids: Iterable[UUID]) -> dict[str, str]:
    taken = [claim.measurement for claim in claims]
    readings = [measurement.reading for measurement in taken]
    skew = [
        clock_skew_seconds(
            claim.reading.effective_at, received_at=claim.recorder.actor.at, sent_at=claim.recorder.sent_at
        )
        for claim in claims
    ]
    return {
        "id": as_array(made.hex for made in ids),
        "effective_at": as_array(reading.effective_at for reading in readings),
        "effective_offset_minutes": as_array(offset_minutes(reading.effective_at) for reading in readings),
        "confirmed": as_array(reading.confirmed for reading in readings),
        "sign": as_texts([reading.sign for reading in readings]),
        "source": as_texts([reading.source for reading in readings]),
        "client_id": as_bytes([packed(reading.client_id) for reading in readings]),
        "value": as_column([measurement.value for measurement in taken]),
        "systolic": as_column([measurement.systolic for measurement in taken]),
        "diastolic": as_column([measurement.diastolic for measurement in taken]),
        "code": as_texts([reading.code for reading in readings]),
        "comparator": as_texts([reading.comparator for reading in readings]),
        "original_value": as_column([_unlike_what_is_kept(measurement) for measurement in taken]),
        "original_unit": as_texts([reading.unit for reading in readings]),
        "clock_skew_seconds": as_column(skew),
    }


def _unlike_what_is_kept(measurement: Measurement) -> Decimal | None:
    """Return the sender's own value, but for one that is the kept one to the last digit."""
    sent, kept = measurement.reading.value, measurement.value
    if sent is kept:  # as of nearly all
        return None
    is_the_same = sent is not None and kept is not None and sent == kept and sent.same_quantum(kept)
    return None if is_the_same else sent


async def already_recorded(work: Work, claims: Mapping[int, Claim]) -> dict[int, Observation]:
    """Return by place what is recorded already under the same client id or natural key: of several, what agrees.

    Every version counts, corrected and entered in error too: a phone that sends its store again revives nothing. Of
    those that agree, the one of the same id comes first, then the version that no other supersedes.
    """
    if not claims:
        return {}
    readings = [claim.reading for claim in claims.values()]
    rows = await rows_of(
        work,
        _ALREADY,
        {
            "place": list(claims),
            "patient_id": _patients(claims.values()),
            "id": [_id_of(claim) for claim in claims.values()],
            "client_id": [packed(reading.client_id) for reading in readings],
            "sign": [reading.sign for reading in readings],
            "effective_at": [reading.effective_at for reading in readings],
            "source": [reading.source for reading in readings],
        },
    )
    found: dict[int, list[Observation]] = defaultdict(list)
    for row in rows:
        found[row.place].append(as_observation(row))
    return {place: max(versions, key=_nearness(claims[place].measurement)) for place, versions in found.items()}


def _patients(claims: Iterable[Claim]) -> list[UUID]:
    return [claim.recorder.patient.id for claim in claims]


def _nearness(measurement: Measurement) -> Callable[[Observation], tuple[bool, bool, bool]]:
    """Return what to choose by, the greatest first, of the versions that a measurement may be a repeat of."""
    stated, client_id = measurement.states(), measurement.reading.client_id
    return lambda version: (
        version.states() == stated,
        version.client_id == client_id,
        version.superseded_by_id is None,
    )
