"""openapi.yaml is true: schemathesis asks a real server what it promises, as each kind of caller.

It sends what the schemas allow, what they just about allow, and what they forbid, and looks at every answer: is its
status described, its type, its headers, its body; is what is wrong refused, what is right not called malformed; does
what asks for a token answer nobody without one, and each address no method but its own. What is asked of which
operation, and what is left out and why, stands in `schemathesis.toml`.

Each caller has a stage of their own, since what is asked is done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.schemas.examples import EXAMPLES
from domain.clock import london_date
from domain.events.commands import settle_epoch
from integrations.postgres.client import Database
from tests.architecture.source import ROOT
from tests.cast import PASSWORD, Cast
from tests.http.access_matrix import ADMIN, ASHA, BEA, CARL, GUS, IRIS, LENA, MATRIX, ROSE, SAUL, UMA
from tests.http.scene import ZONES, set_scene
from tests.promise import promise
from tests.stage import Stage, serving_stage

CONFIGURATION = ROOT / "tests/http/schemathesis.toml"
NOBODY = "nobody_signed_in"
# Who asks, and how often of each operation. Everything is asked as nobody, and as the commissioner, who may do least:
# that shows each way of being refused. The others ask what they may; a delegate and the privacy officer only what not
# everybody may who is signed in, which five others ask already. What answers without signing in says the same to all:
# it is asked as nobody, as the commissioner and as a clinician.
CALLERS = {NOBODY: 1, ASHA: 5, ADMIN: 5, IRIS: 1, GUS: 3, ROSE: 3, UMA: 3, SAUL: 3}
ASKING_ALL = (NOBODY, IRIS)
# What takes more tries to be done once: most of what the schemas allow of it fits nobody who is there.
SELDOM_DONE = {"admit_to_care_home", "answer_rights_request", "create_account", "give_consent", "grant_membership"}
TRIES_OF_WHAT_IS_SELDOM_DONE = 10
ASKING_THEIR_OWN = (UMA, SAUL)
ASKING_WHERE_IT_MATTERS_WHO_ASKS = (ADMIN, GUS, ROSE)
# Each has a stage of their own, since what is asked is done; what these three do is nothing to each other.
STAGES = ((NOBODY,), (ASHA,), (ADMIN,), (IRIS, UMA, SAUL), (GUS,), (ROSE,))
# What would take from the caller what they ask with: their session, or sight of Rose.
UNASKED = {caller: {"sign_out"} for caller in CALLERS} | {
    GUS: {"sign_out", "end_residence"},
    UMA: {"sign_out", "leave_delegation"},
}
PATIENCE_SECONDS = 500  # on a machine that does much else; alone, a tenth
WEIGHT_OF_A_BODY = 5
MOST_SHOWN = 40_000


_AS_IF_A_RELAY_WERE_AT_WORK = text("update event_relay set seen_at = clock_timestamp() + interval '1 hour'")


@pytest.mark.timeout(PATIENCE_SECONDS + 60)
@pytest.mark.parametrize("callers", STAGES, ids=" and ".join)
async def test_what_openapi_yaml_promises_is_true_for(
    callers: tuple[str, ...], committing_database: Database, cast: Cast, tmp_path: Path
) -> None:
    async with committing_database.writing() as session:
        await settle_epoch(session)
        await session.execute(_AS_IF_A_RELAY_WERE_AT_WORK)
    with serving_stage(committing_database.url, cast, tmp_path) as stage:
        (tmp_path / "openapi.json").write_text(json.dumps(_without_wildcards()))
        # Before the scene is set: who has a passkey in it signs in with it.
        tokens = {caller: await _token(stage, caller) for caller in callers if caller != NOBODY}
        scene = await _scene_set(stage)
        _write_dictionaries(tmp_path, cast, scene)
        for caller in callers:
            await _ask_as(caller, tokens.get(caller), stage, _ids(cast, scene), tmp_path)


async def _ask_as(caller: str, token: str | None, stage: Stage, ids: dict[str, str], folder: Path) -> None:
    (folder / "schemathesis.toml").write_text(_configured(caller))
    before = len(stage.api.log.read_text())
    headers = [] if token is None else ["-H", f"Authorization: Bearer {token}"]
    ran = _schemathesis(folder, ids, "--url", stage.api.url, *headers)
    assert ran.returncode == 0, f"{ran.stdout[:MOST_SHOWN]}\n{ran.stderr}\n{_crashes(stage)}"
    assert _may(caller) - _done(stage.api.log.read_text()[before:]) == set()


def test_every_caller_has_a_stage() -> None:
    assert sorted(caller for callers in STAGES for caller in callers) == sorted(CALLERS)


def _schemathesis(folder: Path, ids: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {
        "NO_PROXY": "127.0.0.1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.http.asking", "--no-color", "--config-file", "schemathesis.toml"]
    return subprocess.run(
        [*command, "run", "openapi.json", *arguments],
        cwd=folder,
        env=os.environ | ids | kept,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def _configured(caller: str) -> str:
    """Return the configuration. The many questions about limits are asked once, by one who may do the thing."""
    asked = set(MATRIX) - UNASKED[caller] if caller in ASKING_ALL else _may(caller)
    to_the_limits = {operation for operation, asks in _who_asks_to_the_limits().items() if asks == caller}
    return "\n".join(
        (
            CONFIGURATION.read_text(),
            _for_all_but(asked, "enabled = false"),
            _for_all_but(to_the_limits, "phases.coverage.enabled = false"),
            _for_all_but(SELDOM_DONE, f"generation.max-examples = {CALLERS[caller]}"),
            _for_all_but(set(MATRIX) - SELDOM_DONE, f"generation.max-examples = {TRIES_OF_WHAT_IS_SELDOM_DONE}"),
        )
    )


def _for_all_but(operations: set[str], setting: str) -> str:
    return f"[[operations]]\ninclude-operation-id = {json.dumps(sorted(set(MATRIX) - operations))}\n{setting}\n"


def _who_asks_to_the_limits() -> dict[str, str]:
    """Return, for each operation, who of those who may has the least to ask so far: a body is asked about at length.

    What nobody may is asked by nobody.
    """
    who: dict[str, str] = {}
    load = dict.fromkeys(CALLERS, 0)
    for operation, row in sorted(MATRIX.items(), key=lambda each: len(_callers_who_may(each[0]))):
        who[operation] = min(_callers_who_may(operation), key=load.__getitem__, default=NOBODY)
        load[who[operation]] += 1 if row.body is None else WEIGHT_OF_A_BODY
    return who


def _callers_who_may(operation: str) -> list[str]:
    return [caller for caller in CALLERS if operation in _may(caller)]


def _may(caller: str) -> set[str]:
    """Return what the access matrix lets this caller do, of what is asked."""
    may = {operation for operation, row in MATRIX.items() if row.expected(caller) < 300} - UNASKED[caller]
    if caller in ASKING_WHERE_IT_MATTERS_WHO_ASKS:
        return {operation for operation in may if MATRIX[operation].expected(NOBODY) >= 300}
    if caller not in ASKING_THEIR_OWN:
        return may
    return {operation for operation in may if MATRIX[operation].expected("nobody_at_all") >= 300}


def _without_wildcards() -> object:
    """Return the promise without "any other status", so that one which is not described fails.

    And without keys that may be left out: asked again with another body, a key is refused, which `test_sent_again.py`
    asks. And without the examples, whose people are not here: what is drawn from them is 404 (`test_examples.py` holds
    them to their models).
    """
    told = promise()
    for name in EXAMPLES.keys() & told["components"]["schemas"].keys():
        del told["components"]["schemas"][name]["examples"]
    for operations in told["paths"].values():
        for operation in operations.values():
            del operation["responses"]["4XX"]
            asked = operation.get("parameters", ())
            operation["parameters"] = [p for p in asked if p["name"] != "Idempotency-Key" or p["required"]]
    return told


async def _token(stage: Stage, who: str) -> str:
    credentials = {"email": f"{who}@example.test", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=stage.api.url, timeout=30) as client:
        answer = await client.post("/v1/sessions", json=credentials)
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["access_token"]
    return token


async def _scene_set(stage: Stage) -> dict[str, str]:
    async with AsyncExitStack() as opened:
        clients: dict[str | None, httpx.AsyncClient] = {}
        for who in (ASHA, IRIS, ADMIN, ROSE, "jack_administrator_of_practice"):
            headers = {"Authorization": f"Bearer {await _token(stage, who)}"}
            clients[who] = await opened.enter_async_context(
                httpx.AsyncClient(base_url=stage.api.url, headers=headers, timeout=30)
            )
        scene = await set_scene(clients.__getitem__, stage.cast)
        made = {"raised_alert": await _raised_alert(clients[ASHA], stage.cast)}
        made["care_plan_to_publish"] = await _care_plan_to_publish(clients[ASHA], stage.cast)
        return scene | made | {"plan_in_force": await _plan_in_force(clients[ASHA], stage.cast)}


async def _raised_alert(asha: httpx.AsyncClient, cast: Cast) -> str:
    """Return the id of an alert of Sam's that nobody has acknowledged: there is one of Rose's that somebody has."""
    sam, at = f"/v1/patients/{cast.patients['sam_at_home']}", (cast.now - timedelta(hours=1)).isoformat()
    given = {"questionnaire": "phq-9", "version": "1", "authored_at": at, "answers": [{"link_id": "q9", "value": 1}]}
    assert (await asha.post(f"{sam}/questionnaire-responses", json=given)).status_code == 201
    return str((await asha.get(f"{sam}/alerts")).json()["items"][0]["id"])


async def _plan_in_force(asha: httpx.AsyncClient, cast: Cast) -> str:
    """Return the id of a plan of Rose's with zones that nobody ends, as the other one is."""
    today = london_date(cast.now).isoformat()
    plan = {"title": "Every week", "agreed_on": today, "review_on": today, "zones": ZONES}
    plan["actions"] = [{"title": "Weigh yourself", "schedule": {"rrule": "FREQ=WEEKLY"}}]
    answer = await asha.post(f"/v1/patients/{cast.patients['rose_resident']}/action-plans", json=plan)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _care_plan_to_publish(asha: httpx.AsyncClient, cast: Cast) -> str:
    """Return the id of a draft of Sam's, of whom no care and support plan is in force."""
    plan = {
        "client_id": "to-publish",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
        "sections": [{"section": "matters", "text": "My garden", "words_of": "person"}],
    }
    answer = await asha.post(f"/v1/patients/{cast.patients['sam_at_home']}/care-plans", json=plan)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


OF_ROSE = (
    "observation", "goal", "entry", "response", "safety_alert", "completion", "pause", "best", "plan", "action",
    "care_plan", "care_plan_other_draft",
)  # fmt: skip


def _ids(cast: Cast, scene: dict[str, str]) -> dict[str, str]:
    """Return what the ${names} of the configuration stand for: Rose's record, and what else there is."""
    ours = {
        "patient_id": cast.patients["rose_resident"],
        "residence_id": cast.others["residence_of_rose"],
        "organisation_id": cast.organisations["practice"],
        "care_home_id": cast.organisations["care_home"],
        "care_team_id": cast.others["team"],
        "alert_id": cast.others["alert_of_pia"],
        "member_id": cast.accounts[CARL],
        "account_id": cast.accounts["nobody_at_all"],
        "patient_of_raised_alert_id": cast.patients["sam_at_home"],
        "account_to_disable_id": cast.accounts["hope_staff_of_former_home"],
        "membership_to_end_id": cast.others[f"membership_of_{LENA}"],
    }
    recorded = {f"{each}_id": f"{each}_of_rose" for each in OF_ROSE} | {
        **{f"other_{each}_id": f"other_{each}_of_rose" for each in ("observation", "goal")},
        "acknowledgement_id": "question_of_rose",
        "plan_in_force_id": "plan_in_force",
        "scaled_goal_id": "scaled_goal_of_rose",
        "raised_alert_id": "raised_alert",
        "care_plan_to_publish_id": "care_plan_to_publish",
        "pathway_id": "pathway",
        "enrolment_id": "enrolment_of_rose",
        "import_id": "import_of_jack",
        "delegation_id": "offer_of_rose",
        "export_id": "export_of_rose",
        "request_id": "request_of_rose",
        "passkey_id": "passkey_of_asha",
        "other_passkey_id": "other_passkey_of_asha",
        "address_id": "address_of_asha",
        "other_address_id": "other_address_of_asha",
        "webhook_id": "webhook",
        "other_webhook_id": "other_webhook",
        "invitation_id": "invitation_to_practice",
        "patient_to_invite_id": "una_without_account",
        "patient_invitation_id": "invitation_of_una",
        **{tag: tag for tag in scene if tag.startswith("tag_of_")},
    }
    return {name: str(value) for name, value in ours.items()} | {name: scene[key] for name, key in recorded.items()}


def _write_dictionaries(folder: Path, cast: Cast, scene: dict[str, str]) -> None:
    today = london_date(cast.now)
    dictionaries: dict[str, Iterable[object]] = {
        "accounts": cast.accounts.values(),
        "clinicians": [cast.accounts[who] for who in (ASHA, BEA, CARL)],
        "own": [cast.accounts[ROSE]],
        "practices": [cast.organisations["practice"]],
        "patients": cast.patients.values(),
        "living": [cast.patients["sam_at_home"]],
        "organisations": cast.organisations.values(),
        "instants": [(cast.now - timedelta(minutes=minutes)).isoformat() for minutes in range(1, 100)],
        "days": [today, today - timedelta(days=1)],
        "next_month": [today + timedelta(days=30)],
        "soon": [(cast.now + timedelta(days=1)).isoformat()],
        "later": [(cast.now + timedelta(days=60)).isoformat()],
        "codes": [scene["code_of_rose"]],
    }
    for name, values in dictionaries.items():
        (folder / f"{name}.dict").write_text("".join(f'"{value}"\n' for value in values))


def _done(logged: str) -> set[str]:
    """Return the operations that the server says it did."""
    paths = promise()["paths"]
    names = {(method.upper(), path): each["operationId"] for path in paths for method, each in paths[path].items()}
    lines = [json.loads(line) for line in logged.splitlines() if '"event":"request"' in line]
    return {names[line["method"], line["route"]] for line in lines if line["status"] < 300}


def _crashes(stage: Stage) -> str:
    return "".join(line for line in stage.api.log.read_text().splitlines(keepends=True) if '"ERROR"' in line)
