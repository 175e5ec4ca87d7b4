"""What a visit is: the kinds of contact, and the written definitions that count them.

Measures are versioned data. They refuse to know how anything is counted or stored. A definition never changes under
its version: a new text or another set of kinds is a new version, so that a figure always says what it counted.

No measure here is the sum of others. Were "all" published beside each of its parts, rounded figures could be
subtracted to narrow a suppressed one (tests/unit/test_disclosure.py keeps it so).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContactKind(StrEnum):
    """One use of a service, by how it took place."""

    gp_face_to_face = "gp_face_to_face"
    gp_home_visit = "gp_home_visit"
    gp_telephone = "gp_telephone"
    gp_video = "gp_video"
    e_consultation = "e_consultation"
    community_nurse_visit = "community_nurse_visit"
    nhs_111 = "nhs_111"
    out_of_hours = "out_of_hours"
    ambulance = "ambulance"
    emergency_attendance = "emergency_attendance"
    emergency_admission = "emergency_admission"
    outpatient = "outpatient"


class MeasureKey(StrEnum):
    """What can be asked for."""

    face_to_face_gp_visits = "face_to_face_gp_visits"
    all_primary_care_contacts = "all_primary_care_contacts"
    urgent_contacts = "urgent_contacts"
    emergency_attendances = "emergency_attendances"
    emergency_admissions = "emergency_admissions"


@dataclass(frozen=True, slots=True)
class MeasureDefinition:
    """A measure's numerator in words and as kinds of contact; the denominator is person-days for all of them."""

    key: MeasureKey
    version: int
    name: str
    text: str
    kinds: tuple[ContactKind, ...]
    attribution: str
    trap: str


DENOMINATOR = (
    "Person-days of enrolled people who have some in both windows. From the day they joined (or the baseline began, "
    "but not before their history is known) up to, not including, the day they left, died or moved, or the data "
    "cut-off. A death recorded on any pathway ends a person's days on all of them."
)
_TO_THE_PERSON = (
    "To the enrolled person, whoever provided it and whatever its reason. By the London date on which it began."
)

_DEFINITIONS = (
    MeasureDefinition(
        MeasureKey.face_to_face_gp_visits,
        1,
        "Face-to-face GP visits",
        "Contacts with a general practitioner in one room: at the surgery or at the person's home.",
        (ContactKind.gp_face_to_face, ContactKind.gp_home_visit),
        _TO_THE_PERSON,
        "Remote contacts replace visits by definition: read it only beside all primary care contacts.",
    ),
    MeasureDefinition(
        MeasureKey.all_primary_care_contacts,
        1,
        "All primary care contacts",
        "Every contact with the practice or community nursing, face to face or remote.",
        (
            ContactKind.gp_face_to_face,
            ContactKind.gp_home_visit,
            ContactKind.gp_telephone,
            ContactKind.gp_video,
            ContactKind.e_consultation,
            ContactKind.community_nurse_visit,
        ),
        _TO_THE_PERSON,
        "Says nothing of the length or the cost of a contact.",
    ),
    MeasureDefinition(
        MeasureKey.urgent_contacts,
        1,
        "Urgent contacts outside the practice",
        "Calls to NHS 111, out-of-hours primary care and ambulances sent.",
        (ContactKind.nhs_111, ContactKind.out_of_hours, ContactKind.ambulance),
        _TO_THE_PERSON,
        "One episode may count more than once: a call, then an ambulance.",
    ),
    MeasureDefinition(
        MeasureKey.emergency_attendances,
        1,
        "Emergency department attendances",
        "Attendances at an emergency department of any type, admitted or not.",
        (ContactKind.emergency_attendance,),
        _TO_THE_PERSON,
        "An attendance that ends in an admission counts here and in emergency admissions: never add the two.",
    ),
    MeasureDefinition(
        MeasureKey.emergency_admissions,
        1,
        "Emergency admissions",
        "Unplanned admissions to a hospital bed, by the date of admission.",
        (ContactKind.emergency_admission,),
        _TO_THE_PERSON,
        "Says nothing of the length of stay.",
    ),
)

MEASURES: dict[MeasureKey, MeasureDefinition] = {definition.key: definition for definition in _DEFINITIONS}

# The only lengths of the window before enrolment. A free number would let a reader slide the window day by day
# until a rounded figure turns, and so read the exact one.
BASELINES_DAYS = (90, 180, 365, 730)
DEFAULT_BASELINE_DAYS = 180
