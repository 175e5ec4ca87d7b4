"""Putting right what was recorded: a correction supersedes, a retraction hides. Nothing is deleted or overwritten."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.observations.commands import objection_of, recorder_of
from domain.observations.observation import Observation, Status
from domain.observations.queries import COLUMNS, as_observation, observations_by_ids
from domain.observations.reading import Measurement, Reading, measured
from domain.observations.storing_commands import Claim, Recorder, insert_claims, values_before
from domain.observations.verdict import Refusal
from domain.people.permission import Action
from domain.people.queries import amended
from domain.versions import Seen, require_seen

# No lock of its own: a recorder is the patient's only writer, and sees what the one before them did.
_FOR_AMENDMENT = text(f"select {COLUMNS} from observation o where o.patient_id = :patient_id and o.id = :id")
_SUPERSEDE = text("update observation set superseded_by_id = :by where id = :id")
_RETRACT = text(
    "update observation set retracted_at = :at, retracted_by = :by, retraction_reason = :reason where id = :id"
)


async def correct_observation(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    observation_id: UUID,
    reading: Reading,
    reason: str,
    seen: Seen | None = None,
) -> Observation:
    """Return the new version that stands in the place of an observation, for a stated reason.

    A repeat under the same client id that agrees returns the version it made before. Raises NotFound, NotPermitted,
    Invalid for a reading that cannot be accepted, AlreadyExists when its client id names another reading or another
    is recorded for its sign, instant and source, and IllegalTransition unless the observation is the current version.
    """
    recorder = await recorder_of(session, actor, patient_id, action=Action.amend_own_readings)
    old = await _for_amendment(session, recorder, observation_id)
    patient = amended(recorder.actor, recorder.patient, old.recorded_by)
    recorder = replace(recorder, patient=patient)
    measurement = _of_same_sign(measured(reading), old)
    if old.superseded_by_id is not None:
        (successor,) = await observations_by_ids(session, [old.superseded_by_id])
        if successor.client_id == measurement.reading.client_id and successor.states() == measurement.states():
            await record_audit(session, actor, "observation.read", patient, subject_id=successor.id, about=old.sign)
            return successor
    require_seen(old.edition, seen)
    _require_current(old)
    await _require_acceptable(session, recorder, measurement, but=old.id)
    claims = {0: Claim(recorder, measurement)}
    inserted = await insert_claims(session, claims, supersedes_id=old.id, correction_reason=reason)
    if not inserted:
        raise AlreadyExists("Another observation has this client_id, or is of this sign, instant and source.")
    await session.execute(_SUPERSEDE, {"id": old.id, "by": inserted[0]})
    await append_event(session, "observation.corrected", patient_id=patient_id, subject_ids=[inserted[0], old.id])
    (new,) = await observations_by_ids(session, [inserted[0]])
    await record_audit(session, actor, "observation.correct", patient, subject_id=old.id, about=old.sign)
    return new


async def retract_observation(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    observation_id: UUID,
    reason: str,
    seen: Seen | None = None,
) -> Observation:
    """Return the observation as entered in error, for a stated reason: hidden from now on, kept for ever.

    A repeat by the same account for the same reason changes nothing. Raises NotFound, NotPermitted, and
    IllegalTransition unless the observation is the current version.
    """
    recorder = await recorder_of(session, actor, patient_id, action=Action.amend_own_readings)
    old = await _for_amendment(session, recorder, observation_id)
    patient = amended(recorder.actor, recorder.patient, old.recorded_by)
    if old.retracted and old.amended_by == actor.account_id and old.reason == reason:
        await record_audit(session, actor, "observation.read", patient, subject_id=old.id, about=old.sign)
        return old
    require_seen(old.edition, seen)
    _require_current(old)
    await session.execute(_RETRACT, {"id": old.id, "at": actor.at, "by": actor.account_id, "reason": reason})
    await append_event(session, "observation.retracted", patient_id=patient_id, subject_ids=[old.id])
    (retracted,) = await observations_by_ids(session, [old.id])
    await record_audit(session, actor, "observation.retract", patient, subject_id=old.id, about=old.sign)
    return retracted


async def _for_amendment(session: AsyncSession, recorder: Recorder, observation_id: UUID) -> Observation:
    """Return the observation, whatever its status. Raises NotFound."""
    row = (await session.execute(_FOR_AMENDMENT, {"patient_id": recorder.patient.id, "id": observation_id})).first()
    if row is None:
        raise NotFound
    return as_observation(row)


def _require_current(old: Observation) -> None:
    if old.status is Status.superseded:
        raise IllegalTransition("This was corrected already. Amend the version that superseded it.")
    if old.status is Status.entered_in_error:
        raise IllegalTransition("This was entered in error, and stays so.")


def _of_same_sign(found: Measurement | Refusal, old: Observation) -> Measurement:
    if isinstance(found, Refusal):
        raise _refused(found)
    if found.sign.key != old.sign:
        fault = Fault("/reading/sign", "sign_differs", "A correction is of the same vital sign. Retract, then record.")
        raise Invalid("The correction cannot be accepted.", [fault])
    return found


async def _require_acceptable(
    session: AsyncSession, recorder: Recorder, measurement: Measurement, *, but: UUID
) -> None:
    claim = Claim(recorder, measurement)
    before = await values_before(session, {0: claim}, but=but)
    refusal = objection_of(claim, before[0][1] if before else None)
    if refusal is not None:
        raise _refused(refusal)


def _refused(refusal: Refusal) -> Invalid:
    message = refusal.detail if refusal.hint is None else f"{refusal.detail} {refusal.hint}"
    fault = Fault(f"/reading/{refusal.field}", refusal.code.value, message)
    return Invalid("The correction cannot be accepted.", [fault])
