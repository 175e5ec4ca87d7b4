"""All that is stored sealed: sealing it anew after a change of the encryption secret, and finding what does not open.

A test holds the list to the tables. Knows no command line and no start.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from domain.accounts import factor_commands, password_reset_commands, provider_commands
from domain.clock import Clock
from domain.keys import commands as key_commands
from domain.keys.resealing_commands import FIRST, SealedColumn, reseal_page, unopened_of_sample
from domain.keys.sealing import Sealing
from domain.mail import commands as mail_commands
from domain.notifications import address_commands
from domain.repeats import commands as repeat_commands
from domain.webhooks import commands as webhook_commands
from integrations.postgres.client import Database

# What is needed to sign anybody in comes first: whoever is interrupted has it done.
SEALED = (
    key_commands.SEALED,
    factor_commands.SEALED,
    webhook_commands.SEALED,
    address_commands.SEALED,
    password_reset_commands.SEALED,
    provider_commands.SEALED,
    mail_commands.SEALED,
    repeat_commands.SEALED,
)
# Between two pages, so that the live feed gets its turn.
_BREATH_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Resealed:
    """How one column stands: rows looked at, sealed anew, and opened by no secret that was given."""

    column: SealedColumn
    rows: int = 0
    resealed: int = 0
    closed: int = 0


async def reseal(database: Database, column: SealedColumn, sealing: Sealing, clock: Clock) -> Resealed:
    """Return how a column stands after all of it was gone through. Begun again, it finds what is done already."""
    told, after = Resealed(column), FIRST
    while True:
        async with database.writing() as session:
            step = await reseal_page(session, column, sealing, after, clock())
        told = replace(
            told,
            rows=told.rows + step.rows,
            resealed=told.resealed + step.resealed,
            closed=told.closed + len(step.closed),
        )
        if step.after is None:
            return told
        after = step.after
        await asyncio.sleep(_BREATH_SECONDS)


async def table_that_does_not_open(database: Database, sealing: Sealing) -> str | None:
    """Return the first table of whose lasting secrets some open with none of ours; None when there is none.

    Of many rows a bounded sample is looked at. What lapses by itself is not: nobody is kept out for want of a letter.
    """
    async with database.reading() as session:
        for column in SEALED:
            if column.lasts and await unopened_of_sample(session, column, sealing):
                return column.table
    return None
