"""The parts of a process that are traced, where the operator has switched that on: each is what it was, and watched.

Where it is switched off none of these is made, and what makes spans is not even imported. They say which route, role
and kind of work it was, how much, and how it ended: never who, nor anything that was sent or stored.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access_log import route_template
from api.callers import Asked, Callers, Held
from api.metrics import METHODS
from api.recording import Recording, Verdicts
from api.request_id import request_id_of
from domain.access.actor import Actor
from domain.accounts.presence_queries import Shown
from domain.observations.commands import Posting
from integrations.postgres.client import Database, State
from integrations.postgres.roles import Databases
from integrations.postgres.turns import Taken

if TYPE_CHECKING:
    from integrations.opentelemetry.client import Span, Tracer

Opened = TypeVar("Opened")

_TRACEPARENT = b"traceparent"
_ANSWERS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
_SWITCHED_PROTOCOLS = 101
_CLIENT_GONE = 499  # as the access log calls it
# The methods' names are few; whatever else somebody sends is called this, by OpenTelemetry's conventions.
_OTHER_METHOD = "_OTHER"


def opened_tracer(endpoint: str | None, service: str, share: float) -> Tracer | None:
    """Return what makes spans; None without an endpoint, and then nothing of it is imported (0.2 s)."""
    if endpoint is None:
        return None
    made: Tracer = importlib.import_module("integrations.opentelemetry.client").Tracer(
        endpoint, service=service, share=share
    )
    return made


async def close_tracer(tracer: Tracer | None) -> None:
    """Tell what is left, if there is a tracer; nobody else is held up meanwhile."""
    if tracer is not None:
        await asyncio.to_thread(tracer.close)


class TracedRequests:
    """ASGI: a span for each request, and for each websocket as long as it is open."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self.app = app
        self.tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request, and say of it what the access log says."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        status = _CLIENT_GONE

        async def send_noted(message: Message) -> None:
            nonlocal status
            await send(message)
            if message["type"] in _ANSWERS:
                status = message.get("status", _SWITCHED_PROTOCOLS)

        with self.tracer.request(_sole_traceparent(scope)) as span:
            try:
                await self.app(scope, receive, send_noted)
            finally:
                _say(span, scope, status)


def _sole_traceparent(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name == _TRACEPARENT]
    return found[0].decode("latin-1") if len(found) == 1 else None


def _say(span: Span, scope: Scope, status: int) -> None:
    method, route = scope.get("method", "GET"), route_template(scope)
    known = method if method in METHODS else _OTHER_METHOD
    span.called(f"{known} {route}".strip())
    span.say({"http.request.method": known, "http.route": route, "http.response.status_code": status})
    span.say({"tendwell.request_id": request_id_of(scope)})


class TracedDatabase(Database):
    """A database each of whose transactions is a span, from asking for a connection to the end of the commit."""

    def __init__(self, database: Database, tracer: Tracer, role: str, name: str = "transaction") -> None:
        """`name`: what its spans are called."""
        vars(self).update(vars(database))  # the same connections
        self._tracer, self._role, self._name = tracer, role, name

    @asynccontextmanager
    async def writing(self, *, as_of: State | None = None) -> AsyncIterator[AsyncSession]:
        """Yield what the database yields."""
        async with self._within("write", super().writing(as_of=as_of)) as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Yield what the database yields."""
        async with self._within("read", super().reading()) as session:
            yield session

    def turn(self) -> AbstractAsyncContextManager[Taken]:
        """Return what the database returns."""
        return self._within("write", super().turn())

    def reading_turn(self) -> AbstractAsyncContextManager[Taken]:
        """Return what the database returns."""
        return self._within("read", super().reading_turn())

    @asynccontextmanager
    async def _within(self, kind: str, opening: AbstractAsyncContextManager[Opened]) -> AsyncIterator[Opened]:
        with self._span(kind) as span:
            async with opening as opened:
                span.note("begun")
                yield opened

    @contextmanager
    def _span(self, kind: str) -> Iterator[Span]:
        about = {"db.system.name": "postgresql", "tendwell.role": self._role, "tendwell.transaction": kind}
        span = self._tracer.begun(self._name, about)
        try:
            yield span
        except BaseException as error:
            span.failed(error)
            raise
        finally:
            span.end()


def traced_database(database: Database, tracer: Tracer | None, role: str, name: str = "transaction") -> Database:
    """Return the same database, its transactions traced under a name; without a tracer itself."""
    return database if tracer is None else TracedDatabase(database, tracer, role, name)


def traced_steps(tracer: Tracer | None, name: str, role: str) -> Callable[[float], None]:
    """Return who tells each step that is over, and took so many seconds, as a span; without a tracer nobody."""
    if tracer is None:
        return lambda _seconds: None
    about = {"db.system.name": "postgresql", "tendwell.role": role, "tendwell.transaction": "write"}
    return lambda seconds: tracer.begun(name, about, seconds_ago=seconds).end()


def traced_databases(databases: Databases, tracer: Tracer | None, name: str = "transaction") -> Databases:
    """Return the same in all its roles."""
    each = {field.name: getattr(databases, field.name) for field in fields(databases)}
    return Databases(**{role: traced_database(database, tracer, role, name) for role, database in each.items()})


class _Turns:
    """Who waits for a turn that is shared, each in a span of their own, and the turns that took them."""

    def __init__(self, tracer: Tracer, name: str) -> None:
        self._tracer, self._name = tracer, name
        self._waits: dict[int, Span] = {}

    @contextmanager
    def waiting(self, item: object) -> Iterator[None]:
        """Be a span until the item's turn begins, or it is over without one."""
        span = self._waits[id(item)] = self._tracer.begun(f"{self._name}.wait")
        try:
            yield
        except BaseException as error:
            span.failed(error)
            raise
        finally:
            self._waits.pop(id(item), None)
            span.end()

    @contextmanager
    def turn(self, items: Sequence[object]) -> Iterator[None]:
        """Be a span in the trace of whoever waited longest; the others' waits lead to it."""
        waits = [wait for item in items if (wait := self._waits.pop(id(item), None)) is not None]
        first, others = (waits[0], waits[1:]) if waits else (None, [])
        about = {"tendwell.shared_by": len(items)}
        with self._tracer.span(f"{self._name}.turn", about, within=first, after=others) as span:
            for wait in waits:
                wait.belongs_to(span)
                wait.end()
            yield


class TracedRecording(Recording):
    """A way into the record that shows who waited for whom."""

    def __init__(self, database: Databases, tracer: Tracer) -> None:
        super().__init__(database)
        self._turns = _Turns(tracer, "recording")

    async def recorded(self, posting: Posting) -> Verdicts:
        """Return the verdicts, as Recording does."""
        with self._turns.waiting(posting):
            return await super().recorded(posting)

    async def _share(self, postings: list[Posting]) -> Sequence[Verdicts | None]:
        with self._turns.turn(postings):
            return await super()._share(postings)


class TracedCallers(Callers):
    """A look at sessions that shows who waited for whom."""

    def __init__(self, database: Databases, tracer: Tracer) -> None:
        super().__init__(database)
        self._turns = _Turns(tracer, "callers")

    async def actor(self, shown: Shown, at: datetime, request_id: str) -> Actor:
        """Return the caller, as Callers does."""
        with self._turns.waiting(shown):
            return await super().actor(shown, at, request_id)

    async def _look(self, asked: list[Asked]) -> Sequence[Held | Exception | None]:
        with self._turns.turn([shown for shown, _ in asked]):
            return await super()._look(asked)


def traced_work(name: str, work: Callable[[], Awaitable[None]], tracer: Tracer | None) -> Callable[[], Awaitable[None]]:
    """Return the same work, each round of which is a span; without a tracer itself."""
    if tracer is None:
        return work

    async def round_of_work() -> None:
        with tracer.span(f"work.{name}"):
            await work()

    return round_of_work
