"""What stands in a diary, and what cannot. Pure: the caller says what time it is and when the person was born."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.access.ground import Basis
from domain.diary.symptom import GREATEST_LEVEL, LEAST_LEVEL, SYMPTOMS
from domain.errors import Fault
from domain.instant import objection_to_instant

_WHEN = {
    "future_time": "The time lies in the future.",
    "before_birth": "The time lies before the person's birth.",
    "past_time": "The time lies more than five years back.",
}


class Standing(StrEnum):
    """Whether an entry counts."""

    current = "current"
    entered_in_error = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Noticed:
    """One symptom and how much of it, 0 to 3 by its own words."""

    symptom: str
    level: int


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What somebody noticed and when (aware, in the offset it was sent with): a note, symptoms, or both.

    `client_id` is the sender's own name for it: sent again, the entry is kept once.
    """

    effective_at: datetime
    note: str | None = None
    symptoms: tuple[Noticed, ...] = ()
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """By whom, when and why an entry was marked as entered in error."""

    at: datetime
    by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a diary as it stands: who recorded it, and by which tie to the person."""

    id: UUID
    patient_id: UUID
    client_id: str | None
    effective_at: datetime
    note: str | None
    symptoms: tuple[Noticed, ...]
    recorded_by: UUID
    recorded_as: Basis
    recorded_at: datetime
    withdrawn: Withdrawn | None

    @property
    def standing(self) -> Standing:
        """Return whether the entry counts."""
        return Standing.current if self.withdrawn is None else Standing.entered_in_error

    def says(self, new: NewEntry) -> bool:
        """Return whether the entry says what this one would; in whatever order it names the symptoms."""
        return (self.effective_at, self.note, set(self.symptoms)) == (new.effective_at, new.note, set(new.symptoms))


def faults_of(new: NewEntry, *, now: datetime, born_on: date) -> list[Fault]:
    """Return what is wrong with an entry, each with its place; nothing when it can be kept."""
    faults = []
    if new.note is None and not new.symptoms:
        faults.append(Fault("/note", "nothing_said", "Write a note, or name at least one symptom."))
    if (objection := objection_to_instant(new.effective_at, received_at=now, born_on=born_on)) is not None:
        faults.append(Fault("/effective_at", objection, _WHEN[objection]))
    return faults + _faults_of_symptoms(new.symptoms)


def _faults_of_symptoms(symptoms: Sequence[Noticed]) -> list[Fault]:
    faults = []
    named = [each.symptom for each in symptoms]
    for place, each in enumerate(symptoms):
        pointer = f"/symptoms/{place}"
        if each.symptom not in SYMPTOMS:
            faults.append(Fault(f"{pointer}/symptom", "unknown_symptom", "Name a symptom of GET /v1/symptoms."))
        elif each.symptom in named[:place]:
            faults.append(Fault(f"{pointer}/symptom", "named_twice", "Name each symptom once."))
        if not LEAST_LEVEL <= each.level <= GREATEST_LEVEL:
            faults.append(Fault(f"{pointer}/level", "unknown_level", "A level is 0, 1, 2 or 3."))
    return faults
