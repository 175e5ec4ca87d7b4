"""A copy tells of one instant: whatever happens while it is gathered, nothing of it is in any section."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.deps import Services
from api.exports import gathering
from api.exports.gathering import Means, advance_exports
from api.exports.names import with_names
from api.exports.sections import SECTIONS, as_json
from api.settings import Settings
from domain.access.actor import Actor
from domain.clock import london_date
from domain.rights.export_commands import owner
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases, Role, in_role
from tests.cast import Cast
from tests.http.access_matrix import ASHA, ROSE
from tests.http.commissioning import contact, post_contacts
from tests.http.observations.test_durable_answers import signed_in
from tests.http.scene import set_scene
from tests.http.test_own_exports import acts_for_sam_and_no_longer_for_tess, signs_in_every_way

MAKERS = (ASHA, ROSE, "iris_commissioner", "jack_administrator_of_practice", "admin", "sam_himself", "tess_herself")
# What says whose the copy is, which is asked as of now: everything else is taken away.
_STAYS = {"account", "patient", "own_export", "own_export_part", "organisation", "membership", "alembic_version"}
_TABLES = "select tablename from pg_tables where schemaname = 'public'"
_KEPT = text("select section, items from own_export_part order by number")


@pytest.fixture
async def app(committing_database: Database, settings: Settings, cast: Cast) -> AsyncIterator[FastAPI]:
    """Yield the application on a database that does not forget, in the roles that production has."""
    made = create_app(settings)
    await made.state.services.database.close()
    database = Databases.at(committing_database.url, Limits())
    made.state.services = replace(made.state.services, database=database)
    yield made
    await database.close()


async def something_of_everything(app: FastAPI, database: Database, cast: Cast) -> None:
    async with AsyncExitStack() as opened:
        clients: dict[str | None, httpx.AsyncClient] = {
            who: await opened.enter_async_context(await signed_in(app, cast.accounts[who])) for who in MAKERS
        }
        scene = await set_scene(lambda who: clients[who], cast)
        rose = f"/v1/patients/{cast.patients['rose_resident']}"
        steps = f"{rose}/action-plans/{scene['plan_of_rose']}/actions/{scene['action_of_rose']}/completions"
        done = {"client_id": "step", "done_at": cast.now.isoformat()}
        assert (await clients[ROSE].post(steps, json=done)).status_code == 201
        visit = contact(cast, london_date(cast.now) - timedelta(days=1), source="test", external_id="visit")
        assert (await post_contacts(clients[ASHA], cast.patients["rose_resident"], visit)).status_code == 201
        corrected = {
            "given_name": "Rosie",
            "family_name": "Resident",
            "born_on": "1935-05-05",
            "nhs_number": "999 000 0018",
        }
        tag = {"If-Match": scene["tag_of_rose"]}
        put = await clients[ASHA].put(rose, json=corrected, headers=tag)
        assert put.status_code < 300, put.text
        zone = {"time_zone": "Europe/Lisbon"}
        put = await clients[ASHA].put(f"{rose}/time-zone", json=zone, headers={"If-Match": scene["tag_of_time_zone"]})
        assert put.status_code == 200, put.text
        await acts_for_sam_and_no_longer_for_tess(lambda who: clients[who], cast)
        await is_told_something(clients[ROSE])
    async with database.writing() as session:
        await signs_in_every_way(session, cast)


async def is_told_something(rose: httpx.AsyncClient) -> None:
    home = "/v1/me/notifications"
    tag = (await rose.get(f"{home}/preferences")).headers["etag"]
    wanted = {"chosen": [{"kind": "something_due", "channels": ["fcm"]}]}
    assert (await rose.put(f"{home}/preferences", json=wanted, headers={"If-Match": tag})).status_code == 200
    made = await rose.post(f"{home}/addresses", json={"channel": "fcm", "name": "A phone", "token": "of-a-phone"})
    assert (await rose.post(f"{home}/addresses/{made.json()['id']}/test")).status_code == 204


async def all_of_it(records: Databases, actor: Actor, patient_id: UUID) -> dict[str, list[Any]]:
    """Return every section as it is told now, leaving no trail of it."""

    class LeftNoTrail(Exception):
        pass

    found: dict[str, list[Any]] = {}
    for section in SECTIONS:
        opened = records.linking if section.of_account else records.writing
        with suppress(LeftNoTrail):
            async with opened(actor, [patient_id]) as session:
                page = await section.gather(session, actor, patient_id, None)
                assert page.after is None
                found[section.name] = json.loads(as_json(await with_names(session, page.items)))
                raise LeftNoTrail
    return found


async def everything_changes(cluster: Cluster, database: Database) -> None:
    """Have nothing left of anybody's record, and whoever is left have another name: as a superuser can alone."""
    superuser = await connect(cluster.url(urlsplit(database.url).path.lstrip("/"), user=SUPERUSER))
    async with superuser.transaction():
        await superuser.execute("set local session_replication_role = replica")
        for table in {row["tablename"] for row in await superuser.fetch(_TABLES)} - _STAYS:
            await superuser.execute(f'delete from "{table}"')
        await superuser.execute("update account set display_name = 'Later'")
        await superuser.execute("update patient set given_name = 'Later', version = version + 1")
        await superuser.execute("update organisation set name = 'Later'")
    await superuser.close()


async def test_a_copy_is_true_to_its_instant_in_every_section(
    app: FastAPI, cluster: Cluster, committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: Services = app.state.services
    await something_of_everything(app, committing_database, cast)
    then: dict[str, list[Any]] = {}

    async def interrupted(session: Any, claimed: Any, at: datetime, now: datetime) -> Actor | None:
        actor = await owner(session, claimed, at, now)
        if actor is not None and not then:  # the copy has begun, and none of it is read yet
            then.update(await all_of_it(held.database, actor, claimed.patient_id))
            await everything_changes(cluster, committing_database)
        return actor

    monkeypatch.setattr(gathering, "owner", interrupted)
    fewest = Limits(pool_size=1, pool_overflow=0)  # as the settings allow
    worker = in_role(committing_database.url, fewest, Role.worker, strictly=False)
    records = Databases.at(committing_database.url, fewest)
    assert await advance_exports(Means(worker, records, held.clock, held.sealing, held.links.to_copies))
    await records.close()
    await worker.close()
    async with committing_database.reading() as session:
        kept = {row.section: json.loads(row.items) for row in await session.execute(_KEPT)}
    assert [name for name, items in then.items() if not items] == []
    assert [name for name in then if kept.get(name) != then[name]] == []
