"""The worker's part in the audit trail: rows are sealed every two seconds, and a checkpoint is signed every minute.

Several may run; one works at a time. What falls behind says so in the worker's figures and at /health/ready.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from api.checkpoints import keep_outside, sign_checkpoint
from domain.audit.seal_commands import ROWS_PER_STEP, begin_log, seal_rows
from domain.clock import Clock
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database

SEAL_PAUSE_SECONDS = 2.0
CHECKPOINT_EVERY = timedelta(minutes=1)
# After a restore it takes minutes until nothing waits: how late it is is told meanwhile, and checkpoints are signed.
ROUND_SECONDS = 10.0
# Between two full steps, so that the live feed gets its turn: a step is a writing transaction.
_BREATH_SECONDS = 0.05

_LOG = logging.getLogger("tendwell.sealing")


@dataclass(slots=True)
class AuditSealing:
    """What sealing is done with; `public_url` names the log in its checkpoints."""

    database: Database
    clock: Clock
    secrets: Sealing
    public_url: str
    folder: Path | None = None
    _has_begun: bool = field(default=False)
    # By the clock that only goes on: one that was ahead and is put right would have no checkpoint signed until then.
    _signed_at: float | None = field(default=None)
    _nothing_left_at: float = field(default_factory=time.monotonic)

    @property
    def unfinished_seconds(self) -> float:
        """Return for how long something may have waited: since nothing was left to seal, or since the beginning."""
        return time.monotonic() - self._nothing_left_at

    async def step(self) -> None:
        """Seal what waits, for ROUND_SECONDS at the most, then sign a checkpoint if it is time."""
        if not self._has_begun:
            host = urlsplit(self.public_url).hostname or "tendwell"
            async with self.database.writing() as session:
                await begin_log(session, f"{host}/audit/{uuid4()}")
            self._has_begun = True
        began = time.monotonic()
        sealed = await self._seal()
        while sealed == ROWS_PER_STEP and time.monotonic() - began < ROUND_SECONDS:
            await asyncio.sleep(_BREATH_SECONDS)
            sealed = await self._seal()
        now = time.monotonic()
        if sealed is not None and sealed < ROWS_PER_STEP:
            self._nothing_left_at = now
        if self._signed_at is None or now - self._signed_at >= CHECKPOINT_EVERY.total_seconds():
            await self._sign(self.clock())
            self._signed_at = now

    async def _seal(self) -> int | None:
        async with self.database.writing() as session:
            return await seal_rows(session)

    async def _sign(self, now: datetime) -> None:
        async with self.database.writing() as session:
            note = await sign_checkpoint(session, self.secrets, now)
        if note is None or self.folder is None:
            return
        try:
            await asyncio.to_thread(keep_outside, self.folder, note, now)
        except OSError as error:
            _LOG.error("a checkpoint could not be written outside the database: %s", error.strerror)
