"""An account that is closed leaves nothing behind: each table that is bound to accounts says what it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts import device_token
from domain.accounts.queries import credentials_of
from domain.ids import new_id
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ASHA, ROSE, SAM
from tests.http.conftest import ClientOf

ERASED, ENDED, KEPT = "erased", "ended", "kept"
# By column: what becomes of the rows that name a closed account. A column missing here fails a test: give it its line,
# and if it is not kept, its rows below and the statement that lets go of them.
BOUND: Mapping[str, str] = {
    # What signs somebody in, or was meant for them alone.
    "refresh_token.session_id": ERASED,
    "live_ticket.session_id": ERASED,
    "sign_in_token.account_id": ERASED,
    "totp.account_id": ERASED,
    "recovery_code.account_id": ERASED,
    "passkey.account_id": ERASED,
    "provider_identity.account_id": ERASED,
    "passkey_challenge.account_id": ERASED,
    "password_reset.account_id": ERASED,
    "remembered_reply.account_id": ERASED,
    "notice.account_id": ERASED,
    "notice_address.account_id": ERASED,
    "notice_preference.account_id": ERASED,
    "notice_delivery.notice_id": ERASED,
    "notice_delivery.address_id": ERASED,
    "notice_action.notice_id": ERASED,
    "own_export_part.export_id": ERASED,
    # That it was is kept; it holds no longer, and says neither name, address nor device.
    "session.account_id": ENDED,
    "own_export.account_id": ENDED,
    "invitation.account_id": ENDED,
    "invitation.invited_by": ENDED,
    "delegation.account_id": ENDED,
    "care_team_member.account_id": ENDED,
    "patient.account_id": ENDED,
    # An account that holds a role is not closed: these have ended before.
    "membership.account_id": KEPT,
    # What somebody did stays theirs, under an id that tells no more whose it was.
    "audit_event.account_id": KEPT,
    "break_glass.account_id": KEPT,
    "break_glass_attempt.account_id": KEPT,
    "rights_request.asked_by": KEPT,
    "rights_request.decided_by": KEPT,
    "observation.recorded_by": KEPT,
    "observation.retracted_by": KEPT,
    "personal_best.stated_by": KEPT,
    "personal_best.retracted_by": KEPT,
    "goal.proposed_by": KEPT,
    "goal_former.replaced_by": KEPT,
    "goal_step.taken_by": KEPT,
    "action_plan.published_by": KEPT,
    "action_plan_end.ended_by": KEPT,
    "action_completion.recorded_by": KEPT,
    "goal_rating.rated_by": KEPT,
    "completion_retraction.retracted_by": KEPT,
    "plan_acknowledgement.recorded_by": KEPT,
    "plan_question_answer.answered_by": KEPT,
    "care_plan.drafted_by": KEPT,
    "care_plan_section.written_by": KEPT,
    "care_plan_decision.decided_by": KEPT,
    "plan_pause.made_by": KEPT,
    "plan_pause.ended_by": KEPT,
    "time_zone_choice.set_by": KEPT,
    "diary_entry.recorded_by": KEPT,
    "diary_entry.retracted_by": KEPT,
    "questionnaire_response.recorded_by": KEPT,
    "questionnaire_response.retracted_by": KEPT,
    "alert_step.taken_by": KEPT,
    "patient.created_by": KEPT,
    "patient_former.replaced_by": KEPT,
    "delegation.offered_by": KEPT,
    "delegation.ended_by": KEPT,
    "consent.decided_by": KEPT,
    "privacy_alert.reviewed_by": KEPT,
    "pathway.created_by": KEPT,
    "enrolment.recorded_by": KEPT,
    "enrolment.ended_by": KEPT,
    "contact.recorded_by": KEPT,
    "contact_import.uploaded_by": KEPT,
    "webhook.created_by": KEPT,  # the organisation's, not the administrator's
    "patient_invitation.invitation_id": KEPT,  # that this patient was invited is the record's
}
# Whatever refers to an account, or to what belongs to one alone; and ids of accounts that are no foreign keys, by name.
_REFERENCES = text(
    """
    select c.conrelid::regclass || '.' || a.attname from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
    where c.contype = 'f' and c.confrelid::regclass::text = any(:targets) and c.conparentid = 0
    union
    select table_name || '.' || column_name from information_schema.columns
    where table_schema = current_schema() and data_type = 'uuid'
        and (column_name = 'account_id' or column_name like '%\\_by')
        and table_name in (select relname from pg_class
            where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition)
    """
)
_COLUMNS = text(
    """
    select c.table_name, c.column_name from information_schema.columns c
    join pg_tables t on t.schemaname = c.table_schema and t.tablename = c.table_name
    where c.table_schema = current_schema() and c.data_type in ('text', 'character varying', 'jsonb', 'ARRAY')
    """
)
# Rows of Sam's, one for each table that is not kept.
_ROWS = (
    "insert into refresh_token (token_hash, session_id, issued_at) values ('\\x01', :session, now())",
    "insert into live_ticket (ticket_hash, session_id, expires_at) values ('\\x01', :session, now() + interval '1 h')",
    (
        "insert into sign_in_token (token_hash, account_id, credential, step, expires_at, kind, label)"
        " values ('\\x01', :account, '\\x01', 'second_factor_required', now() + interval '1 h', 'web', '')"
    ),
    "insert into totp (id, account_id, sealed_secret, begun_at) values (gen_random_uuid(), :account, '\\x01', now())",
    "insert into recovery_code (account_id, code_hash, made_at) values (:account, '\\x01', now())",
    (
        "insert into passkey (id, account_id, credential_id, public_key, sign_count, backed_up, name, made_at)"
        " values (gen_random_uuid(), :account, '\\x01', '\\x01', 0, false, 'Sam''s phone', now())"
    ),
    (
        "insert into provider_identity (id, account_id, issuer, subject, linked_at)"
        " values (gen_random_uuid(), :account, 'https://id.example', 'a-subject', now())"
    ),
    (
        "insert into passkey_challenge (id, challenge, purpose, account_id, expires_at)"
        " values (gen_random_uuid(), '\\x01', 'register', :account, now() + interval '1 h')"
    ),
    (
        "insert into password_reset (account_id, token_hash, expires_at)"
        " values (:account, '\\x01', now() + interval '1 h')"
    ),
    (
        "insert into remembered_reply (id, account_id, operation, key_hash, request_hash, at)"
        " values (gen_random_uuid(), :account, 'x', '\\x01', '\\x01', now())"
    ),
    (
        "insert into notice_preference (account_id, chosen, language, changed_at, version)"
        " values (:account, '{something_due/sms}', 'en', now(), 1)"
    ),
    (
        "insert into notice_address (id, account_id, channel, name, sealed, mark, made_at)"
        " values (gen_random_uuid(), :account, 'sms', 'Sam''s phone', '\\x01', '\\x01', now())"
    ),
    (
        "with told as (insert into notice (id, account_id, kind, subject_id, due_at, queued_at, lapses_at)"
        " values (gen_random_uuid(), :account, 'try_out', :account, now(), now(), now() + interval '1 h') returning id)"
        " insert into notice_delivery (id, notice_id, address_id, next_at)"
        " select gen_random_uuid(), told.id, a.id, now() from told, notice_address a where a.account_id = :account"
    ),
    (
        "with agreed as (insert into action_plan (id, patient_id, title, agreed_on, review_on, version, published_by,"
        " published_as, published_at) values (gen_random_uuid(), :patient, 'x', '2026-01-01', '2027-01-01', 1,"
        " :asha, 'clinician', now()) returning id),"
        " step as (insert into action (id, plan_id, place, title, rrule, starts_on, times)"
        " select gen_random_uuid(), id, 0, 'x', 'FREQ=DAILY', '2026-01-01', '{}' from agreed returning id)"
        " insert into notice_action (notice_id, action_id, on_day, number, from_at, until_at)"
        " select n.id, step.id, '2026-01-01', 1, now(), now() from notice n, step where n.account_id = :account"
    ),
    (
        "insert into own_export (id, account_id, patient_id, asked_at, state)"
        " values (:export, :account, :patient, now(), 'ready')"
    ),
    "insert into own_export_part (export_id, number, section, items) values (:export, 1, 'goals', '[]')",
    "update session set label = 'Sam''s phone', device_hash = '\\x01' where id = :session",
    # How Sam came to have the account, another invitation of the same person, and somebody whom Sam invited.
    (
        "insert into invitation (id, token_hash, email, display_name, organisation_id, invited_by, made_at, expires_at,"
        " accepted_at, account_id)"
        " values (gen_random_uuid(), '\\x01', :email, 'Sam At Home', :place, :asha, now(), now(), now(), :account)"
    ),
    (
        "insert into invitation (id, token_hash, email, display_name, organisation_id, invited_by, made_at, expires_at)"
        " values (gen_random_uuid(), '\\x02', :email, 'Sam At Home', :place, :asha, now(), now() + interval '1 d')"
    ),
    (
        "insert into invitation (id, token_hash, email, display_name, organisation_id, invited_by, made_at, expires_at)"
        " values (gen_random_uuid(), '\\x03', 'x@example.test', 'X', :place, :account, now(), now() + interval '1 d')"
    ),
    # A team of another practice, which whoever closes the account has nothing to do with.
    (
        "insert into care_team (id, organisation_id, name, created_at)"
        " values (:other_team, :other_place, 'Elsewhere', now())"
    ),
    (
        "insert into care_team_member (id, care_team_id, account_id, from_at)"
        " values (gen_random_uuid(), :other_team, :account, now())"
    ),
    (
        "insert into care_team_member (id, care_team_id, account_id, from_at)"
        " values (gen_random_uuid(), :team, :account, now())"
    ),
)
_HOLDS = {
    "session.account_id": "ended_at is null or label <> '' or device_hash is not null",
    "own_export.account_id": "state in ('waiting', 'working', 'ready')",
    "invitation.account_id": "email not like 'closed-%' or display_name <> 'A closed account'",
    "invitation.invited_by": "accepted_at is null and revoked_at is null",
    "delegation.account_id": "ended_at is null",
    "care_team_member.account_id": "until_at is null",
    "patient.account_id": "true",
}


@pytest.fixture
async def sam(client_of: ClientOf, session: AsyncSession, cast: Cast) -> dict[str, Any]:
    """Return what is to be known of Sam, who has something in every table, and is Rose's delegate beside it."""
    account = cast.accounts[SAM]
    terms = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    offered = await client_of(ROSE).post("/v1/patients/{}/delegates".format(cast.patients["rose_resident"]), json=terms)
    assert offered.status_code == 201, offered.text
    accepted = await client_of(SAM).post("/v1/me/delegations", json={"code": offered.json()["code"]})
    assert accepted.status_code == 201, accepted.text
    known: dict[str, Any] = {
        "account": account,
        "session": await session.scalar(text("select id from session where account_id = :id"), {"id": account}),
        "patient": cast.patients["sam_at_home"],
        "email": f"{SAM}@example.test",
        "place": cast.organisations["practice"],
        "asha": cast.accounts[ASHA],
        "team": cast.others["team"],
        "other_team": new_id(),
        "other_place": cast.organisations["other_practice"],
        "export": new_id(),
    }
    for statement in _ROWS:
        await session.execute(text(statement), known)
    return known


async def closed(client_of: ClientOf) -> None:
    asked = await client_of(SAM).post("/v1/me/rights-requests", json={"kind": "close_account", "about": "All"})
    answer = {"decision": "granted", "answer": "It is closed."}
    done = await client_of(ASHA).post(f"/v1/rights-requests/{asked.json()['id']}/answer", json=answer)
    assert done.status_code == 204, done.text


async def _left(session: AsyncSession, column: str, account: UUID) -> int:
    """Return how many rows of a table still hold for the account."""
    table, name = column.split(".")
    of = {
        "session_id": "in (select id from session where account_id = :id)",
        "export_id": "in (select id from own_export where account_id = :id)",
        "notice_id": "in (select id from notice where account_id = :id)",
        "address_id": "in (select id from notice_address where account_id = :id)",
    }.get(name, "= :id")
    holds = _HOLDS.get(column, "true")
    return int(
        await session.scalar(text(f"select count(*) from {table} where {name} {of} and ({holds})"), {"id": account})
    )


async def test_every_table_bound_to_an_account_says_what_becomes_of_it_when_the_account_is_closed(
    session: AsyncSession,
) -> None:
    own = {column.split(".")[0] for column, fate in BOUND.items() if fate != KEPT and column != "patient.account_id"}
    targets = sorted({"account", *own})
    found = set((await session.execute(_REFERENCES, {"targets": targets})).scalars())
    assert found == set(BOUND)


async def test_what_is_bound_to_a_closed_account_is_erased_or_ended(
    client_of: ClientOf, session: AsyncSession, sam: dict[str, Any]
) -> None:
    for column in (column for column, fate in BOUND.items() if fate != KEPT):
        assert await _left(session, column, sam["account"]) > 0, f"the test has no row of {column}"
    await closed(client_of)
    left = {column: await _left(session, column, sam["account"]) for column, fate in BOUND.items() if fate != KEPT}
    assert {column: number for column, number in left.items() if number} == {}


async def test_no_column_of_any_table_says_the_name_or_the_address_of_a_closed_account(
    client_of: ClientOf, session: AsyncSession, sam: dict[str, Any]
) -> None:
    async def said() -> list[str]:
        found = []
        for table, column in (await session.execute(_COLUMNS)).all():
            asked = text(f"select exists (select from {table} where {column}::text ilike any(:words))")
            if await session.scalar(asked, {"words": ["%sam_himself%", "%sam himself%", "%sam%s phone%"]}):
                found.append(f"{table}.{column}")
        return sorted(found)

    before = {"account.display_name", "account.email", "invitation.email", "passkey.name", "session.label"}
    before.add("notice_address.name")
    assert set(await said()) == before
    await closed(client_of)
    assert await said() == []


async def test_whom_the_holder_of_a_closed_account_acted_for_is_told_that_it_is_over(
    client_of: ClientOf, session: AsyncSession, cast: Cast, sam: dict[str, Any]
) -> None:
    await closed(client_of)
    rose = cast.patients["rose_resident"]
    listed = (await client_of(ROSE).get(f"/v1/patients/{rose}/delegates")).json()["items"]
    assert "sam" not in str([each for each in listed if each["ended_at"] is None])
    events = await session.execute(
        text("select subject_ids from event_outbox where patient_id = :rose and kind = 'access.changed'"),
        {"rose": rose},
    )
    assert [sam["account"]] in list(events.scalars())
    log = (await client_of(ROSE).get("/v1/me/access-log")).json()["items"]
    assert [item["who"] for item in log if item["action"] == "delegation.leave"] == ["A closed account"]


async def test_a_device_known_to_a_closed_account_is_a_stranger_to_the_next_with_its_address(
    client_of: ClientOf, session: AsyncSession, cast: Cast, sam: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    key, token = b"k" * 32, device_token.new_device_token(b"k" * 32, sam["email"], at=now - timedelta(minutes=1))
    await closed(client_of)
    assert await credentials_of(session, sam["email"]) is None
    made = {"email": sam["email"], "display_name": "Another Sam", "organisation_id": str(sam["place"])}
    again = await client_of("admin").post("/v1/accounts", json=made | {"password": "a barge of green herons"})
    assert again.status_code == 201, again.text
    known = await credentials_of(session, sam["email"])
    assert known is not None
    assert device_token.device_of(token, [key], sam["email"], at=now, not_before=known.password_since) is None
    later = device_token.new_device_token(key, sam["email"], at=known.password_since + timedelta(seconds=1))
    assert device_token.device_of(later, [key], sam["email"], at=now, not_before=known.password_since) is not None
