"""Recording the pathway, who is on it since when, and the synthetic contacts as one file."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, date, datetime, time, timedelta

from demo.cast import COMMISSIONER_CODE, RESIDENTS, URGENT_CARE_CODE
from demo.connection import SignIn, Unreachable
from demo.generate_contacts import BASELINE_DAYS, GO_LIVE, Contact, read
from demo.load.people import Loaded
from demo.load.several import several

CODE = "care-home-telemedicine"
NAME = "Care-home telemedicine (demo)"
DESCRIPTION = (
    "Video calls with a clinician for residents of care homes, and their observations sent from the home. "
    "Synthetic contacts: see demo/data/contacts."
)
IMPORT_SECONDS = 60.0
POLL_SECONDS = 0.2
PRACTICE_KINDS = frozenset({"gp_home_visit", "gp_telephone", "gp_video"})


class ImportRefused(Exception):
    """The service refused the file of contacts; the codes say why."""


async def record_pathway(admin: SignIn, clinicians: dict[str, SignIn], loaded: Loaded, today: date) -> tuple[int, int]:
    """Return how many people are enrolled and how many contacts recorded, after adding what was missing.

    `clinicians` gives, for each practice's code, somebody who works there.
    """
    known = {item["code"]: item async for item in admin.every("/v1/pathways")}
    wanted = {"code": CODE, "name": NAME, "description": DESCRIPTION}
    owner = {"commissioner_id": loaded.places[COMMISSIONER_CODE]}
    pathway = known.get(CODE) or await admin.ask("POST", "/v1/pathways", json=wanted | owner)
    for practice, clinician in clinicians.items():
        await _enrol(clinician, pathway["id"], practice, loaded, today)
    return len(RESIDENTS), await _import_contacts(admin, contacts_csv(read(), today))


async def _enrol(clinician: SignIn, pathway_id: str, practice: str, loaded: Loaded, today: date) -> None:
    """Enrol a practice's residents on the day their home went live."""
    path = f"/v1/pathways/{pathway_id}/enrolments"
    on_it = {item["patient_id"] async for item in clinician.every(path)}
    missing = []
    for person in RESIDENTS:
        patient_id = loaded.patients[person.nhs_number]
        if person.practice == practice and patient_id not in on_it:
            enrolled_on = today + timedelta(days=GO_LIVE[str(person.home)])
            known_from = enrolled_on - timedelta(days=BASELINE_DAYS)
            body = {
                "patient_id": patient_id,
                "enrolled_on": enrolled_on.isoformat(),
                "known_from": known_from.isoformat(),
            }
            missing.append(body)
    await several(lambda body: clinician.ask("POST", path, json=body), missing)


def contacts_csv(contacts: list[Contact], today: date) -> bytes:
    """Return the contacts as the import takes them, dated back from `today`; the same day gives the same bytes."""
    practices = {person.nhs_number: person.practice for person in RESIDENTS}
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("nhs_number", "kind", "started_at", "organisation_ods_code", "external_id", "source"))
    for number, contact in enumerate(contacts):
        day = datetime.combine(today + timedelta(days=contact.day), time(), UTC)
        started_at = day + timedelta(minutes=contact.minute)
        where = practices[contact.nhs_number] if contact.kind in PRACTICE_KINDS else URGENT_CARE_CODE
        rows.writerow((contact.nhs_number, contact.kind, started_at.isoformat(), where, f"{number:05d}", "synthetic"))
    return file.getvalue().encode()


async def _import_contacts(admin: SignIn, content: bytes) -> int:
    """Return how many rows are recorded (now, or by the same file sent earlier). Raises ImportRefused."""
    headers = {"Content-Type": "text/csv"}
    sent = await admin.ask("POST", "/v1/contacts/imports", content=content, headers=headers)
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + IMPORT_SECONDS
    while True:
        found = await admin.ask("GET", f"/v1/contacts/imports/{sent['id']}")
        if found["state"] == "stored":
            return int(found["rows_stored"]) + int(found["rows_duplicate"])
        if found["state"] == "refused":
            codes = sorted({fault["code"] for fault in found["faults"]})
            raise ImportRefused(f"the file of contacts was refused: {', '.join(codes)}")
        if loop.time() > give_up_at:
            raise Unreachable("the file of contacts is not stored yet: is the worker running?")
        await asyncio.sleep(POLL_SECONDS)
