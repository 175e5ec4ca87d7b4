"""What stands in the record before the matrix is asked: one of everything that has a route of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from domain.clock import london_date
from tests.cast import Cast
from tests.http.authenticator import Authenticator

CLINICIAN = "asha_clinician_of_practice"
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
    "baseline": -1,
}
ZONES = [
    {
        "colour": colour,
        "any_of": [
            {
                "all_of": [
                    {
                        "sign": "body_weight",
                        "basis": "change",
                        "comparator": comparator,
                        "value": 2,
                        "unit": "kg",
                        "days": 4,
                    }
                ]
            },
            {"all_of": [{"symptom": "ankle_swelling", "comparator": comparator, "level": 2}]},
        ],
        "instructions": "Ring us today",
        "contact": {"name": "Heart failure nurse", "phone": "020 7946 0000", "hours": "Weekdays 9 to 5"},
    }
    for colour, comparator in (("green", "<="), ("amber", ">"), ("red", ">"))
]
ORIGIN = "http://localhost:8080"  # what http://127.0.0.1:8080 is for passkeys


ClientOf = Callable[[str | None], httpx.AsyncClient]


async def set_scene(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    """Return the ids of what is recorded of Rose, and of a pathway and an import, made over HTTP by those who may."""
    asha = client_of(CLINICIAN)
    scene = {
        **await _record_of_rose(asha, cast),
        **await _commissioning(client_of, cast),
        **await _invitations(client_of, cast),
    }
    scene |= await _offers_by_law(asha, cast)
    scene |= {name: await _passkey(asha) for name in ("passkey_of_asha", "other_passkey_of_asha")}
    scene |= {f"{which}address_of_asha": await _address(asha, which or "one") for which in ("", "other_")}
    asking = {"client_id": "scene-asked", "answer": "question", "said_at": (cast.now - timedelta(hours=1)).isoformat()}
    asked_about = f"/v1/patients/{cast.patients['rose_resident']}/action-plans/{scene['plan_of_rose']}/acknowledgements"
    scene["question_of_rose"] = (await _made(client_of("rose_herself"), asked_about, asking))["id"]
    scene |= await _care_plans(asha, cast)
    scene["scaled_goal_of_rose"] = await _scaled_goal(client_of("rose_herself"), cast)
    asked = await client_of("rose_herself").post("/v1/me/exports")
    assert asked.status_code == 202, asked.json()
    scene["export_of_rose"] = asked.json()["id"]
    rights = {"kind": "correction", "about": "My weight in March"}
    scene["request_of_rose"] = (await _made(client_of("rose_herself"), "/v1/me/rights-requests", rights))["id"]
    return scene | await _tags(asha, client_of("admin"), cast, scene)


async def _offers_by_law(asha: httpx.AsyncClient, cast: Cast) -> dict[str, str]:
    """Return the code of one offer, and the id of another: neither ends when Rose withdraws from delegates."""
    body = {
        "relationship": "family",
        "scopes": ["read"],
        "ground": "best_interests",
        "evidence": "Assessed at home",
        "review_on": (london_date(cast.now) + timedelta(days=30)).isoformat(),
    }
    offers = f"/v1/patients/{cast.patients['rose_resident']}/delegates/by-law"
    code, other = (await _made(asha, offers, body))["code"], (await _made(asha, offers, body))["id"]
    return {"code_of_rose": code, "offer_of_rose": other}


async def _tags(asha: httpx.AsyncClient, admin: httpx.AsyncClient, cast: Cast, scene: dict[str, str]) -> dict[str, str]:
    """Return the tags of what can be edited, as those who may edit it read them."""
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    asked = {
        "tag_of_rose": (asha, rose),
        "tag_of_time_zone": (asha, f"{rose}/time-zone"),
        "tag_of_goal": (asha, f"{rose}/goals/{scene['goal_of_rose']}"),
        "tag_of_other_goal": (asha, f"{rose}/goals/{scene['other_goal_of_rose']}"),
        "tag_of_best": (asha, f"{rose}/personal-best"),
        "tag_of_plan": (asha, f"{rose}/action-plans/{scene['plan_of_rose']}"),
        "tag_of_observation": (asha, f"{rose}/observations/{scene['observation_of_rose']}"),
        "tag_of_other_observation": (asha, f"{rose}/observations/{scene['other_observation_of_rose']}"),
        "tag_of_team": (asha, f"/v1/care-teams/{cast.others['team']}"),
        "tag_of_notices": (asha, "/v1/me/notifications/preferences"),
        "tag_of_passkey": (asha, f"/v1/me/passkeys/{scene['passkey_of_asha']}"),
        "tag_of_practice": (admin, f"/v1/organisations/{cast.organisations['practice']}"),
        "tag_of_nobody": (admin, f"/v1/accounts/{cast.accounts['nobody_at_all']}"),
    }
    return {name: (await client.get(path)).headers["etag"] for name, (client, path) in asked.items()}


async def _passkey(asha: httpx.AsyncClient) -> str:
    options = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    origin = ORIGIN if options["rp"]["id"] == "localhost" else f"http://{options['rp']['id']}"
    kept = {"name": "My tablet", "credential": Authenticator(origin).create(options)}
    return str((await _made(asha, "/v1/me/passkeys", kept))["id"])


async def _address(asha: httpx.AsyncClient, name: str) -> str:
    kept = {"channel": "fcm", "name": "A telephone", "token": f"the-token-of-the-{name}-telephone"}
    return str((await _made(asha, "/v1/me/notifications/addresses", kept))["id"])


async def _invitations(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    """Return an invitation to the practice, and one of Una, a patient who has no account."""
    asha, place = client_of(CLINICIAN), str(cast.organisations["practice"])
    colleague = {"email": "scene@example.test", "display_name": "Scene", "organisation_id": place, "role": "clinician"}
    una = {"given_name": "Una", "family_name": "Without", "born_on": "1950-05-05", "practice_id": place}
    patient = (await _made(asha, "/v1/patients", una))["id"]
    mailbox = {"email": "una@home.test", "display_name": "Una"}
    return {
        "invitation_to_practice": (
            await _made(client_of("jack_administrator_of_practice"), "/v1/invitations", colleague)
        )["id"],
        "una_without_account": patient,
        "invitation_of_una": (await _made(asha, f"/v1/patients/{patient}/invitations", mailbox))["id"],
    }


async def _check_ins(asha: httpx.AsyncClient, rose: str, cast: Cast) -> dict[str, str]:
    """Return what Rose noticed and answered, and the alert that this raised, which Asha has acknowledged."""
    at = (cast.now - timedelta(hours=1)).isoformat()
    noticed = [{"symptom": "ankle_swelling", "level": 1}]
    entry = await _made(asha, f"{rose}/diary", {"effective_at": at, "note": "A bad night", "symptoms": noticed})
    given = {"questionnaire": "phq-9", "version": "1", "authored_at": at, "answers": [{"link_id": "q9", "value": 1}]}
    response = await _made(asha, f"{rose}/questionnaire-responses", given)
    alert = (await asha.get(f"{rose}/alerts")).json()["items"][0]["id"]
    answer = await asha.post(f"{rose}/alerts/{alert}/acknowledgement", json={"note": "Calling"})
    assert answer.status_code == 200, answer.json()
    return {"entry_of_rose": entry["id"], "response_of_rose": response["id"], "safety_alert_of_rose": alert}


async def _best(asha: httpx.AsyncClient, rose: str) -> str:
    """Return the id of the first of two that were stated: it stands no more."""
    for value in (470, 480):
        seen = {"If-Match": (await asha.get(f"{rose}/personal-best")).headers["etag"]}
        best = {"value": value, "unit": "L/min", "reason": "Best of a well fortnight"}
        stated = await asha.put(f"{rose}/personal-best", json=best, headers=seen)
    return str(stated.json()["stated"][-1]["id"])


async def _record_of_rose(asha: httpx.AsyncClient, cast: Cast) -> dict[str, str]:
    rose, today = f"/v1/patients/{cast.patients['rose_resident']}", london_date(cast.now)
    reading = {
        "client_id": "scene-1",
        "sign": "heart_rate",
        "value": 70,
        "unit": "/min",
        "effective_at": (cast.now - timedelta(hours=1)).isoformat(),
    }
    other = reading | {"client_id": "scene-2", "effective_at": (cast.now - timedelta(hours=2)).isoformat()}
    stored = await _made(asha, f"{rose}/observations", {"readings": [reading, other]})
    goal = await _made(asha, f"{rose}/goals", {"description": "To walk to the shop"})
    other_goal = await _made(asha, f"{rose}/goals", {"description": "To walk to the park"})
    plan = {
        "title": "Every day",
        "agreed_on": (today - timedelta(days=1)).isoformat(),  # due an hour ago, at any hour
        "review_on": (today + timedelta(days=90)).isoformat(),
        "actions": [{"title": "Weigh yourself", "schedule": {"rrule": "FREQ=DAILY"}}],
        "zones": ZONES,
        "template": {"key": "heart_failure", "version": 1},
    }
    published = await _made(asha, f"{rose}/action-plans", plan)
    action_id = published["actions"][0]["id"]
    steps = f"{rose}/action-plans/{published['id']}/actions/{action_id}/completions"
    done = await _made(asha, steps, {"client_id": "scene", "done_at": (cast.now - timedelta(hours=1)).isoformat()})
    pause = await _made(
        asha, f"{rose}/pauses", {"kind": "holiday", "from_on": (today + timedelta(days=30)).isoformat()}
    )
    return {
        **await _check_ins(asha, rose, cast),
        "best_of_rose": await _best(asha, rose),
        "observation_of_rose": stored["verdicts"][0]["observation_id"],
        "other_observation_of_rose": stored["verdicts"][1]["observation_id"],
        "goal_of_rose": goal["id"],
        "completion_of_rose": done["id"],
        "pause_of_rose": pause["id"],
        "other_goal_of_rose": other_goal["id"],
        "plan_of_rose": published["id"],
        "action_of_rose": published["actions"][0]["id"],
    }


async def _care_plans(asha: httpx.AsyncClient, cast: Cast) -> dict[str, str]:
    """Return the care and support plan that is in force, and two drafts that would take its place."""
    plans = f"/v1/patients/{cast.patients['rose_resident']}/care-plans"
    new = {
        "client_id": "scene",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
        "sections": [{"section": "contingency", "text": "Ring the ward", "words_of": "clinician"}],
    }
    made = (await _made(asha, plans, new))["id"]
    answer = await asha.post(f"{plans}/{made}/publication", json={"agreement": "with_person"})
    assert answer.status_code == 200, answer.json()
    drafts = {
        f"care_plan_{which}_of_rose": (await _made(asha, plans, new | {"client_id": which, "supersedes_id": made}))[
            "id"
        ]
        for which in ("draft", "other_draft")
    }
    return {"care_plan_of_rose": made, **drafts}


async def _scaled_goal(rose: httpx.AsyncClient, cast: Cast) -> str:
    goal = {"description": "To see my friends", "scale": SCALE}
    return str((await _made(rose, f"/v1/patients/{cast.patients['rose_resident']}/goals", goal))["id"])


async def _commissioning(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    telemedicine = {
        "commissioner_id": str(cast.organisations["commissioner"]),
        "code": "telemedicine",
        "name": "Care-home telemedicine",
        "description": "Readings stream to a clinician",
    }
    pathway = await _made(client_of("iris_commissioner"), "/v1/pathways", telemedicine)
    joined = {"patient_id": str(cast.patients["rose_resident"]), "enrolled_on": london_date(cast.now).isoformat()}
    enrolment = await _made(client_of(CLINICIAN), f"/v1/pathways/{pathway['id']}/enrolments", joined)
    sent = await client_of("jack_administrator_of_practice").post(
        "/v1/contacts/imports",
        content="nhs_number,kind\n9990000018,gp_home_visit\n",
        headers={"content-type": "text/csv"},
    )
    assert sent.status_code == 202, sent.json()
    jack = client_of("jack_administrator_of_practice")
    webhook, other_webhook = [await _webhook(jack, cast) for _ in range(2)]
    return {
        "pathway": pathway["id"],
        "enrolment_of_rose": enrolment["id"],
        "import_of_jack": sent.json()["id"],
        "webhook": webhook,
        "tag_of_webhook": (await jack.get(f"/v1/webhooks/{webhook}")).headers["etag"],
        "other_webhook": other_webhook,
    }


async def _webhook(jack: httpx.AsyncClient, cast: Cast) -> str:
    told = {
        "organisation_id": str(cast.organisations["practice"]),
        "url": "https://localhost/of-jack",
        "kinds": ["observation.recorded"],
    }
    made = await jack.post("/v1/webhooks", json=told, headers={"Idempotency-Key": str(uuid4())})
    assert made.status_code == 201, made.json()
    return str(made.json()["id"])


async def _made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, (path, answer.status_code, answer.json())
    found: dict[str, Any] = answer.json()
    return found
