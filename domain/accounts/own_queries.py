"""What a person's own copy holds of their account: where they were signed in, and how they sign in. No secret, no hash.

Both are the caller's own alone, and asked only for the copy, whose making and handing over are audited.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit

_SESSIONS = text(
    """
    select id, kind, label, opened_with, created_at as started_at, last_seen_at, confirmed_at, expires_at, ended_at,
        end_reason
    from session where account_id = :account_id and (cast(:before as uuid) is null or id < :before)
    order by id desc limit :limit
    """
)
_WAYS = text(
    """
    select 'password' as way, null as name, null as issuer, null as subject,
        coalesce(password_changed_at, created_at) as since, null::timestamptz as last_used_at,
        null::boolean as backed_up, null::bigint as codes_left
    from account where id = :account_id
    union all
    select 'authenticator_app', null, null, null, confirmed_at, null, null, null
    from totp where account_id = :account_id and confirmed_at is not null
    union all
    select 'recovery_codes', null, null, null, max(made_at), max(used_at), null,
        count(*) filter (where used_at is null)
    from recovery_code where account_id = :account_id having count(*) > 0
    union all
    select 'passkey', name, null, null, made_at, last_used_at, backed_up, null
    from passkey where account_id = :account_id
    union all
    select 'identity_provider', null, issuer, subject, linked_at, null, null, null
    from provider_identity where account_id = :account_id
    order by since
    """
)


async def sessions_kept(
    session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of where the caller is signed in, and was while that is kept, newest first: one beyond if any."""
    asked = {"account_id": actor.account_id, "before": before, "limit": limit + 1}
    found = [dict(row) for row in (await session.execute(_SESSIONS, asked)).mappings()]
    await record_audit(session, actor, "session.list_own", count=min(limit, len(found)))
    return found


async def ways_to_sign_in(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """Return how the caller signs in, and since when: that there is a password, an app, a passkey, never what it is."""
    found = [dict(row) for row in (await session.execute(_WAYS, {"account_id": actor.account_id})).mappings()]
    await record_audit(session, actor, "factor.list_own", count=len(found))
    return found
