"""A contact as it is claimed, and what becomes of the claim. Pure: it reaches no record.

A refusal never repeats the value it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.clock import london_date
from domain.outcomes.contact_import import CLOCK_SKEW_TOLERATED
from domain.outcomes.definitions import ContactKind


class ContactOutcome(StrEnum):
    """What became of a claim."""

    stored = "stored"
    duplicate = "duplicate"
    refused = "refused"


class ContactRefusal(StrEnum):
    """Why a claim was not accepted. Codes are a promise to clients: added to, never renamed."""

    future_time = "future_time"
    before_birth = "before_birth"
    after_death = "after_death"
    unknown_organisation = "unknown_organisation"
    conflict = "conflict"

    @property
    def field(self) -> str:
        """Return the field that the refusal is about."""
        return _FIELDS[self]

    @property
    def detail(self) -> str:
        """Return what to tell the person or the developer."""
        return _DETAILS[self]


_FIELDS: Mapping[ContactRefusal, str] = {
    ContactRefusal.future_time: "started_at",
    ContactRefusal.before_birth: "started_at",
    ContactRefusal.after_death: "started_at",
    ContactRefusal.unknown_organisation: "organisation_id",
    ContactRefusal.conflict: "external_id",
}
_DETAILS: Mapping[ContactRefusal, str] = {
    ContactRefusal.future_time: "The contact lies in the future. Record it once it has happened.",
    ContactRefusal.before_birth: "The contact lies before the patient's birth.",
    ContactRefusal.after_death: "The contact lies after the day on which the patient died.",
    ContactRefusal.unknown_organisation: "There is no such organisation.",
    ContactRefusal.conflict: "Another contact is already recorded under this source and external_id.",
}


@dataclass(frozen=True, slots=True)
class ContactClaim:
    """A use of a service that is claimed: when it began (with an offset), where, and the source's own id of it."""

    kind: ContactKind
    started_at: datetime
    organisation_id: UUID
    source: str
    external_id: str | None

    @property
    def offset_minutes(self) -> int:
        """Return the offset from UTC that its time is written with. Raises ValueError when it has none."""
        offset = self.started_at.utcoffset()
        if offset is None:
            raise ValueError("a contact's time has an offset")
        return offset // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A contact that is recorded, or about to be."""

    id: UUID
    kind: str
    started_at: datetime
    organisation_id: UUID
    source: str
    external_id: str | None

    def is_told_by(self, claim: ContactClaim) -> bool:
        """Return whether the claim says the same of what, when and where."""
        return _nature(self) == _nature(claim)


class Known:
    """One patient's contacts, by which a claim is recognised as one of them."""

    def __init__(self, recorded: Iterable[Recorded] = ()) -> None:
        self._by_id: dict[tuple[str, str | None], Recorded] = {}
        self._alike: dict[tuple[str, datetime, UUID], list[Recorded]] = {}
        for each in recorded:
            self.add(each)

    def add(self, recorded: Recorded) -> None:
        """Know one contact more."""
        if recorded.external_id is not None:
            self._by_id[recorded.source, recorded.external_id] = recorded
        self._alike.setdefault(_nature(recorded), []).append(recorded)

    def told_by(self, claim: ContactClaim) -> Recorded | None:
        """Return the contact that the claim repeats or, under its id, contradicts; None for a new one.

        Two ids of the sources' own are two contacts, at one second as well. Only a claim without an id, or one recorded
        without, is recognised by what, when and where.
        """
        by_id = self._by_id.get((claim.source, claim.external_id))
        alike = self._alike.get(_nature(claim), [])
        nameless = (each for each in alike if claim.external_id is None or each.external_id is None)
        return by_id or next(nameless, None)


def _nature(of: ContactClaim | Recorded) -> tuple[str, datetime, UUID]:
    return (of.kind, of.started_at, of.organisation_id)


@dataclass(frozen=True, slots=True)
class ContactVerdict:
    """What became of one claim; `contact_id` is what it is recorded as, or what it repeats."""

    outcome: ContactOutcome
    contact_id: UUID | None = None
    refusal: ContactRefusal | None = None


def objection_to_time(
    started_at: datetime, *, received_at: datetime, born_on: date, died_on: date | None
) -> ContactRefusal | None:
    """Return why a contact cannot have begun then, or None. On the day of death itself it can."""
    if started_at > received_at + CLOCK_SKEW_TOLERATED:
        return ContactRefusal.future_time
    day = london_date(started_at)
    if day < born_on:
        return ContactRefusal.before_birth
    return ContactRefusal.after_death if died_on is not None and day > died_on else None
