"""Examples: a person's own day."""

from __future__ import annotations

from api.schemas.examples.cast import GOAL_ID, ROSE_ID, Shown

_DONE: Shown = {
    "at_time": "08:00",
    "due_at": "2026-11-23T08:00:00Z",
    "state": "done",
    "completion_id": None,
    "record_id": "00000000-0000-8000-8000-000000000301",
    "answered_at": "2026-11-23T08:12:00Z",
    "skipped": None,
}
_LATER: Shown = {
    "at_time": "20:00",
    "due_at": "2026-11-23T20:00:00Z",
    "state": "not_yet",
    "completion_id": None,
    "record_id": None,
    "answered_at": None,
    "skipped": None,
}
_ACTION: Shown = {
    "id": "00000000-0000-7000-8000-000000000302",
    "title": "Take your blood pressure",
    "instructions": "Sitting, after five minutes of rest",
    "goal_ids": [],
    "asks_for": {"kind": "reading", "of": "blood_pressure"},
    "due": [_DONE, _LATER],
    "adherence": {
        "from_on": "2026-11-17",
        "until_at": "2026-11-23T09:00:00Z",
        "due": 13,
        "done": 12,
        "skipped": 0,
        "missed": 1,
        "paused_days": 0,
    },
}
_PROGRESS: Shown = {
    "data": "not_enough",
    "count": 2,
    "latest": None,
    "measured_today": None,
    "share_within": None,
    "percent": None,
    "suggestion": None,
    "done": {
        "done": 2,
        "skipped": 0,
        "latest_at": "2026-11-22T16:40:00Z",
        "period": {"from_on": "2026-11-23", "until_on": "2026-11-29", "done": 0, "skipped": 0},
    },
}

EXAMPLES: dict[str, Shown] = {
    "TodayOut": {
        "as_of": "2026-11-23T09:00:00Z",
        "patient_id": ROSE_ID,
        "day": "2026-11-23",
        "time_zone": "Europe/London",
        "from_at": "2026-11-23T00:00:00Z",
        "until_at": "2026-11-24T00:00:00Z",
        "plans": [
            {
                "id": "00000000-0000-7000-8000-000000000303",
                "title": "Keep the heart going",
                "version": 2,
                "review_on": "2026-12-31",
                "review_overdue": False,
                "rest": None,
                "to_be_acknowledged": False,
                "zone": None,
                "actions": [_ACTION],
            }
        ],
        "goals": [
            {
                "id": GOAL_ID,
                "description": "Walk to the shop and back without stopping",
                "target": {
                    "sign": None,
                    "part": None,
                    "counted": "completions",
                    "comparator": ">=",
                    "value": 3,
                    "unit": "/wk",
                    "due_on": "2027-03-31",
                },
                "start_on": "2026-11-02",
                "proposed_as": "clinician",
                "lifecycle_status": "active",
                "achievement_status": "in-progress",
                "version": 4,
                "progress": _PROGRESS,
            }
        ],
        "alerts": [],
        "not_told": ["messages", "consultations"],
    },
}
