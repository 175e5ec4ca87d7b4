"""Examples: goals, how they read and stand, and the scales on which they are rated."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA_ID, GOAL_ID, ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_COUNTED: Shown = {
    "counted": "completions",
    "comparator": ">=",
    "value": 3,
    "unit": "/wk",
    "due_on": "2027-03-31",
}
_SCALE: Shown = {
    "levels": {
        "much_less_than_expected": "I stay in the house",
        "less_than_expected": "I walk to the corner",
        "expected": "I walk to the shop and back, with one rest",
        "more_than_expected": "I walk to the shop and back without stopping",
        "much_more_than_expected": "I walk to the park and back",
    },
    "importance": 3,
    "difficulty": 2,
    "baseline": -1,
}
_RATING: Shown = {
    "id": "00000000-0000-7000-8000-000000000201",
    "client_id": "00000000-0000-7000-8000-000000000202",
    "level": 0,
    "note": "With one rest on the bench",
    "rated_at": "2026-11-23T09:20:00Z",
    "rated_by": ROSES_ACCOUNT_ID,
    "rated_as": "patient",
    "is_of_scale_in_use": True,
}
_GOAL: Shown = {
    "id": GOAL_ID,
    "patient_id": ROSE_ID,
    "description": "Walk to the shop and back without stopping",
    "why": "I want to buy my own bread again",
    "target": {**_COUNTED, "sign": None, "part": None},
    "scale": {**_SCALE, "weight": 6},
    "start_on": "2026-11-02",
    "proposed_by": ASHA_ID,
    "proposed_as": "clinician",
    "proposed_at": "2026-11-02T10:15:00Z",
    "lifecycle_status": "proposed",
    "achievement_status": None,
    "status_at": "2026-11-02T10:15:00Z",
    "version": 3,
    "progress": None,
}
_STEP: Shown = {
    "number": 1,
    "at": "2026-11-02T10:15:00Z",
    "taken_by": ASHA_ID,
    "taken_as": "clinician",
    "from_lifecycle_status": None,
    "from_achievement_status": None,
    "to_lifecycle_status": "proposed",
    "to_achievement_status": None,
    "note": None,
}

EXAMPLES: dict[str, Shown] = {
    "GoalIn": {
        "description": "Walk to the shop and back without stopping",
        "why": "I want to buy my own bread again",
        "target": _COUNTED,
        "scale": _SCALE,
        "client_id": "00000000-0000-7000-8000-000000000203",
    },
    "GoalWordingIn": {
        "description": "Bring my weight down to 72 kg",
        "why": "I want to climb the stairs without stopping",
        "target": {
            "sign": "body_weight",
            "comparator": "<=",
            "value": 72,
            "unit": "kg",
            "due_on": "2027-03-31",
        },
        "scale": None,
        "note": "Agreed with her on the telephone",
    },
    "GoalStatusIn": {"lifecycle_status": "accepted"},
    "GoalDetailOut": {**_GOAL, "history": [_STEP], "former": [], "ratings": []},
    "GoalPage": page(_GOAL),
    "RatingIn": {
        "client_id": "00000000-0000-7000-8000-000000000202",
        "level": 0,
        "note": "With one rest on the bench",
    },
    "RatingOut": _RATING,
    "AttainmentOut": {
        "as_of": "2026-11-23T09:30:00Z",
        "goals": [
            {"goal_id": GOAL_ID, "weight": 6, "baseline": -1, "level": 0, "rated_at": "2026-11-23T09:20:00Z"},
        ],
        "baseline_t": 40,
        "t": 50,
        "change": 10,
    },
}
