"""A copy of an invented person's record in which nothing is left open: every member of every entry says something."""

from __future__ import annotations

from typing import Any

_ID = "0195d1c0-0000-7000-8000-0000000000{:02}"


def _id(number: int) -> str:
    return _ID.format(number)


def _organisation(number: int, name: str, kind: str) -> dict[str, Any]:
    return {"id": _id(number), "ods_code": f"Y{number}", "name": name, "kind": kind, "parent_id": _id(1)}


def reading(**changed: Any) -> dict[str, Any]:
    """Return a reading of a temperature, or what is said to be else."""
    return {
        "id": _id(30),
        "patient_id": _id(2),
        "sign": "body_temperature",
        "loinc": "8310-5",
        "value": 37.2,
        "systolic": None,
        "diastolic": None,
        "code": None,
        "comparator": None,
        "unit": "Cel",
        "original": None,
        "effective_at": "2026-07-03T08:05:00+01:00",
        "received_at": "2026-07-03T07:05:02Z",
        "recorded_by": _id(3),
        "recorded_by_name": "Tom Carer",
        "recorded_as": "self",
        "source": "manual",
        "client_id": "phone-1",
        "status": "final",
        "supersedes": None,
        "superseded_by": None,
        "reason": None,
        "amended_by": None,
        "amended_by_name": None,
        "amended_at": None,
        "amendment_reason": None,
        "confirmed": False,
        "clock_skew_seconds": 3,
        **changed,
    }


def ended(by: str, why: str) -> dict[str, Any]:
    """Return what a reading that stands no more tells of its end."""
    at = "2026-07-04T10:11:00Z"
    return {"amended_by": _id(4), "amended_by_name": by, "amended_at": at, "amendment_reason": why}


READINGS = [
    reading(),
    reading(sign="blood_pressure", value=None, systolic=142.0, diastolic=88.0, unit="mm[Hg]", recorded_as="practice"),
    reading(
        sign="body_temperature",
        value=36.6667,
        original={"value": 98.0, "unit": "[degF]"},
        confirmed=True,
        status="corrected",
        supersedes=_id(31),
        reason="Misread",
        received_at="2026-07-04T09:00:00Z",
    ),
    reading(
        sign="blood_glucose", value=1.1, comparator="<", unit="mmol/L", source="GlucoMeter 3", recorded_as="delegate"
    ),
    reading(sign="consciousness_acvpu", value=None, code="C", unit=None, recorded_as="care_home"),
    reading(
        sign="pain_score",
        value=3.0,
        unit="{score}",
        status="superseded",
        superseded_by=_id(30),
        recorded_as="care_team",
        **ended("Dr Priya Shah", "The scale was held upside down"),
    ),
    reading(
        sign="heart_rate",
        value=171.0,
        unit="/min",
        status="entered-in-error",
        reason="Somebody else’s",
        **ended("Gus Home", "Somebody else’s"),
    ),
    reading(sign="steps", value=11042.0, unit="{count}"),
]
TARGET = {
    "sign": "blood_pressure",
    "part": "systolic",
    "comparator": "<",
    "value": 135.0,
    "unit": "mm[Hg]",
    "due_on": "2026-12-01",
}
_AVERAGE = {
    "value": 141.25,
    "count": 12,
    "from_at": "2026-05-01T07:00:00Z",
    "until_at": "2026-05-08T07:00:00Z",
    "observation_ids": [_id(30)],
}
GOAL = {
    "id": _id(40),
    "patient_id": _id(2),
    "description": "To walk to the shop and back without stopping",
    "why": "So that I can see my friends",
    "target": TARGET,
    "start_on": "2026-05-01",
    "proposed_by": _id(3),
    "proposed_by_name": "Dr Asha Rao",
    "proposed_as": "clinician",
    "proposed_at": "2026-04-30T10:00:00Z",
    "lifecycle_status": "active",
    "achievement_status": "improving",
    "status_at": "2026-06-01T10:00:00Z",
    "progress": {
        "as_of": "2026-07-05T09:30:00Z",
        "data": "enough",
        "count": 119,
        "complete": True,
        "latest": {
            "observation_id": _id(30),
            "effective_at": "2026-07-03T07:05:00Z",
            "value": 132.0,
            "bound": "<",
            "age_seconds": 90_000,
            "stale": True,
        },
        "baseline": _AVERAGE,
        "recent": _AVERAGE | {"value": 133.5, "count": 14},
        "judged": 118,
        "within": 67,
        "share_within": 0.568,
        "percent": 61,
        "suggestion": "improving",
    },
    "history": [
        {
            "number": 1,
            "at": "2026-06-01T10:00:00Z",
            "taken_by": _id(3),
            "taken_by_name": "Uma Niece",
            "taken_as": "delegate",
            "from_lifecycle_status": "proposed",
            "from_achievement_status": "in-progress",
            "to_lifecycle_status": "active",
            "to_achievement_status": "improving",
            "note": "Agreed on the telephone",
        }
    ],
    "former": [
        {
            "version": 1,
            "description": "To walk",
            "why": "My friends",
            "target": TARGET | {"value": 140.0},
            "replaced_at": "2026-05-20T10:00:00Z",
            "replaced_by": _id(3),
            "replaced_by_name": "Dr Asha Rao",
            "replaced_as": "clinician",
            "note": "Too far at first",
        }
    ],
}
PLAN = {
    "id": _id(50),
    "patient_id": _id(2),
    "title": "Every day",
    "agreed_on": "2026-05-01",
    "review_on": "2026-06-30",
    "review_overdue": True,
    "status": "ended",
    "version": 2,
    "supersedes_id": _id(49),
    "superseded_by_id": _id(51),
    "published_by": _id(3),
    "published_by_name": "Dr Asha Rao",
    "published_as": "clinician",
    "published_at": "2026-05-01T11:00:00Z",
    "ended_by": _id(3),
    "ended_by_name": "Dr Asha Rao",
    "ended_at": "2026-07-02T11:00:00Z",
    "end_reason": "Walking is enough",
    "goal_ids": [_id(40)],
    "actions": [
        {
            "id": _id(52),
            "title": "Measure blood pressure",
            "instructions": "Sit for five minutes first.\nLeft arm.",
            "schedule": {
                "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20261231",
                "starts_on": "2026-05-04",
                "times": ["08:00", "20:30"],
            },
            "adherence": {
                "from_on": "2026-06-29",
                "until_at": "2026-07-05T09:30:00Z",
                "due": 14,
                "done": 11,
                "skipped": 1,
                "missed": 2,
            },
        }
    ],
}
STEP_DONE = {
    "plan": "Every day",
    "step": "Measure blood pressure",
    "id": _id(53),
    "action_id": _id(52),
    "client_id": "phone-2",
    "done_at": "2026-07-01T07:00:00Z",
    "note": "A little dizzy",
    "skipped": "The cuff was at my daughter’s",
    "recorded_by": _id(3),
    "recorded_by_name": "Uma Niece",
    "recorded_as": "delegate",
    "recorded_at": "2026-07-02T07:00:00Z",
}
RECORD: dict[str, list[dict[str, Any]]] = {
    "you": [
        {
            "id": _id(2),
            "nhs_number": "9990000018",
            "given_name": "Rose",
            "family_name": "Resident",
            "born_on": "1940-02-29",
            "practice_id": _id(10),
            "care_home": _organisation(11, "The Willows", "care_home"),
            "room": "12",
            "bases": ["self"],
            "practice": _organisation(10, "Rowan Surgery", "practice"),
        }
    ],
    "account": [
        {
            "id": _id(3),
            "display_name": "Rose R.",
            "email": "rose@example.test",
            "roles": [{"role": "clinician", "organisation": _organisation(10, "Rowan Surgery", "practice")}],
            "patient_id": _id(2),
            "acts_for_others": True,
        }
    ],
    "former_details": [
        {
            "nhs_number": "9990000026",
            "given_name": "Rosa",
            "family_name": "Residant",
            "born_on": "1941-03-01",
            "replaced_at": "2026-03-01T00:30:00+00:00",
        }
    ],
    "care_homes": [
        {"care_home": "The Elms", "room": "3", "from_on": "2024-01-02", "until_on": "2025-03-04"},
        {"care_home": "The Willows", "room": "12", "from_on": "2025-03-04", "until_on": None},
    ],
    "care_teams": [
        {"team": "Heart team", "place": "Rowan Surgery", "from_at": "2026-01-01T09:00:00Z", "until_at": None},
        {
            "team": "Night team",
            "place": "The Network",
            "from_at": "2026-02-01T09:00:00Z",
            "until_at": "2026-03-01T10:00:00Z",
        },
    ],
    "readings": READINGS,
    "goals": [GOAL],
    "action_plans": [PLAN],
    "steps_done": [STEP_DONE],
    "pathways": [
        {
            "pathway": "Care-home telemedicine",
            "enrolled_on": "2025-03-10",
            "ended_on": "2026-06-30",
            "end_reason": "completed",
        }
    ],
    "visits": [
        {
            "id": _id(60),
            "kind": "gp_home_visit",
            "started_at": "2026-02-03T09:20:00+00:00",
            "place": "Rowan Surgery",
            "source": "practice system",
            "external_id": "A-17",
        }
    ],
    "consents": [
        {
            "id": _id(70),
            "status": "inactive",
            "purpose": "delegate",
            "provision": "permit",
            "text_version": 1,
            "language": "en-GB",
            "text_sha256": "9e293b05",
            "date_time": "2026-03-03T14:03:00Z",
            "performer_id": _id(3),
            "performer_name": "Dr Asha Rao",
            "performed_as": "practice",
            "authority": "practice_on_behalf",
            "note": "Said so at the surgery",
            "ended_at": "2026-04-03T14:03:00Z",
        }
    ],
    "delegates": [
        {
            "id": _id(80),
            "state": "ended",
            "delegate": "Uma Niece",
            "relationship": "family",
            "scopes": ["read", "record"],
            "ground": "best_interests",
            "evidence": "Assessed at home",
            "review_on": "2026-09-01",
            "from_at": "2026-03-03T14:03:00Z",
            "until_at": "2026-09-01T23:00:00Z",
            "offered_at": "2026-03-03T14:00:00Z",
            "offered_as": "practice",
            "accepted_at": "2026-03-04T08:00:00Z",
            "ended_at": "2026-05-05T08:00:00Z",
            "end_reason": "no_longer_wanted",
        }
    ],
    "acting_for": [
        {
            "name": "Tess Neighbour",
            "relationship": "friend",
            "scopes": ["read", "record"],
            "accepted_at": "2026-03-04T08:00:00Z",
            "from_at": "2026-03-03T14:03:00Z",
            "until_at": "2027-09-01T23:00:00Z",
            "is_over": False,
        }
    ],
    "requests": [
        {
            "id": _id(90),
            "patient_id": _id(2),
            "patient_name": "Rose Resident",
            "practice_id": _id(10),
            "kind": "correction",
            "about": "My height is 172 cm, not 127.",
            "asked_at": "2026-06-06T10:00:00Z",
            "answer_due_on": "2026-07-06",
            "decision": "partly",
            "answer": "It was measured so.",
            "ground": {
                "code": "record_is_accurate",
                "words": "What the record says is what was found then.",
                "source": "UK GDPR article 16",
            },
            "decided_at": "2026-06-20T10:00:00Z",
            "withdrawn_at": "2026-07-01T10:00:00Z",
        }
    ],
    "emergencies": [
        {
            "opened_at": "2026-05-05T08:00:00Z",
            "opened_by": _id(3),
            "opened_by_name": "Dr Pia Stranger",
            "place": "The Network",
            "reason_code": "emergency",
            "reason": "Found unconscious at the bus stop",
            "until_at": "2026-05-05T12:00:00Z",
            "ended_at": "2026-05-05T09:30:00Z",
            "state": "upheld",
            "note": "Ambulance log seen",
            "reviewed_at": "2026-05-06T10:00:00Z",
            "reviewed_by": _id(3),
            "reviewed_by_name": "Saul Officer",
        }
    ],
    "who_looked": [
        {
            "first_at": "2026-07-05T08:12:00Z",
            "last_at": "2026-07-05T09:40:00Z",
            "times": 3,
            "who": "Dr Asha Rao",
            "yourself": False,
            "role": "Clinician",
            "organisation": "Rowan Surgery",
            "what": "read your blood pressure readings",
            "why": "They opened the record in an emergency, and had to say why",
            "reason": "Found unconscious at the bus stop",
            "outcome": "refused",
            "action": "observation.list",
            "basis": "break_glass",
            "purpose": "BTG",
        }
    ],
    "invitations": [
        {
            "id": _id(95),
            "email": "rose@example.test",
            "display_name": "Rose R.",
            "organisation_id": _id(10),
            "place": "Rowan Surgery",
            "role": None,
            "made_at": "2026-01-01T09:00:00Z",
            "expires_at": "2026-01-08T09:00:00Z",
            "state": "accepted",
        }
    ],
    "ways_to_sign_in": [
        {
            "way": "passkey",
            "name": "Blue telephone",
            "issuer": None,
            "subject": None,
            "since": "2026-01-02T09:00:00Z",
            "last_used_at": "2026-07-01T09:00:00Z",
            "backed_up": True,
            "codes_left": None,
        },
        {
            "way": "recovery_codes",
            "name": None,
            "issuer": None,
            "subject": None,
            "since": "2026-01-03T09:00:00Z",
            "last_used_at": None,
            "backed_up": None,
            "codes_left": 9,
        },
        {
            "way": "identity_provider",
            "name": None,
            "issuer": "https://auth.login.example",
            "subject": "urn:x:1",
            "since": "2026-01-04T09:00:00Z",
            "last_used_at": None,
            "backed_up": None,
            "codes_left": None,
        },
    ],
    "sessions": [
        {
            "id": _id(96),
            "kind": "web",
            "label": "Firefox on Linux",
            "opened_with": "password_and_totp",
            "started_at": "2026-07-05T08:00:00Z",
            "last_seen_at": "2026-07-05T09:00:00Z",
            "confirmed_at": "2026-07-05T08:30:00Z",
            "expires_at": "2026-07-05T20:00:00Z",
            "ended_at": None,
            "end_reason": None,
        },
        {
            "id": _id(97),
            "kind": "app",
            "label": "Telephone",
            "opened_with": "passkey",
            "started_at": "2026-07-01T08:00:00Z",
            "last_seen_at": "2026-07-02T09:00:00Z",
            "confirmed_at": "2026-07-01T08:01:00Z",
            "expires_at": "2026-07-31T20:00:00Z",
            "ended_at": "2026-07-03T09:00:00Z",
            "end_reason": "password_changed",
        },
    ],
    "own_trail": [
        {
            "at": "2026-07-05T08:00:00Z",
            "what": "signed in",
            "role": "Clinician",
            "organisation": "Rowan Surgery",
            "outcome": "refused",
            "action": "session.open",
        }
    ],
}
