"""Done once however often it is sent: the transaction of a route, and the reply that is remembered with it.

A route that takes an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) does its work like this:

    async with once() as deed:
        made = await create_…(deed.session, actor, …)
        return await deed.reply(CreatedOut(id=made))

Without the header that is the plain Writing transaction. With it, the key is taken and the reply kept in that very
transaction, so that there is never one without the other; what fails leaves nothing, and its key is free again. A
repeat never reaches the block: the first reply is sent, unless it is about a person whom the caller no longer sees.
Whom it is about is told by `patient_id`, wherever it stands: in the path, in what was asked or in the reply; a reply
that names somebody otherwise says so by `once(names="id")`.
`MustOnce` asks for the header.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import CurrentActor, Services, TheServices, Transaction, identifying, linking, writing
from api.refusals import KeyMalformed, KeyMissing
from domain.access.actor import Actor
from domain.access.ground import OnGround
from domain.audit.commands import record_audit
from domain.people.queries import visible_patient
from domain.repeats.commands import Keyed, Reply, remember, take_or_recall

HEADER = "Idempotency-Key"
# A structured field's string (RFC 8941), or the same bare, as most clients send it.
_KEY = re.compile(r'"?([!#-\[\]-~]{16,128})"?')
_PURPOSE = b"tendwell request 1"

Answer = TypeVar("Answer", bound=BaseModel | None)
Sees = Callable[[AsyncSession, Actor, UUID], Awaitable[OnGround]]


class Replayed(Exception):
    """The reply to what was done before, to be sent again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("replayed")
        self.reply = reply


@dataclass(slots=True)
class Deed:
    """One thing that is done once: the transaction to do it in, and the reply to keep."""

    session: AsyncSession
    keep: Callable[[bytes], Awaitable[None]] | None = None
    is_kept: bool = field(default=False)

    async def reply(self, answer: Answer) -> Answer:
        """Return the answer, kept for a repeat if the request has a key. To be called last in the block.

        With it is kept the ETag that the answer has by then: a repeat must be as good to build an edit on.
        """
        if self.keep is not None:
            await self.keep(b"" if answer is None else answer.model_dump_json().encode())
            self.is_kept = True
        return answer


@dataclass(frozen=True, slots=True)
class Doing:
    """One request on its way to be done once."""

    request: Request
    response: Response
    held: Services
    actor: Actor
    writing: Transaction
    key: str | None

    def __call__(self, sees: Sees = visible_patient, *, names: str = "patient_id") -> AbstractAsyncContextManager[Deed]:
        """Return the block to do it in. Entering it raises Replayed when it was done before.

        `sees` answers whether the caller may be shown a person's reply still, and raises NotFound when not. `names` is
        the member of the reply in which the person's id stands.
        """
        return self._plainly() if self.key is None else self._keyed(self.key, sees, names)

    @asynccontextmanager
    async def _plainly(self) -> AsyncIterator[Deed]:
        async with self.writing() as session:
            yield Deed(session)

    @asynccontextmanager
    async def _keyed(self, key: str, sees: Sees, names: str) -> AsyncIterator[Deed]:
        route = self.request.scope["route"]
        asked = Keyed(route.name, key, await self._asked())
        async with self.writing() as session:
            known = await take_or_recall(session, self.actor, asked, self.held.sealing)
            if isinstance(known, UUID):
                deed = Deed(session, self._keeper(session, known, route.status_code or 200))
                yield deed
                if not deed.is_kept:
                    raise RuntimeError(f"{route.name} replies without keeping its reply")
                return
            await self._require_still_visible(session, known, sees, names)
        raise Replayed(known)

    def _keeper(self, session: AsyncSession, taken: UUID, status: int) -> Callable[[bytes], Awaitable[None]]:
        async def keep(body: bytes) -> None:
            tag = self.response.headers.get("ETag")
            await remember(session, taken, Reply(status, body, tag), self.held.sealing)

        return keep

    async def _asked(self) -> bytes:
        """Return a keyed hash of the whole request, however its JSON is written: a bare one would tell a guess."""
        body = await self.request.body()
        value = await self.request.json() if body else None
        told = [self.request.method, self.request.url.path, self.request.url.query, value]
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
        return hmac.digest(self.held.cursor_secret, _PURPOSE + canonical.encode(), hashlib.sha256)

    async def _require_still_visible(self, session: AsyncSession, known: Reply, sees: Sees, names: str) -> None:
        """Raise NotFound when the reply would show a person whom the caller no longer sees; audit that it is shown."""
        asked = await self.request.json() if await self.request.body() else None
        told = json.loads(known.body) if known.body else None
        people = sorted(_named([self.request.path_params, asked]) | _named(told, names))
        seen: list[OnGround | None] = [await sees(session, self.actor, each) for each in people]
        for person in seen or [None]:
            await record_audit(session, self.actor, "request.repeat", person, count=0)


def _named(value: object, name: str = "patient_id") -> set[UUID]:
    """Return whom a JSON value is about: each member of that name, however deep. The gate has bounded how deep."""
    if isinstance(value, list):
        return {person for each in value for person in _named(each, name)}
    if not isinstance(value, dict):
        return set()
    here = value.get(name)
    return ({UUID(here)} if isinstance(here, str) else set()) | _named(list(value.values()), name)


def _read(headers: list[str]) -> str | None:
    """Return the key that a request's headers hold. Raises KeyMalformed, also when there are two to choose from."""
    if not headers:
        return None
    found = _KEY.fullmatch(headers[0])
    if found is None or len(headers) > 1:
        raise KeyMalformed
    return found[1]


_DESCRIPTION = "A fresh random name for this request, such as a UUID: sent again, it is done once and answered alike."
# The form is told, not asked for: what is no key is refused with 400.
_FORM = {"pattern": f"^{_KEY.pattern}$"}
_Given = Callable[..., Awaitable[Transaction]]  # a dependency of api/deps.py


def _doing(given: _Given, *, is_required: bool) -> Callable[..., Awaitable[Doing]]:
    """Return the dependency that does what a request asks once, in a transaction of this kind."""
    form: dict[str, Any] = {**_FORM, "x-required": True} if is_required else {**_FORM}

    async def doing(
        request: Request,
        response: Response,
        held: TheServices,
        actor: CurrentActor,
        transaction: Transaction = Depends(given),
        key: str | None = Header(None, alias=HEADER, description=_DESCRIPTION, json_schema_extra=form),
    ) -> Doing:
        if key is None and is_required:
            raise KeyMissing
        return Doing(request, response, held, actor, transaction, _read(request.headers.getlist(HEADER)))

    return doing


Once = Annotated[Doing, Depends(_doing(writing, is_required=False))]
MustOnce = Annotated[Doing, Depends(_doing(writing, is_required=True))]
# For deeds on accounts and organisations, and for what ties an account to a record.
IdentityOnce = Annotated[Doing, Depends(_doing(identifying, is_required=False))]
MustIdentityOnce = Annotated[Doing, Depends(_doing(identifying, is_required=True))]
LinkingOnce = Annotated[Doing, Depends(_doing(linking, is_required=False))]


def replayed(error: Replayed) -> Response:
    """Return the first reply once more, and say that it is a repeat."""
    reply = error.reply
    kind = "application/json" if reply.body else None
    tag = {} if reply.tag is None else {"ETag": reply.tag}
    return Response(reply.body, reply.status, {"Idempotent-Replayed": "true", **tag}, kind)
