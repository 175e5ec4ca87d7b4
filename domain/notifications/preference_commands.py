"""Choosing what to be told of, and how: by the account itself, whose wish is all that anything is ever sent upon."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import Stale
from domain.notifications.preference_queries import Preference, preference_of
from domain.notifications.tables import NoticePreferenceRow
from domain.versions import Seen, require_seen

# From now on the account's actions are looked at, or no more: PostgreSQL's own function, for it sees no record.
_FOLLOW = text("select follow_reminders(:account, :at)")


async def choose_preference(session: AsyncSession, actor: Actor, wanted: Preference, seen: Seen) -> None:
    """Have the caller told of these kinds by these ways, from this commit on. Raises Stale.

    To ask for what stands there already changes nothing, so a repeat after a lost answer is safe.
    """
    before = await preference_of(session, actor.account_id)
    is_changed = before.version == 0 or (before.chosen, before.quiet, before.language) != (
        wanted.chosen,
        wanted.quiet,
        wanted.language,
    )
    if is_changed:
        require_seen(before.version, seen)
        values = {
            "chosen": sorted(f"{kind}/{channel}" for kind, ways in wanted.chosen.items() for channel in ways),
            "quiet_from": None if wanted.quiet is None else wanted.quiet.begin,
            "quiet_until": None if wanted.quiet is None else wanted.quiet.end,
            "language": wanted.language.value,
            "changed_at": actor.at,
            "version": before.version + 1,
        }
        made = insert(NoticePreferenceRow).values(account_id=actor.account_id, **values)
        # Of two who choose at once one wins: the other has not seen what they would replace.
        kept = made.on_conflict_do_update(
            index_elements=["account_id"], set_=values, where=col(NoticePreferenceRow.version) == before.version
        )
        done = await session.execute(kept.returning(col(NoticePreferenceRow.version)))
        if done.scalar_one_or_none() is None:
            raise Stale
        await session.execute(_FOLLOW, {"account": actor.account_id, "at": actor.at})
    await record_audit(session, actor, "notice.choose", subject_id=actor.account_id, count=int(is_changed))
