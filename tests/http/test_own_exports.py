"""A copy of everything about oneself: whole, one's own alone, handed over once, and nothing in it executes."""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from api.exports import gathering, sections
from api.exports.archive import Told, archive
from api.exports.gathering import advance_exports
from api.exports.sections import SECTIONS
from api.schemas.privacy import PrivacyNoticeOut
from domain.clock import london_date
from domain.rights.export_commands import ATTEMPTS_AT_MOST, keep_page
from domain.rights.export_queries import ExportPage
from domain.rights.lawful_basis import privacy_notice
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ASHA, ROSE, SAM, SAUL, TESS
from tests.http.commissioning import contact, post_contacts
from tests.http.conftest import ClientOf, gathering_beside
from tests.http.letters import Letters
from tests.http.scene import set_scene

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def work(app: FastAPI, *, later: timedelta = timedelta(0)) -> None:
    """Let a worker do all there is to do."""
    while await advance_exports(gathering_beside(app, lambda: datetime.now(UTC) + later)):
        pass


async def fetched(client: httpx.AsyncClient, export_id: str) -> dict[str, bytes]:
    answer = await client.get(f"/v1/me/exports/{export_id}/file")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
async def scene(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    return await set_scene(client_of, cast)


async def test_a_copy_holds_every_section_as_json_and_as_a_page_to_read(
    app: FastAPI, client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    client, path = client_of(ROSE), f"/v1/me/exports/{scene['export_of_rose']}"
    assert (await client.get(path)).json()["state"] == "waiting"
    await work(app)
    told = (await client.get(path)).json()
    assert (told["state"], told["done"], told["sections"]) == ("ready", len(SECTIONS), len(SECTIONS))
    files = await fetched(client, scene["export_of_rose"])
    assert set(files) == {"READ-ME.txt", "privacy-notice.txt", "record.json", "record.html"}
    assert "UK GDPR, article 9(2)(h)" in files["privacy-notice.txt"].decode()
    record = json.loads(files["record.json"])
    assert list(record) == ["asked_at", "as_it_was_at", *(section.name for section in SECTIONS)]
    assert record["you"][0]["id"] == str(cast.patients["rose_resident"])
    assert {each["id"] for each in record["readings"]} >= {
        scene["observation_of_rose"],
        scene["other_observation_of_rose"],
    }
    assert [each["id"] for each in record["action_plans"]] == [scene["plan_of_rose"]]
    assert len(record["care_homes"]) == 2
    assert record["pathways"][0]["pathway"] == "Care-home telemedicine"
    assert [each["id"] for each in record["requests"]] == [scene["request_of_rose"]]
    assert any(each["action"] == "own_export.ask" for each in record["who_looked"])
    page = files["record.html"].decode()
    assert all(f'<h2 id="{section.name}">{section.heading}</h2>' in page for section in SECTIONS)
    for said in (
        "Rose Resident",
        "Heart rate",
        "70 beats/min",
        "To walk to the shop",
        "Invented practice",
        "Weigh yourself",
    ):
        assert said in page
    assert "/min</" not in page.replace("beats/min</", "").replace(" L/min</", "")


async def test_a_copy_holds_everything_and_who_did_it_whatever_fits_on_a_page(
    app: FastAPI, client_of: ClientOf, cast: Cast, scene: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for of, size in {"READINGS": 1, "GOALS": 1, "STEPS": 25, "CONTACTS": 1, "SESSIONS": 1}.items():
        monkeypatch.setattr(sections, f"{of}_A_PAGE", size)
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    steps = f"{rose}/action-plans/{scene['plan_of_rose']}/actions/{scene['action_of_rose']}/completions"
    done_at = [cast.now - timedelta(milliseconds=n) for n in range(51)]  # one more than a plan tells of; all of today
    for number, at in enumerate(done_at):
        done = {"client_id": f"step-{number}", "done_at": at.isoformat()}
        assert (await client_of(ASHA if number == 0 else ROSE).post(steps, json=done)).status_code == 201
    an_hour_ago = cast.now - timedelta(hours=1)  # as the scene has it
    days = {"visit-0": 3, "visit-1": 1, "visit-2": 2}
    visits = [
        contact(cast, london_date(cast.now) - timedelta(days=ago), source="test", external_id=name)
        for name, ago in days.items()
    ]
    assert (await post_contacts(client_of(ASHA), cast.patients["rose_resident"], *visits)).status_code == 201
    await work(app)
    files = await fetched(client_of(ROSE), scene["export_of_rose"])
    record, page = json.loads(files["record.json"]), files["record.html"].decode()
    assert [datetime.fromisoformat(each["done_at"]) for each in record["steps_done"]] == [*done_at, an_hour_ago]
    assert {(each["plan"], each["step"]) for each in record["steps_done"]} == {("Every day", "Weigh yourself")}
    assert [each["external_id"] for each in record["visits"]] == ["visit-1", "visit-2", "visit-0"]
    goals = {"goal_of_rose", "other_goal_of_rose", "scaled_goal_of_rose"}
    assert {each["id"] for each in record["goals"]} == {scene[name] for name in goals}
    asha = record["steps_done"][0]["recorded_by_name"]
    assert {each["recorded_by_name"] for each in record["readings"]} == {asha}
    assert record["action_plans"][0]["published_by_name"] == asha != record["steps_done"][1]["recorded_by_name"]
    assert page.count("Weigh yourself\nEvery day") == len(done_at) + 1
    assert f"A clinician\n{asha}" in page


_SIGNS_IN = (
    (
        "insert into totp (id, account_id, sealed_secret, begun_at, confirmed_at)"
        " values (gen_random_uuid(), :account, 'SEALED', now(), now())"
    ),
    (
        "insert into recovery_code (account_id, code_hash, made_at, used_at)"
        " values (:account, 'HASHED1', now(), now()), (:account, 'HASHED2', now(), null)"
    ),
    (
        "insert into passkey (id, account_id, credential_id, public_key, sign_count, backed_up, name, made_at)"
        " values (gen_random_uuid(), :account, 'CREDENTIAL', 'PUBLIC', 0, true, 'Blue telephone', now())"
    ),
    (
        "insert into provider_identity (id, account_id, issuer, subject, linked_at)"
        " values (gen_random_uuid(), :account, 'https://login.example', 'urn:subject', now())"
    ),
    (
        "insert into session (id, account_id, created_at, expires_at, ended_at, end_reason, last_seen_at, label)"
        " values (gen_random_uuid(), :account, now(), 'tomorrow', now(), 'signed_out', now(), 'Old tablet')"
    ),
    (
        "with made as (insert into invitation (id, token_hash, email, display_name, organisation_id, invited_by,"
        " made_at, expires_at) values (gen_random_uuid(), 'TOKENED', 'rose@home.test', 'Rose', :place, :account, now(),"
        " now())"
        " returning id) insert into patient_invitation (invitation_id, patient_id) select id, :patient from made"
    ),
)


async def signs_in_every_way(session: AsyncSession, cast: Cast) -> None:
    ids = {
        "account": cast.accounts[ROSE],
        "place": cast.organisations["practice"],
        "patient": cast.patients["rose_resident"],
    }
    for statement in _SIGNS_IN:
        wanted = {name: value for name, value in ids.items() if f":{name}" in statement}
        await session.execute(text(statement), wanted)


async def acts_for_sam_and_no_longer_for_tess(client_of: ClientOf, cast: Cast) -> None:
    for whom, who in (("sam_at_home", SAM), ("tess_of_other_practice", TESS)):
        terms = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
        offered = await client_of(who).post(f"/v1/patients/{cast.patients[whom]}/delegates", json=terms)
        code = {"code": offered.json()["code"]}
        assert (await client_of(ROSE).post("/v1/me/delegations", json=code)).status_code == 201
    people = (await client_of(ROSE).get("/v1/me/delegations")).json()["items"]
    tess = next(each["id"] for each in people if each["given_name"] == "Tess")
    assert (await client_of(ROSE).delete(f"/v1/me/delegations/{tess}")).status_code == 204


async def test_a_copy_tells_who_could_see_one_who_did_in_an_emergency_and_of_one_s_account_all_but_its_secrets(
    app: FastAPI, client_of: ClientOf, cast: Cast, session: AsyncSession, scene: dict[str, str]
) -> None:
    await signs_in_every_way(session, cast)
    await acts_for_sam_and_no_longer_for_tess(client_of, cast)
    found = {"state": "upheld", "note": "The ambulance's log was seen"}
    review = f"/v1/privacy-alerts/{cast.others['alert_of_pia']}/review"
    assert (await client_of(SAUL).post(review, json=found)).status_code == 204
    await work(app)
    files = await fetched(client_of(ROSE), scene["export_of_rose"])
    record = json.loads(files["record.json"])
    teams = {each["team"]: each["until_at"] is None for each in record["care_teams"]}
    assert teams == {"team": True, "former_team": False}
    emergencies = {each["opened_by_name"]: each for each in record["emergencies"]}
    pia = emergencies["pia clinician broke glass"]
    assert (pia["state"], pia["note"], pia["reviewed_by_name"]) == (*found.values(), "saul privacy officer")
    assert emergencies["remy clinician glass ended"]["ended_at"] is not None
    assert [(each["name"], each["is_over"]) for each in record["acting_for"]] == [
        ("Sam Home", False),
        (None, True),  # whose it was is theirs to tell
    ]
    assert [(each["email"], each["state"]) for each in record["invitations"]] == [("rose@home.test", "lapsed")]
    ways = {each["way"]: each for each in record["ways_to_sign_in"]}
    assert set(ways) == {"password", "authenticator_app", "recovery_codes", "passkey", "identity_provider"}
    assert (ways["recovery_codes"]["codes_left"], ways["passkey"]["name"]) == (1, "Blue telephone")
    assert {each["label"]: each["end_reason"] for each in record["sessions"]}["Old tablet"] == "signed_out"
    assert len(record["sessions"]) == 2
    assert "session.open" in {each["action"] for each in record["own_trail"]}
    whole = files["record.json"] + files["record.html"]
    for secret in (b"SEALED", b"HASHED", b"CREDENTIAL", b"PUBLIC", b"TOKENED", b"$argon2"):
        assert secret not in whole
        assert secret.hex().encode() not in whole
    assert b"everything" not in files["READ-ME.txt"]
    assert b"what is secret about signing in" in files["READ-ME.txt"]


async def test_nobody_reads_by_row_security_what_became_of_another_s_emergency_or_what_another_account_did(
    app: FastAPI, cast: Cast
) -> None:
    held: Services = app.state.services
    asked = text(
        "select (select count(*) from privacy_alert), (select count(*) from audit_event where patient_id is null)"
    )
    seen = {}
    for who in (ROSE, ASHA, SAM):
        async with held.database.writing(cast.actor(who, at=datetime.now(UTC))) as session:
            alerts, own = (await session.execute(asked)).one()
            others = text("select count(*) from audit_event where patient_id is null and account_id <> :own")
            assert await session.scalar(others, {"own": cast.accounts[who]}) == 0
            seen[who] = (alerts, own > 0)
    assert seen == {ROSE: (3, True), ASHA: (0, True), SAM: (0, True)}


async def test_who_asked_for_a_copy_is_told_once_by_letter_that_it_is_ready_as_long_as_it_is(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    before = await Letters(app).all()
    await work(app)
    await work(app)
    lapses = text(
        "select lapses_at = expires_at from letter, own_export where kind = 'copy_ready' and own_export.id = :id"
    )
    assert (await session.execute(lapses, {"id": UUID(scene["export_of_rose"])})).scalars().all() == [True]
    letter = await Letters(app).only()
    assert letter not in before
    assert (letter.to, letter.subject) == (f"{ROSE}@example.test", "Your copy is ready in Tendwell")
    assert "/console/my-record/copies\n" in letter.text


_OF_COPIES = text("select sent_at is not null, given_up_at is not null, sealed is null from letter where kind = :kind")


async def test_nobody_is_told_that_a_copy_is_ready_which_they_have_fetched_already(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    await Letters(app).all()
    await work(app)
    await fetched(client_of(ROSE), scene["export_of_rose"])
    assert await Letters(app).all() == []
    assert (await session.execute(_OF_COPIES, {"kind": "copy_ready"})).all() == [(False, True, True)]


async def test_a_letter_that_has_left_before_the_copy_was_fetched_stays_one_that_was_sent(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    await Letters(app).all()
    await work(app)
    assert (await Letters(app).only()).subject == "Your copy is ready in Tendwell"
    await fetched(client_of(ROSE), scene["export_of_rose"])
    assert (await session.execute(_OF_COPIES, {"kind": "copy_ready"})).all() == [(True, False, True)]


async def test_nobody_is_told_of_a_copy_that_went_with_their_account(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    await Letters(app).all()
    closing = {"kind": "close_account", "about": "I have moved to another app"}
    made = (await client_of(ROSE).post("/v1/me/rights-requests", json=closing)).json()["id"]
    await work(app)
    granted = {"decision": "granted", "answer": "It is closed."}
    assert (await client_of(ASHA).post(f"/v1/rights-requests/{made}/answer", json=granted)).status_code == 204
    assert (await Letters(app).only()).subject == "Your Tendwell account was closed"
    assert (await session.execute(_OF_COPIES, {"kind": "copy_ready"})).all() == [(False, True, True)]


async def test_who_asked_for_a_copy_is_told_once_by_letter_that_it_could_not_be_made_and_may_ask_again(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    await Letters(app).all()
    tried = text("update own_export set attempts = :most where id = :id")
    await session.execute(tried, {"most": ATTEMPTS_AT_MOST, "id": UUID(scene["export_of_rose"])})
    await work(app)
    await work(app)
    letter = await Letters(app).only()
    assert (letter.to, letter.subject) == (f"{ROSE}@example.test", "Your copy could not be made in Tendwell")
    assert "/console/my-record/copies\n" in letter.text
    assert (await client_of(ROSE).post("/v1/me/exports")).status_code == 202


async def test_a_copy_is_handed_over_once_and_to_nobody_else(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    """AUTHZ-028: the address of a copy is worth nothing to another, or later."""
    path = f"/v1/me/exports/{scene['export_of_rose']}"
    await work(app)
    for other in (SAM, TESS, ASHA):
        assert [(await client_of(other).get(f"{path}{end}")).status_code for end in ("", "/file")] == [404, 404]
    await fetched(client_of(ROSE), scene["export_of_rose"])
    assert (await client_of(ROSE).get(f"{path}/file")).status_code == 410
    assert (await client_of(ROSE).get(path)).json()["state"] == "handed_over"
    assert (await session.execute(text("select count(*) from own_export_part"))).scalar_one() == 0
    assert (await client_of(ROSE).post("/v1/me/exports")).status_code == 202


async def test_asking_for_the_head_of_a_copy_hands_nothing_over(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    path = f"/v1/me/exports/{scene['export_of_rose']}/file"
    assert (await client_of(ROSE).head(path)).status_code == 409
    await work(app)
    assert (await client_of(TESS).head(path)).status_code == 404
    head = await client_of(ROSE).head(path)
    assert (head.status_code, head.headers["content-type"], head.content) == (200, "application/zip", b"")
    # Nothing was told that the log could call a copy handed over.
    handed = text("select count(*) from audit_event where action = 'own_export.hand_over'")
    assert (await session.execute(handed)).scalar_one() == 0
    await fetched(client_of(ROSE), scene["export_of_rose"])
    assert (await session.execute(handed)).scalar_one() == 1
    assert (await client_of(ROSE).head(path)).status_code == 410


async def test_a_copy_that_nobody_fetches_within_a_day_is_deleted(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str]
) -> None:
    await work(app)
    await work(app, later=timedelta(hours=25))
    assert (await client_of(ROSE).get(f"/v1/me/exports/{scene['export_of_rose']}")).json()["state"] == "expired"
    assert (await session.execute(text("select count(*) from own_export_part"))).scalar_one() == 0
    assert (await client_of(ROSE).get(f"/v1/me/exports/{scene['export_of_rose']}/file")).status_code == 410


async def test_a_worker_that_dies_anywhere_leaves_no_page_of_its_own_instant_to_the_next(
    app: FastAPI, client_of: ClientOf, session: AsyncSession, scene: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []

    async def dies(*given: Any, **more: Any) -> Any:
        moved = await keep_page(*given, **more)
        kept.append(given[2])
        if len(kept) in {2, 5, 6}:
            raise KeyboardInterrupt  # as if killed before the commit
        return moved

    monkeypatch.setattr(gathering, "keep_page", dies)
    for minutes in (0, 2, 4):
        with pytest.raises(KeyboardInterrupt):
            await work(app, later=timedelta(minutes=minutes))
    await work(app, later=timedelta(minutes=6))
    record = json.loads((await fetched(client_of(ROSE), scene["export_of_rose"]))["record.json"])
    assert list(record) == ["asked_at", "as_it_was_at", *(section.name for section in SECTIONS)]
    ids = [each["id"] for each in record["readings"]]
    assert len(ids) == len(set(ids)) == 2
    assert len(kept) == 6 + len(SECTIONS)
    # What those who died had read for this copy is in the trail, and not told as what Rose did.
    read = text("select distinct action from audit_event where request_id = :copy and patient_id is not null")
    copying = set(await session.scalars(read, {"copy": f"own-export-{scene['export_of_rose']}"}))
    assert copying >= {"patient.read", "consent.list"}
    assert "consent.list" not in {each["action"] for each in record["who_looked"]}


async def test_the_trail_says_when_a_slow_copy_read_what_and_not_when_it_began(
    app: FastAPI, session: AsyncSession, scene: dict[str, str]
) -> None:
    passing = (datetime.now(UTC) + timedelta(seconds=20 * number) for number in itertools.count())
    told: list[datetime] = []

    def clock() -> datetime:
        told.append(next(passing))
        return told[-1]

    assert await advance_exports(gathering_beside(app, clock))
    copy = {"id": UUID(scene["export_of_rose"]), "copy": f"own-export-{scene['export_of_rose']}"}
    began = await session.scalar(text("select taken_at from own_export where id = :id"), copy)
    reads = text("select min(at) as at, action from audit_event where request_id = :copy group by action order by at")
    looked = {row.action: row.at for row in await session.execute(reads, copy)}
    assert set(looked.values()) <= set(told)
    assert min(looked.values()) > began
    assert looked["patient.read"] < looked["observation.list"] < looked["consent.list"] < looked["access_log.read"]


async def test_an_account_closed_meanwhile_gets_no_copy(
    app: FastAPI, client_of: ClientOf, cast: Cast, session: AsyncSession, scene: dict[str, str]
) -> None:
    closed = text("update account set disabled_at = now() where id = :id")
    await session.execute(closed, {"id": cast.accounts[ROSE]})
    await work(app)
    state = text("select state from own_export where id = :id")
    assert (await session.execute(state, {"id": UUID(scene["export_of_rose"])})).scalar_one() == "failed"
    assert [each.subject for each in await Letters(app).all() if "copy" in each.subject] == []


MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOTICE = PrivacyNoticeOut.of(privacy_notice(None, {}))


async def packed(pages: Callable[[], Any]) -> dict[str, bytes]:
    pieces = [piece async for piece in archive(pages, Told(MARCH, MARCH), NOTICE)]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as read:
        assert read.testzip() is None
        return {name: read.read(name) for name in read.namelist()}


async def test_nothing_that_somebody_wrote_can_execute_in_the_page() -> None:
    """Every place of every section is tried in `tests/unit/test_page_to_read.py`."""
    target = {"sign": EVIL, "part": EVIL, "comparator": EVIL, "value": EVIL, "unit": EVIL, "due_on": EVIL}
    step = {"at": EVIL, "taken_as": EVIL, "to_lifecycle_status": EVIL, "note": EVIL}
    goal = {EVIL: EVIL, "description": EVIL, "why": EVIL, "target": target, "start_on": EVIL, "history": [step]}

    async def pages() -> Any:
        yield ExportPage("goals", json.dumps([goal]))

    files = await packed(pages)
    page = files["record.html"].decode()
    plain = "html head meta title style body header nav main footer section article h1 h2 h3 p ul li a dl div dt dd"
    tables = "table caption thead tbody tr th td"
    assert set(re.findall(r"<(\w+)", page)) <= {*plain.split(), *tables.split(), "DOCTYPE"}
    assert set(re.findall(r'(?:href|src)="([^"]*)', page)) == {f"#{section.name}" for section in SECTIONS}
    assert "default-src 'none'" in page
    assert page.count("&lt;script&gt;") == 13
    assert json.loads(files["record.json"])["goals"][0]["description"] == EVIL


async def test_sections_without_anything_and_pages_in_between_make_json_that_reads() -> None:
    async def pages() -> Any:
        kept = [
            ("you", [{"a": 1}]),
            ("goals", []),
            ("readings", [{"b": 1}, {"b": 2}]),
            ("readings", []),
            ("readings", [{"b": 3}]),
        ]
        for section, items in kept:
            yield ExportPage(section, json.dumps(items))

    record = json.loads((await packed(pages))["record.json"])
    assert (record["you"], record["goals"], record["readings"]) == ([{"a": 1}], [], [{"b": n} for n in (1, 2, 3)])
