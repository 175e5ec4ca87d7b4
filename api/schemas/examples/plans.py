"""Examples: action plans, and that something was done."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA_ID, GOAL_ID, ROSE, ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_WEIGHT_STEADY: Shown = {
    "sign": "body_weight",
    "part": None,
    "basis": "change",
    "symptom": None,
    "comparator": "<=",
    "value": 2.0,
    "unit": "kg",
    "level": None,
    "days": 4,
    "times": 1,
}
_WEIGHT_GAINED: Shown = {**_WEIGHT_STEADY, "comparator": ">"}
_NO_CHEST_PAIN: Shown = {
    **dict.fromkeys(("sign", "part", "basis", "value", "unit")),
    "symptom": "chest_pain",
    "comparator": "<=",
    "level": 0,
    "days": 1,
    "times": 1,
}
_CHEST_PAIN: Shown = {**_NO_CHEST_PAIN, "comparator": ">=", "level": 1}
_AMBER: Shown = {
    "colour": "amber",
    "any_of": [{"all_of": [_WEIGHT_GAINED]}],
    "instructions": "Ring your heart failure nurse today. Say what has changed and since when.",
    "contact": {"name": "Heart failure nurse", "phone": "020 7946 0000", "hours": "Weekdays 9 to 5"},
}
_UNDERSTOOD: Shown = {
    "id": "00000000-0000-7000-8000-00000000002a",
    "client_id": "00000000-0000-7000-8000-000000000029",
    "answer": "understood",
    "note": None,
    "said_at": "2026-11-02T17:05:00Z",
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "patient",
    "recorded_at": "2026-11-02T17:05:02.118403Z",
    "answered": None,
}
_QUESTION: Shown = {
    "id": "00000000-0000-7000-8000-00000000002c",
    "client_id": "00000000-0000-7000-8000-00000000002b",
    "answer": "question",
    "note": "May I walk on days when my ankles are swollen?",
    "said_at": "2026-11-02T17:05:00Z",
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "patient",
    "recorded_at": "2026-11-02T17:05:02.118403Z",
}
_PLAN: Shown = {
    "id": "00000000-0000-7000-8000-000000000022",
    "patient_id": ROSE_ID,
    "title": "Keeping my heart failure steady",
    "agreed_on": "2026-11-02",
    "review_on": "2027-02-02",
    "review_overdue": False,
    "status": "active",
    "time_zone": "Europe/London",
    "paused": False,
    "version": 1,
    "supersedes_id": None,
    "superseded_by_id": None,
    "published_by": ASHA_ID,
    "published_as": "clinician",
    "published_at": "2026-11-02T10:40:00Z",
    "ended_by": None,
    "ended_at": None,
    "end_reason": None,
    "goal_ids": [GOAL_ID],
    "zones": [
        {
            "colour": "green",
            "any_of": [{"all_of": [_WEIGHT_STEADY, _NO_CHEST_PAIN]}],
            "instructions": "You are as usual. Keep to what was agreed.",
            "contact": None,
        },
        _AMBER,
        {
            "colour": "red",
            "any_of": [{"all_of": [_CHEST_PAIN]}],
            "instructions": "Call 999 now. Do not drive yourself.",
            "contact": None,
        },
    ],
    "template": {"key": "heart_failure", "version": 1},
    "to_be_acknowledged": False,
    "acknowledgements": [_UNDERSTOOD],
}
_ACTION: Shown = {
    "id": "00000000-0000-7000-8000-000000000023",
    "title": "Weigh yourself",
    "instructions": "Before breakfast, in nightclothes, on the same scales",
    "schedule": {"rrule": "FREQ=DAILY", "starts_on": "2026-11-02", "times": ["07:30"], "except_on": ["2026-12-25"]},
    "goal_ids": [GOAL_ID],
    "asks_for": {"kind": "reading", "of": "body_weight"},
}
_COMPLETION: Shown = {
    "id": "00000000-0000-7000-8000-000000000024",
    "action_id": "00000000-0000-7000-8000-000000000023",
    "client_id": "00000000-0000-7000-8000-000000000025",
    "done_at": "2026-11-23T07:34:00Z",
    "note": None,
    "skipped": None,
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "patient",
    "recorded_at": "2026-11-23T07:34:10.488947Z",
    "status": "recorded",
    "retracted_at": None,
    "retracted_by": None,
    "retraction_reason": None,
}
_PAUSE: Shown = {
    "id": "00000000-0000-7000-8000-000000000028",
    "plan_id": None,
    "kind": "holiday",
    "reason": None,
    "from_on": "2026-12-24",
    "until_on": "2027-01-02",
    "due_again_on": None,
    "made_by": ROSES_ACCOUNT_ID,
    "made_as": "patient",
    "made_at": "2026-11-23T08:10:00Z",
    "ended_by": None,
    "ended_at": None,
}

_TEMPLATE: Shown = {
    "key": "heart_failure",
    "version": 1,
    "condition": "heart_failure",
    "title": "Living with heart failure",
    "written_on": "2026-11-23",
    "review_on": "2027-11-23",
    "approved_by": None,
    "actions": [
        {
            "title": "Weigh yourself",
            "instructions": "Each morning before breakfast, on the same scales.",
            "schedule": {"rrule": "FREQ=DAILY", "times": ["08:00"]},
            "asks_for": {"kind": "reading", "of": "body_weight"},
        }
    ],
    "zones": _PLAN["zones"],
    "sources": [
        {"key": "esc", "words": "heartfailurematters.org (European Society of Cardiology) - more than 2 kg in 3 days"}
    ],
    "citations": [{"pointer": "/zones/1/any_of/0/all_of/0", "source": "esc"}],
}

EXAMPLES: dict[str, Shown] = {
    "ActionPlanIn": {
        "title": "Keeping my heart failure steady",
        "agreed_on": "2026-11-02",
        "review_on": "2027-02-02",
        "goal_ids": [GOAL_ID],
        "actions": [
            {
                "title": "Weigh yourself",
                "instructions": "Before breakfast, in nightclothes, on the same scales",
                "schedule": {"rrule": "FREQ=DAILY", "times": ["07:30"]},
                "goal_ids": [GOAL_ID],
                "asks_for": {"kind": "reading", "of": "body_weight"},
            }
        ],
        "zones": [
            {
                "colour": "green",
                "any_of": [
                    {
                        "all_of": [
                            {
                                "sign": "body_weight",
                                "basis": "change",
                                "comparator": "<=",
                                "value": 2,
                                "unit": "kg",
                                "days": 4,
                            },
                            {"symptom": "chest_pain", "comparator": "<=", "level": 0},
                        ]
                    }
                ],
                "instructions": "You are as usual. Keep to what was agreed.",
            },
            _AMBER,
            {
                "colour": "red",
                "any_of": [{"all_of": [{"symptom": "chest_pain", "comparator": ">=", "level": 1}]}],
                "instructions": "Call 999 now. Do not drive yourself.",
            },
        ],
        "template": {"key": "heart_failure", "version": 1},
        "client_id": "00000000-0000-7000-8000-000000000027",
    },
    "ActionPlanEndIn": {"reason": "A new one was agreed at the review"},
    "ActionPlanDetailOut": {
        **_PLAN,
        "actions": [
            {
                **_ACTION,
                "adherence": {
                    "from_on": "2026-11-02",
                    "until_at": "2026-11-23T09:00:00Z",
                    "due": 22,
                    "done": 20,
                    "skipped": 1,
                    "missed": 1,
                    "paused_days": 0,
                },
            }
        ],
        "pauses": [_PAUSE],
        "recent_completions": [_COMPLETION],
    },
    "PlanAcknowledgementIn": {
        "client_id": "00000000-0000-7000-8000-00000000002b",
        "answer": "question",
        "note": "May I walk on days when my ankles are swollen?",
        "said_at": "2026-11-02T17:05:00+00:00",
    },
    "PlanAcknowledgementOut": {
        **_QUESTION,
        "answered": {
            "note": "Yes, slowly, and put your feet up afterwards. Ring us if it gets worse.",
            "answered_by": ASHA_ID,
            "answered_at": "2026-11-03T09:20:00Z",
        },
    },
    "PlanQuestionAnswerIn": {"note": "Yes, slowly, and put your feet up afterwards. Ring us if it gets worse."},
    "PlanQuestionPage": page(
        {
            "id": _QUESTION["id"],
            "plan_id": "00000000-0000-7000-8000-000000000022",
            "patient_id": ROSE_ID,
            "patient_name": ROSE,
            "title": "Keeping my heart failure steady",
            "version": 1,
            "in_force": True,
            "note": _QUESTION["note"],
            "asked_as": "patient",
            "said_at": _QUESTION["said_at"],
            "recorded_at": _QUESTION["recorded_at"],
        }
    ),
    "PlanTemplateOut": _TEMPLATE,
    "PlanTemplatesOut": {"items": [_TEMPLATE]},
    "ZoneNowOut": {
        "plan_id": "00000000-0000-7000-8000-000000000022",
        "as_of": "2026-11-23T09:00:00Z",
        "today": "2026-11-23",
        "colour": "amber",
        "instructions": _AMBER["instructions"],
        "contact": _AMBER["contact"],
        "review_on": "2027-02-02",
        "review_overdue": False,
        "reasons": [
            {
                "colour": "amber",
                "group": 0,
                "criterion": _WEIGHT_GAINED,
                "verdict": "met",
                "gap": None,
                "figure": 2.6,
                "seen": [
                    {
                        "id": "00000000-0000-7000-8000-000000000012",
                        "at": "2026-11-21T07:30:00Z",
                        "value": 80.0,
                        "bound": None,
                    },
                    {
                        "id": "00000000-0000-7000-8000-000000000013",
                        "at": "2026-11-23T07:30:00Z",
                        "value": 82.6,
                        "bound": None,
                    },
                ],
                "age_seconds": 5400,
            },
            {
                "colour": "red",
                "group": 0,
                "criterion": _CHEST_PAIN,
                "verdict": "not_evaluable",
                "gap": "not_told",
                "figure": None,
                "seen": [],
                "age_seconds": None,
            },
        ],
    },
    "ActionPlanPage": page({**_PLAN, "actions": [_ACTION]}),
    "CompletionIn": {"client_id": "00000000-0000-7000-8000-000000000025", "done_at": "2026-11-23T07:34:00+00:00"},
    "CompletionOut": _COMPLETION,
    "PlanReviewPage": page(
        {
            "kind": "action_plan",
            "plan_id": "00000000-0000-7000-8000-000000000022",
            "patient_id": ROSE_ID,
            "patient_name": ROSE,
            "title": "Keeping my heart failure steady",
            "version": 1,
            "review_on": "2026-11-16",
            "overdue": True,
        }
    ),
    "PauseOut": _PAUSE,
    "PausePage": page(_PAUSE),
    "TimeZoneOut": {
        "today": "2026-11-23",
        "time_zone": "Europe/London",
        "choices": [
            {
                "time_zone": "Europe/Lisbon",
                "from_on": "2026-11-24",
                "set_by": ROSES_ACCOUNT_ID,
                "set_as": "self",
                "set_at": "2026-11-23T08:10:00Z",
            }
        ],
    },
}
