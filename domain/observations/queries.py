"""Reading observations back: pages, the latest of each sign, one by its id.

Current means neither superseded nor entered in error: only that is the latest, and listed unless the
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
from domain.observations.basis_letter import recorded_as
from domain.observations.catalogue import CATALOGUE
from domain.observations.client_id import observation_id, packed, unpacked
from domain.observations.observation import Latest, Observation
from domain.observations.vital_sign import VitalSign
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.statements import Statement, Work, rows_of

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
    o.confirmed, sign_name(o.sign) as sign, o.source, o.client_id, o.recorded_as, o.value, o.systolic, o.diastolic,
    o.code, o.comparator, coalesce(o.original_value, o.value) as original_value, o.original_unit,
    o.clock_skew_seconds, o.supersedes_id, o.superseded_by_id"""
COLUMNS = f"""{_RECORDED}, o.retracted_at is not null as retracted,
    coalesce(o.retraction_reason, o.correction_reason) as reason, {_AMENDMENT}"""
_OF_CURRENT = f"""{_RECORDED}, false as retracted, o.correction_reason as reason, cast(null as uuid) as amended_by,
    cast(null as timestamptz) as amended_at, cast(null as text) as amendment_reason"""
CURRENT = "o.superseded_by_id is null and o.retracted_at is null"

_ON_PAGE = """o.patient_id = :patient_id and o.sign = sign_letter(s.sign) and o.effective_at >= :from_at
            and o.effective_at < :until_at and (o.effective_at, o.received_at, o.id) < (:after_at,
            coalesce((select a.received_at from observation a where a.id = :after_id), 'infinity'), :after_id)"""
# Of one instant what came last comes first: a correction before what it supersedes.
# For each sign the newest few by the index, then the newest of those: no index of its own for the unfiltered list.
_PAGE = Statement(
    text(
        f"""
    select page.* from unnest(cast(:signs as text[])) as s(sign)
    cross join lateral (
        select {COLUMNS} from observation o where {_ON_PAGE} and {CURRENT}
        order by o.effective_at desc, o.received_at desc, o.id desc limit :limit) page
    order by page.effective_at desc, page.received_at desc, page.id desc limit :limit
    """
    )
)
# Every version, by the same index.
_HISTORY = Statement(
    text(
        f"""
    select page.* from unnest(cast(:signs as text[])) as s(sign)
    cross join lateral (
        select {COLUMNS} from observation o where {_ON_PAGE}
        order by o.effective_at desc, o.received_at desc, o.id desc limit :limit) page
    order by page.effective_at desc, page.received_at desc, page.id desc limit :limit
    """
    )
)
# Which they are is kept by the database (0048): no walk along the index of readings from sign to sign.
_LATEST = Statement(
    text(
        f"""
    select {_OF_CURRENT} from observation_latest l join observation o on o.id = l.observation_id
    where l.patient_id = any(cast(:patient_ids as uuid[]))
    """
    )
)
_LATEST_IDS = Statement(
    text(
        """
    select l.patient_id, array_agg(l.observation_id) from observation_latest l
    where l.patient_id = any(cast(:patient_ids as uuid[])) and l.observation_id is not null group by l.patient_id
    """
    )
)
# By the readings themselves, in one statement: one probe of the index for each sign of each person.
_STANDING = Statement(
    text(
        f"""
    select found.* from unnest(cast(:patient_ids as uuid[])) as p(id)
    cross join unnest(cast(:signs as text[])) with ordinality as s(sign, place)
    cross join lateral (
        select {_OF_CURRENT} from observation o where o.patient_id = p.id and o.sign = sign_letter(s.sign) and {CURRENT}
        order by o.effective_at desc, o.received_at desc, o.id desc limit 1) found
    order by s.place
    """
    )
)
PLACE = {sign: place for place, sign in enumerate(CATALOGUE)}
"""Where each sign stands in the catalogue's order."""
_BY_IDS = Statement(
    text(f"select {COLUMNS} from observation o where o.id = any(cast(:ids as uuid[])) order by o.received_at, o.id")
)
_ONE = text(f"select {COLUMNS} from observation o where o.patient_id = :patient_id and o.id = :id")

# What was recorded before 0054 is found through an index of those alone.
_CALLED = text(
    """
    select o.id from observation o where o.patient_id = :patient_id and o.id = :id and o.client_id = :client_id
    union all
    select o.id from observation o
    where o.patient_id = :patient_id and o.client_id = :client_id and get_byte(uuid_send(o.id), 6) >> 4 <> 8
    limit 1
    """
)

_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
_BEYOND_ANY_ID = UUID(int=2**128 - 1)
_FIELDS = tuple(field.name for field in fields(Observation))
_IN_ORDER = attrgetter(*_FIELDS)


def as_observation(row: Row[Any]) -> Observation:
    """Return a row that has COLUMNS as an observation, its instant in the offset it was sent with."""
    columns = dict(zip(_FIELDS, _IN_ORDER(row), strict=True))
    offset = timezone(timedelta(minutes=row.effective_offset_minutes))
    apart = {
        "effective_at": row.effective_at.astimezone(offset),
        "client_id": unpacked(row.client_id),
        "recorded_as": recorded_as(row.recorded_as),
    }
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
    work: Work,
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
    patient = await permitted_patient(work, actor, patient_id, Action.read_record)
    if sought.sign is not None:
        known_sign(sought.sign)
    require_order(sought.from_at, sought.until_at)
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
    found = [as_observation(row) for row in await rows_of(work, _HISTORY if sought.history else _PAGE, asked)]
    shown = min(limit, len(found))
    await record_audit(work, actor, "observation.list", patient, count=shown, about=sought.sign)
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


async def observation_called(session: AsyncSession, patient_id: UUID, client_id: str) -> UUID | None:
    """Return the id of what was recorded under a sender's own name for it, for callers who authorise what they do."""
    stored = packed(client_id)
    named = {"patient_id": patient_id, "client_id": stored, "id": observation_id(patient_id, stored)}
    found: UUID | None = (await session.execute(_CALLED, named)).scalar_one_or_none()
    return found


async def latest_read(work: Work, actor: Actor, patient_id: UUID) -> list[Latest]:
    """Return the latest of each sign that a visible patient has, in the catalogue's order. Raises NotFound."""
    patient = await permitted_patient(work, actor, patient_id, Action.read_record)
    latest = (await latest_for_patients(work, [patient_id], at=actor.at)).get(patient_id, [])
    await record_audit(work, actor, "observation.latest", patient, count=len(latest))
    return latest


async def latest_for_patients(work: Work, patient_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, list[Latest]]:
    """Return the latest of each sign by patient, in the catalogue's order; a sign never taken is absent.

    One statement, as quick however long their record is.
    """
    found: dict[UUID, list[Latest]] = {}
    for row in await rows_of(work, _LATEST, {"patient_ids": list(patient_ids)}):
        found.setdefault(row.patient_id, []).append(Latest(as_observation(row), at))
    for latest in found.values():
        latest.sort(key=lambda each: PLACE[each.observation.sign])
    return found


async def latest_ids(work: Work, patient_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Return the ids of the latest of each sign by patient; whoever never had one taken is absent."""
    found = await rows_of(work, _LATEST_IDS, {"patient_ids": list(patient_ids)})
    return {patient_id: set(ids) for patient_id, ids in found}


async def standing_latest(work: Work, patient_ids: Sequence[UUID]) -> dict[UUID, list[Observation]]:
    """Return the latest of each sign by patient, in the catalogue's order, whatever is kept of which they are."""
    found: dict[UUID, list[Observation]] = {}
    for row in await rows_of(work, _STANDING, {"patient_ids": list(patient_ids), "signs": list(CATALOGUE)}):
        found.setdefault(row.patient_id, []).append(as_observation(row))
    return found


async def observations_by_ids(work: Work, ids: Iterable[UUID]) -> list[Observation]:
    """Return these observations, in the order they were received, whatever their status; absent ids are left out."""
    return [as_observation(row) for row in await rows_of(work, _BY_IDS, {"ids": list(ids)})]


def known_sign(sign: str) -> VitalSign:
    """Return the catalogue's entry. Raises Invalid."""
    if sign not in CATALOGUE:
        raise invalid("query/sign", "sign_unknown", "This vital sign is not in the catalogue.")
    return CATALOGUE[sign]


def require_order(from_at: datetime | None, until_at: datetime | None) -> None:
    """Raise Invalid for a span that ends before it begins."""
    if from_at is not None and until_at is not None and from_at >= until_at:
        raise invalid("query/until", "ends_before_it_begins", "The span must end after it begins.")


def invalid(pointer: str, code: str, message: str) -> Invalid:
    """Return what is wrong with one part of a query."""
    return Invalid("The query is not acceptable as written.", [Fault(pointer, code, message)])
