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
    "counted": None,
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
SCALE = {
    "levels": {
        "much_less_than_expected": "In bed all day",
        "less_than_expected": "In the chair by the window",
        "expected": "To the garden gate",
        "more_than_expected": "To the shop",
        "much_more_than_expected": "To the park and back",
    },
    "importance": 3,
    "difficulty": 2,
    "weight": 6,
    "baseline": -1,
}
GOAL: dict[str, Any] = {
    "id": _id(40),
    "patient_id": _id(2),
    "description": "To walk to the shop and back without stopping",
    "why": "So that I can see my friends",
    "target": TARGET,
    "scale": SCALE,
    "start_on": "2026-05-01",
    "proposed_by": _id(3),
    "proposed_by_name": "Dr Asha Rao",
    "proposed_as": "clinician",
    "proposed_at": "2026-04-30T10:00:00Z",
    "lifecycle_status": "active",
    "achievement_status": "improving",
    "status_at": "2026-06-01T10:00:00Z",
    "version": 4,
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
        "tally": None,
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
            "scale": SCALE,
            "replaced_at": "2026-05-20T10:00:00Z",
            "replaced_by": _id(3),
            "replaced_by_name": "Dr Asha Rao",
            "replaced_as": "clinician",
            "note": "Too far at first",
        }
    ],
    "ratings": [
        {
            "id": _id(41),
            "client_id": "phone-7",
            "level": 1,
            "note": "I got to the shop",
            "rated_at": "2026-06-20T10:00:00Z",
            "rated_by": _id(3),
            "rated_by_name": "Dr Asha Rao",
            "rated_as": "clinician",
            "is_of_scale_in_use": True,
        }
    ],
}
COUNTED_GOAL = GOAL | {
    "target": TARGET | {"sign": None, "part": None, "counted": "completions", "value": 3.0, "unit": "/wk"},
    "progress": GOAL["progress"]
    | {
        "latest": None,
        "baseline": None,
        "recent": None,
        "tally": {
            "done": 11,
            "skipped": 4,
            "latest_at": "2026-07-04T09:30:00Z",
            "completion_ids": [_id(53)],
            "periods": [{"from_on": "2026-06-29", "until_on": "2026-07-05", "done": 2, "skipped": 1}],
        },
    },
}
CRITERION = {
    "sign": "blood_pressure",
    "part": "systolic",
    "basis": "in_a_row",
    "symptom": None,
    "comparator": ">",
    "value": 170.0,
    "unit": "mm[Hg]",
    "level": None,
    "days": 3,
    "times": 2,
}
PLAN = {
    "id": _id(50),
    "patient_id": _id(2),
    "title": "Every day",
    "agreed_on": "2026-05-01",
    "review_on": "2026-06-30",
    "review_overdue": True,
    "status": "ended",
    "time_zone": "Europe/Lisbon",
    "paused": False,
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
    "zones": [
        {
            "colour": "amber",
            "any_of": [
                {
                    "all_of": [
                        CRITERION,
                        CRITERION
                        | dict.fromkeys(("sign", "part", "basis", "value", "unit"))
                        | {"symptom": "ankle_swelling", "comparator": ">=", "level": 2, "days": 1, "times": 1},
                    ]
                }
            ],
            "instructions": "Ring us today",
            "contact": {"name": "Nora Nurse", "phone": "020 7946 0000", "hours": "Weekdays 9 to 5"},
        }
    ],
    "template": {"key": "hypertension", "version": 1},
    "to_be_acknowledged": True,
    "acknowledgements": [
        {
            "id": _id(55),
            "client_id": "phone-3",
            "answer": "question",
            "note": "May I walk in the rain?",
            "said_at": "2026-05-01T12:00:00Z",
            "recorded_by": _id(3),
            "recorded_by_name": "Uma Niece",
            "recorded_as": "delegate",
            "recorded_at": "2026-05-01T15:00:00Z",
            "answered": {
                "note": "Yes, with good shoes",
                "answered_by": _id(5),
                "answered_by_name": "Dr Asha Rao",
                "answered_at": "2026-05-02T09:00:00Z",
            },
        }
    ],
    "actions": [
        {
            "id": _id(52),
            "title": "Measure blood pressure",
            "instructions": "Sit for five minutes first.\nLeft arm.",
            "schedule": {
                "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20261231",
                "starts_on": "2026-05-04",
                "times": ["08:00", "20:30"],
                "except_on": [],
            },
            "goal_ids": [_id(40)],
            "asks_for": {"kind": "reading", "of": "blood_pressure"},
            "adherence": {
                "from_on": "2026-06-29",
                "until_at": "2026-07-05T09:30:00Z",
                "due": 14,
                "done": 11,
                "skipped": 1,
                "missed": 2,
                "paused_days": 3,
            },
        }
    ],
}
CARE_PLAN: dict[str, Any] = {
    "id": _id(34),
    "patient_id": _id(2),
    "client_id": "phone-9",
    "code": "713663002",
    "status": "published",
    "version": 2,
    "supersedes_id": _id(35),
    "superseded_by_id": None,
    "superseded_at": None,
    "review_on": "2026-07-01",
    "review_overdue": True,
    "drafted_by": _id(3),
    "drafted_by_name": "Dr Asha Rao",
    "drafted_as": "practice",
    "drafted_at": "2026-06-01T08:00:00Z",
    "decided_by": _id(4),
    "decided_by_name": "Olive Daughter",
    "decided_as": "delegate",
    "decided_at": "2026-06-02T08:00:00Z",
    "agreement": "by_delegate",
    "note": "Read through on the ward",
    "sections": [
        {
            "section": "contingency",
            "label": "If I become unwell",
            "code": None,
            "text": "Ring Olive first,\nand then the ward",
            "words_of": "person",
            "written_by": _id(3),
            "written_by_name": "Dr Asha Rao",
            "written_as": "care_team",
            "written_at": "2026-05-31T08:00:00Z",
        },
        {
            "section": "matters",
            "label": "What is most important to me",
            "code": "1515861000000103",
            "text": "To stay in my own home",
            "words_of": "carer",
            "written_by": _id(3),
            "written_by_name": "Gus Home",
            "written_as": "care_home",
            "written_at": "2026-05-30T08:00:00Z",
        },
    ],
}
FORMER_CARE_PLAN = CARE_PLAN | {
    "id": _id(35),
    "status": "superseded",
    "version": 1,
    "supersedes_id": None,
    "superseded_by_id": _id(34),
    "superseded_at": "2026-06-02T08:00:00Z",
    "review_overdue": False,
    "agreement": "with_person",
    "sections": [CARE_PLAN["sections"][0] | {"text": "Ring the ward"}],
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
    "status": "entered-in-error",
    "retracted_at": "2026-07-02T08:00:00Z",
    "retracted_by": _id(4),
    "retracted_by_name": "Olive Daughter",
    "retraction_reason": "That was for my husband",
}
PAUSE = {
    "id": _id(54),
    "plan_id": _id(50),
    "kind": "in_hospital",
    "reason": "A new hip",
    "from_on": "2026-07-03",
    "until_on": "2026-07-20",
    "due_again_on": "2026-07-10",
    "made_by": _id(3),
    "made_by_name": "Dr Asha Rao",
    "made_as": "clinician",
    "made_at": "2026-07-01T08:00:00Z",
    "ended_by": _id(4),
    "ended_by_name": "Olive Daughter",
    "ended_at": "2026-07-10T08:00:00Z",
}
TIME_ZONE = {
    "time_zone": "Europe/Lisbon",
    "from_on": "2026-06-02",
    "set_by": _id(3),
    "set_by_name": "Dr Asha Rao",
    "set_as": "practice",
    "set_at": "2026-06-01T08:00:00Z",
}
DIARY_ENTRY = {
    "id": _id(45),
    "patient_id": _id(2),
    "client_id": "phone-7",
    "effective_at": "2026-07-02T06:30:00Z",
    "note": "Slept with three pillows,\nand woke at four",
    "symptoms": [
        {"symptom": "ankle_swelling", "label": "Swollen ankles or feet", "level": 2, "level_label": "Moderate"},
        {"symptom": "cough", "label": "Cough", "level": 1, "level_label": "Mild"},
    ],
    "recorded_by": _id(3),
    "recorded_by_name": "Uma Niece",
    "recorded_as": "delegate",
    "recorded_at": "2026-07-04T09:30:00Z",
    "status": "current",
    "amended_at": None,
    "amended_by": None,
    "amended_by_name": None,
    "amendment_reason": None,
}
WITHDRAWN_ENTRY = DIARY_ENTRY | {
    "id": _id(46),
    "note": "Did not eat",
    "recorded_as": "care_home",
    "status": "entered-in-error",
    **ended("Gus Home", "Another resident’s"),
}
RESPONSE: dict[str, Any] = {
    "id": _id(47),
    "patient_id": _id(2),
    "client_id": "phone-8",
    "questionnaire": "phq-9",
    "version": "2",
    "read_in_version": "1",
    "status": "stopped",
    "authored_at": "2026-07-02T06:30:00Z",
    "time_instead": {"stated": "2019-01-01T00:03:00Z", "stands": "corrected"},
    "not_read": [{"link_id": "q10", "value": "now and then"}],
    "answers": [
        {
            "link_id": "q9",
            "question": "Thoughts that you would be better off dead or of hurting yourself in some way",
            "value": "LA6569-3",
            "label": "Several days",
            "score": 1,
        }
    ],
    "missing": ["q1", "q2"],
    "total": None,
    "greatest_total": 27,
    "band": None,
    "previous_total": 9,
    "change": None,
    "safety": {
        "title": "You do not have to face this alone",
        "text": "Please talk to somebody now.",
        "watched_now": False,
        "watched": "Nobody may be looking at it right now.",
        "contacts": [{"name": "Samaritans", "number": "116 123", "when": "At any hour"}],
    },
    "recorded_by": _id(3),
    "recorded_by_name": "Uma Niece",
    "recorded_as": "delegate",
    "recorded_at": "2026-07-04T09:30:00Z",
    "amended_at": None,
    "amended_by": None,
    "amended_by_name": None,
    "amendment_reason": None,
}
WITHDRAWN_RESPONSE = RESPONSE | {
    "id": _id(48),
    "questionnaire": "gad-7",
    "version": "1",
    "time_instead": None,
    "not_read": [],
    "status": "entered-in-error",
    "answers": [
        {"link_id": "q1", "question": "Feeling nervous", "value": "LA6568-5", "label": "Not at all", "score": 0}
    ],
    "missing": [],
    "total": 12,
    "greatest_total": 21,
    "band": "moderate",
    "change": 3,
    "safety": None,
    **ended("Gus Home", "Another resident’s"),
}
ALERT = {
    "id": _id(49),
    "patient_id": _id(2),
    "rule": "phq9-item-9",
    "rule_version": 1,
    "level": "red",
    "reason": "Thoughts of being better off dead, or of hurting themself (PHQ-9, question 9)",
    "status": "acknowledged",
    "raised_at": "2026-07-02T06:31:00Z",
    "status_at": "2026-07-02T06:40:00Z",
    "acknowledged_at": "2026-07-02T06:40:00Z",
    "acknowledged_by": _id(5),
    "acknowledged_by_name": "Dr Asha Rao",
    "resolved_at": None,
    "resolved_by": None,
    "resolved_by_name": None,
    "outcome": None,
    "evidence_withdrawn": False,
    "evidence": [
        {
            "kind": "questionnaire_response",
            "subject_id": _id(47),
            "added_at": "2026-07-02T06:31:00Z",
            "withdrawn_at": None,
        }
    ],
    "history": [
        {
            "number": 1,
            "step": "raised",
            "at": "2026-07-02T06:31:00Z",
            "taken_by": _id(3),
            "taken_by_name": "Uma Niece",
            "taken_as": "delegate",
            "note": None,
            "outcome": None,
        },
        {
            "number": 2,
            "step": "acknowledged",
            "at": "2026-07-02T06:40:00Z",
            "taken_by": _id(5),
            "taken_by_name": "Dr Asha Rao",
            "taken_as": "practice",
            "note": None,
            "outcome": None,
        },
    ],
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
    "personal_bests": [
        {
            "id": _id(33),
            "value": 480.0,
            "reason": "Best of a well fortnight",
            "stated_at": "2026-05-04T09:00:00Z",
            "stated_by": _id(3),
            "stated_by_name": "Tom Carer",
            "stated_as": "practice",
            "retracted_at": "2026-05-05T09:00:00Z",
            "retracted_by": _id(4),
            "retracted_by_name": "Dr Priya Shah",
            "retraction_reason": "Another’s meter",
        }
    ],
    "goals": [GOAL, COUNTED_GOAL],
    "care_plans": [CARE_PLAN, FORMER_CARE_PLAN],
    "action_plans": [PLAN],
    "steps_done": [STEP_DONE],
    "pauses": [PAUSE],
    "time_zones": [TIME_ZONE],
    "diary": [DIARY_ENTRY, WITHDRAWN_ENTRY],
    "questionnaires": [RESPONSE, WITHDRAWN_RESPONSE],
    "alerts": [ALERT],
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
    "notice_choices": [
        {
            "chosen": ["something_due/web_push", "something_new/sms"],
            "quiet_from": "21:00:00",
            "quiet_until": "08:00:00",
            "language": "cy",
            "changed_at": "2026-07-01T09:00:00Z",
        }
    ],
    "notice_addresses": [
        {
            "channel": "web_push",
            "name": "The tablet in the kitchen",
            "made_at": "2026-07-01T09:00:00Z",
            "confirmed_at": "2026-07-01T09:00:00Z",
            "ended_at": None,
            "end_reason": None,
        },
        {
            "channel": "sms",
            "name": "My old mobile",
            "made_at": "2026-06-30T09:00:00Z",
            "confirmed_at": None,
            "ended_at": "2026-07-02T09:00:00Z",
            "end_reason": "wrong_codes",
        },
    ],
    "notices": [
        {
            "id": _id(98),
            "notice_id": _id(99),
            "kind": "something_due",
            "due_at": "2026-07-03T07:00:00Z",
            "channel": "web_push",
            "address": "The tablet in the kitchen",
            "state": "waiting",
            "reason": "status_503",
            "attempts": 2,
            "settled_at": None,
            "next_at": "2026-07-03T07:05:00Z",
        },
        {
            "id": _id(100),
            "notice_id": _id(101),
            "kind": "try_out",
            "due_at": "2026-07-02T07:00:00Z",
            "channel": "web_push",
            "address": "The tablet in the kitchen",
            "state": "accepted",
            "reason": None,
            "attempts": 1,
            "settled_at": "2026-07-02T07:00:01Z",
            "next_at": None,
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
