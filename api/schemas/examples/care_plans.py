"""Examples: a care and support plan, drafted by Rose and her clinician and published by Rose."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA_ID, ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_SECTIONS: list[Shown] = [
    {
        "section": "matters",
        "label": "What is most important to me",
        "code": "1515861000000103",
        "text": "To stay in my own home, and to see my great-grandchildren on Sundays.",
        "words_of": "person",
        "written_by": ROSES_ACCOUNT_ID,
        "written_as": "self",
        "written_at": "2026-11-02T16:20:00Z",
    },
    {
        "section": "contingency",
        "label": "If I become unwell",
        "code": None,
        "text": "Ring the heart failure nurse first. Rose wants to be treated at home as long as that is safe.",
        "words_of": "clinician",
        "written_by": ASHA_ID,
        "written_as": "practice",
        "written_at": "2026-11-02T17:00:00Z",
    },
]
_CARE_PLAN: Shown = {
    "id": "00000000-0000-7000-8000-000000000071",
    "patient_id": ROSE_ID,
    "client_id": "00000000-0000-7000-8000-000000000070",
    "code": "713663002",
    "status": "published",
    "version": 1,
    "supersedes_id": None,
    "superseded_by_id": None,
    "superseded_at": None,
    "review_on": "2027-05-02",
    "review_overdue": False,
    "drafted_by": ASHA_ID,
    "drafted_as": "practice",
    "drafted_at": "2026-11-02T17:00:00Z",
    "decided_by": ROSES_ACCOUNT_ID,
    "decided_as": "self",
    "decided_at": "2026-11-03T09:12:44.118403Z",
    "agreement": "by_person",
    "note": None,
    "sections": [*_SECTIONS],
}

EXAMPLES: dict[str, Shown] = {
    "CarePlanIn": {
        "client_id": "00000000-0000-7000-8000-000000000072",
        "review_on": "2027-05-02",
        "sections": [
            {
                "section": "matters",
                "text": "To stay in my own home, and to see my great-grandchildren on Sundays.",
                "words_of": "person",
            }
        ],
        "supersedes_id": None,
    },
    "CarePlanPublicationIn": {"agreement": "with_person", "note": "Read through together at home."},
    "CarePlanWithdrawalIn": {"reason": "I want to talk about the part on the hospital first."},
    "CarePlanOut": _CARE_PLAN,
    "CarePlanPage": page(_CARE_PLAN),
}
