"""Who a session makes its caller, now: asked at every request, of many callers at once where many ask at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Text, Uuid, and_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from domain.accounts.queries import effective_grants
from domain.accounts.session_age import SESSION_ENDED, SessionKind, idle_since
from domain.accounts.tables import AccountRow, SessionRow
from domain.arrays import as_array, as_column
from domain.errors import NotAuthenticated
from domain.statements import Statement, Work, rows_of

_INSTANT = TIMESTAMP(timezone=True)


def in_force(at: Any, idle: Any, seen: Any = None) -> tuple[ColumnElement[bool], ...]:
    """Return SQL for what must hold of a session and its account, joined, for the session to be good at an instant.

    `idle`: the instant at or before which a web session's last use lets it lapse (`idle_since`).
    """
    last_seen = col(SessionRow.last_seen_at) if seen is None else func.greatest(SessionRow.last_seen_at, seen)
    return (
        col(SessionRow.ended_at).is_(None),
        col(SessionRow.expires_at) > at,
        or_(col(SessionRow.kind) != SessionKind.web.value, last_seen > idle),
        col(AccountRow.disabled_at).is_(None),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """By which session somebody says who they are.

    `generation`: which their access token tells; one of before the holder confirmed who they are is refused. None:
    they show no access token, but a ticket of this session. `seen_at`: when this process itself last saw the session
    used, if it has not written that yet.
    """

    session_id: UUID
    account_id: UUID
    generation: int | None = None
    seen_at: datetime | None = None


def _grants_of_sessions() -> Select[Any]:
    """Return SQL for the grants behind sessions in force: no row for one that is not, one without a role for none."""
    at: Any = bindparam("at", type_=_INSTANT)
    columns: dict[str, Any] = {
        "session_ids": Uuid(),
        "account_ids": Uuid(),
        "generations": Integer(),
        "seen_at": _INSTANT,
    }
    shown = (
        func.unnest(*(cast(bindparam(name, type_=Text()), ARRAY(kind)) for name, kind in columns.items()))
        .table_valued("session_id", "account_id", "generation", "seen_at", with_ordinality="place")
        .render_derived("shown")
    )
    grants = effective_grants(at)
    return (
        select(shown.c.place, grants.c.role, grants.c.organisation_id)
        .select_from(shown)
        .join(
            SessionRow,
            and_(
                col(SessionRow.id) == shown.c.session_id,
                col(SessionRow.account_id) == shown.c.account_id,
                or_(shown.c.generation.is_(None), col(SessionRow.generation) == shown.c.generation),
            ),
        )
        .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
        .outerjoin(grants, grants.c.account_id == col(AccountRow.id))
        .where(*in_force(at, bindparam("idle_since", type_=_INSTANT), shown.c.seen_at))
    )


# Built once: it runs at every request, and building it takes longer than running it.
_GRANTS_OF_SESSIONS = Statement(_grants_of_sessions())


async def grants_of_sessions(work: Work, shown: Sequence[Shown], at: datetime) -> list[tuple[Grant, ...] | None]:
    """Return the grants in force of each session's account, in order; None for a session that has ended."""
    asked = {
        "at": at,
        "idle_since": idle_since(at),
        "session_ids": as_array(each.session_id for each in shown),
        "account_ids": as_array(each.account_id for each in shown),
        "generations": as_column([each.generation for each in shown]),
        "seen_at": as_column([each.seen_at for each in shown]),
    }
    found: dict[int, list[Grant]] = {}
    for place, role, organisation_id in await rows_of(work, _GRANTS_OF_SESSIONS, asked):
        held = found.setdefault(place, [])
        if role is not None:
            held.append(Grant(Role(role), organisation_id))
    return [tuple(found[place]) if place in found else None for place in range(1, len(shown) + 1)]


async def actor_of_session(session: AsyncSession, shown: Shown, *, at: datetime, request_id: str) -> Actor:
    """Return the caller of a live session with the grants in force; raise NotAuthenticated when it has ended."""
    (held,) = await grants_of_sessions(session, [shown], at)
    if held is None:
        raise NotAuthenticated(SESSION_ENDED)
    return Actor(account_id=shown.account_id, at=at, session_id=shown.session_id, request_id=request_id, grants=held)


def _sessions_in_force() -> Select[Any]:
    """Return SQL for one row: the places, among the sessions asked about, of those in force."""
    asked = (
        func.unnest(cast(bindparam("session_ids", type_=Text()), ARRAY(Uuid())))
        .table_valued("session_id", with_ordinality="place")
        .render_derived("asked")
    )
    idle: Any = bindparam("idle_since", type_=_INSTANT)
    return (
        select(func.array_agg(asked.c.place))
        .select_from(asked)
        .join(SessionRow, col(SessionRow.id) == asked.c.session_id)
        .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
        .where(*in_force(bindparam("at", type_=_INSTANT), idle))
    )


_SESSIONS_IN_FORCE = Statement(_sessions_in_force())


async def sessions_in_force(work: Work, session_ids: Iterable[UUID], at: datetime) -> set[UUID]:
    """Return which of these sessions are still in force: not ended, not expired, their account not disabled."""
    asked = list(session_ids)
    given = {"session_ids": as_array(asked), "at": at, "idle_since": idle_since(at)}
    ((places,),) = await rows_of(work, _SESSIONS_IN_FORCE, given)
    return {asked[place - 1] for place in places or ()}
