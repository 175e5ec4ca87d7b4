"""Examples: pathways, who is on them, contacts, and outcomes."""

from __future__ import annotations

from api.schemas.examples.cast import COMMISSIONER_ID, PATHWAY_ID, PRACTICE_ID, ROSE_ID, Shown, page

_KINDS = ["gp_face_to_face", "gp_home_visit"]
_METHOD = "exact central"


def _count(value: int) -> Shown:
    return {"value": value, "status": "released", "reason": None}


def _estimate(value: float, low: float, high: float) -> Shown:
    return {"value": value, "low": low, "high": high, "status": "released", "reason": None, "method": _METHOD}


_OUTCOME: Shown = {
    "measure": {
        "key": "face_to_face_gp_visits",
        "version": 1,
        "name": "Face-to-face GP visits",
        "text": "Contacts with a general practitioner in one room: at the surgery or at the person's home.",
        "kinds": [*_KINDS],
        "attribution": "To the enrolled person, whoever provided it and whatever its reason.",
        "trap": "Remote contacts replace visits by definition: read it only beside all primary care contacts.",
    },
    "people": _count(120),
    "before": {"events": _count(310), "person_days": _count(21600), "rate": _estimate(14.0, 13.0, 16.0)},
    "since": {"events": _count(205), "person_days": _count(18250), "rate": _estimate(11.0, 9.7, 13.0)},
    "rate_ratio": _estimate(0.78, 0.65, 0.94),
    "percent_change": _estimate(-22, -35, -6),
    "p_value": {**_estimate(0.007, 0, 0), "low": None, "high": None},
    "claim": {
        "level": "L1",
        "design": "uncontrolled before and after comparison of the same people",
        "sentence": "Rate was 22% lower than before (uncontrolled; may be regression to the mean, season, coding)."
        " 95% interval: 35% lower to 6% lower.",
        "implausible_effect": False,
    },
    "cautions": [],
}
_IMPORT: Shown = {
    "id": "00000000-0000-7000-8000-000000000019",
    "state": "stored",
    "uploaded_at": "2026-11-23T09:45:52Z",
    "finished_at": "2026-11-23T09:45:53Z",
    "bytes_received": 8214,
    "rows_total": 120,
    "rows_read": 120,
    "rows_stored": 118,
    "rows_duplicate": 2,
    "faults_total": 0,
    "faults": [],
}

EXAMPLES: dict[str, Shown] = {
    "PathwayIn": {
        "commissioner_id": COMMISSIONER_ID,
        "code": "telemedicine",
        "name": "Care-home telemedicine",
        "description": "Residents' readings are seen by a nurse, who calls when they change",
    },
    "PathwayPage": page(
        {
            "id": PATHWAY_ID,
            "commissioner_id": COMMISSIONER_ID,
            "code": "telemedicine",
            "name": "Care-home telemedicine",
            "description": "Residents' readings are seen by a nurse, who calls when they change",
        }
    ),
    "EnrolmentIn": {"patient_id": ROSE_ID, "enrolled_on": "2026-11-02"},
    "EnrolmentEndIn": {"ended_on": "2026-11-23", "reason": "completed"},
    "EnrolmentPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000020",
            "pathway_id": PATHWAY_ID,
            "patient_id": ROSE_ID,
            "enrolled_on": "2026-11-02",
            "known_from": "2025-11-02",
            "ended_on": None,
            "end_reason": None,
        }
    ),
    "ContactsIn": {
        "patient_id": ROSE_ID,
        "contacts": [
            {
                "kind": "gp_home_visit",
                "started_at": "2026-11-20T14:30:00+00:00",
                "organisation_id": PRACTICE_ID,
                "source": "practice-system",
                "external_id": "V-20931",
            }
        ],
    },
    "ContactVerdictsOut": {
        "verdicts": [
            {
                "index": 0,
                "verdict": "stored",
                "contact_id": "00000000-0000-7000-8000-000000000021",
                "code": None,
                "field": None,
                "detail": None,
            }
        ],
        "stored": 1,
        "duplicate": 0,
        "refused": 0,
        "received_at": "2026-11-23T09:46:43.756858Z",
    },
    "ContactImportOut": _IMPORT,
    "OutcomeSummaryOut": {
        "pathway": {"id": PATHWAY_ID, "code": "telemedicine", "name": "Care-home telemedicine"},
        "data_until": "2026-10-31",
        "baseline_days": 180,
        "window_before": "The 180 days before each joined, as far as their history is known.",
        "window_since": "From the day each person joined until they left, or to the end of 2026-10-31.",
        "denominator": "Person-days of enrolled people who have some in both windows.",
        "rate_per": 1000,
        "policy": {
            "name": "hes-2018",
            "text": "Counts of 1 to 7 are suppressed, others rounded to the nearest 5, zero stays zero.",
        },
        "results": [_OUTCOME],
    },
}
