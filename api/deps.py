"""What routes ask for: transactions, the caller, the caller's page. Reads nothing but `Services` and the request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from api.budgets import Budgets
from api.callers import Callers
from api.encoding import LatestTexts
from api.identity_provider import OfferedProvider
from api.key_check import KeyCheck
from api.key_ring import KeyRing
from api.last_seen import LastSeen
from api.links import Links
from api.metrics import NodeMetrics
from api.passwords import Passwords
from api.reads import Reads
from api.recording import Recording
from api.traced import TracedCallers, TracedRecording
from domain.access.actor import Actor
from domain.accounts.passkey_ceremony import RelyingParty
from domain.accounts.presence_queries import Shown
from domain.accounts.sign_in import FactorRule
from domain.clock import Clock
from domain.errors import NotAuthenticated
from domain.keys.sealing import Sealing
from domain.notifications.words import Channel
from domain.rights.lawful_basis import PrivacyNotice
from domain.statements import Turn
from integrations.postgres.roles import Databases
from integrations.webhooks.client import Caller

if TYPE_CHECKING:
    from integrations.opentelemetry.client import Tracer

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Turns = Callable[[], AbstractAsyncContextManager[Turn]]


@dataclass(frozen=True, slots=True)
class NoticeWays:
    """By which ways this installation can tell people something, and the key that browsers subscribe with."""

    offered: frozenset[Channel] = frozenset()
    web_push_key: str | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """What one process holds for all its requests.

    `test_numbers`: whether NHS numbers of the range that is never issued (9xx xxx xxxx) may be registered.
    """

    database: Databases
    clock: Clock
    key_check: KeyCheck
    keys: KeyRing
    sealing: Sealing
    last_seen: LastSeen
    passwords: Passwords
    refresh_secret: bytes
    cursor_secret: bytes
    allowed_origins: tuple[str, ...]
    test_numbers: bool
    factor_rule: FactorRule
    budgets: Budgets
    caller: Caller
    links: Links
    relying_party: RelyingParty
    privacy: PrivacyNotice
    metrics: NodeMetrics
    notices: NoticeWays = NoticeWays()
    offered_provider: OfferedProvider | None = None
    tracer: Tracer | None = None
    callers: Callers = field(init=False)
    recording: Recording = field(init=False)
    reads: Reads = field(init=False)
    latest_texts: LatestTexts = field(init=False)

    def __post_init__(self) -> None:
        """Gather what is asked of this very database: services on another one gather anew."""
        database, tracer = self.database, self.tracer
        callers = Callers(database) if tracer is None else TracedCallers(database, tracer)
        recording = Recording(database) if tracer is None else TracedRecording(database, tracer)
        object.__setattr__(self, "callers", callers)
        object.__setattr__(self, "recording", recording)
        object.__setattr__(self, "reads", Reads(database))
        object.__setattr__(self, "latest_texts", LatestTexts())


def services_of(connection: HTTPConnection) -> Services:
    """Return the process's services."""
    held: Services = connection.app.state.services
    return held


# `async` though nothing is awaited: FastAPI gives every plain function a turn in a thread, at 0.2 ms each. For routes:
# a dependency of a dependency costs every request 20 µs of a core, so those below call `services_of` themselves.
async def services(connection: HTTPConnection) -> Services:
    """Return the process's services."""
    return services_of(connection)


TheServices = Annotated[Services, Depends(services)]


async def the_offered(held: TheServices) -> OfferedProvider:
    """Return the identity provider; without one the address is unknown, like any that no route has."""
    if held.offered_provider is None:
        raise HTTPException(404)
    return held.offered_provider


TheOffered = Annotated[OfferedProvider, Depends(the_offered)]

bearer = HTTPBearer(auto_error=False, description="The access token of POST /v1/sessions.", bearerFormat="JWT")


async def current_actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Actor:
    """Return the caller with the grants in force now; raise NotAuthenticated.

    The session is looked up at every request, so that signing out or being disabled works from its commit on.
    """
    if credentials is None:
        raise NotAuthenticated("Send the access token as 'Authorization: Bearer …'.")
    held = services_of(request)
    at = held.clock()
    try:
        claims = await held.keys.verified(held.database.identity, credentials.credentials, at)
    except NotAuthenticated:
        held.budgets.charge_address(request.scope)  # whoever tries tokens is nobody known
        raise
    held.budgets.charge(request.scope, claims.account_id)
    shown = Shown(claims.session_id, claims.account_id, claims.generation, held.last_seen.of(claims.session_id))
    actor = await held.callers.actor(shown, at, request.state.request_id)
    held.last_seen.note(claims.session_id, at)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


async def writing(request: Request, actor: CurrentActor) -> Transaction:
    """Return the caller's transaction, which commits at the end of its block: before the response, not after it."""
    return partial(services_of(request).database.writing, actor, _about(request))


async def turning(request: Request, actor: CurrentActor) -> Turns:
    """Return the same as `writing` as a turn, for the reads that are asked for again and again."""
    return partial(services_of(request).reads.turn, actor, _about(request))


async def reading(request: Request, actor: CurrentActor) -> Transaction:
    """Return the same, kept from writing by PostgreSQL. A person's record is read in Writing, to be audited."""
    return partial(services_of(request).database.reading, actor, _about(request))


async def linking(request: Request, actor: CurrentActor) -> Transaction:
    """Return the caller's transaction over records and accounts both, for what ties one to the other."""
    return partial(services_of(request).database.linking, actor, _about(request))


async def counting(request: Request, actor: CurrentActor) -> Transaction:
    """Return the transaction in which there are counts of everybody and nobody by name."""
    return partial(services_of(request).database.counting, actor)


async def identifying(request: Request) -> Transaction:
    """Return the transaction over accounts, organisations and sessions, in which there are no records."""
    return services_of(request).database.identifying


async def looking_up(request: Request) -> Transaction:
    """Return the same as `identifying`, kept from writing by PostgreSQL."""
    return services_of(request).database.looking_up


def _about(request: Request) -> list[UUID] | None:
    """Return the one patient that the address names, as whose alone the database then shows records; None: no one.

    What is not an id is left to the route's own checks, and shows nothing.
    """
    named = request.path_params.get("patient_id")
    if named is None:
        return None
    try:
        return [UUID(str(named))]
    except ValueError:
        return []


Writing = Annotated[Transaction, Depends(writing)]
Turning = Annotated[Turns, Depends(turning)]
Reading = Annotated[Transaction, Depends(reading)]
Linking = Annotated[Transaction, Depends(linking)]
Counting = Annotated[Transaction, Depends(counting)]
Identifying = Annotated[Transaction, Depends(identifying)]
LookingUp = Annotated[Transaction, Depends(looking_up)]
