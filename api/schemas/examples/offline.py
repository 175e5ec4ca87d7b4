"""Examples: what changed in one's own record, and what was done without a network."""

from __future__ import annotations

from api.schemas.examples import diary, plans
from api.schemas.examples.cast import Shown

EXAMPLES: dict[str, Shown] = {
    "ChangesOut": {
        "reset": False,
        "since": "what-was-signed-for-this-phone",
        "more": False,
        "behind": False,
        "epoch": "00000000-0000-7000-8000-000000000040",
        "number": 40230,
        "as_of": "2026-11-23T09:00:00.002488Z",
        "time_zone": "Europe/London",
        "time_zones": [
            {"time_zone": "Europe/Lisbon", "from_on": "2026-08-02"},
            {"time_zone": "Europe/London", "from_on": "2026-08-17"},
        ],
        "patient": None,
        "observations": [],
        "goals": [],
        "action_plans": [],
        "care_plans": [],
        "pauses": [],
        "completions": [plans.EXAMPLES["CompletionOut"]],
        "diary": [diary.EXAMPLES["DiaryEntryOut"]],
        "questionnaire_responses": [],
        "alerts": [],
        "personal_bests": [],
        "gone": [{"thing": "observation", "id": "00000000-0000-7000-8000-000000000031"}],
    },
    "SendingOut": {
        "items": [
            {
                "index": 0,
                "item": "7",
                "outcome": "kept",
                "id": "00000000-0000-7000-8000-000000000031",
                "problem": None,
                "detail": None,
                "errors": [],
                "confirm": False,
                "safety": None,
            },
            {
                "index": 1,
                "item": "8",
                "outcome": "conflict",
                "id": None,
                "problem": "/problems/changed-since",
                "detail": "This has changed since you read it. Read it again, decide, and send its new tag.",
                "errors": [],
                "confirm": False,
                "safety": None,
            },
        ],
        "kept": 1,
        "conflict": 1,
        "refused": 0,
        "later": 0,
        "received_at": "2026-11-23T09:00:00.002488Z",
    },
}
