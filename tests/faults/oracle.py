"""What became of what was acknowledged: which of it is not stored, which is there twice, which a watcher was not told.

Pure: it compares what the devices, the database and the watchers say, and believes none of them alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a device was told is in the record: whose, under which name of its own, and as which observation."""

    patient_id: UUID
    client_id: str
    observation_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the record. No device ever measures twice in one instant, so that two rows of one are one too many."""

    patient_id: UUID
    client_id: str
    observation_id: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What one watcher was told: whom it watches, and the subjects of its events, in the order in which they came."""

    patient_ids: frozenset[UUID]
    subject_ids: Sequence[str]


@dataclass
class Judgement:
    """What the oracle found; each part is empty when nothing is wrong."""

    acknowledged: int = 0
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is wrong."""
        return not (self.lost or self.doubled or self.missed or self.faults)


def judge(
    acknowledged: Iterable[Acknowledged],
    stored: Sequence[Stored],
    told: Iterable[Told],
    *,
    announced: Mapping[str, UUID] | None = None,
    numbers: Sequence[int] = (),
) -> Judgement:
    """Return what is wrong.

    `announced` are the subjects of further committed events, with whose they are; `numbers` those of the log, in order.
    """
    known = set(acknowledged)
    found = Judgement(len(known))
    found.lost = {each.client_id for each in known} - _kept(known, stored)
    found.doubled = _stored_twice(stored) | _acknowledged_twice(known)
    owed = {each.observation_id: each.patient_id for each in known} | dict(announced or {})
    for watcher in told:
        found.missed |= {s for s, patient in owed.items() if patient in watcher.patient_ids} - set(watcher.subject_ids)
        found.doubled |= {subject for subject, times in Counter(watcher.subject_ids).items() if times > 1}
    if numbers and list(numbers) != list(range(numbers[0], numbers[0] + len(numbers))):
        found.faults.append("the log's numbers have holes")
    return found


def _kept(known: set[Acknowledged], stored: Sequence[Stored]) -> set[str]:
    """Return the names of what is stored for whom it was sent, and as what the device was told."""
    rows = {(row.patient_id, row.client_id, row.observation_id) for row in stored}
    return {each.client_id for each in known if (each.patient_id, each.client_id, each.observation_id) in rows}


def _stored_twice(stored: Sequence[Stored]) -> set[str]:
    names = Counter((row.patient_id, row.client_id) for row in stored)
    instants = Counter((row.patient_id, row.effective_at) for row in stored)
    return {
        row.client_id
        for row in stored
        if names[row.patient_id, row.client_id] > 1 or instants[row.patient_id, row.effective_at] > 1
    }


def _acknowledged_twice(known: set[Acknowledged]) -> set[str]:
    """Return the names that were acknowledged as two different observations."""
    return {name for name, times in Counter(each.client_id for each in known).items() if times > 1}
