"""One accepted observation and its state, and what "latest" says of it. Pure: times and ages are told to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import VitalSign

_DAY_SECONDS = 86_400


class Status(StrEnum):
    """Where an observation stands (FHIR ObservationStatus, and `superseded` for the version before a correction)."""

    final = "final"
    corrected = "corrected"
    superseded = "superseded"
    entered_in_error = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Observation:
    """One vital sign as recorded: in the canonical unit, with the sender's own value and unit beside it.

    `effective_at` has the offset it was sent with. `recorded_as` is on which basis the recorder saw the patient.
    `reason` is why it was retracted or, of a correction, why it was made. `amended_…` is who put an end to this
    version, by retracting it or by recording the correction that supersedes it, when and why.
    """

    id: UUID
    patient_id: UUID
    recorded_by: UUID
    effective_at: datetime
    received_at: datetime
    confirmed: bool
    sign: str
    source: str
    client_id: str
    recorded_as: str
    value: Decimal | None
    systolic: Decimal | None
    diastolic: Decimal | None
    code: str | None
    comparator: str | None
    original_value: Decimal | None
    original_unit: str | None
    clock_skew_seconds: int | None
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    retracted: bool
    reason: str | None
    amended_by: UUID | None
    amended_at: datetime | None
    amendment_reason: str | None

    @property
    def vital_sign(self) -> VitalSign:
        """Return the catalogue's entry."""
        return CATALOGUE[self.sign]

    @property
    def unit(self) -> str | None:
        """Return the canonical unit that the values are in; None for a coded sign."""
        sent = self.vital_sign.unit(self.original_unit) if self.original_unit is not None else None
        return None if sent is None else sent.kept_as

    @property
    def loinc(self) -> str | None:
        """Return the LOINC code of what is kept, if the sign has one."""
        return self.vital_sign.loinc_of(self.unit)

    @property
    def status(self) -> Status:
        """Return where the observation stands."""
        if self.retracted:
            return Status.entered_in_error
        if self.superseded_by_id is not None:
            return Status.superseded
        return Status.final if self.supersedes_id is None else Status.corrected

    @property
    def edition(self) -> int:
        """Return 1 while it is the current version and 2 once it was corrected or retracted: nothing else changes."""
        return 2 if self.retracted or self.superseded_by_id is not None else 1

    def states(self) -> tuple[object, ...]:
        """Return what a repeat must agree on, in the order of `Measurement.states`."""
        return (
            self.sign,
            self.effective_at,
            self.source,
            self.value,
            self.systolic,
            self.diastolic,
            self.code,
            self.comparator,
            self.unit,
        )


def age_seconds(effective_at: datetime, at: datetime) -> int:
    """Return how old at an instant what was measured at another is, in whole seconds; 0 when the clock was ahead."""
    age = at - effective_at
    return 0 if age.days < 0 else age.days * _DAY_SECONDS + age.seconds


@dataclass(frozen=True, slots=True)
class Latest:
    """An observation as seen at an instant: its age, and whether it may still stand for the present."""

    observation: Observation
    at: datetime

    @property
    def age_seconds(self) -> int:
        """Return its age in whole seconds; 0 when the phone's clock was ahead."""
        return age_seconds(self.observation.effective_at, self.at)

    @property
    def stale(self) -> bool:
        """Return whether it is older than the catalogue lets the sign stand for the present."""
        return self.at - self.observation.effective_at > self.observation.vital_sign.stale_after
