"""Guards of the application taken away on purpose: what a stranger then gets is still nothing.

And every statement that the application asks in somebody's name, asked again in nobody's, finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import actor as access
from domain.access.actor import Actor
from domain.access.ground import Basis, ground_of, nearest
from domain.people import permission, queries
from domain.people.permission import Scope, Standing
from domain.people.queries import VisiblePatient
from domain.rights import request_queries
from domain.statements import Statement
from integrations.postgres.roles import Role
from integrations.postgres.turns import Taken
from tests.cast import Cast
from tests.http.access_matrix import ASHA, BEA, CARL, GUS, IRIS, JACK, MATRIX, PIA, ROSE, SAUL, UMA, VIC
from tests.http.conftest import IN_ROLE, ClientOf, ForgettingDatabase
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, operations, values_of

STRANGERS = (BEA, IRIS, JACK, "nobody_at_all")
_OF_ROSE = re.compile(r"(observation|goal|plan|action|request|export|delegation|offer)_of_rose")
_HELD_OF_ROSE = re.compile(r"(other_)?(observation|goal|plan|action|request)_of_rose")
_ROWS_OF_ROSE = (
    "observation",
    "goal",
    "action_plan",
    "residence",
    "enrolment",
    "contact",
    "consent",
    "delegation",
    "rights_request",
)
_NOTHING: tuple[Any, ...] = (None, 0, False, "", [], ())
_READS = re.compile(r"\s*(select|with)\b.*\bfrom\b", re.IGNORECASE | re.DOTALL)
_WRITES = re.compile(
    r"\b(insert|update|delete|set_config|enter|enter_for|enter_together|pg_(try_)?advisory_xact_lock)\b", re.IGNORECASE
)


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    """Have the application believe that everybody stands to everybody in every way, and holds every role.

    The functions' own code is exchanged, so that whoever has imported them is unguarded too.
    """

    def forged(actor: Actor, patient_id: Any) -> VisiblePatient:
        return VisiblePatient(
            id=patient_id,
            nhs_number=None,
            given_name="Forged",
            family_name="Forged",
            born_on=cast.now.date().replace(year=1940),
            practice_id=cast.organisations["practice"],
            account_id=None,
            care_home_id=None,
            room=None,
            standing=Standing(frozenset(Basis), frozenset(Scope)),
            broken_glass=None,
            ground=ground_of(actor, Basis.practice),
            version=1,
        )

    async def visible_patient(session: Any, actor: Any, patient_id: Any) -> Any:
        return _FORGED(actor, patient_id)  # type: ignore[name-defined]  # noqa: F821 - a global of the guard's module

    def require_role(actor: Any, *roles: Any) -> None:
        return None

    monkeypatch.setattr(queries, "_FORGED", forged, raising=False)
    monkeypatch.setattr(queries.visible_patient, "__code__", visible_patient.__code__)
    monkeypatch.setattr(access.require_role, "__code__", require_role.__code__)


@pytest.fixture
def unscoped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the application believe that whoever is related to somebody may do anything, in whatever way they are."""

    def allowed_basis(standing: Standing, action: Any) -> Basis:
        return _NEAREST(standing.bases)  # type: ignore[name-defined,no-any-return]  # noqa: F821 - as above

    monkeypatch.setattr(permission, "_NEAREST", nearest, raising=False)
    monkeypatch.setattr(permission.allowed_basis, "__code__", allowed_basis.__code__)


async def counted(session: AsyncSession, cast: Cast) -> dict[str, int]:
    rose = {"id": cast.patients["rose_resident"]}
    return {
        table: (await session.execute(text(f"select count(*) from {table} where patient_id = :id"), rose)).scalar_one()
        for table in _ROWS_OF_ROSE
    }


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_without_its_guards_the_application_still_shows_and_changes_nothing(
    stranger: str,
    app: FastAPI,
    cast: Cast,
    client_of: ClientOf,
    session: AsyncSession,
    request: pytest.FixtureRequest,
) -> None:
    values = values_of(cast, await set_scene(client_of, cast))
    secrets = {value for name, value in values.items() if _OF_ROSE.fullmatch(name.lower())} | {"Resident", "9990000018"}
    before = await counted(session, cast)
    request.getfixturevalue("unguarded")
    named = [o for o, row in MATRIX.items() if "/patients/" in row.path or "{" in operations(app)[o].path]
    assert len(named) > 40
    assert await told_of(app, client_of(stranger), named, values, secrets) == {}
    assert await counted(session, cast) == before


async def told_of(
    app: FastAPI, client: httpx.AsyncClient, asked_of: Iterable[str], values: Any, secrets: set[str]
) -> dict[str, int]:
    """Return which operations told a secret that was not in the question, with the status they answered with."""
    told: dict[str, int] = {}
    for operation in asked_of:
        (method,) = operations(app)[operation].methods or {"none"}
        answer = await asked(client, method, MATRIX[operation], values)
        path = answer.request.url.path + (answer.request.content.decode() if answer.request.content else "")
        if any(secret in answer.text and secret not in path for secret in secrets):
            told[operation] = answer.status_code
    return told


@pytest.mark.parametrize(
    ("who", "may_read", "may_write"),
    [("vic_delegate_who_records", False, True), ("pia_clinician_broke_glass", True, False)],
)
async def test_without_the_table_of_what_a_relationship_allows_the_rows_still_know_it(
    who: str,
    may_read: bool,
    may_write: bool,
    app: FastAPI,
    cast: Cast,
    client_of: ClientOf,
    session: AsyncSession,
    request: pytest.FixtureRequest,
) -> None:
    """AUTHZ-020 by rows: who records does not read, and an emergency is for reading."""
    values = values_of(cast, await set_scene(client_of, cast))
    of_rose = {value for name, value in values.items() if _HELD_OF_ROSE.fullmatch(name.lower())}
    before = await counted(session, cast)
    request.getfixturevalue("unscoped")
    about_rose = [operation for operation, row in MATRIX.items() if row.path.startswith("/v1/patients/{rose_resident}")]
    told = await told_of(app, client_of(who), about_rose, values, of_rose)
    assert bool(told) == may_read, told
    after = await counted(session, cast)
    assert after == before or may_write, {table: count for table, count in after.items() if count != before[table]}


_WRITTEN = {"kind": "correction", "about": "I did not fall: the carer pushed me"}
_REFUSED = {"decision": "refused", "ground": "record_is_accurate", "answer": "The note of the fall stands"}


@pytest.fixture
async def refused(client_of: ClientOf) -> str:
    """Return the id of a correction that Rose asked for, and was refused."""
    made = str((await client_of(ROSE).post("/v1/me/rights-requests", json=_WRITTEN)).json()["id"])
    assert (await client_of(ASHA).post(f"/v1/rights-requests/{made}/answer", json=_REFUSED)).status_code == 204
    return made


@pytest.mark.parametrize(
    ("who", "of_words", "of_disputes"),
    [
        *((hears, 1, 1) for hears in (ASHA, ROSE)),
        (SAUL, 1, 0),
        *((cares, 0, 1) for cares in (CARL, GUS, PIA)),
        *((other, 0, 0) for other in (UMA, VIC, BEA, IRIS, JACK, "hope_staff_of_former_home", "nobody_at_all")),
    ],
)
async def test_what_a_person_wrote_of_their_record_is_no_row_of_others_who_may_read_it(
    who: str, of_words: int, of_disputes: int, app: FastAPI, cast: Cast, refused: str
) -> None:
    held = app.state.services.database
    words = text("select about, answer from rights_request")
    names = text("select * from names_of_askers(array[cast(:id as uuid)])")
    disputes = text("select * from disputes_known(:patient)")
    for begin in (held.writing, held.linking):
        async with begin(cast.actor(who)) as session:
            assert len((await session.execute(words)).all()) == of_words
            assert len((await session.execute(names, {"id": refused})).all()) == of_words
            told = await session.execute(disputes, {"patient": cast.patients["rose_resident"]})
            assert list(told.keys()) == ["id", "asked_at", "decision", "decided_at"]
            assert len(told.all()) == of_disputes
            changed = await session.execute(text("update rights_request set answer = answer"))
            assert changed.rowcount == of_words


async def test_without_the_lines_that_keep_what_a_person_wrote_it_is_still_told_to_nobody_else(
    client_of: ClientOf, cast: Cast, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for guard in ("_TOLD_OF_DISPUTES", "_READS_STATEMENTS"):
        monkeypatch.setattr(request_queries, guard, frozenset(Basis))
    rose = f"/v1/patients/{cast.patients['rose_resident']}"

    async def told(who: str) -> list[tuple[str, str | None]]:
        shown = (await client_of(who).get(rose)).json()["disputes"]
        return [(each["id"], each["statement"]) for each in shown]

    for who in (ASHA, ROSE):
        assert await told(who) == [(refused, _WRITTEN["about"])]
    for who in (CARL, GUS, PIA):
        assert await told(who) == [(refused, None)]
    assert await told(UMA) == []


async def test_no_practice_ends_what_a_person_disputes_whatever_the_application_asks(
    app: FastAPI, cast: Cast, refused: str
) -> None:
    taken_back = text("update rights_request set withdrawn_at = now() where id = :id")
    for who in (ASHA, SAUL):
        with pytest.raises(DBAPIError, match="own_wish"):
            async with app.state.services.database.writing(cast.actor(who)) as session:
                await session.execute(taken_back, {"id": refused})
    async with app.state.services.database.writing(cast.actor(ROSE)) as session:
        assert (await session.execute(taken_back, {"id": refused})).rowcount == 1


class Heard:
    """The statements that the application asked in somebody's name, with what it asked them of.

    A session's are told by SQLAlchemy, a turn's by the turn itself.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.asked: dict[str, Any] = {}

    async def of_a_turn(self, turn: Taken, statement: Statement, values: Any) -> Any:
        """Hear a statement of a turn, and let it be asked."""
        self("", "", statement.sql, tuple(statement.arguments(values)))
        return await _ASKED_OF_A_TURN(turn, statement, values)

    def __call__(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        in_role = self.connection.info.get(IN_ROLE)
        if in_role == Role.runtime and _READS.match(statement) and not _WRITES.search(statement):
            self.asked.setdefault(statement, parameters)


_ASKED_OF_A_TURN = Taken.rows


async def test_every_statement_asked_in_nobody_s_name_finds_nothing(
    app: FastAPI, cast: Cast, client_of: ClientOf, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = (await session.connection()).sync_connection
    assert connection is not None
    heard = Heard(connection)

    async def asked_of_a_turn(turn: Taken, statement: Statement, values: Any) -> Any:
        return await heard.of_a_turn(turn, statement, values)

    monkeypatch.setattr(Taken, "rows", asked_of_a_turn)
    event.listen(connection, "before_cursor_execute", heard)
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    for member in (ASHA, CARL, GUS, ROSE, "nina_privacy_officer"):
        if member not in cast.accounts:
            continue
        for operation, row in MATRIX.items():
            if routes[operation].methods == {"GET"} and row.expected(member) < 400:
                await asked(client_of(member), "GET", row, values)
    event.remove(connection, "before_cursor_execute", heard)
    assert len(heard.asked) > 60
    assert {each for each in heard.asked if "date_bin" in each}, "what is asked in turns is heard as well"
    found = {}
    for statement, parameters in heard.asked.items():
        async with ForgettingDatabase(session, Role.runtime).writing() as nobody:
            raw = await nobody.connection()
            rows = (await raw.exec_driver_sql(statement, parameters)).all()
        told = [row for row in rows if any(value not in _NOTHING for value in row)]
        if told:
            found[statement] = len(told)
    assert found == {}
