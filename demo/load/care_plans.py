"""Recording the care and support plans of the two people at home: drafted with them by their practice, agreed by them.

The words are the demo's own, invented for people who do not exist.
"""

from __future__ import annotations

from datetime import date, timedelta

from demo.cast import OWN_ACCOUNT, WITH_CUFF
from demo.connection import Json, SignIn

REVIEW_IN_DAYS = 180
Sections = tuple[tuple[str, str, str], ...]

# With a cuff or without: section, whose words, what it says.
SECTIONS: dict[bool, Sections] = {
    True: (
        ("matters", "person", "My allotment, and Sunday lunch with my daughter. I want to stay in my own house."),
        ("people", "person", "My daughter Helen lives ten minutes away and has a key. Ring her first."),
        ("communication", "person", "Speak up: I hear badly on the left. Write numbers down for me."),
        ("please_do", "person", "Tell me what a new tablet is for before I take it home."),
        ("needs", "clinician", "High blood pressure, measured at home. A blood test of the kidneys once a year."),
        ("contingency", "clinician", "Chest pain that lasts, or a sudden weakness of face or arm: 999."),
    ),
    False: (
        ("matters", "person", "Getting to the shop by myself, and choir on Thursdays."),
        ("people", "person", "My neighbour Anwar looks in. My son is abroad and likes an email."),
        ("communication", "person", "Telephone rather than letters. Give me time to find my glasses."),
        ("needs", "clinician", "Unsteady on stairs after the operation. A stick outdoors."),
        ("contingency", "carer", "After a fall: do not lift. Anwar has the number of the falls service by the door."),
    ),
}


async def record_care_plans(
    clinician: SignIn, sign_ins: dict[str, SignIn], patients: dict[str, str], today: date
) -> int:
    """Return how many people have a care and support plan in force, after recording the missing ones."""
    for email, person in OWN_ACCOUNT.items():
        path = f"/v1/patients/{patients[person.nhs_number]}/care-plans"
        known = {item["client_id"]: item async for item in clinician.every(path)}
        draft = draft_of(SECTIONS[person == WITH_CUFF], today)
        found = known.get(draft["client_id"]) or await clinician.ask("POST", path, json=draft)
        if found["status"] == "draft":
            await sign_ins[email].ask("POST", f"{path}/{found['id']}/publication", json={})
    return len(OWN_ACCOUNT)


def draft_of(sections: Sections, today: date) -> Json:
    """Return a draft as it is sent."""
    told = [{"section": section, "text": text, "words_of": words_of} for section, words_of, text in sections]
    review_on = (today + timedelta(days=REVIEW_IN_DAYS)).isoformat()
    return {"client_id": "demo.care_plan", "review_on": review_on, "sections": told}
