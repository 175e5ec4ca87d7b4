"""A trail in a database, and a superuser who may do anything to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from api.run.first_secrets import new_secret
from api.sealing import AuditSealing
from domain.access.actor import Actor, Grant, Role
from domain.access.ground import Basis, Touched, ground_of
from domain.audit.chain import Chain
from domain.audit.checkpoint import read_notes
from domain.audit.commands import record_audits
from domain.audit.verification import Trust, Verified, verify_trail
from domain.clock import utc_now
from domain.keys.key_pair import Purpose
from domain.keys.queries import stored_keys
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database

SECRETS = Sealing.of(new_secret())

# Each seal by itself, however it is stored.
SEALS = """
    (select s.position, s.audit_id, s.sealed_at from audit_seal s
    union all
    select t.first_position + u.place - 1, u.audit_id, t.sealed_at
    from audit_stretch t cross join lateral unnest(t.audit_ids) with ordinality u(audit_id, place))"""
_THIRTY_YEARS = timedelta(days=30 * 365)


@dataclass
class Trail:
    """A trail in a database, what seals it, and a superuser who may do anything to it."""

    database: Database
    sealing: AuditSealing
    superuser: asyncpg.Connection

    async def write(self, rows: int) -> None:
        """Append rows by a clinician, ten at a time."""
        place = UUID(int=99)
        actor = Actor(UUID(int=1), utc_now(), request_id="trail", grants=(Grant(Role.clinician, place),))
        ground = ground_of(actor, Basis.practice, places=[place])
        for start in range(0, rows, 10):
            touched = [Touched(uuid4(), ground, number) for number in range(start, min(start + 10, rows))]
            async with self.database.writing() as session:
                await record_audits(session, actor, "observation.list", touched)

    async def store_as_before(self) -> None:
        """Have what is sealed so far stand as it was stored before 0073: each seal by itself."""
        chain = Chain.empty()
        async with self.database.writing() as session:
            rows = await session.execute(
                text(f"select s.*, a.* from {SEALS} s join audit_event a on a.id = s.audit_id order by s.position")
            )
            for row in rows.mappings().all():
                hashed = chain.append(row, row["sealed_at"])
                await session.execute(
                    text("insert into audit_seal values (:position, :id, :sealed_at, :row_hash, :chain_hash)"),
                    {**row, "row_hash": hashed, "chain_hash": chain.hash},
                )
            await session.execute(text("delete from audit_stretch"))

    async def seal(self) -> None:
        """Seal and sign, as a worker's turn does."""
        self.sealing._signed_at = None
        await self.sealing.step()

    async def verify(
        self,
        *kept_outside: str,
        unsealed_for: timedelta = timedelta(0),
        kept_for: timedelta = _THIRTY_YEARS,
        known_times: Collection[int] = (),
    ) -> Verified:
        """Return what verify-audit finds; raises Tampered."""
        async with self.database.reading() as session:
            keys = [key.public_pem for key in await stored_keys(session, Purpose.audit_checkpoint)]
        notes = [note for text in kept_outside for note in read_notes(text)]
        trust = Trust(keys, notes, known_times, now=utc_now(), unsealed_for=unsealed_for, kept_for=kept_for)
        return await verify_trail(self.database.reading, trust)

    async def ask(self, sql: str, **values: Any) -> Any:
        """Return the first row of a question."""
        async with self.database.reading() as session:
            return (await session.execute(text(sql), values)).first()
