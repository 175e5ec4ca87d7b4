"""The worker's part in copies of one's own record: one page a transaction, so that a crash costs a page at most."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

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
    owner,
)
from domain.rights.telling_commands import tell_of_copy
from integrations.postgres.client import Database
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
    while held is not None and held.section < len(SECTIONS):
        claimed, held = held, await _page(means.database, means.records, means.clock, held)
    async with means.database.writing() as session:
        now = means.clock()
        await end_export(session, held or claimed, now=now, is_whole=held is not None)
        if held is not None:
            await tell_of_copy(session, held.account_id, means.sealing, means.page, at=now)


async def _page(database: Database, records: Databases, clock: Clock, claimed: ClaimedExport) -> ClaimedExport | None:
    """Return the export one page further; None when it can never be: its owner is gone, or it fails again and again."""
    section = SECTIONS[claimed.section]
    try:
        async with database.reading() as session:
            actor = await owner(session, claimed, clock())
        if actor is None or claimed.attempts > ATTEMPTS_AT_MOST:
            return None
        opened = records.linking if section.of_account else records.writing
        async with opened(actor, [claimed.patient_id]) as session:
            page = await section.gather(session, actor, claimed.patient_id, claimed.after)
            step = (claimed.section + 1, None) if page.after is None else (claimed.section, page.after)
            items = as_json(await with_names(session, page.items))
            return await keep_page(session, claimed, section.name, items, now=clock(), step=step)
    except DomainError:
        return None
