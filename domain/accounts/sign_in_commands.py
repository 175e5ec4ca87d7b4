"""Signing in, step by step: from what was shown first to a session, or to a token that waits for what is needed.

A password is compared outside of any transaction, and may be another by the time a session opens. So each step holds
the account first (`lock_account`), and then asks whether what was shown still counts; whoever changes a password, a
factor or a role holds it too. Either the session is not opened, or the change finds it and ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.client import Client
from domain.accounts.ending_commands import end_reset_links
from domain.accounts.factor_commands import Proof, begin_totp, confirm_totp, use_factor
from domain.accounts.factor_queries import standing_of
from domain.accounts.queries import lock_account
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.session_age import SessionKind
from domain.accounts.session_commands import OpenedSession, open_session
from domain.accounts.sign_in import (
    MOST_ATTEMPTS,
    SIGN_IN_TOKEN_LIFETIMES,
    FactorRule,
    Means,
    Method,
    Step,
    methods,
    step_after_password,
    step_after_provider,
)
from domain.accounts.tables import AccountRow, SignInTokenRow
from domain.accounts.throttle_commands import Wait
from domain.audit.commands import record_audit
from domain.errors import NotAuthenticated
from domain.keys.sealing import Sealing

REFUSED = "This sign-in cannot be continued. Begin again with the email address and the password."
# What a token is bound to: the hash of the password that was right.
_CREDENTIAL = func.sha256(func.convert_to(col(AccountRow.password_hash), "UTF8"))


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose account somebody has shown to be theirs: by the password with this hash, or (None) by the provider.

    `known_device`: on which device, if a second factor has been shown on it before.
    """

    account_id: UUID
    password_hash: str | None = field(default=None, repr=False)
    known_device: bytes | None = field(default=None, repr=False)

    @property
    def means(self) -> Means:
        """Return what was shown."""
        return Means.provider if self.password_hash is None else Means.password


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose sign-in waits, for which step, and the address it was begun with."""

    account_id: UUID
    step: Step
    email: str = field(repr=False)
    client: Client
    shown: Means
    known_device: bytes | None = field(default=None, repr=False)


_WAITING = (
    col(SignInTokenRow.account_id),
    col(SignInTokenRow.step),
    col(SignInTokenRow.shown),
    col(SignInTokenRow.kind),
    col(SignInTokenRow.label),
    col(SignInTokenRow.device_hash),
    col(SignInTokenRow.known_device),
    col(AccountRow.email),
)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that has passed the password: what it waits for, how that can be shown, and its token."""

    step: Step
    methods: tuple[Method, ...]
    token: str = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An authenticator app that is being set up during a sign-in: its secret, and the name it will go by."""

    secret: str = field(repr=False)
    email: str = field(repr=False)


async def continue_sign_in(
    session: AsyncSession,
    proven: Proven,
    rule: FactorRule,
    *,
    at: datetime,
    request_id: str,
    client: Client = Client(),
) -> OpenedSession | PendingSignIn:
    """Return a session for whoever has shown the password, or come from the provider, or what it still waits for.

    Raises NotAuthenticated when the password is another by now, or the account is disabled.
    """
    account_id, shown = proven.account_id, proven.means
    credential = await _held_credential(session, proven)
    standing = await standing_of(session, account_id)
    step = (step_after_provider if shown is Means.provider else step_after_password)(standing, rule)
    if step is None:
        return await open_session(session, account_id, at=at, request_id=request_id, means=shown, client=client)
    token = new_token()
    lifetime = SIGN_IN_TOKEN_LIFETIMES[step]
    await session.execute(
        insert(SignInTokenRow).values(
            token_hash=token_hash(token),
            account_id=account_id,
            credential=credential,
            step=step.value,
            shown=shown.value,
            expires_at=at + lifetime,
            kind=client.kind.value,
            label=client.label,
            device_hash=client.device_hash,
            known_device=proven.known_device,
        )
    )
    await record_audit(session, Actor(account_id, at, request_id=request_id), "session.begin")
    return PendingSignIn(step, methods(standing, step), token, int(lifetime.total_seconds()))


async def _held_credential(session: AsyncSession, proven: Proven) -> bytes:
    """Return what a token is bound to, the account held to the end of the transaction. Raises NotAuthenticated."""
    await lock_account(session, proven.account_id)
    found = select(_CREDENTIAL).where(col(AccountRow.id) == proven.account_id, col(AccountRow.disabled_at).is_(None))
    if proven.password_hash is not None:
        found = found.where(col(AccountRow.password_hash) == proven.password_hash)
    credential: bytes | None = await session.scalar(found)
    if credential is None:
        raise NotAuthenticated(REFUSED)
    return credential


async def begin_enrolment(
    session: AsyncSession, token: str, sealing: Sealing, *, at: datetime, request_id: str
) -> Enrolment:
    """Return a fresh authenticator secret for a sign-in that waits for its first factor. Raises NotAuthenticated."""
    waiting = await _attempted(session, token, Step.enrolment, at=at, counts=False)
    if waiting is None or (await standing_of(session, waiting.account_id)).has_factor:
        raise NotAuthenticated(REFUSED)
    actor = Actor(waiting.account_id, at, request_id=request_id)
    return Enrolment(await begin_totp(session, actor, sealing), waiting.email)


async def show_second_factor(
    session: AsyncSession, token: str, proof: Proof, sealing: Sealing, *, at: datetime, request_id: str
) -> OpenedSession | Wait | None:
    """Return the session opened by a right second factor; None when the token or what was shown is not good.

    The first code of an app that was just set up enrols it. A wrong one is counted and audited: None is returned rather
    than raised so that the caller's transaction commits that. After five of them the token is dead, and after many of
    one account's, whatever the token, there is a wait.
    """
    waiting = await _attempted(session, token, Step.second_factor, Step.enrolment, at=at)
    if waiting is None:
        return None
    actor = Actor(waiting.account_id, at, request_id=request_id)
    means = await _shown(session, actor, waiting, proof, sealing)
    if isinstance(means, Wait):
        return means
    if means is None:
        await record_audit(session, actor, "factor.refuse")
        return None
    await session.execute(delete(SignInTokenRow).where(col(SignInTokenRow.token_hash) == token_hash(token)))
    means = waiting.shown.together_with(means)
    return await open_session(
        session, waiting.account_id, at=at, request_id=request_id, means=means, client=waiting.client
    )


async def set_first_password(
    session: AsyncSession, token: str, password_hash: str, rule: FactorRule, *, at: datetime, request_id: str
) -> OpenedSession | PendingSignIn:
    """Return how the sign-in goes on, its password now known to its holder alone. Raises NotAuthenticated."""
    waiting = await _attempted(session, token, Step.new_password, at=at)
    if waiting is None:
        raise NotAuthenticated(REFUSED)
    await session.execute(delete(SignInTokenRow).where(col(SignInTokenRow.account_id) == waiting.account_id))
    await session.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == waiting.account_id)
        .values(password_hash=password_hash, must_change_password=False, password_changed_at=at)
    )
    await end_reset_links(session, waiting.account_id)
    await record_audit(session, Actor(waiting.account_id, at, request_id=request_id), "account.first_password")
    proven = Proven(waiting.account_id, password_hash)
    return await continue_sign_in(session, proven, rule, at=at, request_id=request_id, client=waiting.client)


async def who_sets_first_password(session: AsyncSession, token: str, *, at: datetime) -> Waiting:
    """Return whose sign-in waits for a password of their own, to judge the new one by. Raises NotAuthenticated."""
    row = (await session.execute(select(*_WAITING).where(*_is_waiting(token, [Step.new_password], at)))).one_or_none()
    if row is None:
        raise NotAuthenticated(REFUSED)
    return _waiting(row)


async def account_waiting_for_factor(session: AsyncSession, token: str, *, at: datetime) -> UUID | None:
    """Return whose sign-in waits for a second factor; None when nobody's does."""
    where = _is_waiting(token, [Step.second_factor], at)
    return await session.scalar(select(col(SignInTokenRow.account_id)).where(*where))


async def _shown(
    session: AsyncSession, actor: Actor, waiting: Waiting, proof: Proof, sealing: Sealing
) -> Means | Wait | None:
    if waiting.step is Step.second_factor:
        return await use_factor(session, actor, proof, sealing, known_device=waiting.known_device)
    standing = await standing_of(session, actor.account_id)
    # Of two who enrol at once with one password the first has won: the other must show what was enrolled.
    if standing.has_factor or proof.code is None or not await confirm_totp(session, actor, proof.code, sealing):
        return None
    return Means.password_and_totp


async def _attempted(
    session: AsyncSession, token: str, *steps: Step, at: datetime, counts: bool = True
) -> Waiting | None:
    """Return whose sign-in waits for one of these steps, with one more attempt counted; None when nobody's does.

    The account is held before the token is, as whoever ends its sign-ins does: two orders would be a deadlock. And it
    is one statement, so that attempts made at once are counted one after the other.
    """
    whose = await session.scalar(
        select(col(SignInTokenRow.account_id)).where(col(SignInTokenRow.token_hash) == token_hash(token))
    )
    if whose is None:
        return None
    await lock_account(session, whose)
    row = (
        await session.execute(
            update(SignInTokenRow)
            .where(*_is_waiting(token, steps, at))
            .values(attempts=col(SignInTokenRow.attempts) + int(counts))
            .returning(*_WAITING)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    return None if row is None else _waiting(row)


def _is_waiting(token: str, steps: Sequence[Step], at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return SQL for a token that is good: another password since, or a disabled account, makes it worthless."""
    return (
        col(SignInTokenRow.token_hash) == token_hash(token),
        col(SignInTokenRow.step).in_([step.value for step in steps]),
        col(SignInTokenRow.expires_at) > at,
        col(SignInTokenRow.attempts) < MOST_ATTEMPTS,
        col(AccountRow.id) == col(SignInTokenRow.account_id),
        col(AccountRow.disabled_at).is_(None),
        col(SignInTokenRow.credential) == _CREDENTIAL,
    )


def _waiting(row: Row[UUID, str, str, str, str, bytes | None, bytes | None, str]) -> Waiting:
    client = Client(SessionKind(row.kind), row.label, row.device_hash)
    return Waiting(row.account_id, Step(row.step), row.email, client, Means(row.shown), row.known_device)
