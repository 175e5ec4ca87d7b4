"""Examples: a person's own numbers, and the best peak flow that they are held against."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA_ID, GOAL_ID, Shown

_BEST_ID = "00000000-0000-7000-8000-000000001046"
_BEST: Shown = {
    "value": 480.0,
    "unit": "L/min",
    "source": "stated",
    "source_id": _BEST_ID,
    "at": "2026-08-15T09:00:00Z",
}

EXAMPLES: dict[str, Shown] = {
    "PersonalBestsOut": {
        "best": _BEST,
        "measured": {"best": None, "days": 3, "days_needed": 14, "count": 9},
        "stated": [
            {
                "id": _BEST_ID,
                "value": 480.0,
                "reason": "Best of a well fortnight, same meter",
                "stated_at": "2026-08-15T09:00:00Z",
                "stated_by": ASHA_ID,
                "stated_as": "practice",
                "retracted_at": None,
                "retracted_by": None,
                "retraction_reason": None,
            }
        ],
    },
    "NumbersOut": {
        "as_of": "2026-11-23T09:00:00Z",
        "time_zone": "Europe/London",
        "blood_pressure_average": {
            "sufficiency": "enough",
            "window": {"from_at": "2026-11-16T00:00:00Z", "until_at": "2026-11-23T00:00:00Z"},
            "count": 24,
            "observation_ids": ["00000000-0000-7000-8000-00000000101c", "00000000-0000-7000-8000-00000000101b"],
            "latest": {
                "observation_id": "00000000-0000-7000-8000-00000000101c",
                "effective_at": "2026-11-22T20:02:00Z",
                "age_seconds": 46680,
                "stale": False,
            },
            "message": {
                "key": "blood_pressure_average.enough",
                "parameters": {
                    "systolic": "132",
                    "diastolic": "79.5",
                    "count": 24,
                    "days": 7,
                    "first_on": "2026-11-16",
                    "last_on": "2026-11-22",
                },
                "english": "Your home blood pressure was 132/79.5 mmHg, from 24 "
                "readings in the 7 days up to 2026-11-22, without those of "
                "the first day, on average.",
            },
            "caveats": [
                {
                    "key": "irregular_pulse",
                    "english": "If your pulse is irregular, for example with atrial "
                    "fibrillation, an automatic cuff may be wrong. Ask for it "
                    "to be measured by hand.",
                },
                {
                    "key": "same_arm",
                    "english": "Measure on the same arm each time: if your two arms "
                    "differ by more than 15 mmHg, on the higher one.",
                },
            ],
            "targets": [
                {
                    "goal_id": GOAL_ID,
                    "target": {
                        "sign": "blood_pressure",
                        "part": "systolic",
                        "counted": None,
                        "comparator": "<",
                        "value": 135.0,
                        "unit": "mm[Hg]",
                        "due_on": "2027-01-31",
                    },
                    "met": True,
                    "difference": -3.0,
                }
            ],
            "systolic": 132.0,
            "diastolic": 79.5,
            "days": 7,
            "first_on": "2026-11-16",
            "last_on": "2026-11-22",
            "dropped_on": "2026-11-16",
            "dropped": 4,
            "too_close": 0,
            "missing": None,
        },
        "glucose_range": {
            "sufficiency": "enough",
            "window": {"from_at": "2026-11-09T09:00:00Z", "until_at": "2026-11-23T09:00:00Z"},
            "count": 17,
            "observation_ids": ["00000000-0000-7000-8000-000000001032", "00000000-0000-7000-8000-000000001031"],
            "latest": {
                "observation_id": "00000000-0000-7000-8000-000000001032",
                "effective_at": "2026-11-23T08:00:00Z",
                "age_seconds": 3600,
                "stale": False,
            },
            "message": {
                "key": "readings_in_range.enough",
                "parameters": {
                    "count": 17,
                    "days": 14,
                    "very_low": "0.0",
                    "low": "0.0",
                    "in_range": "76.4",
                    "high": "23.6",
                    "very_high": "0.0",
                    "judged": 17,
                },
                "english": "Of your 17 readings in the last 14 days: in range (3.9 to 10.0 "
                "mmol/L) 76.4 %, below 0.0 % (under 3.0: 0.0 %), above 23.6 % (over "
                "13.9: 0.0 %).",
            },
            "caveats": [
                {
                    "key": "finger_prick_is_not_time_in_range",
                    "english": "This is the share of the times you measured, not of the day: it "
                    "does not say what happened in between.",
                }
            ],
            "targets": [],
            "kind": "readings_in_range",
            "bands": {"very_low": 0.0, "low": 0.0, "in_range": 76.4, "high": 23.6, "very_high": 0.0},
            "judged": 17,
            "coverage_percent": None,
            "complete": True,
        },
        "weight_change": {
            "sufficiency": "enough",
            "window": {"from_at": "2026-11-21T09:00:00Z", "until_at": "2026-11-23T08:00:00Z"},
            "count": 2,
            "observation_ids": ["00000000-0000-7000-8000-00000000103d", "00000000-0000-7000-8000-00000000103c"],
            "latest": {
                "observation_id": "00000000-0000-7000-8000-00000000103d",
                "effective_at": "2026-11-23T08:00:00Z",
                "age_seconds": 3600,
                "stale": False,
            },
            "message": {
                "key": "weight_change.more",
                "parameters": {
                    "value": "80.1",
                    "on": "2026-11-23",
                    "change": "0.7",
                    "lowest": "79.4",
                    "lowest_on": "2026-11-21",
                },
                "english": "80.1 kg on 2026-11-23: 0.7 kg more than the lowest of the three "
                "days before (79.4 kg on 2026-11-21).",
            },
            "caveats": [],
            "targets": [],
            "change": 0.7,
            "newest": {
                "observation_id": "00000000-0000-7000-8000-00000000103d",
                "effective_at": "2026-11-23T08:00:00Z",
                "value": 80.1,
            },
            "lowest": {
                "observation_id": "00000000-0000-7000-8000-00000000103c",
                "effective_at": "2026-11-21T09:00:00Z",
                "value": 79.4,
            },
            "rise_to_tell": False,
        },
        "peak_flow": {
            "sufficiency": "enough",
            "window": {"from_at": "2026-11-23T07:00:00Z", "until_at": "2026-11-23T07:00:00Z"},
            "count": 1,
            "observation_ids": ["00000000-0000-7000-8000-000000001047"],
            "latest": {
                "observation_id": "00000000-0000-7000-8000-000000001047",
                "effective_at": "2026-11-23T07:00:00Z",
                "age_seconds": 7200,
                "stale": False,
            },
            "message": {
                "key": "peak_flow.enough",
                "parameters": {
                    "value": "432",
                    "on": "2026-11-23",
                    "best": "480",
                    "best_on": "2026-08-15",
                    "percent": 90,
                },
                "english": "432 L/min on 2026-11-23: 90 % of your personal best of 480 L/min.",
            },
            "caveats": [{"key": "same_meter", "english": "Use the same peak flow meter each time: scales differ."}],
            "targets": [],
            "value": 432.0,
            "best": {
                "value": 480.0,
                "unit": "L/min",
                "source": "stated",
                "source_id": "00000000-0000-7000-8000-000000001046",
                "at": "2026-08-15T09:00:00Z",
            },
            "percent": 90,
            "best_days": 3,
            "best_days_needed": 14,
        },
        "trends": [
            {
                "sufficiency": "enough",
                "window": {"from_at": "2026-10-20T00:00:00Z", "until_at": "2026-11-24T00:00:00Z"},
                "count": 52,
                "observation_ids": [],
                "latest": {
                    "observation_id": "00000000-0000-7000-8000-000000001050",
                    "effective_at": "2026-11-22T09:00:00Z",
                    "age_seconds": 86400,
                    "stale": False,
                },
                "message": {
                    "key": "trend.about_the_same",
                    "parameters": {
                        "sign": "heart_rate",
                        "count": 12,
                        "count_before": 40,
                        "average": "72.0",
                        "average_before": "70.0",
                        "unit": "beats/min",
                    },
                    "english": "Heart rate: 72.0 beats/min on average this week (12 readings), about the "
                    "same as in the four weeks before (70.0 beats/min, 40 readings).",
                },
                "caveats": [],
                "targets": [],
                "sign": "heart_rate",
                "part": None,
                "unit": "/min",
                "week": {
                    "average": 72.0,
                    "count": 12,
                    "days": 6,
                    "from_at": "2026-11-17T00:00:00Z",
                    "until_at": "2026-11-24T00:00:00Z",
                },
                "before": {
                    "average": 70.0,
                    "count": 40,
                    "days": 20,
                    "from_at": "2026-10-20T00:00:00Z",
                    "until_at": "2026-11-17T00:00:00Z",
                },
                "difference": 2.0,
                "direction": "about_the_same",
            }
        ],
    },
}
