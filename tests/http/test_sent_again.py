"""An Idempotency-Key: sent again, a request is done once and answered alike, to its own sender alone."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from httpx import Response
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import CurrentActor
from api.once import MustOnce
from api.schemas.accounts import CreatedOut
from api.strict_routing import StrictRoute
from api.worker import tidy
from domain.ids import new_id
from domain.people.care_team_commands import remove_patient
from domain.people.consent import Purpose
from domain.people.consent_texts import current_text
from domain.repeats.commands import KEPT_FOR, forget_replies
from integrations.postgres.client import Database
from integrations.postgres.roles import Role
from tests.cast import Cast, just_now
from tests.http.access_matrix import ASHA, CARL, EVERYBODY, MATRIX, ROSE
from tests.http.bad_input_asks import CASES
from tests.http.conftest import ClientOf
from tests.http.observations.test_durable_answers import signed_in
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, operations, values_of

# POSTs without a key, and what protects them instead.
UNKEYED = {
    "change_own_password": "it asks for the password that there was before",
    "post_observations": "each reading has its client_id",
    "answer_rights_request": "a request is answered once: the second answer is a conflict",
    "send_own_changes": "each thing has its client_id, or is a step that is taken once",
    "post_contacts": "each contact has its source's own id, or kind, instant and place",
    "post_contact_import": "the same file is the same import",
    "invite_delegate": "its reply holds a code that is kept nowhere: after a lost one, end it and ask anew",
    "record_delegate_by_law": "its reply holds a code that is kept nowhere, as an invitation's does",
    "break_glass": "what is open already is a conflict: there is never a second grant, nor a second alert",
    "give_feedback": "nothing: to know a repeat would be to know who asks, and it is anonymous",
    "confirm_notice_address": "a code that was right stays right: a repeat changes nothing",
    "issue_live_ticket": "a ticket is good once, for 30 seconds; a second one does no harm",
}
# Signing in, and what goes with it: nobody is signed in yet, or a code is good once.
SIGNING_IN = ("sessions", "factors", "invitations", "passkeys")
GOAL = {"description": "To walk to the shop"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def goals_of(cast: Cast, patient: str = "rose_resident") -> str:
    return f"/v1/patients/{cast.patients[patient]}/goals"


def keyed(app: FastAPI) -> set[str]:
    return {
        operation["operationId"]
        for path in app.openapi()["paths"].values()
        for operation in path.values()
        if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ()))
    }


def test_every_post_takes_a_key_or_says_what_protects_it_instead(app: FastAPI) -> None:
    posts = {name: route for name, route in operations(app).items() if "POST" in (route.methods or ())}
    bare = {name for name, route in posts.items() if not set(route.tags) & set(SIGNING_IN)} - keyed(app)
    assert bare == set(UNKEYED)
    assert keyed(app) <= set(posts)


async def test_idem_001_whatever_is_sent_again_is_done_once_and_answered_alike(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values = values_of(cast, await set_scene(client_of, cast))
    count = text("select count(*) from audit_event where action <> 'request.repeat'")
    for operation in sorted(keyed(app) & set(MATRIX)):
        row = MATRIX[operation]
        client = client_of(next(who for who in EVERYBODY if row.expected(who) < 300))
        before, same = await session.begin_nested(), key()
        first = await asked(client, "POST", row, values, same)
        assert first.status_code < 300, (operation, first.text)
        done = (await session.execute(count)).scalar_one()
        again = await asked(client, "POST", row, values, same)
        assert (again.status_code, again.content) == (first.status_code, first.content), operation
        assert _told(again) == _told(first), operation
        assert again.headers["idempotent-replayed"] == "true"
        assert "idempotent-replayed" not in first.headers
        assert (await session.execute(count)).scalar_one() == done, operation
        await before.rollback()


def _told(answer: Response) -> dict[str, str]:
    """Return the headers that are about what was answered, not about this very request."""
    own = {"x-request-id", "x-correlation-id", "ratelimit", "ratelimit-policy", "idempotent-replayed"}
    own |= set() if answer.content else {"content-type"}
    return {name: value for name, value in answer.headers.items() if name not in own}


async def test_a_repeat_has_the_entity_tag_of_the_first_answer_and_an_edit_can_build_on_it(
    cast: Cast, client_of: ClientOf
) -> None:
    rose, same = client_of(ROSE), key()
    goal = (await rose.post(goals_of(cast), json=GOAL)).json()
    path, step = f"{goals_of(cast)}/{goal['id']}", {"lifecycle_status": "cancelled"}
    first, again = [await rose.post(f"{path}/status", json=step, headers=same) for _ in range(2)]
    assert first.headers["etag"] == again.headers["etag"] == (await rose.get(path)).headers["etag"]
    created = [await rose.post(goals_of(cast), json=GOAL, headers=key()) for _ in range(2)]
    assert [answer.headers.get("etag") for answer in created] == [None, None]


async def test_two_keys_are_no_key_in_whichever_order_they_stand(cast: Cast, client_of: ClientOf) -> None:
    rose, one, other = client_of(ROSE), key()["Idempotency-Key"], key()["Idempotency-Key"]
    for pair in ((one, other), (other, one), (one, one)):
        headers = [("Idempotency-Key", each) for each in pair]
        answer = await rose.post(goals_of(cast), json=GOAL, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-malformed")
    assert (await rose.get(goals_of(cast))).json()["items"] == []


async def test_what_was_kept_before_tags_were_kept_with_it_is_answered_still(
    cast: Cast, client_of: ClientOf, session: AsyncSession, app: FastAPI
) -> None:
    rose, same = client_of(ROSE), key()
    first = await rose.post(goals_of(cast), json=GOAL, headers=same)
    row = (await session.execute(text("select id from remembered_reply order by id desc limit 1"))).scalar_one()
    old = app.state.services.sealing.seal(first.content, purpose="remembered_reply", row_id=row)
    await session.execute(
        text("update remembered_reply set sealed_reply = :old where id = :row"), {"old": old, "row": row}
    )
    again = await rose.post(goals_of(cast), json=GOAL, headers=same)
    assert (again.status_code, again.content, again.headers.get("etag")) == (201, first.content, None)


async def test_idem_002_a_key_on_another_request_is_refused(cast: Cast, client_of: ClientOf) -> None:
    rose, same = client_of(ROSE), key()
    assert (await rose.post(goals_of(cast), json=GOAL, headers=same)).status_code == 201
    other = await rose.post(goals_of(cast), json={"description": "To walk to the park"}, headers=same)
    assert other.status_code in CASES["IDEM-002"]["expect"]["status"]
    assert other.json()["errors"][0]["code"] == "key_reused"
    listed = (await rose.get(goals_of(cast))).json()["items"]
    assert [goal["description"] for goal in listed] == [GOAL["description"]]
    elsewhere = await client_of(ASHA).post(goals_of(cast), json=GOAL, headers=same)
    there = await client_of(ASHA).post(goals_of(cast, "sam_at_home"), json=GOAL, headers=same)
    assert (elsewhere.status_code, there.status_code) == (201, 422)


async def test_the_same_json_written_otherwise_is_the_same_request(cast: Cast, client_of: ClientOf) -> None:
    rose, same = client_of(ROSE), key() | {"content-type": "application/json"}
    texts = (b'{"description": "Caf\\u00e9", "why": null}', '{ "why":null,\n"description":"Café" }'.encode())
    first, again = [await rose.post(goals_of(cast), content=body, headers=same) for body in texts]
    assert first.json() == again.json()
    quoted = {"Idempotency-Key": f'"{same["Idempotency-Key"]}"', "content-type": "application/json"}
    assert (await rose.post(goals_of(cast), content=texts[0], headers=quoted)).json() == first.json()


@pytest.mark.parametrize(
    "bad", ["", "short", "x" * 129, "with a space in it", "ünter-den-schlüsseln", '"unclosed-quote']
)
async def test_a_key_that_is_none_is_refused(cast: Cast, client_of: ClientOf, bad: str) -> None:
    answer = await client_of(ROSE).post(
        goals_of(cast),
        json=GOAL,
        headers=[("Idempotency-Key", bad.encode())],  # type: ignore[arg-type]
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-malformed")
    assert (await client_of(ROSE).get(goals_of(cast))).json()["items"] == []


async def test_idem_005_where_a_repeat_would_do_harm_a_key_is_asked_for(
    application: FastAPI, app: FastAPI, cast: Cast, client_of: ClientOf
) -> None:
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/harmful", status_code=201)
    async def harmful(actor: CurrentActor, once: MustOnce) -> CreatedOut:
        async with once() as deed:
            return await deed.reply(CreatedOut(id=new_id()))

    app.include_router(router)
    try:
        bare = await client_of(ROSE).post("/v1/harmful")
        assert bare.status_code in CASES["IDEM-005"]["expect"]["status"]
        assert bare.json()["type"] == "/problems/idempotency-key-missing"
        assert "Idempotency-Key" in bare.json()["detail"]
        same = key()
        first, again = [await client_of(ROSE).post("/v1/harmful", headers=same) for _ in range(2)]
        assert (first.status_code, first.json()) == (201, again.json())
    finally:
        application.router.routes.pop()


async def test_idem_007_two_people_with_one_key_do_two_things_and_never_see_each_other_s_answer(
    cast: Cast, client_of: ClientOf
) -> None:
    same = key()
    for who in (ROSE, ASHA, CARL):
        answer = await client_of(who).post(goals_of(cast), json=GOAL, headers=same)
        assert answer.status_code in CASES["IDEM-007"]["expect"]["status"]
        assert "idempotent-replayed" not in answer.headers
        assert answer.json()["proposed_by"] == str(cast.accounts[who])


async def test_an_answer_about_somebody_is_not_shown_again_to_who_no_longer_sees_them(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    carl, same = client_of(CARL), key()
    assert (await carl.post(goals_of(cast), json=GOAL, headers=same)).status_code == 201
    repeat = same | {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a000000000b"}
    assert (await carl.post(goals_of(cast), json=GOAL, headers=repeat)).status_code == 201
    trail = text("select action, patient_id from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a000000000b'")
    assert [tuple(row) for row in await session.execute(trail)] == [("request.repeat", cast.patients["rose_resident"])]
    await remove_patient(session, cast.actor(ASHA), cast.others["team"], cast.patients["rose_resident"])
    assert (await carl.post(goals_of(cast), json=GOAL, headers=same)).status_code == 404


@pytest.mark.parametrize("begins_in", [timedelta(0), timedelta(days=3)], ids=["now", "later"])
async def test_for_whom_somebody_acts_is_told_again_until_it_ends_and_never_after(
    cast: Cast, client_of: ClientOf, session: AsyncSession, begins_in: timedelta
) -> None:
    version = current_text(Purpose.delegate).version
    terms = {"relationship": "friend", "scopes": ["read"], "text_version": version}
    terms |= {"from_at": (cast.now + begins_in).isoformat()} if begins_in else {}
    path = f"/v1/patients/{cast.patients['rose_resident']}/delegates"
    offer = (await client_of(ROSE).post(path, json=terms)).json()
    uma, same, code = client_of("nobody_at_all"), key(), {"code": offer["code"]}
    first = await uma.post("/v1/me/delegations", json=code, headers=same)
    assert (first.status_code, first.json()["family_name"]) == (201, "Resident")
    repeat = same | {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a000000000c"}
    again = await uma.post("/v1/me/delegations", json=code, headers=repeat)
    assert (again.status_code, again.content) == (201, first.content)
    trail = text(
        "select action, patient_id, basis from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a000000000c'"
    )
    told = [tuple(row) for row in await session.execute(trail)]
    assert told == [("request.repeat", cast.patients["rose_resident"], "delegate")]
    ended = await client_of(ROSE).post(f"{path}/{offer['id']}/end", json={"reason": "no_longer_wanted"})
    assert ended.status_code == 204, ended.text
    after = await uma.post("/v1/me/delegations", json=code, headers=same)
    assert after.status_code == 404
    assert "Resident" not in after.text


async def test_who_was_named_in_what_was_asked_is_not_told_of_again_to_who_no_longer_sees_them(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    rose, carl, same = cast.patients["rose_resident"], client_of(CARL), key()
    team = await carl.post("/v1/care-teams", json={"organisation_id": await _place(session, cast), "name": "Hearts"})
    listed = f"/v1/care-teams/{team.json()['id']}/patients"
    assert (await carl.post(listed, json={"patient_id": str(rose)}, headers=same)).status_code == 204
    assert (await carl.post(listed, json={"patient_id": str(rose)}, headers=same)).status_code == 204
    no_more = {"purpose": "care_sharing", "text_version": current_text(Purpose.care_sharing).version}
    await client_of(ROSE).post(f"/v1/patients/{rose}/consents/withdrawal", json=no_more)
    assert (await carl.post(listed, json={"patient_id": str(rose)}, headers=same)).status_code == 404


async def test_who_registered_somebody_is_not_told_again_that_they_are_there_when_they_see_them_no_longer(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, same = client_of(ASHA), key()
    una = {"practice_id": str(cast.organisations["practice"]), "given_name": "Una", "family_name": "New"}
    una |= {"born_on": "1950-02-03"}
    first = await asha.post("/v1/patients", json=una, headers=same)
    assert first.status_code == 201, first.text
    repeat = same | {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a000000000d"}
    again = await asha.post("/v1/patients", json=una, headers=repeat)
    assert (again.status_code, again.content) == (201, first.content)
    trail = text("select action, patient_id from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a000000000d'")
    assert [(row[0], str(row[1])) for row in await session.execute(trail)] == [("request.repeat", first.json()["id"])]
    ended = text("update membership set ended_at = now() - interval '1 s' where account_id = :asha")
    await session.execute(ended, {"asha": cast.accounts[ASHA]})
    after = await asha.post("/v1/patients", json=una, headers=same)
    assert after.status_code == 404
    assert first.json()["id"] not in after.text


async def _place(session: AsyncSession, cast: Cast) -> str:
    found = text("select organisation_id from membership where account_id = :carl and role = 'clinician'")
    return str((await session.execute(found, {"carl": cast.accounts[CARL]})).scalars().first())


def test_a_reply_that_tells_more_than_an_id_tells_whom_it_is_about(app: FastAPI) -> None:
    """What a repeat is judged by. An id alone, of what the caller made, names nobody; nor does their telephone."""
    ids_alone = {"CreatedOut", "WebhookSecretOut", "NoticeAddressOut"}
    promise = app.openapi()
    telling = set()
    for path, methods in promise["paths"].items():
        for operation in methods.values():
            if operation["operationId"] not in keyed(app):
                continue
            (done,) = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            for content in done.get("content", {}).values():
                name = content["schema"]["$ref"].rpartition("/")[2]
                if name not in ids_alone:
                    telling.add(operation["operationId"])
                    fields = promise["components"]["schemas"][name]["properties"]
                    assert "{patient_id}" in path or "patient_id" in fields, operation["operationId"]
    assert {"accept_delegation", "create_goal", "give_consent"} <= telling


async def test_idem_010_what_failed_leaves_its_key_free(cast: Cast, client_of: ClientOf) -> None:
    rose, same = client_of(ROSE), key()
    assert (await rose.post(goals_of(cast), json={"description": ""}, headers=same)).status_code == 422
    past = {"description": "x", "start_on": "1900-01-01"}
    assert (await rose.post(goals_of(cast), json=past, headers=same)).status_code == 422
    mended = await rose.post(goals_of(cast), json=GOAL, headers=same)
    assert mended.status_code in CASES["IDEM-010"]["expect"]["status"]
    assert mended.json()["description"] == GOAL["description"]


async def test_what_is_kept_tells_nothing_without_the_installation_s_key(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    same = key()
    await client_of(ROSE).post(goals_of(cast), json=GOAL, headers=same)
    row = (await session.execute(text("select r::text as told, sealed_reply from remembered_reply r"))).one()
    stored = bytes(row.sealed_reply) + row.told.encode()
    assert len(row.sealed_reply) > 100
    for secret in (GOAL["description"], str(cast.patients["rose_resident"]), same["Idempotency-Key"]):
        assert secret.encode() not in stored
        assert secret.encode().hex() not in row.told


# What needs connections of their own


async def test_forty_at_once_with_one_key_make_one_goal_and_get_forty_equal_answers(
    crowd: tuple[FastAPI, Cast],
) -> None:
    app, cast = crowd
    async with await signed_in(app, cast.accounts[ROSE]) as client:
        same = key()
        answers = await asyncio.gather(*(client.post(goals_of(cast), json=GOAL, headers=same) for _ in range(40)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
        assert len((await client.get(goals_of(cast))).json()["items"]) == 1


async def test_who_waits_for_one_that_then_fails_does_it_themselves(
    crowd: tuple[FastAPI, Cast], committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, cast = crowd
    same, at = key(), just_now()
    taken = text(
        "insert into remembered_reply (id, account_id, operation, key_hash, request_hash, at)"
        " values (:id, :account, 'create_goal', sha256(cast(:key as bytea)), '', :at)"
    )
    values = {"id": new_id(), "account": cast.accounts[ROSE], "key": same["Idempotency-Key"].encode(), "at": at}
    monkeypatch.setattr("domain.repeats.commands._PATIENCE", "100ms")
    async with await signed_in(app, cast.accounts[ROSE]) as client:
        with pytest.raises(LookupError):
            async with committing_database.writing() as session:
                await session.execute(taken, values)
                busy = await client.post(goals_of(cast), json=GOAL, headers=same)
                assert (busy.status_code, busy.json()["type"]) == (409, "/problems/in-flight")
                assert busy.headers["retry-after"] == "1"
                monkeypatch.setattr("domain.repeats.commands._PATIENCE", "5s")
                waiting = asyncio.create_task(client.post(goals_of(cast), json=GOAL, headers=same))
                while not (await session.execute(_WAITING)).scalar_one():
                    await asyncio.sleep(0.01)
                raise LookupError
        answer = await waiting
        assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)


_WAITING = text(
    "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"
)


async def test_idem_008_a_key_is_remembered_for_thirty_days_and_then_forgotten(
    crowd: tuple[FastAPI, Cast], committing_database: Database
) -> None:
    app, cast = crowd
    worker = Database(committing_database.url, role=Role.worker)
    same, first_at = key(), just_now()
    async with await signed_in(app, cast.accounts[ROSE]) as client:
        first = await client.post(goals_of(cast), json=GOAL, headers=same)
        before, after = (first_at + KEPT_FOR - A_MINUTE, first_at + KEPT_FOR + A_MINUTE)
        assert await _forgotten(worker, before) == 0
        assert (await client.post(goals_of(cast), json=GOAL, headers=same)).content == first.content
        await tidy(worker, lambda: after)
        assert await _forgotten(worker, after) == 0
    await worker.close()
    async with committing_database.reading() as session:
        assert (await session.execute(text("select count(*) from remembered_reply"))).scalar_one() == 0
    assert timedelta(days=30) <= KEPT_FOR


A_MINUTE = timedelta(minutes=1)


async def _forgotten(database: Database, at: datetime) -> int:
    async with database.writing() as session:
        return await forget_replies(session, at=at, most=10)
