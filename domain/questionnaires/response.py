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
    """Answers to an instrument in the version that was shown, and when they were given: RFC 3339 text, as it was sent.

    `client_id` is the sender's own name for it: sent again, the response is kept once. `sent_at`: what the sender's
    clock showed when it was sent, if that was told.
    """

    questionnaire: str
    version: str
    authored_at: str
    answers: tuple[Answer, ...]
    client_id: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that the instrument in use does not know, as it was sent: kept, and counted in nothing."""

    link_id: str
    value: str | int | bool


class TimeStands(StrEnum):
    """Which time stands where the stated one could not have been.

    corrected: by how far the sender's clock was from ours. received: when it reached us.
    """

    corrected = "corrected"
    received = "received"


@dataclass(frozen=True, slots=True)
class TimeInstead:
    """What time was stated, as it was written, and which stands instead."""

    stated: str
    stands: TimeStands


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
    What cannot wait is kept with `stated_time` if it bore a time that could not have been, and with what of it is
    `not_read`; of such answers, and of those in another version than the one in use, there is no total.
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
    stated_time: str | None
    not_read: tuple[Unread, ...]

    @property
    def time_instead(self) -> TimeInstead | None:
        """Return what time was stated and what stands instead; None where the stated one stands."""
        if self.stated_time is None:
            return None
        is_received = self.authored_at == self.recorded_at
        return TimeInstead(self.stated_time, TimeStands.received if is_received else TimeStands.corrected)

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
