"""Recording the demo's patients: registered by a clinician of their practice, in their rooms, on a care team's list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from demo.cast import (
    CHARTED,
    CLINICIAN,
    HOME_CODES,
    OWN_ACCOUNT,
    PEOPLE,
    Person,
)
from demo.connection import Json, Refused, SignIn
from demo.generate_contacts import LIVED_THERE_DAYS
from demo.load.several import several

TEAM = "Enhanced health in care homes (demo)"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The ids of what is recorded: places by ODS code, accounts by e-mail, patients by NHS number."""

    places: dict[str, str]
    accounts: dict[str, str]
    patients: dict[str, str]


async def known_patients(sign_in: SignIn) -> dict[str, Json]:
    """Return the patients this person sees, by NHS number."""
    return {item["nhs_number"]: item async for item in sign_in.every("/v1/patients") if item["nhs_number"]}


async def record_people(clinicians: dict[str, SignIn], places: dict[str, str], today: date) -> dict[str, str]:
    """Return the patient ids by NHS number, after registering who was missing and moving them in.

    `clinicians` gives, for each practice's code, somebody who works there.
    """
    ids: dict[str, str] = {}
    for practice, clinician in clinicians.items():
        known = await known_patients(clinician)
        registered = [person for person in PEOPLE if person.practice == practice]
        found = await several(partial(_ensure, clinician, known, places, today), registered)
        ids |= {person.nhs_number: patient_id for person, patient_id in zip(registered, found, strict=True)}
    return ids


async def _ensure(
    clinician: SignIn, known: dict[str, Json], places: dict[str, str], today: date, person: Person
) -> str:
    """Return the id of one person, registered and living where they should."""
    patient = known.get(person.nhs_number) or await _register(clinician, person, places)
    if person.home is not None and patient.get("care_home") is None:
        await _move_in(clinician, patient["id"], person, places, today)
    return str(patient["id"])


async def _register(clinician: SignIn, person: Person, places: dict[str, str]) -> Json:
    body = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "born_on": person.born_on.isoformat(),
        "nhs_number": person.nhs_number,
        "practice_id": places[person.practice],
    }
    return await clinician.ask("POST", "/v1/patients", json=body)


async def _move_in(clinician: SignIn, patient_id: str, person: Person, places: dict[str, str], today: date) -> None:
    body = {
        "care_home_id": places[HOME_CODES[person.home or ""]],
        "from_on": (today - timedelta(days=LIVED_THERE_DAYS)).isoformat(),
        "room": person.room,
    }
    await clinician.ask("POST", f"/v1/patients/{patient_id}/residences", json=body)


async def record_own_accounts(clinician: SignIn, sign_ins: dict[str, SignIn], loaded: Loaded) -> None:
    """Make the accounts of the people at home their own, once."""
    for email, person in OWN_ACCOUNT.items():
        if (await sign_ins[email].ask("GET", "/v1/me"))["patient_id"] is None:
            path = f"/v1/patients/{loaded.patients[person.nhs_number]}"
            tag = await clinician.tag(path)
            body = {"account_id": loaded.accounts[email]}
            await clinician.ask("PUT", f"{path}/account", json=body, headers={"If-Match": tag})


async def record_team(second_clinician: SignIn, place: str, loaded: Loaded) -> None:
    """Let the first clinician see the charted residents of the other practice, through a care team they share."""
    teams = {item["name"]: item async for item in second_clinician.every("/v1/care-teams")}
    team = teams.get(TEAM) or await second_clinician.ask(
        "POST", "/v1/care-teams", json={"organisation_id": place, "name": TEAM}
    )
    where = f"/v1/care-teams/{team['id']}"
    await _add(
        second_clinician, f"{where}/members", "account_id", [loaded.accounts[CLINICIAN.email]], team.get("member_ids")
    )
    charted = [loaded.patients[person.nhs_number] for person in CHARTED]
    await _add(second_clinician, f"{where}/patients", "patient_id", charted, team.get("patient_ids"))


async def _add(sign_in: SignIn, path: str, field: str, ids: Iterable[str], already: list[str] | None) -> None:
    for one in ids:
        if one not in (already or ()):
            try:
                await sign_in.ask("POST", path, json={field: one})
            except Refused as refused:
                if refused.status != 409:  # on the list already
                    raise
