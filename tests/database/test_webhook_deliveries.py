"""Webhooks: who is told of whom, how often, and until when; on a database of the test's own, committed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.run.first_secrets import new_secret
from api.webhook_calls import call_webhooks, follow_for_webhooks
from domain.events.commands import append_event, number_events, settle_epoch
from domain.ids import new_id
from domain.keys.sealing import Sealing
from domain.people import commands as people
from domain.people.consent import Provision, Purpose
from domain.people.consent_commands import Choice, decide, restrict
from domain.people.consent_texts import current_text
from domain.people.queries import related_patient
from domain.webhooks.commands import NewWebhook, end_webhook, put_webhook_right, register_webhook
from domain.webhooks.delivery_commands import (
    NOT_THEIRS,
    Claimed,
    claim_deliveries,
    forget_deliveries,
    record_failed,
    record_told,
)
from domain.webhooks.schedule import DISABLED_AFTER, KEPT_FOR, LEASE, PAUSES
from integrations.postgres.client import Database
from integrations.postgres.roles import Role as DatabaseRole
from integrations.webhooks.client import Caller
from tests.cast import Cast
from tests.database.relaying import PATIENCE_SECONDS
from tests.unit.test_webhook_targets import listening

ASHA, JACK, ADMIN = "asha_clinician_of_practice", "jack_administrator_of_practice", "admin"
ROSE = "rose_herself"
SEALING = Sealing.of(new_secret())
KINDS = ("observation.recorded", "goal.changed")


@dataclass
class Scene:
    """A committed cast, and the clock that the worker goes by."""

    database: Database
    cast: Cast
    at: datetime

    def now(self) -> datetime:
        return self.at

    async def register(self, place: str, url: str = "https://hooks.example.org/") -> tuple[UUID, str]:
        async with self.database.writing() as session:
            new = NewWebhook(self.cast.organisations[place], url, KINDS)
            return await register_webhook(session, self.cast.actor(ADMIN), new, SEALING)

    async def happen(self, kind: str, patient: str, at: datetime | None = None) -> UUID:
        """Return the subject of an event of this kind about this patient, numbered."""
        subject = new_id()
        async with self.database.writing() as session:
            await append_event(session, kind, patient_id=self.cast.patients[patient], subject_ids=[subject])
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._numbered():  # another transaction on this server may hold it back for a moment
                await asyncio.sleep(0.01)
        return subject

    async def _numbered(self) -> int | None:
        async with self.database.writing() as session:
            await settle_epoch(session)
            return await number_events(session)

    async def follow(self) -> None:
        await follow_for_webhooks(self.database, self.now)

    async def claim(self) -> list[Claimed]:
        async with self.database.writing() as session:
            return await claim_deliveries(session, SEALING, self.at)

    async def fail(self, claimed: Claimed, outcome: str = "timed_out") -> None:
        async with self.database.writing() as session:
            await record_failed(session, claimed, outcome, self.at)

    async def choose(self, provision: Provision) -> None:
        """Have Rose decide whether her care is shared."""
        choice = Choice(Purpose.care_sharing, provision, current_text(Purpose.care_sharing).version)
        async with self.database.writing() as session:
            await decide(session, self.cast.actor(ROSE), self.cast.patients["rose_resident"], choice)

    async def restrict(self) -> None:
        """Have Rose's record restricted, as an answer to what she asked does."""
        rose = self.cast.actor(ROSE)
        async with self.database.writing() as session:
            await restrict(session, rose, await related_patient(session, rose, self.cast.patients["rose_resident"]))

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.execute(text(statement))]


@pytest.fixture
async def scene(committing_database: Database, cast: Cast) -> Scene:
    async with committing_database.writing() as session:
        await settle_epoch(session)
    scene = Scene(committing_database, cast, cast.now + timedelta(minutes=1))
    await scene.happen("goal.changed", "sam_at_home")  # before anybody asked to be told
    await scene.follow()
    return scene


async def test_an_organisation_is_told_of_its_own_patients_of_what_it_asked_for_and_once(scene: Scene) -> None:
    practice, _ = await scene.register("practice")
    home, _ = await scene.register("care_home")
    for patient in ("rose_resident", "sam_at_home", "tess_of_other_practice"):
        await scene.happen("observation.recorded", patient)
        await scene.happen("plan.ended", patient)
        await scene.happen("access.changed", patient)
    for _ in range(2):
        await scene.follow()
    told = await scene.rows("select webhook_id, patient_id, kind from webhook_delivery")
    rose, sam = scene.cast.patients["rose_resident"], scene.cast.patients["sam_at_home"]
    assert sorted(told) == sorted([(practice, rose, KINDS[0]), (practice, sam, KINDS[0]), (home, rose, KINDS[0])])
    trail = await scene.rows(
        "select subject_id, patient_id, basis, account_id from audit_event where action = 'webhook.tell'"
    )
    admin = scene.cast.accounts[ADMIN]
    assert sorted(trail) == sorted(
        [(practice, rose, "practice", admin), (practice, sam, "practice", admin), (home, rose, "care_home", admin)]
    )


async def test_who_has_left_the_home_is_not_told_of_any_more_though_it_was_queued(scene: Scene) -> None:
    await scene.register("care_home")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    async with scene.database.writing() as session:
        today = scene.at.date()
        await people.end_residence(session, scene.cast.actor(ASHA), scene.cast.others["residence_of_rose"], today)
    assert await scene.claim() == []
    assert await scene.rows("select outcome, due_at from webhook_delivery") == [(NOT_THEIRS, None)]


@pytest.mark.parametrize("is_restricted", [False, True], ids=["withdrawn", "restricted"])
async def test_a_home_s_system_is_told_nothing_of_who_shares_no_longer_not_even_what_was_queued(
    scene: Scene, is_restricted: bool
) -> None:
    practice, _ = await scene.register("practice")
    home, _ = await scene.register("care_home")
    await scene.happen("observation.recorded", "rose_resident")
    worker = Database(scene.database.url, role=DatabaseRole.worker)  # the rights it has, and no more
    try:
        await follow_for_webhooks(worker, scene.now)
        await (scene.restrict() if is_restricted else scene.choose(Provision.deny))
        async with worker.writing() as session:
            queued = await claim_deliveries(session, SEALING, scene.at)
        await scene.happen("observation.recorded", "rose_resident")
        await follow_for_webhooks(worker, scene.now)
    finally:
        await worker.close()
    assert [each.webhook_id for each in queued] == [practice]
    told = await scene.rows("select webhook_id, outcome from webhook_delivery order by created_at, webhook_id")
    assert sorted(told, key=str) == sorted([(practice, None), (home, NOT_THEIRS), (practice, None)], key=str)
    await scene.choose(Provision.permit)
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    assert await scene.rows("select count(*) from webhook_delivery where outcome is null") == [(4,)]


async def test_what_is_under_way_is_nobody_else_s_until_the_lease_is_over(scene: Scene) -> None:
    await scene.register("practice")
    for _ in range(3):
        await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    one, other = await asyncio.gather(scene.claim(), scene.claim())
    assert len({each.id for each in (*one, *other)}) == len(one) + len(other) == 3
    assert await scene.claim() == []
    scene.at += LEASE
    assert len(await scene.claim()) == 3


async def test_a_slow_target_keeps_no_place_that_others_need(scene: Scene) -> None:
    slow, _ = await scene.register("practice")
    quick, _ = await scene.register("care_home")
    for _ in range(30):
        await scene.happen("observation.recorded", "sam_at_home")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    claimed = [each.webhook_id for each in await scene.claim()]
    assert (claimed.count(slow), claimed.count(quick)) == (4, 1)


async def test_a_delivery_is_tried_ever_less_often_and_then_given_up(scene: Scene) -> None:
    await scene.register("practice")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    for pause in (*PAUSES, None):
        (claimed,) = await scene.claim()
        await scene.fail(claimed)
        assert await scene.claim() == []
        if pause is not None:
            scene.at += pause
    assert await scene.rows("select outcome, due_at, attempts from webhook_delivery") == [
        ("timed_out", None, len(PAUSES) + 1)
    ]


async def test_a_webhook_that_takes_nothing_for_days_is_not_called_any_more_and_that_is_audited(scene: Scene) -> None:
    hook, _ = await scene.register("practice")
    for elapsed in (timedelta(0), DISABLED_AFTER - timedelta(minutes=1), timedelta(minutes=2)):
        scene.at += elapsed
        await scene.happen("observation.recorded", "rose_resident")
        await scene.follow()
        assert (await scene.rows("select disabled_at from webhook")) == [(None,)]
        await scene.fail((await scene.claim())[-1])
    assert (await scene.rows("select disabled_at is not null from webhook")) == [(True,)]
    assert await scene.rows("select subject_id from audit_event where action = 'webhook.disable'") == [(hook,)]
    scene.at += timedelta(days=1)
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    assert await scene.claim() == []


async def test_one_that_is_put_right_is_told_what_was_waiting_and_not_what_happened_meanwhile(scene: Scene) -> None:
    hook, _ = await scene.register("practice")
    for elapsed in (timedelta(0), DISABLED_AFTER + timedelta(minutes=1)):
        scene.at += elapsed
        await scene.happen("observation.recorded", "rose_resident")
        await scene.follow()
        await scene.fail((await scene.claim())[-1])
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    scene.at += timedelta(days=1)
    assert await scene.claim() == []
    async with scene.database.writing() as session:
        admin = replace(scene.cast.actor(ADMIN), at=scene.at)
        now_at = "https://hooks.example.org/elsewhere"
        await put_webhook_right(session, admin, hook, now_at, ("observation.recorded",), frozenset({2}))
    waiting = await scene.claim()
    assert (len(waiting), {each.url for each in waiting}) == (2, {now_at})
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    assert len(await scene.rows("select id from webhook_delivery")) == 3


async def test_a_delivery_that_is_taken_ends_the_failing(scene: Scene) -> None:
    await scene.register("practice")
    for _ in range(2):
        await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    first, second = await scene.claim()
    await scene.fail(first)
    assert (await scene.rows("select failing_since is not null from webhook")) == [(True,)]
    async with scene.database.writing() as session:
        await record_told(session, second, "status_204", scene.at)
    assert (await scene.rows("select failing_since from webhook")) == [(None,)]


async def test_an_ended_webhook_is_told_nothing_that_was_waiting_either(scene: Scene) -> None:
    hook, _ = await scene.register("practice")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    async with scene.database.writing() as session:
        await end_webhook(session, scene.cast.actor(ADMIN), hook)
    assert await scene.claim() == []
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    assert len(await scene.rows("select id from webhook_delivery")) == 1


async def test_a_log_that_stands_lower_after_a_restore_is_followed_from_there(scene: Scene) -> None:
    await scene.register("practice")
    async with scene.database.writing() as session:
        await session.execute(text("update webhook_follower set number = number + 1000"))
    await scene.follow()
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    assert len(await scene.rows("select id from webhook_delivery")) == 1


async def test_deliveries_are_forgotten_after_thirty_days(scene: Scene) -> None:
    await scene.register("practice")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    async with scene.database.writing() as session:
        assert await forget_deliveries(session, at=scene.at + KEPT_FOR - timedelta(hours=1), most=10) == 0
        assert await forget_deliveries(session, at=scene.at + KEPT_FOR + timedelta(hours=1), most=10) == 1


async def test_what_is_told_arrives_signed_and_nothing_is_open_meanwhile(scene: Scene) -> None:
    """From the event to the receiver, over a real connection; the database is idle while the receiver thinks."""
    heard: list[tuple[dict[str, str], bytes]] = []
    open_meanwhile: list[int] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = dict(line.lower().split(": ", 1) for line in head if line)
        raw = [line.split(": ", 1)[1] for line in head if line.lower().startswith("webhook-signature")]
        body = await reader.readexactly(int(headers["content-length"]))
        heard.append((headers | {"webhook-signature": raw[0]}, body))
        counted = await scene.rows(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and xact_start is not null"
        )
        open_meanwhile.append(counted[0][0])
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with listening(take) as port:
        _, shown = await scene.register("practice", f"http://127.0.0.1:{port}/hook")
        subject = await scene.happen("observation.recorded", "rose_resident")
        await scene.follow()
        await call_webhooks(scene.database, scene.now, SEALING, Caller(loopback=True))
    ((headers, body),) = heard
    told = json.loads(body)
    rose = str(scene.cast.patients["rose_resident"])
    assert told["data"] == {"patient_id": rose, "subject_ids": [str(subject)]}
    assert set(told) == {"type", "timestamp", "data"}
    secret = base64.b64decode(shown.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert open_meanwhile == [0]
    assert await scene.rows("select outcome, due_at from webhook_delivery") == [("status_204", None)]


async def test_ssrf_002_a_webhook_that_has_moved_inside_fails_and_is_tried_again_later(scene: Scene) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    await scene.register("practice")
    await scene.happen("observation.recorded", "rose_resident")
    await scene.follow()
    await call_webhooks(scene.database, scene.now, SEALING, Caller(resolve=inside))
    assert await scene.rows("select outcome, due_at is not null from webhook_delivery") == [
        ("not_reachable_from_outside", True)
    ]
