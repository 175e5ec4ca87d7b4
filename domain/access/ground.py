"""On what ground somebody touches a person's record: the relation, the role and place that carry it, and the purpose.

Pure. Refuses to decide who may see whom: it only names what that decision rested on, for the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.access.actor import Actor, Grant, Role


class Basis(StrEnum):
    """Why a caller may see a patient."""

    self_ = "self"
    delegate = "delegate"
    care_home = "care_home"
    care_team = "care_team"
    practice = "practice"
    break_glass = "break_glass"


class Encounter(StrEnum):
    """How a caller came upon a person without seeing their record.

    Registering them, by a file of contacts, by an invitation to their record that is somebody else's, or as privacy
    officer: asking whose record was opened in an emergency, and answering what somebody asked of theirs.
    """

    registration = "registration"
    contact_file = "contact_file"
    invitation = "invitation"
    privacy_review = "privacy_review"
    rights_review = "rights_review"


class Purpose(StrEnum):
    """What for: the codes of HL7's PurposeOfUse (v3 ActReason) that are used here."""

    treatment = "TREAT"
    break_the_glass = "BTG"
    patient_requested = "PATRQT"
    family_requested = "FAMRQT"
    healthcare_operations = "HOPERAT"


# The nearest to the patient first: when several hold, it is the first that counts.
NEAREST_FIRST = tuple(Basis)
_PURPOSE: dict[Basis | Encounter, Purpose] = {
    Basis.self_: Purpose.patient_requested,
    Basis.delegate: Purpose.family_requested,
    Basis.break_glass: Purpose.break_the_glass,
    Encounter.contact_file: Purpose.healthcare_operations,
    Encounter.invitation: Purpose.healthcare_operations,
    Encounter.privacy_review: Purpose.healthcare_operations,
    Encounter.rights_review: Purpose.healthcare_operations,
}
_ROLE: dict[Basis | Encounter, Role] = {
    Basis.care_home: Role.care_home_staff,
    Basis.care_team: Role.clinician,
    Basis.practice: Role.clinician,
    Basis.break_glass: Role.clinician,
    Encounter.registration: Role.clinician,
    Encounter.contact_file: Role.administrator,
    Encounter.privacy_review: Role.privacy_officer,
    Encounter.rights_review: Role.privacy_officer,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """The relation that was used, the role at a place that carries it (none for patients and family), and what for.

    `reason` is what a person typed to break the glass.
    """

    basis: Basis | Encounter
    grant: Grant | None
    purpose: Purpose
    reason: str | None = None


class OnGround(Protocol):
    """A person whose record is touched, and on what ground."""

    @property
    def id(self) -> UUID:
        """Return the patient's id."""

    @property
    def ground(self) -> Ground:
        """Return on what ground the actor touches the record."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One of several people whose records a deed touched, and how often it did."""

    id: UUID
    ground: Ground
    count: int | None = None


def nearest(bases: Collection[Basis]) -> Basis:
    """Return the basis that counts of those that hold. Raises ValueError when there is none."""
    return min(bases, key=NEAREST_FIRST.index)


def ground_of(
    actor: Actor, basis: Basis | Encounter, *, places: Collection[UUID | None] = (), reason: str | None = None
) -> Ground:
    """Return the ground on which the actor touches a record.

    `places` are where the patient is cared for: of several grants of the role, one there is the one that counts.
    """
    return Ground(basis, _grant(actor, _ROLE.get(basis), places), _PURPOSE.get(basis, Purpose.treatment), reason)


def _grant(actor: Actor, role: Role | None, places: Collection[UUID | None]) -> Grant | None:
    held = (grant for grant in actor.grants if grant.role is role)
    return min(held, key=lambda grant: (grant.organisation_id not in places, grant.organisation_id), default=None)
