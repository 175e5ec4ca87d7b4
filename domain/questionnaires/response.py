"""What somebody answered to a questionnaire, and what it adds up to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.access.ground import Basis
from domain.questionnaires.answers import Answer
from domain.questionnaires.catalogue import Instrument
from domain.questionnaires.questionnaire import Value


class ResponseStatus(StrEnum):
    """Whether everything was answered that had to be; worked out here, not believed of whoever sends it."""

    completed = "completed"
    stopped = "stopped"
    entered_in_error = "entered-in-error"


@dataclass(frozen=True, slots=True)
class NewResponse:
    """Answers to an instrument in the version that was shown, and when they were given (in its own offset).

    `client_id` is the sender's own name for it: sent again, the response is kept once.
    """

    questionnaire: str
    version: str
    authored_at: datetime
    answers: tuple[Answer, ...]
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """By whom, when and why a response was marked as entered in error."""

    at: datetime
    by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Response:
    """Answers as they stand, what is missing, and the total if everything scored is answered.

    `previous_total`: of the response before this one that has one and counts; None too where the reader may not know.
    """

    id: UUID
    patient_id: UUID
    client_id: str | None
    instrument: Instrument
    version: str
    authored_at: datetime
    answers: Mapping[str, Value]
    missing: tuple[str, ...]
    total: int | None
    previous_total: int | None
    cannot_wait: bool
    recorded_by: UUID
    recorded_as: Basis
    recorded_at: datetime
    withdrawn: Withdrawn | None

    @property
    def status(self) -> ResponseStatus:
        """Return where the response stands."""
        if self.withdrawn is not None:
            return ResponseStatus.entered_in_error
        return ResponseStatus.stopped if self.missing else ResponseStatus.completed

    @property
    def band(self) -> str | None:
        """Return what the total is called."""
        scoring = self.instrument.scoring
        return None if scoring is None or self.total is None else scoring.band(self.total)

    @property
    def change(self) -> int | None:
        """Return by how much the total is above the one before; None without either."""
        return None if self.total is None or self.previous_total is None else self.total - self.previous_total
