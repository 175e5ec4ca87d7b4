"""What became of what was acknowledged: what is not stored, is there twice or otherwise, or was not told to a watcher.

Pure: it compares what the devices, the database and the watchers say, and believes none of them alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.faults.measured import Measured


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a device was told is in the record: whose, under which name of its own, and as which observation."""

    patient_id: UUID
    client_id: str
    observation_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the record. No device ever measures twice in one instant, so that two rows of one are one too many."""

    client_id: str
    observation_id: str
    measured: Measured

    @property
    def patient_id(self) -> UUID:
        """Return in whose record it stands."""
        return self.measured.patient_id


@dataclass(frozen=True, slots=True)
class Announced:
    """One event as a watcher was told it: about whom, its subjects, and what it shows of them.

    `shows_all`: whether it is of a kind that shows every subject.
    """

    patient_id: UUID
    subject_ids: Sequence[str]
    shown: Sequence[Stored] = ()
    shows_all: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What one watcher was told: whom it watches, and its events, in the order in which they came."""

    patient_ids: frozenset[UUID]
    events: Sequence[Announced]

    @property
    def subject_ids(self) -> list[str]:
        """Return what its events were about, in order."""
        return [subject for event in self.events for subject in event.subject_ids]


@dataclass
class Judgement:
    """What the oracle found; each part is empty when nothing is wrong.

    `altered` are the names of what is stored or told otherwise than it was sent, with what differs.
    """

    acknowledged: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    altered: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is wrong."""
        return not (self.lost or self.doubled or self.missed or self.altered or self.faults)


def judge(
    acknowledged: Iterable[Acknowledged],
    stored: Sequence[Stored],
    told: Iterable[Told],
    *,
    sent: Mapping[str, Measured] | None = None,
    announced: Mapping[str, UUID] | None = None,
    numbers: Sequence[int] = (),
) -> Judgement:
    """Return what is wrong.

    `sent` is by its name what devices sent, answered or not; `announced` are the subjects of further committed events,
    with whose they are; `numbers` those of the log, in order.
    """
    known, told = set(acknowledged), list(told)
    found = Judgement(len(known))
    found.lost = {each.client_id for each in known} - _kept(known, stored)
    found.doubled = _stored_twice(stored) | _acknowledged_twice(known)
    owed = {each.observation_id: each.patient_id for each in known} | dict(announced or {})
    for watcher in told:
        found.missed |= {s for s, patient in owed.items() if patient in watcher.patient_ids} - set(watcher.subject_ids)
        found.doubled |= {subject for subject, times in Counter(watcher.subject_ids).items() if times > 1}
    found.altered = _altered(sent or {}, stored, told)
    if numbers and list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
        found.faults.append("the log's numbers have holes")
    return found


def _kept(known: set[Acknowledged], stored: Sequence[Stored]) -> set[str]:
    """Return the names of what is stored for whom it was sent, and as what the device was told."""
    rows = {(row.patient_id, row.client_id, row.observation_id) for row in stored}
    return {each.client_id for each in known if (each.patient_id, each.client_id, each.observation_id) in rows}


def _stored_twice(stored: Sequence[Stored]) -> set[str]:
    names = Counter((row.patient_id, row.client_id) for row in stored)
    instants = Counter((row.patient_id, row.measured.effective_at) for row in stored)
    return {
        row.client_id
        for row in stored
        if names[row.patient_id, row.client_id] > 1 or instants[row.patient_id, row.measured.effective_at] > 1
    }


def _acknowledged_twice(known: set[Acknowledged]) -> set[str]:
    """Return the names that were acknowledged as two different observations."""
    return {name for name, times in Counter(each.client_id for each in known).items() if times > 1}


def _altered(sent: Mapping[str, Measured], stored: Iterable[Stored], told: Iterable[Told]) -> dict[str, str]:
    """Return by name how what is stored or shown differs from what was sent, and events that show something else."""
    altered: dict[str, str] = {}
    shown = {each for watcher in told for event in watcher.events for each in event.shown}  # many are shown the same
    for where, rows in (("stored", stored), ("told", shown)):
        for row in rows:
            meant = sent.get(row.client_id)
            if meant is not None and (differs := meant.unlike(row.measured)):
                altered[row.client_id] = f"{where} with another {', '.join(differs)}"
    for event in (event for watcher in told for event in watcher.events):
        if event.shows_all and [each.observation_id for each in event.shown] != list(event.subject_ids):
            altered |= dict.fromkeys(event.subject_ids, "told in an event that shows something else")
        if any(each.patient_id != event.patient_id for each in event.shown):
            altered |= dict.fromkeys(event.subject_ids, "told in an event of another patient")
    return altered
