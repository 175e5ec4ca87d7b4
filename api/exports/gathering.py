"""The worker's part in copies of one's own record: one page a transaction, and all of one state of the database.

So a copy tells of one instant, and what making it reads, which the trail says as of everything, is not in it. A crash
costs what was gathered: the state is gone with the worker that held it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from api.exports.names import with_names
from api.exports.sections import SECTIONS, as_json
from domain.clock import Clock
from domain.errors import DomainError
from domain.keys.sealing import Sealing
from domain.rights.export_commands import (
    ATTEMPTS_AT_MOST,
    ClaimedExport,
    LeaseLost,
    claim_export,
    end_export,
    expire_exports,
    keep_page,
    note_instant,
    owner,
)
from domain.rights.telling_commands import tell_of_copy, tell_of_no_copy
from integrations.postgres.client import Database, State
from integrations.postgres.roles import Databases


@dataclass(frozen=True, slots=True)
class Means:
    """What gathering is done with; `page`: where a copy is fetched.

    `records` are read as the person themself: what the worker's own role may not see. Accounts are another role's to
    read than records are; what a copy tells of the person's own is read in the one that links the two.
    """

    database: Database
    records: Databases
    clock: Clock
    sealing: Sealing
    page: str


@dataclass(frozen=True, slots=True)
class Instant:
    """Of when a copy tells: the state that the database was in, and the time."""

    state: State
    at: datetime


async def advance_exports(means: Means) -> bool:
    """Return whether there was an export to work on, after working on it. Several workers may call it at once."""
    async with means.database.writing() as session:
        await expire_exports(session, means.clock())
        claimed = await claim_export(session, means.clock())
    if claimed is None:
        return False
    with suppress(LeaseLost):  # its new holder goes on with it
        await _gather(means, claimed)
    return True


async def _gather(means: Means, claimed: ClaimedExport) -> None:
    held: ClaimedExport | None = claimed
    async with means.records.standing() as state:
        instant = Instant(state, means.clock())
        async with means.database.writing() as session:
            await note_instant(session, claimed, instant.at)
        while held is not None and held.section < len(SECTIONS):
            claimed, held = held, await _page(means, held, instant)
    async with means.database.writing() as session:
        now = means.clock()
        await end_export(session, held or claimed, now=now, is_whole=held is not None)
        tell = tell_of_no_copy if held is None else tell_of_copy
        await tell(session, held or claimed, means.sealing, means.page, at=now)


async def _page(means: Means, claimed: ClaimedExport, instant: Instant) -> ClaimedExport | None:
    """Return the export one page further; None when it can never be: its owner is gone, or it fails again and again."""
    section = SECTIONS[claimed.section]
    try:
        async with means.database.reading() as session:
            actor = await owner(session, claimed, instant.at, means.clock())
        if actor is None or claimed.attempts > ATTEMPTS_AT_MOST:
            return None
        opened = means.records.linking if section.of_account else means.records.writing
        async with opened(actor, [claimed.patient_id], as_of=instant.state) as session:
            page = await section.gather(session, actor, claimed.patient_id, claimed.after)
            items = as_json(await with_names(session, page.items))
        step = (claimed.section + 1, None) if page.after is None else (claimed.section, page.after)
        # Not in the state of then, in which this export has not moved on yet.
        async with means.records.writing(actor, [claimed.patient_id]) as session:
            return await keep_page(session, claimed, section.name, items, now=means.clock(), step=step)
    except DomainError:
        return None
