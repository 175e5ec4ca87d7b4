"""Reading what people asked of their own record: by themselves, and by the practice that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Basis, Encounter, Ground, Touched, ground_of
from domain.accounts.queries import organisations_below
from domain.audit.commands import record_audits
from domain.people.queries import VisiblePatient, patient_of_account
from domain.people.reach_queries import grounds
from domain.rights.law import Decision, Kind

_COLUMNS = (
    "r.id, r.patient_id, r.practice_id, r.kind, r.about, r.asked_at, r.decision, r.ground, r.answer, r.decided_at,"
    " r.withdrawn_at"
)
_MINE = text(
    f"select {_COLUMNS} from rights_request r where r.patient_id = :patient_id and r.id < :before"
    " order by r.id desc limit :limit"
)
_TO_ANSWER = text(
    f"""
    select {_COLUMNS} from rights_request r
    where (r.practice_id = any(cast(:overseen as uuid[])) or exists (select from patient p
            where p.id = r.patient_id and p.practice_id = any(cast(:practices as uuid[]))))
        and r.id > :after and (r.decision is null and r.withdrawn_at is null or :answered)
    order by r.id limit :limit
    """
)
# That there is a dispute is PostgreSQL's own function to say; the words come of the row, for whom there is one.
_DISPUTED = text(
    """
    select d.id, d.asked_at, d.decision, d.decided_at, r.about from disputes_known(:patient_id) d
    left join rights_request r on r.id = d.id
    order by d.id desc limit :limit
    """
)
# Asked of PostgreSQL's own function: a privacy officer sees no patient, but is told who asked.
_NAMES = text("select id, given_name, family_name from names_of_askers(:requests)")
MOST_DISPUTES = 50
# The law has a record say that it is disputed (UK GDPR articles 16 and 18(1)(a)), to whoever relies on it.
_READS_STATEMENTS = frozenset({Basis.self_, Basis.practice})
_TOLD_OF_DISPUTES = _READS_STATEMENTS | {Basis.care_team, Basis.care_home, Basis.break_glass}
_BEYOND, _BEFORE_ALL = UUID(int=2**128 - 1), UUID(int=0)


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """What somebody asked of their record, and the answer; None as long as there is none."""

    id: UUID
    patient_id: UUID
    practice_id: UUID
    patient_name: str
    kind: Kind
    about: str
    asked_at: datetime
    decision: Decision | None
    ground: str | None
    answer: str | None
    decided_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """That the person holds something in their record to be wrong, which was not, or not all, put right.

    `statement`: what they say of it, where it was not put right, and for their practice, which they told.
    """

    id: UUID
    asked_at: datetime
    decision: Decision | None
    decided_at: datetime | None
    statement: str | None


@dataclass(frozen=True, slots=True)
class Oversight:
    """For which places somebody answers as privacy officer: by where they hold the role, that place and all below."""

    places: Mapping[UUID, frozenset[UUID]]

    def ground(self, actor: Actor, practice_id: UUID) -> Ground | None:
        """Return the ground on which they look into what was asked of a practice; None when it is not theirs."""
        held_at = next((held_at for held_at, below in self.places.items() if practice_id in below), None)
        return None if held_at is None else ground_of(actor, Encounter.rights_review, places=(held_at,))


async def oversight_of(session: AsyncSession, actor: Actor) -> Oversight:
    """Return for which places the actor answers as privacy officer; often none."""
    held_at = actor.organisations_as(Role.privacy_officer)
    return Oversight({place: frozenset(await organisations_below(session, [place])) for place in held_at})


async def own_requests(session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int) -> list[RightsRequest]:
    """Return what the caller has asked of their own record, newest first: one beyond the limit if any; audited."""
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        return []
    asked = {"patient_id": patient_id, "before": before or _BEYOND, "limit": limit + 1}
    return await _shown(session, actor, (await session.execute(_MINE, asked)).all(), Oversight({}), limit)


async def disputes_of(session: AsyncSession, patient: VisiblePatient) -> list[Dispute] | None:
    """Return which corrections the person waits for, or was refused and still disputes, newest first; at most fifty.

    For whoever reads the record by their work, and the person; None for who acts for them, and is not told. What the
    person wrote was written to their practice: others learn that there is a dispute. For callers who audit the reading.
    """
    bases = patient.standing.bases
    if not bases & _TOLD_OF_DISPUTES:
        return None
    reads_words = bool(bases & _READS_STATEMENTS)
    rows = await session.execute(_DISPUTED, {"patient_id": patient.id, "limit": MOST_DISPUTES})
    return [
        Dispute(
            row.id,
            row.asked_at,
            None if row.decision is None else Decision(row.decision),
            row.decided_at,
            row.about if reads_words and row.decision is not None else None,
        )
        for row in rows
    ]


async def requests_to_answer(
    session: AsyncSession, actor: Actor, *, answered: bool, after: UUID | None, limit: int
) -> list[RightsRequest]:
    """Return what was asked of the practices where the caller is a clinician or answers for privacy, oldest first.

    With `answered` also what has been answered or taken back. One beyond the limit if any. Audited. Raises
    NotPermitted.
    """
    require_role(actor, Role.clinician, Role.privacy_officer)
    oversight = await oversight_of(session, actor)
    asked = {
        "overseen": [place for below in oversight.places.values() for place in below],
        "practices": list(actor.organisations_as(Role.clinician)),
        "after": after or _BEFORE_ALL,
        "answered": answered,
        "limit": limit + 1,
    }
    return await _shown(session, actor, (await session.execute(_TO_ANSWER, asked)).all(), oversight, limit)


async def _shown(
    session: AsyncSession, actor: Actor, found: Sequence[Row[Any]], oversight: Oversight, limit: int
) -> list[RightsRequest]:
    standing = await grounds(session, actor, {row.patient_id for row in found})
    visible: list[Row[Any]] = []
    touched: dict[UUID, Touched] = {}
    for row in found:
        ground = _nearer(standing.get(row.patient_id), oversight.ground(actor, row.practice_id))
        if ground is not None:
            visible.append(row)
            if len(visible) <= limit:
                touched.setdefault(row.patient_id, Touched(row.patient_id, ground))
    asked = await session.execute(_NAMES, {"requests": [row.id for row in visible]})
    names = {row.id: f"{row.given_name} {row.family_name}" for row in asked}
    await record_audits(session, actor, "rights_request.list", list(touched.values()))
    return [_request(row, names[row.id]) for row in visible]


def _nearer(standing: Ground | None, as_officer: Ground | None) -> Ground | None:
    """Return on which ground a request is read: as the patient, or who answers for their practice, else as officer."""
    if standing is not None and (as_officer is None or standing.basis in {Basis.self_, Basis.practice}):
        return standing
    return as_officer


def _request(row: Row[Any], patient_name: str) -> RightsRequest:
    return RightsRequest(
        row.id,
        row.patient_id,
        row.practice_id,
        patient_name,
        Kind(row.kind),
        row.about,
        row.asked_at,
        None if row.decision is None else Decision(row.decision),
        row.ground,
        row.answer,
        row.decided_at,
        row.withdrawn_at,
    )
