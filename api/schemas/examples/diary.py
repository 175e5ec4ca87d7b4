"""Examples: a diary's entries, and the catalogue of symptoms."""

from __future__ import annotations

from api.schemas.examples.cast import ROSE_ID, ROSES_ACCOUNT_ID, Shown, page

_ENTRY: Shown = {
    "id": "00000000-0000-7000-8000-000000000015",
    "patient_id": ROSE_ID,
    "client_id": "phone-2026-11-23-1",
    "effective_at": "2026-11-23T07:30:00Z",
    "note": "Slept with three pillows.",
    "symptoms": [
        {"symptom": "ankle_swelling", "label": "Swollen ankles or feet", "level": 2, "level_label": "moderate"}
    ],
    "recorded_by": ROSES_ACCOUNT_ID,
    "recorded_as": "self",
    "recorded_at": "2026-11-23T07:31:12.488947Z",
    "status": "current",
    "amended_at": None,
    "amended_by": None,
    "amendment_reason": None,
}

EXAMPLES: dict[str, Shown] = {
    "DiaryEntryOut": _ENTRY,
    "DiaryPage": page(_ENTRY),
    "SymptomsOut": {
        "items": [
            {
                "key": "ankle_swelling",
                "label": "Swollen ankles or feet",
                "scale": "severity",
                "levels": [
                    {"level": 0, "label": "none"},
                    {"level": 1, "label": "mild"},
                    {"level": 2, "label": "moderate"},
                    {"level": 3, "label": "severe"},
                ],
                "conditions": ["heart_failure"],
                "snomed": None,
            }
        ]
    },
}
