"""Who reads of other people's accounts, names and addresses, stands in the trail; without its row nothing is shown."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.access_matrix import ADMIN, JACK
from tests.http.conftest import ClientOf

READS = {
    "account.list": "/v1/accounts?limit=3",
    "account.read": "/v1/accounts/{nobody_at_all}",
    "invitation.list": "/v1/invitations",
}
_TRAIL = text(
    "select account_id, action, patient_id, subject_id, count from audit_event where request_id = :request_id"
)


def address(path: str, cast: Cast) -> str:
    return path.format(nobody_at_all=cast.accounts["nobody_at_all"])


@pytest.mark.parametrize("action", READS)
async def test_reading_of_accounts_is_audited_with_how_many_were_shown(
    session: AsyncSession, cast: Cast, client_of: ClientOf, action: str
) -> None:
    asked = {"x-request-id": (request_id := str(uuid4()))}
    answer = await client_of(ADMIN).get(address(READS[action], cast), headers=asked)
    assert answer.status_code == 200
    one = action == "account.read"
    subject, shown = (cast.accounts["nobody_at_all"], None) if one else (None, len(answer.json()["items"]))
    rows = (await session.execute(_TRAIL, {"request_id": request_id})).all()
    assert [tuple(row) for row in rows] == [(cast.accounts[ADMIN], action, None, subject, shown)]


async def test_a_first_page_counts_what_it_shows_and_not_the_one_beyond(
    session: AsyncSession, client_of: ClientOf
) -> None:
    request_id = str(uuid4())
    answer = await client_of(ADMIN).get("/v1/accounts?limit=3", headers={"x-request-id": request_id})
    assert (len(answer.json()["items"]), answer.json()["next_cursor"] is None) == (3, False)
    assert (await session.execute(_TRAIL, {"request_id": request_id})).one()[-1] == 3


async def test_without_its_audit_row_no_account_and_no_invitation_is_shown(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await session.execute(text("alter table audit_event add constraint nothing_more check (action = '') not valid"))
    for path in READS.values():
        answer = await client_of(ADMIN).get(address(path, cast))
        assert answer.status_code == 500, path
        assert not [name for name, account in cast.accounts.items() if str(account) in answer.text]


async def test_renaming_an_account_is_one_deed_in_the_trail(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    path, request_id = f"/v1/accounts/{cast.accounts[JACK]}", str(uuid4())
    tag = (await client_of(ADMIN).get(path)).headers["etag"]
    asked = {"if-match": tag, "x-request-id": request_id}
    assert (await client_of(ADMIN).put(path, json={"display_name": "Jack"}, headers=asked)).status_code == 200
    rows = (await session.execute(_TRAIL, {"request_id": request_id})).all()
    assert [row.action for row in rows] == ["account.rename"]
