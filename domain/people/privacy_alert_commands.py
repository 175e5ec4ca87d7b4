"""A privacy officer's answer to an alert."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Encounter, Touched, ground_of
from domain.audit.commands import record_audit
from domain.errors import IllegalTransition, NotFound
from domain.people.break_glass import NEXT_STATES, AlertState
from domain.people.break_glass_queries import answered_for
from domain.people.tables import PrivacyAlertRow


async def review_alert(session: AsyncSession, actor: Actor, alert_id: UUID, state: AlertState, note: str) -> None:
    """Record what a privacy officer made of an alert, with a note of why.

    Raises NotFound, NotPermitted, and IllegalTransition when it has been answered already.
    """
    query = (await answered_for(session, actor)).where(col(PrivacyAlertRow.id) == alert_id)
    locked = query.with_for_update(of=PrivacyAlertRow).execution_options(populate_existing=True)
    row = (await session.execute(locked)).one_or_none()
    if row is None:
        raise NotFound
    alert, broken = row
    if state not in NEXT_STATES[AlertState(alert.state)]:
        raise IllegalTransition(f"An alert that is {alert.state} cannot become {state}.")
    alert.state, alert.note = state.value, note
    alert.reviewed_at, alert.reviewed_by = actor.at, actor.account_id
    session.add(alert)
    await session.flush()
    touched = Touched(broken.patient_id, ground_of(actor, Encounter.privacy_review))
    await record_audit(session, actor, "privacy_alert.review", touched, subject_id=alert_id)
