"""What is told about events and patients: read by the queries that everybody else reads by, and written once.

Authorises nobody: whoever calls has asked who may be told. Knows no socket.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.live import protocol
from api.live.inbox import Told
from api.schemas.observations import LatestOut, ObservationOut
from domain.events.event import Event
from domain.observations.observation import Latest
from domain.observations.queries import latest_for_patients, observations_by_ids
from domain.statements import Work

# Reading and writing so many takes about 10 ms, in which nobody else is served, and fits into any inbox.
SUBJECTS_AT_ONCE = 300
_OF_OBSERVATIONS = "observation."


def stretch(events: Sequence[Event]) -> Sequence[Event]:
    """Return as many of the first events as may be told at once; at least one, if there are any."""
    subjects = 0
    for place, event in enumerate(events):
        subjects += len(event.subject_ids)
        if subjects > SUBJECTS_AT_ONCE and place > 0:
            return events[:place]
    return events


async def told(work: Work, events: Sequence[Event], at: datetime) -> list[Told]:
    """Return the events that concern a patient as they are told, in their order; one query for all of them."""
    ids = [subject for event in events if event.kind.startswith(_OF_OBSERVATIONS) for subject in event.subject_ids]
    found = {o.id: o for o in await observations_by_ids(work, ids)} if ids else {}
    return [
        Told(event.number, event.patient_id, _body(event, event.patient_id, found, at))
        for event in events
        if event.patient_id is not None
    ]


def _body(event: Event, patient_id: UUID, found: dict[UUID, Any], at: datetime) -> str:
    # An id that is not this patient's would be a defect elsewhere; it must not become a disclosure here.
    mine = [found[subject] for subject in event.subject_ids if subject in found]
    return protocol.event_body(
        number=event.number,
        kind=event.kind,
        patient_id=patient_id,
        at=event.at,
        server_time=at,
        observations=[
            {**ObservationOut.of(o).model_dump(mode="json"), "age_seconds": Latest(o, at).age_seconds}
            for o in mine
            if o.patient_id == patient_id
        ],
        subject_ids=event.subject_ids,
    )


async def latest(session: AsyncSession, patient_ids: Sequence[UUID], at: datetime) -> dict[UUID, list[Any]]:
    """Return the latest of each sign by patient, as it is told; a patient without any has an empty list."""
    found = await latest_for_patients(session, patient_ids, at=at)
    return {
        patient_id: [LatestOut.of(newest).model_dump(mode="json") for newest in found.get(patient_id, [])]
        for patient_id in patient_ids
    }
