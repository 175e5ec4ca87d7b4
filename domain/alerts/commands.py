"""Raising alerts, saying that one has them, and what came of them. Each step is kept, and told to whoever watches.

An alert is raised in the transaction of what it rests on: there is never the one without the other.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.alerts.alert import (
    AlertDeed,
    AlertOutcome,
    AlertStatus,
    EvidenceKind,
    Rule,
    require_acknowledgeable,
    require_resolvable,
)
from domain.alerts.tables import AlertEvidenceRow, AlertRow, AlertStepRow
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.versions import Seen, require_seen


async def raise_alert(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, rule: Rule, kind: EvidenceKind, subject_id: UUID
) -> UUID:
    """Return the one open alert of this patient and rule, which rests on this as well now.

    For commands that have authorised what they do. One that somebody had acknowledged is raised again: they had not
    seen this.
    """
    alert_id, step = None, AlertDeed.raised
    while alert_id is None:
        alert_id, step = await _insert(session, actor, patient, rule), AlertDeed.raised
        if alert_id is None:
            # None here as well: the open one was resolved since, and there is room for another.
            alert_id, step = await _raised_again(session, actor, patient, rule), AlertDeed.evidence_added
    session.add(
        AlertEvidenceRow(
            alert_id=alert_id, subject_id=subject_id, kind=kind.value, patient_id=patient.id, added_at=actor.at
        )
    )
    await _append_step(session, actor, patient, alert_id, step)
    await append_event(session, "alert.raised", patient_id=patient.id, subject_ids=[alert_id])
    await record_audit(session, actor, "alert.raise", patient, subject_id=alert_id)
    return alert_id


async def _insert(session: AsyncSession, actor: Actor, patient: VisiblePatient, rule: Rule) -> UUID | None:
    """Return the id of a new alert; None when one is open. Who raises one at the same time is waited for."""
    made = await session.execute(
        insert(AlertRow)
        .values(
            id=new_id(),
            patient_id=patient.id,
            rule=rule.key,
            rule_version=rule.version,
            level=rule.level.value,
            state=AlertStatus.raised.value,
            raised_at=actor.at,
            since=actor.at,
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "rule"], index_where=text("state <> 'resolved'"))
        .returning(col(AlertRow.id))
    )
    return made.scalar_one_or_none()


async def _raised_again(session: AsyncSession, actor: Actor, patient: VisiblePatient, rule: Rule) -> UUID | None:
    """Return the open alert, raised again if somebody had it; None when there is none any more."""
    open_one = select(AlertRow).where(
        col(AlertRow.patient_id) == patient.id,
        col(AlertRow.rule) == rule.key,
        col(AlertRow.state) != AlertStatus.resolved.value,
    )
    row: AlertRow | None = (
        await session.execute(open_one.with_for_update(key_share=True).execution_options(populate_existing=True))
    ).scalar_one_or_none()
    if row is None:
        return None
    if row.state == AlertStatus.acknowledged.value:
        row.state, row.since = AlertStatus.raised.value, actor.at
    row.version += 1
    session.add(row)
    await session.flush()
    return row.id


async def acknowledge_alert(
    session: AsyncSession, actor: Actor, patient_id: UUID, alert_id: UUID, note: str | None, seen: Seen | None = None
) -> None:
    """Say that one has seen an alert and sees to it. To say so again changes nothing.

    Raises NotFound, NotPermitted, IllegalTransition, and Stale when `seen` was asked for and has passed.
    """
    patient, row = await _answered(session, actor, patient_id, alert_id)
    if row.state == AlertStatus.acknowledged.value and await _is_a_repeat(
        session, actor, row, AlertDeed.acknowledged, note, None
    ):
        await record_audit(session, actor, "alert.acknowledge", patient, subject_id=alert_id, count=0)
        return
    require_acknowledgeable(AlertStatus(row.state))
    require_seen(row.version, seen)
    await _move(session, actor, row, AlertStatus.acknowledged)
    await _append_step(session, actor, patient, alert_id, AlertDeed.acknowledged, note)
    await append_event(session, "alert.acknowledged", patient_id=patient_id, subject_ids=[alert_id])
    await record_audit(session, actor, "alert.acknowledge", patient, subject_id=alert_id, count=1)


async def resolve_alert(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    alert_id: UUID,
    outcome: AlertOutcome,
    note: str | None,
    seen: Seen | None = None,
) -> None:
    """Say what came of an acknowledged alert. To say the same again changes nothing.

    Raises NotFound, NotPermitted, IllegalTransition, and Stale when `seen` was asked for and has passed.
    """
    patient, row = await _answered(session, actor, patient_id, alert_id)
    if row.state == AlertStatus.resolved.value and await _is_a_repeat(
        session, actor, row, AlertDeed.resolved, note, outcome
    ):
        await record_audit(session, actor, "alert.resolve", patient, subject_id=alert_id, count=0)
        return
    require_resolvable(AlertStatus(row.state))
    require_seen(row.version, seen)
    await _move(session, actor, row, AlertStatus.resolved)
    await _append_step(session, actor, patient, alert_id, AlertDeed.resolved, note, outcome)
    await append_event(session, "alert.resolved", patient_id=patient_id, subject_ids=[alert_id])
    await record_audit(session, actor, "alert.resolve", patient, subject_id=alert_id, count=1)


async def withdraw_evidence(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, subject_id: UUID
) -> list[UUID]:
    """Return the alerts that rested on this, which was entered in error: marked so, and left as they are.

    For commands that have authorised what they do.
    """
    withdrawn = await session.execute(
        update(AlertEvidenceRow)
        .where(
            col(AlertEvidenceRow.patient_id) == patient.id,
            col(AlertEvidenceRow.subject_id) == subject_id,
            col(AlertEvidenceRow.withdrawn_at).is_(None),
        )
        .values(withdrawn_at=actor.at)
        .returning(col(AlertEvidenceRow.alert_id))
    )
    alert_ids = list(withdrawn.scalars())
    for alert_id in alert_ids:
        row = await _locked(session, patient.id, alert_id)
        row.version += 1
        session.add(row)
        await session.flush()
        await _append_step(session, actor, patient, alert_id, AlertDeed.evidence_withdrawn)
        await append_event(session, "alert.evidence_withdrawn", patient_id=patient.id, subject_ids=[alert_id])
    return alert_ids


async def _answered(
    session: AsyncSession, actor: Actor, patient_id: UUID, alert_id: UUID
) -> tuple[VisiblePatient, AlertRow]:
    patient = await permitted_patient(session, actor, patient_id, Action.answer_alerts)
    return patient, await _locked(session, patient_id, alert_id)


async def _locked(session: AsyncSession, patient_id: UUID, alert_id: UUID) -> AlertRow:
    """Return the alert's row as it is now, nobody else moving it. Raises NotFound."""
    found = await session.execute(
        select(AlertRow)
        .where(col(AlertRow.id) == alert_id, col(AlertRow.patient_id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: AlertRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


async def _move(session: AsyncSession, actor: Actor, row: AlertRow, to: AlertStatus) -> None:
    row.state, row.since, row.version = to.value, actor.at, row.version + 1
    session.add(row)
    await session.flush()


async def _append_step(
    session: AsyncSession,
    actor: Actor,
    patient: VisiblePatient,
    alert_id: UUID,
    step: AlertDeed,
    note: str | None = None,
    outcome: AlertOutcome | None = None,
) -> None:
    """Add a step to the history. The alert's row is locked or new, so nobody else numbers at the same time."""
    last = await session.scalar(
        select(func.max(col(AlertStepRow.number))).where(col(AlertStepRow.alert_id) == alert_id)
    )
    session.add(
        AlertStepRow(
            alert_id=alert_id,
            number=(last or 0) + 1,
            patient_id=patient.id,
            step=step.value,
            at=actor.at,
            taken_by=actor.account_id,
            taken_as=patient.ground.basis.value,
            note=note,
            outcome=None if outcome is None else outcome.value,
        )
    )
    await session.flush()


async def _is_a_repeat(
    session: AsyncSession,
    actor: Actor,
    row: AlertRow,
    deed: AlertDeed,
    note: str | None,
    outcome: AlertOutcome | None,
) -> bool:
    """Return whether the alert stands so already by this very word of this account."""
    if row.state != deed.value:
        return False
    newest = (
        select(AlertStepRow)
        .where(col(AlertStepRow.alert_id) == row.id, col(AlertStepRow.step) == deed.value)
        .order_by(col(AlertStepRow.number).desc())
        .limit(1)
    )
    last = (await session.execute(newest)).scalar_one()
    said = None if outcome is None else outcome.value
    return (last.taken_by, last.note, last.outcome) == (actor.account_id, note, said)
