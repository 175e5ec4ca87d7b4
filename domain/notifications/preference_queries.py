"""Reading what somebody wants to be told of, and how. For the account itself alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.notifications.quiet_hours import QuietHours
from domain.notifications.tables import NoticePreferenceRow
from domain.notifications.words import CHOOSABLE, Channel, Language, NoticeKind

NEVER_CHOSEN_VERSION = 0


@dataclass(frozen=True, slots=True)
class Preference:
    """Of what kinds somebody is told by which ways, when not, and in which language; version 0: never chosen."""

    chosen: Mapping[NoticeKind, frozenset[Channel]]
    quiet: QuietHours | None
    language: Language
    version: int = NEVER_CHOSEN_VERSION


# Nothing is sent to somebody who has not asked for it.
NOTHING = Preference({kind: frozenset() for kind in CHOOSABLE}, None, Language.english)


async def preference_of(session: AsyncSession, account_id: UUID) -> Preference:
    """Return what an account has chosen; nothing, until it has."""
    row = await session.get(NoticePreferenceRow, account_id, populate_existing=True)
    if row is None:
        return NOTHING
    pairs = [(NoticeKind(kind), Channel(channel)) for kind, channel in (each.split("/") for each in row.chosen)]
    return Preference(
        {kind: frozenset(channel for of, channel in pairs if of is kind) for kind in CHOOSABLE},
        None if row.quiet_from is None or row.quiet_until is None else QuietHours(row.quiet_from, row.quiet_until),
        Language(row.language),
        row.version,
    )
