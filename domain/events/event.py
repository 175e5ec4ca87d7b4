"""What an event is. Pure, so that who only handles events need not reach the database that keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Who may see whom has changed: for these accounts, or for this patient. For the live feed alone; clients are not told.
ACCESS_CHANGED = "access.changed"


@dataclass(frozen=True, slots=True)
class Event:
    """A committed fact: its dense number, kind, whose record it concerns, and the ids of what it is about."""

    number: int
    kind: str
    patient_id: UUID | None
    subject_ids: tuple[UUID, ...]
    at: datetime
