"""What stands in the record when a browser test begins, made over the public API by those who may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from domain.clock import london_date
from tests.cast import PASSWORD, Cast

CLINICIAN = "asha_clinician_of_practice"
CARER = "gus_care_home_staff"
COMMISSIONER = "iris_commissioner"
PATIENT = "sam_himself"

ENROLLED_PEOPLE = 9  # disclosure control releases nothing for fewer than eight
LATE = "23:59"  # a plan that begins today has nothing due before it began
CONTACTS_BEFORE, CONTACTS_SINCE = 3, 2  # of each of them


class Api:
    """One API process as one account: signs in at once, and fails a test by the API's own words."""

    def __init__(self, url: str, name: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1", timeout=30)
        session = self.post("/sessions", {"email": email(name), "password": PASSWORD})
        self._client.headers["authorization"] = f"Bearer {session['access_token']}"

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to what was sent; anything but success fails the test."""
        answer = self._client.post(path, json=body)
        assert answer.is_success, (path, answer.status_code, answer.text)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def delete(self, path: str) -> None:
        """Take away what stands at an address; anything but success fails the test."""
        answer = self._client.delete(path)
        assert answer.is_success, (path, answer.status_code, answer.text)

    def get(self, path: str) -> dict[str, Any]:
        """Return what stands at an address; anything but success fails the test."""
        answer = self._client.get(path)
        assert answer.is_success, (path, answer.status_code, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def status(self, path: str) -> int:
        """Return how an address answers."""
        return self._client.get(path).status_code

    def record(self, patient_id: str, *readings: Mapping[str, Any]) -> list[str]:
        """Return the ids of readings that were recorded."""
        answer = self.post(f"/patients/{patient_id}/observations", {"readings": list(readings)})
        return [verdict["observation_id"] for verdict in answer["verdicts"]]

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


def email(name: str) -> str:
    """Return the address with which one of the cast signs in."""
    return f"{name}@example.test"


def reading(client_id: str, sign: str, effective_at: str, unit: str | None = None, **value: object) -> dict[str, Any]:
    """Return a reading as a device sends it."""
    given = {"client_id": client_id, "sign": sign, "effective_at": effective_at, **value}
    return given if unit is None else {**given, "unit": unit}


def set_records(url: str, cast: Cast) -> None:
    """Fill the record: twenty minutes of Rose's signs, Sam's goal and plan, a pathway with its outcomes."""
    asha = Api(url, CLINICIAN)
    asha.record(str(cast.patients["rose_resident"]), *_an_afternoon(cast))
    _set_plans(asha, cast)
    _set_outcomes(url, asha, cast)
    asha.close()


def _an_afternoon(cast: Cast) -> list[dict[str, Any]]:
    readings = []
    for minute in range(20):
        at = (cast.now - timedelta(minutes=20 - minute)).isoformat()
        readings += [
            reading(f"hr-{minute}", "heart_rate", at, "/min", value=70 + minute % 7),
            reading(f"rr-{minute}", "respiratory_rate", at, "/min", value=15 + minute % 3),
            reading(f"ox-{minute}", "oxygen_saturation", at, "%", value=95 + minute % 4),
        ]
    at = (cast.now - timedelta(minutes=15)).isoformat()
    return [
        *readings,
        reading("bp", "blood_pressure", at, "mm[Hg]", systolic=132, diastolic=78),
        reading("temperature", "body_temperature", at, "[degF]", value=98.2),
        reading("alert", "consciousness_acvpu", at, code="A"),
        reading("oxygen", "inspired_oxygen", at, "L/min", value=2),
    ]


def _set_plans(asha: Api, cast: Cast) -> None:
    today = london_date(cast.now)
    sam = f"/patients/{cast.patients['sam_at_home']}"
    target = {
        "sign": "blood_pressure",
        "part": "systolic",
        "comparator": "<",
        "value": 135,
        "unit": "mm[Hg]",
        "due_on": (today + timedelta(days=90)).isoformat(),
    }
    asha.post(f"{sam}/goals", {"description": "Keep my blood pressure down", "target": target})
    action = {"title": "Measure blood pressure", "schedule": {"rrule": "FREQ=DAILY", "times": [LATE]}}
    asha.post(
        f"{sam}/action-plans",
        {
            "title": "At home",
            "agreed_on": today.isoformat(),
            "review_on": (today + timedelta(days=90)).isoformat(),
            "actions": [action],
        },
    )


def _set_outcomes(url: str, asha: Api, cast: Cast) -> None:
    iris = Api(url, COMMISSIONER)
    pathways = [
        iris.post(
            "/pathways",
            {
                "commissioner_id": str(cast.organisations["commissioner"]),
                "code": code,
                "name": name,
                "description": "Readings stream to a clinician.",
            },
        )["id"]
        for code, name in (("at-home", "Remote care at home"), ("few", "A pathway of a few"))
    ]
    iris.close()
    for number in range(ENROLLED_PEOPLE):
        person = _enrolled(asha, cast, number, pathways[0])
        if number == 0:
            joined = (london_date(cast.now) - timedelta(days=300)).isoformat()
            asha.post(f"/pathways/{pathways[1]}/enrolments", {"patient_id": person, "enrolled_on": joined})


def _enrolled(asha: Api, cast: Cast, number: int, pathway_id: str) -> str:
    """Return the id of a person on the pathway, with contacts before and since they joined it."""
    person: str = asha.post(
        "/patients",
        {
            "given_name": "Una",
            "family_name": f"Enrolled{chr(65 + number)}",
            "born_on": "1950-01-01",
            "practice_id": str(cast.organisations["practice"]),
        },
    )["id"]
    joined = cast.now - timedelta(days=300)
    enrolment = {
        "patient_id": person,
        "enrolled_on": london_date(joined).isoformat(),
        "known_from": london_date(joined - timedelta(days=800)).isoformat(),
    }
    asha.post(f"/pathways/{pathway_id}/enrolments", enrolment)
    days = [-20 * (n + 1) for n in range(CONTACTS_BEFORE)] + [40 * (n + 1) for n in range(CONTACTS_SINCE)]
    contacts = [
        {
            "kind": "gp_face_to_face",
            "started_at": (joined + timedelta(days=days_from)).isoformat(),
            "organisation_id": str(cast.organisations["practice"]),
        }
        for days_from in days
    ]
    asha.post("/contacts", {"patient_id": person, "contacts": contacts})
    return person
