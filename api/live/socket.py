"""One live socket, from the handshake to the goodbye. Telling races hearing: whichever ends first ends both.

A socket that awaited only what it has to tell would never learn that the client has left.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from uvicorn.protocols.utils import ClientDisconnected

from api.deps import Services
from api.live import protocol
from api.live.admission import admit
from api.live.allowance import Allowance
from api.live.feed import Feed
from api.live.inbox import Inbox
from api.live.protocol import SUBPROTOCOL, BadMessage, Close, Goodbye, HelloIn, WatchIn
from api.live.telling import Means, Telling
from api.live.websocket_protocol import line_of
from api.log_lines import describe
from api.problems import problem_of
from api.refusals import MalformedRequest
from api.request_id import request_id_of
from domain.errors import NotPermitted
from integrations.postgres.errors import DatabaseUnavailable

HELLO_SECONDS = 5
GOODBYE_SECONDS = 2

_LOG = logging.getLogger("tendwell.live")


async def serve(websocket: WebSocket, held: Services, feed: Feed) -> None:
    """Hold one conversation. Everything that can go wrong ends as a close code or a refused handshake."""
    refused = _why_refused(websocket, held.allowed_origins)
    if refused is not None:
        await websocket.send_denial_response(problem_of(refused, request_id_of(websocket.scope)))
        return
    await websocket.accept(subprotocol=SUBPROTOCOL)
    try:
        await _converse(websocket, held, feed)
    except BadMessage as bad:
        await _part(
            websocket, Goodbye(Close.bad_message, "Not a message of this protocol."), protocol.refusal(bad.detail)
        )
    except Goodbye as goodbye:
        await _part(websocket, goodbye)
    except DatabaseUnavailable:
        await _part(websocket, Goodbye(Close.try_later, "Not available just now. Try again shortly."))
    except (ClientDisconnected, WebSocketDisconnect, TimeoutError):
        pass  # gone, or frozen: then uvicorn's protocol aborts the connection as soon as we return
    except Exception as error:  # noqa: BLE001 - its message may hold data, so only its kind and place are logged
        _LOG.error("a live socket broke: %s", describe(error))
        await _part(websocket, Goodbye(Close.failure, "Something broke on our side. Connect again."))


def _why_refused(websocket: WebSocket, allowed_origins: tuple[str, ...]) -> Exception | None:
    """Return why this handshake must not be accepted, None when it may be.

    Native apps send no Origin; browsers always do, and a page of another site must not use a ticket it got hold of.
    """
    origins = websocket.headers.getlist("origin")
    host = websocket.headers.get("host")
    ours = {*allowed_origins, f"http://{host}", f"https://{host}"}
    if any(origin not in ours for origin in origins):
        return NotPermitted("A page of this origin may not open a live connection.")
    if websocket.scope["query_string"]:
        return MalformedRequest("Send nothing in the address: the ticket goes into the first message.")
    if SUBPROTOCOL not in websocket.scope["subprotocols"]:
        return MalformedRequest(f"Ask for the subprotocol {SUBPROTOCOL}.")
    return None


async def _converse(websocket: WebSocket, held: Services, feed: Feed) -> None:
    hello, allowance = await _hello(websocket), Allowance()
    allowance.spend(time.monotonic())
    admitted = await admit(held.database, held.clock, hello, request_id_of(websocket.scope))
    watch = feed.subscriptions.open(admitted.actor.account_id, admitted.session_id, follows_list=admitted.follows_list)

    telling = Telling(Means(held.database, held.clock, feed, line_of(websocket.scope)), admitted, watch)
    try:
        await _race(_hear(websocket, watch.inbox, allowance), telling.run(hello.cursor))
    finally:
        feed.subscriptions.close(watch)
        await _finish(telling)


async def _race(*sides: Coroutine[Any, Any, None]) -> None:
    """Return or raise as the side that ends first; the other is cancelled."""
    tasks = [asyncio.create_task(side) for side in sides]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        endings = await asyncio.gather(*tasks, return_exceptions=True)
    for ending in endings:
        if isinstance(ending, Exception):
            raise ending


async def _finish(telling: Telling) -> None:
    try:
        await telling.finish()
    except DatabaseUnavailable:
        _LOG.warning("the end of a watch could not be audited; its beginning was")


async def _hello(websocket: WebSocket) -> HelloIn:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            message = protocol.parse_message(await _text(websocket))
    except TimeoutError:
        raise Goodbye(Close.not_authenticated, "The hello did not come in time.") from None
    if not isinstance(message, HelloIn):
        raise BadMessage("The first message must be hello.")
    return message


async def _hear(websocket: WebSocket, inbox: Inbox, allowance: Allowance) -> None:
    """Hand on what the client says; raise WebSocketDisconnect as soon as it has gone."""
    while True:
        text = await _text(websocket)
        allowance.spend(time.monotonic())
        message = protocol.parse_message(text)
        if isinstance(message, HelloIn):
            raise BadMessage("Hello was said already.")
        if isinstance(message, WatchIn):
            allowance.ask(len(message.patients), time.monotonic())
        inbox.ask(message)


async def _text(websocket: WebSocket) -> str:
    received = await websocket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005))
    text: str | None = received.get("text")
    if text is None:
        raise BadMessage("Send text, not binary data.")
    return text


async def _part(websocket: WebSocket, goodbye: Goodbye, last_words: str | None = None) -> None:
    """Say goodbye, if the client still listens."""
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(GOODBYE_SECONDS):
            if last_words is not None:
                await websocket.send_text(last_words)
            await websocket.close(goodbye.code, goodbye.reason)
