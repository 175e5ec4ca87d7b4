"""Reading observations back: pages, the latest of each sign, a series, one by its id.

Current means neither superseded nor entered in error: only that is the latest or in a series, and listed unless the
history is asked for. By its id every version can be read, with its status. What a caller reads is audited here, one
row a request; the functions that take no actor are for callers who have authorised and audited already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid, NotFound
from domain.observations.catalogue import CATALOGUE
from domain.observations.client_id import unpacked
from domain.observations.observation import Latest, Observation
from domain.observations.series import Point, Series, Span
from domain.observations.vital_sign import Shape, VitalSign
from domain.people.permission import Action
from domain.people.queries import permitted_patient

# What superseded a version is looked at only when there is one: a current row costs no second look-up.
_AMENDMENT = ", ".join(
    f"""case when o.superseded_by_id is null then o.{retracted} else
        (select n.{corrected} from observation n where n.id = o.superseded_by_id) end as {name}"""
    for name, retracted, corrected in (
        ("amended_by", "retracted_by", "recorded_by"),
        ("amended_at", "retracted_at", "received_at"),
        ("amendment_reason", "retraction_reason", "correction_reason"),
    )
)
_RECORDED = """o.id, o.patient_id, o.recorded_by, o.effective_at, o.received_at, o.effective_offset_minutes,
    o.confirmed, o.sign, o.source, o.client_id, o.recorded_as, o.value, o.systolic, o.diastolic, o.code, o.comparator,
    o.original_value, o.original_unit, o.clock_skew_seconds, o.supersedes_id, o.superseded_by_id"""
COLUMNS = f"""{_RECORDED}, o.retracted_at is not null as retracted,
    coalesce(o.retraction_reason, o.correction_reason) as reason, {_AMENDMENT}"""
_OF_CURRENT = f"""{_RECORDED}, false as retracted, o.correction_reason as reason, cast(null as uuid) as amended_by,
    cast(null as timestamptz) as amended_at, cast(null as text) as amendment_reason"""
CURRENT = "o.superseded_by_id is null and o.retracted_at is null"

_ON_PAGE = """o.patient_id = :patient_id and o.sign = s.sign and o.effective_at >= :from_at
            and o.effective_at < :until_at and (o.effective_at, o.id) < (:after_at, :after_id)"""
# For each sign the newest few by the index, then the newest of those: no index of its own for the unfiltered list.
_PAGE = text(
    f"""
    select page.* from unnest(cast(:signs as text[])) as s(sign)
    cross join lateral (
        select {COLUMNS} from observation o where {_ON_PAGE} and {CURRENT}
        order by o.effective_at desc, o.id desc limit :limit) page
    order by page.effective_at desc, page.id desc limit :limit
    """
)
# Every version, by the same index.
_HISTORY = text(
    f"""
    select page.* from unnest(cast(:signs as text[])) as s(sign)
    cross join lateral (
        select {COLUMNS} from observation o where {_ON_PAGE}
        order by o.effective_at desc, o.id desc limit :limit) page
    order by page.effective_at desc, page.id desc limit :limit
    """
)
# Which they are is kept by the database (0048): no walk along the index of readings from sign to sign.
_LATEST = text(
    f"""
    select {_OF_CURRENT} from observation_latest l join observation o on o.id = l.observation_id
    where l.patient_id = any(cast(:patient_ids as uuid[]))
    """
)
_LATEST_IDS = text(
    """
    select l.patient_id, array_agg(l.sign) as signs, array_agg(l.observation_id) as ids from observation_latest l
    where l.patient_id = any(cast(:patient_ids as uuid[])) and l.observation_id is not null group by l.patient_id
    """
)
_PLACE = {sign: place for place, sign in enumerate(CATALOGUE)}


# Nothing is asked of a row but what the index holds. The mean is exact, and then rounded half away from zero to four
# decimals. Told as five lists: a thousand rows cost 4 ms of Python, a list of a thousand next to nothing.
_FIGURES = {
    part: f"""cast(min(o.{part}) as float8) as {part}_least, cast(max(o.{part}) as float8) as {part}_greatest,
        cast(div(sum(o.{part}) * 20000 + count(*) * sign(sum(o.{part})), 2 * count(*)) / 10000 as float8)
            as {part}_mean"""
    for part in ("value", "systolic", "diastolic")
}
_LISTS = {
    part: ", ".join(
        f"array_agg({part}_{which} order by at) as {part}_{which}" for which in ("least", "greatest", "mean")
    )
    for part in _FIGURES
}
_TIMES = "array_agg(at order by at) as at, array_agg(number_of order by at) as number_of"
_BUCKET = "date_bin(make_interval(secs => :seconds), o.effective_at, :from_at) as at, count(*) as number_of"
_OF_SPAN = f"""from observation o where o.patient_id = :patient_id and o.sign = :sign and {CURRENT}
        and o.effective_at >= :from_at and o.effective_at < :until_at"""
_SERIES = text(
    f"""
    select {_TIMES}, {_LISTS["value"]} from (
        select {_BUCKET}, {_FIGURES["value"]} {_OF_SPAN} group by 1 order by 1) bucket
    """
)
_SERIES_OF_PAIR = text(
    f"""
    select {_TIMES}, {_LISTS["systolic"]}, {_LISTS["diastolic"]} from (
        select {_BUCKET}, {_FIGURES["systolic"]}, {_FIGURES["diastolic"]} {_OF_SPAN} group by 1 order by 1) bucket
    """
)
# Of a sign that is kept in several units: which one, the row alone knows.
_SERIES_IN_ONE_UNIT = text(
    f"""
    select {_TIMES}, {_LISTS["value"]} from (
        select {_BUCKET}, {_FIGURES["value"]} {_OF_SPAN}
            and o.original_unit = any(cast(:sent_units as text[])) group by 1 order by 1) bucket
    """
)
_BY_IDS = text(f"select {COLUMNS} from observation o where o.id = any(cast(:ids as uuid[])) order by o.id")
_ONE = text(f"select {COLUMNS} from observation o where o.patient_id = :patient_id and o.id = :id")

_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
_BEYOND_ANY_ID = UUID(int=2**128 - 1)
_FIELDS = tuple(field.name for field in fields(Observation))
_IN_ORDER = attrgetter(*_FIELDS)


def as_observation(row: Row[Any]) -> Observation:
    """Return a row that has COLUMNS as an observation, its instant in the offset it was sent with."""
    columns = dict(zip(_FIELDS, _IN_ORDER(row), strict=True))
    offset = timezone(timedelta(minutes=row.effective_offset_minutes))
    apart = {"effective_at": row.effective_at.astimezone(offset), "client_id": unpacked(row.client_id)}
    return Observation(**columns | apart)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which observations of a record to list: of one sign, from an instant up to, not including, another.

    With `history` also those that were superseded or entered in error.
    """

    sign: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    history: bool = False


async def observation_page(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    sought: Sought,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Observation]:
    """Return a page of a visible patient's observations, newest first: one more than the limit if any.

    `after` is the instant and id of the last one already seen. Raises NotFound, and Invalid for an unknown sign or
    when the span ends before it begins.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if sought.sign is not None:
        _known_sign(sought.sign)
    _require_order(sought.from_at, sought.until_at)
    after_at, after_id = after or (_EVER[1], _BEYOND_ANY_ID)
    asked = {
        "patient_id": patient_id,
        "signs": list(CATALOGUE) if sought.sign is None else [sought.sign],
        "from_at": sought.from_at or _EVER[0],
        "until_at": sought.until_at or _EVER[1],
        "after_at": after_at,
        "after_id": after_id,
        "limit": limit + 1,
    }
    found = [as_observation(row) for row in await session.execute(_HISTORY if sought.history else _PAGE, asked)]
    shown = min(limit, len(found))
    await record_audit(session, actor, "observation.list", patient, count=shown, about=sought.sign)
    return found


async def observation_read(session: AsyncSession, actor: Actor, patient_id: UUID, observation_id: UUID) -> Observation:
    """Return one observation of a visible patient, whatever its status. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    row = (await session.execute(_ONE, {"patient_id": patient_id, "id": observation_id})).first()
    if row is None:
        raise NotFound
    found = as_observation(row)
    await record_audit(session, actor, "observation.read", patient, subject_id=observation_id, about=found.sign)
    return found


async def latest_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[Latest]:
    """Return the latest of each sign that a visible patient has, in the catalogue's order. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    latest = (await latest_for_patients(session, [patient_id], at=actor.at)).get(patient_id, [])
    await record_audit(session, actor, "observation.latest", patient, count=len(latest))
    return latest


async def latest_for_patients(
    session: AsyncSession, patient_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, list[Latest]]:
    """Return the latest of each sign by patient, in the catalogue's order; a sign never taken is absent.

    One statement, as quick however long their record is.
    """
    found: dict[UUID, list[Latest]] = {}
    for row in await session.execute(_LATEST, {"patient_ids": list(patient_ids)}):
        found.setdefault(row.patient_id, []).append(Latest(as_observation(row), at))
    for latest in found.values():
        latest.sort(key=lambda each: _PLACE[each.observation.sign])
    return found


async def latest_ids(session: AsyncSession, patient_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return the ids of the latest of each sign by patient, in the catalogue's order; a sign never taken is absent."""
    found = await session.execute(_LATEST_IDS, {"patient_ids": list(patient_ids)})
    return {
        patient_id: [each for _, each in sorted(zip(map(_PLACE.__getitem__, signs), ids, strict=True))]
        for patient_id, signs, ids in found
    }


async def observations_by_ids(session: AsyncSession, ids: Iterable[UUID]) -> list[Observation]:
    """Return these observations, in the order they were received, whatever their status; absent ids are left out."""
    return [as_observation(row) for row in await session.execute(_BY_IDS, {"ids": list(ids)})]


async def series_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, sign: str, unit: str | None, span: Span
) -> Series:
    """Return the down-sampled current observations of one sign of a visible patient.

    `unit` matters only for a sign that is kept in more than one. Raises NotFound, and Invalid for a sign without
    numbers, a unit nothing is kept in, or a span that ends before it begins.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = _known_sign(sign)
    kept_as = _unit_kept(found, unit)
    _require_order(span.from_at, span.until_at)
    asked = {
        "patient_id": patient_id,
        "sign": sign,
        "from_at": span.from_at,
        "until_at": span.until_at,
        "seconds": span.bucket_seconds,
    }
    if len(_units_kept(found)) > 1:
        sent_units = [known.ucum for known in found.units if known.kept_as == kept_as]
        rows = await session.execute(_SERIES_IN_ONE_UNIT, asked | {"sent_units": sent_units})
    else:
        rows = await session.execute(_SERIES_OF_PAIR if found.shape is Shape.pair else _SERIES, asked)
    buckets = rows.one()
    await record_audit(session, actor, "observation.series", patient, count=len(buckets.at or ()), about=sign)
    if found.shape is Shape.pair:
        parts = {part.key: _points(buckets, part.key) for part in found.parts}
        return Series(sign, kept_as, span, None, parts)
    return Series(sign, kept_as, span, _points(buckets, "value"), None)


def _points(buckets: Row[Any], of: str) -> tuple[Point, ...]:
    columns = attrgetter("at", "number_of", f"{of}_least", f"{of}_greatest", f"{of}_mean")(buckets)
    return tuple(map(Point, *columns)) if buckets.at else ()


def _known_sign(sign: str) -> VitalSign:
    if sign not in CATALOGUE:
        raise _invalid("query/sign", "sign_unknown", "This vital sign is not in the catalogue.")
    return CATALOGUE[sign]


def _units_kept(sign: VitalSign) -> list[str]:
    return list(dict.fromkeys(known.kept_as for known in sign.units))


def _unit_kept(sign: VitalSign, unit: str | None) -> str:
    kept = _units_kept(sign)
    if not kept:
        raise _invalid("query/sign", "sign_not_numeric", "This vital sign has no numbers to draw.")
    if unit is None and len(kept) > 1:
        raise _invalid("query/unit", "unit_missing", f"One of: {', '.join(kept)}.")
    if unit is not None and unit not in kept:
        raise _invalid("query/unit", "unit_unknown", f"One of: {', '.join(kept)}.")
    return unit or kept[0]


def _require_order(from_at: datetime | None, until_at: datetime | None) -> None:
    if from_at is not None and until_at is not None and from_at >= until_at:
        raise _invalid("query/until", "ends_before_it_begins", "The span must end after it begins.")


def _invalid(pointer: str, code: str, message: str) -> Invalid:
    return Invalid("The query is not acceptable as written.", [Fault(pointer, code, message)])
