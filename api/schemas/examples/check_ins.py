"""Examples: questionnaires, answers to them, and alerts."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA_ID, ROSE, ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_RESPONSE_ID, _ALERT_ID = "00000000-0000-7000-8000-000000000016", "00000000-0000-7000-8000-000000000017"
_GIVEN, _FAMILY = ROSE.split()
_ANSWERED_AT, _RAISED_AT, _SEEN_AT = (
    "2026-11-23T08:15:00Z",
    "2026-11-23T08:15:04.120331Z",
    "2026-11-23T08:21:40.771201Z",
)

_SAFETY: Shown = {
    "title": "You do not have to face this alone",
    "text": "You answered that you have had thoughts that you would be better off dead, or of hurting yourself. "
    "Please talk to somebody now.",
    "watched_now": False,
    "watched": "Your care team has been sent an alert. Nobody may be looking at it right now: do not wait for them.",
    "contacts": [
        {
            "name": "Emergency services",
            "number": "999",
            "when": "If your life is in danger, or you cannot keep yourself safe",
        }
    ],
}
_RESPONSE: Shown = {
    "id": _RESPONSE_ID,
    "patient_id": ROSE_ID,
    "client_id": "phone-2026-11-23-2",
    "questionnaire": "phq-9",
    "version": "1",
    "read_in_version": "1",
    "status": "stopped",
    "authored_at": _ANSWERED_AT,
    "time_instead": {"stated": "2026-11-23T09:14:55Z", "stands": "corrected"},
    "answers": [
        {
            "link_id": "q9",
            "question": "Thoughts that you would be better off dead or of hurting yourself in some way",
            "value": "LA6569-3",
            "label": "Several days",
            "score": 1,
        }
    ],
    "not_read": [],
    "missing": ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8"],
    "total": None,
    "greatest_total": 27,
    "band": None,
    "previous_total": 9,
    "change": None,
    "safety": _SAFETY,
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "self",
    "recorded_at": _RAISED_AT,
    "amended_at": None,
    "amended_by": None,
    "amendment_reason": None,
}
_ALERT: Shown = {
    "id": _ALERT_ID,
    "patient_id": ROSE_ID,
    "rule": "phq9-item-9",
    "rule_version": 1,
    "level": "red",
    "reason": "Thoughts of being better off dead, or of hurting themself (PHQ-9, question 9)",
    "status": "acknowledged",
    "raised_at": _RAISED_AT,
    "status_at": _SEEN_AT,
    "acknowledged_at": _SEEN_AT,
    "acknowledged_by": ASHA_ID,
    "resolved_at": None,
    "resolved_by": None,
    "outcome": None,
    "evidence_withdrawn": False,
    "evidence": [
        {
            "kind": "questionnaire_response",
            "subject_id": _RESPONSE_ID,
            "added_at": _RAISED_AT,
            "withdrawn_at": None,
        }
    ],
    "history": [
        {
            "number": 1,
            "step": "raised",
            "at": _RAISED_AT,
            "taken_by": ROSES_ACCOUNT_ID,
            "taken_as": "self",
            "note": None,
            "outcome": None,
        },
        {
            "number": 2,
            "step": "acknowledged",
            "at": _SEEN_AT,
            "taken_by": ASHA_ID,
            "taken_as": "practice",
            "note": "I am calling her now",
            "outcome": None,
        },
    ],
}
_PATIENT: Shown = {"id": ROSE_ID, "given_name": _GIVEN, "family_name": _FAMILY, "room": "12"}

_TOLD: Shown = {"value": None, "status": "released", "reason": None}

EXAMPLES: dict[str, Shown] = {
    "QuestionnaireResponseOut": _RESPONSE,
    "QuestionnaireResponsePage": page(_RESPONSE),
    "QuestionnairesOut": {
        "items": [
            {
                "key": "gad-7",
                "version": "1",
                "title": "GAD-7: worry over the last two weeks",
                "copyright": "No permission required to reproduce, translate, display or distribute.",
                "questions": 7,
                "scored": True,
                "greatest_total": 21,
                "loinc_of_total": "70274-6",
                "anonymous": False,
            }
        ]
    },
    "FeedbackMonthsOut": {
        "policy": "hes-2018",
        "items": [
            {
                "month": "2026-10-01",
                "total": _TOLD | {"value": 40},
                "counts": [{"experience": "very_good", "count": _TOLD | {"value": 30}}],
                "percent_positive": 87.5,
                "percent_negative": None,
                "comments": ["Always called back the same day."],
            }
        ],
    },
    "AlertOut": _ALERT,
    "AlertPage": page(_ALERT),
    "OpenAlertPage": page(_ALERT | {"patient": _PATIENT}),
}
