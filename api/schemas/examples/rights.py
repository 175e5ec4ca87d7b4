"""Examples: consents, delegates, who looked, what people ask of their record, emergencies and their review."""

from __future__ import annotations

from api.schemas.examples.cast import (
    ASHA,
    NETWORK,
    NHS_NUMBER,
    PRACTICE,
    PRACTICE_ID,
    ROSE,
    ROSE_ID,
    ROSES_ACCOUNT_ID,
    UNA,
    Shown,
    page,
)

_TEXT_SHA256 = "5f" * 32
_CONSENT: Shown = {
    "id": "00000000-0000-7000-8000-000000000028",
    "status": "active",
    "purpose": "research",
    "provision": "permit",
    "text_version": 1,
    "language": "en-GB",
    "text_sha256": _TEXT_SHA256,
    "date_time": "2026-11-02T10:20:00Z",
    "performer_id": ROSES_ACCOUNT_ID,
    "performed_as": "self",
    "authority": "person",
    "note": None,
    "ended_at": None,
}
_DELEGATE: Shown = {
    "id": "00000000-0000-7000-8000-000000000029",
    "state": "active",
    "delegate": UNA,
    "relationship": "family",
    "scopes": ["read", "record"],
    "ground": "consent",
    "evidence": None,
    "review_on": None,
    "from_at": "2026-11-02T10:30:00Z",
    "until_at": None,
    "offered_at": "2026-11-02T10:30:00Z",
    "offered_as": "self",
    "accepted_at": "2026-11-02T18:05:00Z",
    "ended_at": None,
    "end_reason": None,
}
_OWN_DELEGATION: Shown = {
    "id": "00000000-0000-7000-8000-000000000029",
    "patient_id": ROSE_ID,
    "given_name": "Rose",
    "family_name": "Hartley",
    "relationship": "family",
    "scopes": ["read", "record"],
    "from_at": "2026-11-02T10:30:00Z",
    "until_at": None,
}
_OPENED: Shown = {
    "id": "00000000-0000-7000-8000-000000000030",
    "patient_id": ROSE_ID,
    "until_at": "2026-11-23T13:45:00Z",
}
_ALERT: Shown = {
    "id": "00000000-0000-7000-8000-000000000031",
    "raised_at": "2026-11-23T12:45:00Z",
    "clinician": ASHA,
    "organisation": NETWORK,
    "practice": PRACTICE,
    "reason_code": "emergency",
    "reason": "Brought in by ambulance, confused",
    "until_at": "2026-11-23T13:45:00Z",
    "ended_at": None,
    "state": "open",
    "note": None,
    "reviewed_at": None,
    "reviewer": None,
}
_EXPORT: Shown = {
    "id": "00000000-0000-7000-8000-000000000032",
    "state": "ready",
    "asked_at": "2026-11-23T09:00:00Z",
    "done": 21,
    "sections": 21,
    "ended_at": "2026-11-23T09:00:04Z",
    "expires_at": "2026-11-30T09:00:04Z",
}

EXAMPLES: dict[str, Shown] = {
    "ConsentIn": {"purpose": "research", "text_version": 1, "note": "Said so at the surgery"},
    "ConsentOut": _CONSENT,
    "ConsentPage": page(_CONSENT),
    "ConsentTexts": {
        "items": [
            {
                "purpose": "research",
                "version": 1,
                "is_latest": True,
                "language": "en-GB",
                "title": "Using your record beyond your own care",
                "text": "Your record can help to find out whether a service works. You can say no.",
                "on_withdrawal": "You are not counted from now on. Your own care does not change in any way.",
                "sha256": _TEXT_SHA256,
            }
        ]
    },
    "DelegateIn": {"relationship": "family", "scopes": ["read", "record"], "text_version": 2},
    "DelegateByLawIn": {
        "relationship": "family",
        "scopes": ["read"],
        "ground": "best_interests",
        "evidence": "Capacity assessed at home on 2 November",
        "review_on": "2026-12-23",
    },
    "OfferOut": {
        "id": "00000000-0000-7000-8000-000000000029",
        "code": "EXAM-PLE0-0000-0000-0000-0000-0000",
        "expires_at": "2026-11-09T10:30:00Z",
    },
    "DelegationCodeIn": {"code": "EXAM-PLE0-0000-0000-0000-0000-0000"},
    "DelegateEndIn": {"reason": "no_longer_wanted"},
    "DelegatePage": page(_DELEGATE),
    "OwnDelegationOut": _OWN_DELEGATION,
    "OwnDelegations": {"items": [_OWN_DELEGATION]},
    "ReviewPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000033",
            "patient_id": ROSE_ID,
            "patient_name": ROSE,
            "delegate": UNA,
            "relationship": "family",
            "ground": "best_interests",
            "until_at": "2026-12-24T00:00:00Z",
        }
    ),
    "AccessLogPage": page(
        {
            "first_at": "2026-11-23T08:45:29Z",
            "last_at": "2026-11-23T08:52:10Z",
            "times": 3,
            "who": ASHA,
            "yourself": False,
            "role": "Clinician",
            "organisation": "Riverside Practice",
            "what": "looked at a chart of your readings",
            "why": "They work at your practice",
            "reason": None,
            "outcome": "done",
            "action": "observation.series",
            "basis": "practice",
            "purpose": "TREAT",
        }
    ),
    "RightsRequestIn": {"kind": "correction", "about": "My weight on 3 March was somebody else's"},
    "RightsAnswerIn": {"decision": "granted", "answer": "The reading is marked as entered in error"},
    "RightsRequestPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000034",
            "patient_id": ROSE_ID,
            "patient_name": ROSE,
            "practice_id": PRACTICE_ID,
            "kind": "correction",
            "about": "My weight on 3 March was somebody else's",
            "asked_at": "2026-11-23T09:10:00Z",
            "answer_due_on": "2026-12-23",
            "decision": None,
            "answer": None,
            "ground": None,
            "decided_at": None,
            "withdrawn_at": None,
        }
    ),
    "OwnExportOut": _EXPORT,
    "OwnExportPage": page(_EXPORT),
    "BreakGlassIn": {
        "nhs_number": NHS_NUMBER,
        "born_on": "1940-02-29",
        "reason_code": "emergency",
        "reason": "Brought in by ambulance, confused",
        "hours": 1,
    },
    "BreakGlassOut": _OPENED,
    "BreakGlasses": {"items": [_OPENED]},
    "EmergencyAccessPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000030",
            "clinician": ASHA,
            "organisation": NETWORK,
            "reason_code": "emergency",
            "reason": "Brought in by ambulance, confused",
            "opened_at": "2026-11-23T12:45:00Z",
            "until_at": "2026-11-23T13:45:00Z",
            "ended_at": None,
            "is_open": True,
        }
    ),
    "PrivacyAlertPage": page(_ALERT),
    "PrivacyAlertDetailOut": {
        **_ALERT,
        "patient_id": ROSE_ID,
        "given_name": "Rose",
        "family_name": "Hartley",
        "nhs_number": NHS_NUMBER,
    },
    "PrivacyReviewIn": {"state": "upheld", "note": "Spoke to her: the ambulance crew had asked"},
    "PrivacyNoticeOut": {
        "controller": None,
        "uses": [
            {
                "purpose": "care",
                "title": "Your care",
                "what": "Your readings, goals and plans are kept and shown to you and to who cares for you.",
                "basis": {"article": "6(1)(e)", "words": "It is needed for a task in the public interest."},
                "special": {"article": "9(2)(h)", "words": "It is needed to provide health or social care."},
            }
        ],
        "kept": [
            {
                "what": "health record",
                "days": None,
                "how_long": "Until somebody decides, as the law allows",
                "why": "care needs it",
                "source": "NHS Records Management Code of Practice",
            }
        ],
    },
}
