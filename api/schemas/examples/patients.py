"""Examples: patients, where they live, who cares for them."""

from __future__ import annotations

from api.schemas.examples.cast import (
    ASHA,
    ASHA_ID,
    BORN_ON,
    CARE_HOME,
    CARE_HOME_ID,
    CARE_TEAM_ID,
    CARL,
    CARL_ID,
    NHS_NUMBER,
    PRACTICE_ID,
    ROSE_ID,
    ROSES_ACCOUNT_ID,
    Shown,
    page,
)
from api.schemas.examples.observations import LATEST

_WHO: Shown = {"nhs_number": NHS_NUMBER, "given_name": "Rose", "family_name": "Hartley", "born_on": BORN_ON}
_PATIENT: Shown = {
    "id": ROSE_ID,
    **_WHO,
    "practice_id": PRACTICE_ID,
    "care_home": CARE_HOME,
    "room": "12",
    "bases": ["practice"],
}
_CARE_TEAM: Shown = {
    "id": CARE_TEAM_ID,
    "organisation_id": PRACTICE_ID,
    "name": "Heart failure team",
    "member_ids": [ASHA_ID, CARL_ID],
    "members": [{"account_id": ASHA_ID, "name": ASHA}, {"account_id": CARL_ID, "name": CARL}],
    "patient_ids": [ROSE_ID],
}

EXAMPLES: dict[str, Shown] = {
    "PatientIn": {**_WHO, "practice_id": PRACTICE_ID},
    "PatientCorrectionIn": {**_WHO, "given_name": "Rosemary"},
    "PatientDetailOut": {**_PATIENT, "disputes": []},
    "PatientPage": page(_PATIENT),
    "FormerPatientPage": page(
        {
            **_WHO,
            "version": 1,
            "given_name": "Rosa",
            "replaced_at": "2026-11-03T10:12:00Z",
            "replaced_by": ASHA_ID,
        }
    ),
    "AccountLinkIn": {"account_id": ROSES_ACCOUNT_ID},
    "ResidenceIn": {"care_home_id": CARE_HOME_ID, "from_on": "2026-11-02", "room": "12"},
    "ResidenceEndIn": {"until_on": "2026-11-23"},
    "CareTeamIn": {"organisation_id": PRACTICE_ID, "name": "Heart failure team"},
    "CareTeamNameIn": {"name": "Heart failure and rhythm team"},
    "CareTeamMemberIn": {"account_id": CARL_ID},
    "CareTeamPatientIn": {"patient_id": ROSE_ID},
    "CareTeamOut": _CARE_TEAM,
    "CareTeamPage": page(_CARE_TEAM),
    "CaringOut": {
        "practice": "Riverside Practice",
        "is_shared": True,
        "care_teams": [
            {"name": "Heart failure team", "organisation": "Riverside Practice", "members": [ASHA, CARL]},
        ],
        "care_home": "Elm Tree House",
    },
    "BoardPage": page(
        {
            "patient": {"id": ROSE_ID, **_WHO, "care_home": CARE_HOME, "room": "12"},
            "latest": [LATEST],
            "edition": "another-when-the-row-changes",
        }
    ),
    "BoardEditionOut": {"rows": ["another-when-the-row-changes"]},
}
