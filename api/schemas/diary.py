"""Diaries and the catalogue of symptoms as clients see them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.strict import In, Line, Out, Prose, StrictInstant, Token
from domain.access.ground import Basis
from domain.diary.entry import Entry, NewEntry, Noticed, Standing
from domain.diary.symptom import GREATEST_LEVEL, LEAST_LEVEL, SYMPTOMS, Condition, Scale, Symptom

_EXAMPLE: JsonDict = {
    "client_id": "phone-2026-11-23-1",
    "effective_at": "2026-11-23T07:30:00Z",
    "note": "Slept with three pillows.",
    "symptoms": [{"symptom": "ankle_swelling", "level": 2}, {"symptom": "breathless_lying_flat", "level": 1}],
}

# Told to clients as a choice, and left to the domain to judge.
SymptomKey = Annotated[Token, Field(json_schema_extra={"enum": list(SYMPTOMS)})]


class NoticedIn(In):
    """A symptom of the catalogue and how much of it: 0 to 3, by the symptom's own words."""

    symptom: SymptomKey
    level: Annotated[int, Field(ge=LEAST_LEVEL, le=GREATEST_LEVEL)]


class DiaryEntryIn(In):
    """What was noticed and when: a note, symptoms, or both.

    With a `client_id`, the sender's own name for it, it may safely be sent again.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    effective_at: StrictInstant
    note: Prose | None = None
    symptoms: list[NoticedIn] = Field(default_factory=list, max_length=len(SYMPTOMS))
    client_id: Token | None = None

    def to_new_entry(self) -> NewEntry:
        """Return the entry as the domain takes it."""
        noticed = tuple(Noticed(each.symptom, each.level) for each in self.symptoms)
        return NewEntry(self.effective_at, self.note, noticed, self.client_id)


class EntryRetractionIn(In):
    """Why an entry was made in error."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Meant for my wife's diary"}]})

    reason: Line


class NoticedOut(Out):
    """A symptom, how much of it, and both in words."""

    symptom: str
    label: str
    level: int
    level_label: str

    @classmethod
    def of(cls, noticed: Noticed) -> Self:
        """Return the symptom as clients see it."""
        symptom = SYMPTOMS[noticed.symptom]
        return cls(
            symptom=noticed.symptom,
            label=symptom.label,
            level=noticed.level,
            level_label=symptom.levels[noticed.level],
        )


class DiaryEntryOut(Out):
    """An entry of a diary. `recorded_as`: by which tie to the person. `amended_…`: if entered in error."""

    id: UUID
    patient_id: UUID
    client_id: str | None
    effective_at: datetime
    note: str | None
    symptoms: list[NoticedOut]
    recorded_by: UUID
    recorded_as: Basis
    recorded_at: datetime
    status: Standing
    amended_at: datetime | None
    amended_by: UUID | None
    amendment_reason: str | None

    @classmethod
    def of(cls, found: Entry) -> Self:
        """Return the entry as clients see it."""
        withdrawn = found.withdrawn
        return cls(
            id=found.id,
            patient_id=found.patient_id,
            client_id=found.client_id,
            effective_at=found.effective_at,
            note=found.note,
            symptoms=[NoticedOut.of(each) for each in found.symptoms],
            recorded_by=found.recorded_by,
            recorded_as=found.recorded_as,
            recorded_at=found.recorded_at,
            status=found.standing,
            amended_at=None if withdrawn is None else withdrawn.at,
            amended_by=None if withdrawn is None else withdrawn.by,
            amendment_reason=None if withdrawn is None else withdrawn.reason,
        )


class DiaryPage(Out):
    """A page of a diary, what was noticed last first."""

    items: list[DiaryEntryOut]
    next_cursor: str | None


class LevelOut(Out):
    """One of a symptom's four steps, in words."""

    level: int
    label: str


class SymptomOut(Out):
    """A symptom of the catalogue. `snomed` is null where no public value set gives its code."""

    key: str
    label: str
    scale: Scale
    levels: list[LevelOut]
    conditions: list[Condition]
    snomed: str | None

    @classmethod
    def of(cls, symptom: Symptom) -> Self:
        """Return the symptom as clients see it."""
        return cls(
            key=symptom.key,
            label=symptom.label,
            scale=symptom.scale,
            levels=[LevelOut(level=level, label=label) for level, label in enumerate(symptom.levels)],
            conditions=sorted(symptom.conditions),
            snomed=symptom.snomed,
        )


class SymptomsOut(Out):
    """The whole catalogue."""

    items: list[SymptomOut]
