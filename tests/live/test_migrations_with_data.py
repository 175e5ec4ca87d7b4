"""Every migration is undone and done again on a database that was filled through the API, and loses nothing by it.

What a step down takes away is what it says: whole tables and columns. All other content must come back as it was.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from integrations.postgres.limits import Limits
from integrations.postgres.online import Plan
from integrations.postgres.roles import Databases
from integrations.postgres.schema import revisions
from tests.cast import PASSWORD, Cast
from tests.databases import Troupe, clone, drop
from tests.http.scene import set_scene
from tests.live.processes import installation
from tests.live.readings import readings

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")

PATIENCE_SECONDS = 60
# What an earlier schema has no words for: it must be gone before the step down, which refuses rather than forget it.
IN_THE_WAY = {
    "0010": "delete from membership where role not in ('clinician', 'care_home_staff', 'commissioner', 'administrator')"
}
# What says something of the schema itself: the number by which PostgreSQL knows the trail's table, which is made anew.
# And what the step down writes out row by row of a table that it takes away: seals, which stay so.
OF_THE_SCHEMA = {
    "0052": {("audit_log", "cluster")},
    "0073": {("audit_seal", c) for c in ("position", "audit_id", "sealed_at", "row_hash", "chain_hash")},
}
# Of a filled database these hold something; the others are for what passes within minutes, or for files.
FILLED = 35
# A part of a table is looked at with the whole.
_COLUMNS = text(
    "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
    " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"
    " and a.attnum > 0 and not a.attisdropped and c.relname <> 'alembic_version' order by 1, 2"
)
# Done with everything that was asked of it: imports, copies, numbers, seals.
_AT_REST = text(
    "select not exists (select from event_outbox) and not exists (select from contact_import where finished_at is null)"
    " and not exists (select from own_export where ended_at is null and expires_at is null)"
    " and (select count(*) from audit_event) = (select position from audit_log)"
)
# The same values in whatever order their rows stand give the same.
_DIGEST = "md5(string_agg(md5(coalesce(\"{0}\"::text, '-')), '' order by md5(coalesce(\"{0}\"::text, '-'))))"

Content = dict[tuple[str, str], tuple[int, str | None]]


def content(connection: Connection) -> Content:
    """Return of each column how many rows there are, and a digest of what stands in them."""
    columns = defaultdict[str, list[str]](list)
    for table, column in connection.execute(_COLUMNS):
        columns[table].append(column)
    found: Content = {}
    for table, names in columns.items():
        wanted = ", ".join(_DIGEST.format(name) for name in names)
        rows, *digests = connection.execute(text(f'select count(*), {wanted} from "{table}"')).one()
        found |= {(table, name): (rows, digest) for name, digest in zip(names, digests, strict=True)}
    connection.commit()
    return found


async def fill(at: str, cast: Cast) -> None:
    """Have everybody of the cast sign in who may, one of everything stand there, and a month of readings."""
    async with AsyncExitStack() as open_clients:
        clients: dict[str | None, httpx.AsyncClient] = {}
        for name in cast.accounts:
            client = await open_clients.enter_async_context(httpx.AsyncClient(base_url=at, timeout=30))
            answer = await client.post("/v1/sessions", json={"email": f"{name}@example.test", "password": PASSWORD})
            if answer.status_code == 201:
                client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
            clients[name] = client
        await set_scene(clients.__getitem__, cast)
        sam = f"/v1/patients/{cast.patients['sam_at_home']}/observations"
        assert (await clients["sam_himself"].post(sam, json=readings(700))).status_code == 201


async def rest(url: str) -> None:
    """Return when the worker has done all that was to be done."""
    database = Database(url)
    async with asyncio.timeout(PATIENCE_SECONDS), database.statements() as session:
        while not await session.scalar(_AT_REST):
            await asyncio.sleep(0.1)
    await database.close()


def steps_down_and_up_and_down(connection: Connection) -> None:
    """Go all the way down, each step taken twice, with the step up between."""
    config = Plan().config(connection)
    standing = content(connection)
    assert len({table for (table, _), (rows, _) in standing.items() if rows}) >= FILLED
    for above, below in pairwise([*reversed(revisions()), "base"]):
        if above in IN_THE_WAY:
            connection.execute(text(IN_THE_WAY[above]))
            standing = content(connection)
        command.downgrade(config, below)
        left = content(connection)
        if below == "base":
            assert left == {}
            return
        command.upgrade(config, above)
        again = content(connection)
        other = OF_THE_SCHEMA.get(above, set())
        lost = {key for key in (left.keys() & standing.keys()) - other if again[key] != standing[key]}
        assert (above, lost) == (above, set())
        assert again.keys() == standing.keys()
        command.downgrade(config, below)
        standing = content(connection)
        assert {key for key in left.keys() - other if standing[key] != left[key]} == set()


def test_every_migration_goes_down_and_up_with_data_and_loses_nothing_that_the_step_down_does_not_take_away(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Alembic would read all of them at each of some three hundred steps.
    read_once = ScriptDirectory.from_config(Plan().config())
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _: read_once)
    name = f"migrating_{worker_id}"
    url = asyncio.run(clone(cluster, name, everybody.template))
    with installation(url, tmp_path) as installed:
        installed.start_worker()
        asyncio.run(fill(installed.start_api().url, everybody.cast))
        asyncio.run(rest(url))

    async def go() -> None:
        database = Database(url, pooled=False)
        async with database.engine.connect() as connection:
            await connection.run_sync(steps_down_and_up_and_down)
        await database.close()
        await others_of_the_server_are_as_they_were(everybody)

    asyncio.run(go())
    asyncio.run(drop(cluster, name))


async def others_of_the_server_are_as_they_were(everybody: Troupe) -> None:
    """Have somebody's account and record read together: roles, and who is a member of which, are the server's."""
    databases = Databases.at(everybody.url, Limits())
    async with databases.linking(everybody.cast.actor("sam_himself")) as session:
        assert await session.scalar(text("select count(*) from visible_patients()")) == 1
    await databases.close()
