"""Reading alerts back: a patient's own, and those of everybody whom a caller cares for by their work.

What is read is audited here. Working notes and outcomes are for who works with the person: the patient, and whoever
acts for them, are told that the team was told and has seen it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, exists, select, text, tuple_
from sqlalchemy.types import Uuid
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Touched
from domain.alerts.alert import (
    RULES,
    Alert,
    AlertDeed,
    AlertLevel,
    AlertOutcome,
    AlertStatus,
    Evidence,
    EvidenceKind,
    Rule,
    Taken,
)
from domain.alerts.tables import AlertEvidenceRow, AlertRow, AlertStepRow
from domain.audit.commands import record_audit, record_audits
from domain.errors import NotFound
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, cared_for_among, permitted_patient
from domain.people.reach_queries import by_work, instants, reach
from domain.statements import Statement, Work, rows_of

# In which order open alerts stand: who has nobody first, then the longest waiting.
_RANK: ColumnElement[int] = case((col(AlertRow.state) == AlertStatus.raised.value, 0), else_=1)
_ORDER = (_RANK, col(AlertRow.raised_at), col(AlertRow.id))
_WITHIN = reach().subquery("reach")
_CARED_FOR = exists().where(
    _WITHIN.c.patient_id == col(AlertRow.patient_id),
    _WITHIN.c.account_id == bindparam("account", type_=Uuid()),
    by_work(_WITHIN),
)
# Whoever goes out of sight in each of so many looks is left out: what is not told is asked for again within a minute.
TRIES = 3
_PERSONAL = frozenset({Basis.self_, Basis.delegate})

Place = tuple[int, datetime, UUID]
"""Where an open alert stands in the list: whether somebody has it, since when it is open, its id."""


# One of each rule is open at a time; more than there are rules there cannot be.
MOST_OPEN_TOLD = 100
_OPEN_OF = Statement(
    text(
        """
    select a.id, a.rule, a.level, a.state, a.raised_at, not exists (
        select from alert_evidence e where e.alert_id = a.id and e.withdrawn_at is null) as withdrawn
    from alert a where a.patient_id = :patient and a.state <> 'resolved' order by a.id desc limit :most
    """
    )
)
_OF_IDS = Statement(
    text(
        """
    select a.id, a.rule, a.level, a.state, a.raised_at, not exists (
        select from alert_evidence e where e.alert_id = a.id and e.withdrawn_at is null) as withdrawn
    from alert a where a.patient_id = :patient and a.id = any(cast(:ids as uuid[]))
    """
    )
)


@dataclass(frozen=True, slots=True)
class OpenNow:
    """How an alert stands, as the person themself is told while it is open: what was asked of whom stays the team's.

    `evidence_withdrawn`: all that it rests on was entered in error since.
    """

    id: UUID
    rule: Rule
    level: AlertLevel
    state: AlertStatus
    raised_at: datetime
    evidence_withdrawn: bool


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is not resolved, and whom it is about."""

    alert: Alert
    patient: VisiblePatient

    @property
    def place(self) -> Place:
        """Return where it stands in the list."""
        return int(self.alert.state is not AlertStatus.raised), self.alert.raised_at, self.alert.id


async def alerts_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Alert]:
    """Return a page of a patient's alerts, newest first: one more than the limit if any. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    query = (
        select(AlertRow)
        .where(col(AlertRow.patient_id) == patient_id)
        .order_by(col(AlertRow.id).desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(col(AlertRow.id) < before)
    found = await _assembled(session, list((await session.execute(query)).scalars()))
    await record_audit(session, actor, "alert.list", patient, count=min(limit, len(found)))
    return [_as_told_to(patient, alert) for alert in found]


async def alert_read(session: AsyncSession, actor: Actor, patient_id: UUID, alert_id: UUID) -> Alert:
    """Return one alert. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await alert_of(session, patient_id, alert_id)
    await record_audit(session, actor, "alert.read", patient, subject_id=alert_id)
    return _as_told_to(patient, found)


async def alert_of(session: AsyncSession, patient_id: UUID, alert_id: UUID) -> Alert:
    """Return one alert as staff read it, for callers who have authorised and audited already. Raises NotFound."""
    query = select(AlertRow).where(col(AlertRow.id) == alert_id, col(AlertRow.patient_id) == patient_id)
    query = query.execution_options(populate_existing=True)
    found = await _assembled(session, list((await session.execute(query)).scalars()))
    if not found:
        raise NotFound
    return found[0]


async def open_alerts_of(work: Work, patient_id: UUID) -> list[OpenNow]:
    """Return a patient's open alerts, the newest first, for callers who have authorised and audited already."""
    return [_now(row) for row in await rows_of(work, _OPEN_OF, {"patient": patient_id, "most": MOST_OPEN_TOLD})]


async def alerts_by_ids(work: Work, patient_id: UUID, ids: Sequence[UUID]) -> list[OpenNow]:
    """Return those of these alerts that are about a patient, the resolved too, for callers who have authorised."""
    return [_now(row) for row in await rows_of(work, _OF_IDS, {"patient": patient_id, "ids": list(ids)})]


async def own_open_alerts_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[OpenNow]:
    """Return a visible patient's open alerts as they are told themself, the newest first, audited. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await open_alerts_of(session, patient_id)
    await record_audit(session, actor, "alert.list", patient, count=len(found))
    return found


def _now(row: Any) -> OpenNow:
    state = AlertStatus(row.state)
    return OpenNow(row.id, RULES[row.rule], AlertLevel(row.level), state, row.raised_at, row.withdrawn)


async def open_alerts_read(session: AsyncSession, actor: Actor, *, after: Place | None, limit: int) -> list[OpenAlert]:
    """Return the open alerts of those whom the caller cares for by their work: one more than the limit if any.

    Those that nobody has come first, then the longest waiting. Audited as a board is: a row for each person shown.
    """
    query = select(AlertRow).where(col(AlertRow.state) != AlertStatus.resolved.value, _CARED_FOR)
    if after is not None:
        query = query.where(_after(after))
    asked = {"account": actor.account_id, **instants(actor.at)}
    for _ in range(TRIES):
        rows = (await session.execute(query.order_by(*_ORDER).limit(limit + 1), asked)).scalars()
        alerts = await _assembled(session, list(rows))
        people = {each.id: each for each in await cared_for_among(session, actor, {each.patient_id for each in alerts})}
        if all(alert.patient_id in people for alert in alerts):
            break  # else somebody went out of sight between the two statements, and neither knows them now
    found = [OpenAlert(alert, people[alert.patient_id]) for alert in alerts if alert.patient_id in people]
    shown = dict.fromkeys(each.patient.id for each in found[:limit])
    await record_audits(session, actor, "alert.list_open", [Touched(each, people[each].ground) for each in shown])
    return found


def _after(place: Place) -> ColumnElement[bool]:
    rank, raised_at, alert_id = place
    return tuple_(*_ORDER) > tuple_(rank, raised_at, alert_id)


def _as_told_to(patient: VisiblePatient, alert: Alert) -> Alert:
    """Return the alert as this reader is told it: the patient and their delegates without notes and outcomes."""
    if patient.ground.basis not in _PERSONAL:
        return alert
    return replace(alert, history=tuple(replace(each, note=None, outcome=None) for each in alert.history))


async def _assembled(session: AsyncSession, rows: Sequence[AlertRow]) -> list[Alert]:
    ids = [row.id for row in rows]
    evidence: dict[UUID, list[Evidence]] = defaultdict(list)
    history: dict[UUID, list[Taken]] = defaultdict(list)
    if ids:
        resting = select(AlertEvidenceRow).where(col(AlertEvidenceRow.alert_id).in_(ids))
        in_order = resting.order_by(col(AlertEvidenceRow.added_at), col(AlertEvidenceRow.subject_id))
        in_order = in_order.execution_options(populate_existing=True)
        for each in (await session.execute(in_order)).scalars():
            kind = EvidenceKind(each.kind)
            evidence[each.alert_id].append(Evidence(kind, each.subject_id, each.added_at, each.withdrawn_at))
        steps = select(AlertStepRow).where(col(AlertStepRow.alert_id).in_(ids)).order_by(col(AlertStepRow.number))
        for step in (await session.execute(steps)).scalars():
            history[step.alert_id].append(_taken(step))
    return [_alert(row, evidence[row.id], history[row.id]) for row in rows]


def _taken(row: AlertStepRow) -> Taken:
    return Taken(
        number=row.number,
        step=AlertDeed(row.step),
        at=row.at,
        by=row.taken_by,
        by_as=Basis(row.taken_as),
        note=row.note,
        outcome=None if row.outcome is None else AlertOutcome(row.outcome),
    )


def _alert(row: AlertRow, evidence: Sequence[Evidence], history: Sequence[Taken]) -> Alert:
    return Alert(
        id=row.id,
        patient_id=row.patient_id,
        rule=RULES[row.rule],
        rule_version=row.rule_version,
        level=AlertLevel(row.level),
        state=AlertStatus(row.state),
        raised_at=row.raised_at,
        since=row.since,
        version=row.version,
        evidence=tuple(evidence),
        history=tuple(history),
    )
