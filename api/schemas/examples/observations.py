"""Examples: readings, what becomes of them, and observations as they are read."""

from __future__ import annotations

from api.schemas.examples.cast import ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_READING: Shown = {
    "client_id": "00000000-0000-7000-8000-000000000016",
    "sign": "heart_rate",
    "value": 72,
    "unit": "/min",
    "effective_at": "2026-11-23T08:05:00+00:00",
}
_PRESSURE: Shown = {
    "client_id": "00000000-0000-7000-8000-000000000017",
    "sign": "blood_pressure",
    "systolic": 128,
    "diastolic": 79,
    "unit": "mm[Hg]",
    "effective_at": "2026-11-23T08:05:30+00:00",
    "source": "cuff-of-the-hall",
}
_OBSERVATION: Shown = {
    "id": "00000000-0000-7000-8000-000000000018",
    "patient_id": ROSE_ID,
    "sign": "heart_rate",
    "loinc": "8867-4",
    "value": 72,
    "systolic": None,
    "diastolic": None,
    "code": None,
    "comparator": None,
    "unit": "/min",
    "original": {"value": 72, "unit": "/min"},
    "effective_at": "2026-11-23T08:05:00Z",
    "received_at": "2026-11-23T08:05:41.594074Z",
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "self",
    "source": "manual",
    "client_id": "00000000-0000-7000-8000-000000000016",
    "status": "final",
    "supersedes": None,
    "superseded_by": None,
    "reason": None,
    "amended_by": None,
    "amended_at": None,
    "amendment_reason": None,
    "confirmed": False,
    "clock_skew_seconds": None,
}

LATEST: Shown = {"sign": "heart_rate", "observation": _OBSERVATION, "age_seconds": 4140, "stale": False}

EXAMPLES: dict[str, Shown] = {
    "ReadingsIn": {"readings": [_READING, _PRESSURE], "sent_at": "2026-11-23T08:05:41+00:00"},
    "RetractionIn": {"reason": "Taken of somebody else"},
    "VerdictsOut": {
        "verdicts": [
            {
                "index": 0,
                "client_id": "00000000-0000-7000-8000-000000000016",
                "verdict": "stored",
                "observation_id": "00000000-0000-7000-8000-000000000018",
                "code": None,
                "field": None,
                "detail": None,
                "can_retry": None,
                "hint": None,
            }
        ],
        "stored": 1,
        "duplicate": 0,
        "refused": 0,
        "received_at": "2026-11-23T08:05:41.594074Z",
    },
    "ObservationOut": _OBSERVATION,
    "ObservationPage": {**page(_OBSERVATION), "recorders": []},
    "LatestsOut": {"items": [LATEST]},
    "SeriesOut": {
        "sign": "heart_rate",
        "unit": "/min",
        "from": "2026-11-16T00:00:00Z",
        "until": "2026-11-23T00:00:00Z",
        "bucket_seconds": 86400,
        "points": [
            {"at": "2026-11-21T00:00:00Z", "n": 3, "min": 66, "max": 81, "mean": 72.3},
            {"at": "2026-11-22T00:00:00Z", "n": 2, "min": 70, "max": 74, "mean": 72},
        ],
        "parts": None,
    },
    "VitalSignsOut": {
        "items": [
            {
                "key": "heart_rate",
                "display": "Heart rate",
                "category": "vital-signs",
                "shape": "quantity",
                "loinc": [{"code": "8867-4", "display": "Heart rate"}],
                "snomed": [{"code": "364075005", "display": "Heart rate"}],
                "units": [{"ucum": "/min", "display": "beats/min", "kept_as": "/min"}],
                "canonical_unit": "/min",
                "decimals": 0,
                "limits": [
                    {"unit": "/min", "hard": {"low": 10, "high": 300}, "confirm": {"low": 30, "high": 200}},
                ],
                "parts": [],
                "answers": [],
                "derived": False,
                "comparators": False,
                "whole_numbers": False,
                "change_to_confirm": None,
                "stale_after_seconds": 86400,
                "aliases": {"ucum": ["beats/min"], "loinc": ["40443-4"], "snomed": []},
            }
        ]
    },
}
