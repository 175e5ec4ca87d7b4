"""uvicorn's websocket protocol for clients that have stopped reading, and how uvicorn must be started for it.

Measured with uvicorn 0.54: a client whose TCP window is full is never let go. Its keepalive ends in
`transport.close()`, which first waits until everything is sent, and to such a client nothing can be. So here every
orderly close has a deadline, after which the connection is aborted. Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from api.bare_answers import bare_answer
from api.problems import INTERNAL

PING_SECONDS = 5
ABORT_AFTER_SECONDS = 1
CLOSE_ANSWER_SECONDS = 3
DISCARD_SECONDS = 1
SEND_SECONDS = 10
MAX_MESSAGE_BYTES = 65_536
MAX_FRAGMENTS = 1_024
# What the kernel may hold for one client. The default grows to megabytes, which a slow client would be shown late.
SEND_BUFFER_BYTES = 262_144
# Longer than any statement may take, so that what is under way is answered; under the half minute that is promised.
GRACEFUL_SHUTDOWN_SECONDS = 25
# uvicorn tells its usual logger the client's address and the path of every handshake. This one passes nothing on but
# what is wrong with us; `api/access_log.py` has the line for each socket.
_LOG = logging.getLogger("tendwell.websocket")
_LOG.setLevel(logging.WARNING)
# Frames of our own making go straight to the transport: through ASGI and the library each costs 30 µs more.
_LINE = "tendwell.line"
_NO_LINGERING = struct.pack("ii", 1, 0)  # struct linger of socket(7): on, for no time


def uvicorn_options(*, over_tls: bool) -> dict[str, Any]:
    """Return the options of `uvicorn.Config` without which the live socket does not keep its promises."""
    return {
        "ws": FrozenAwareProtocolOverTls if over_tls else FrozenAwareProtocol,
        "ws_max_size": MAX_MESSAGE_BYTES,
        "ws_ping_interval": PING_SECONDS,
        "ws_ping_timeout": PING_SECONDS,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    }


def line_of(scope: Mapping[str, Any]) -> FrozenAwareProtocol:
    """Return the line to the client at the other end of this socket."""
    line: FrozenAwareProtocol = scope["extensions"][_LINE]["line"]
    return line


def is_handshake(head: bytes) -> bool:
    """Return whether the websocket library takes this request's head for a handshake."""
    trial = ServerProtocol(logger=_LOG)
    trial.receive_data(head)
    requests = [event for event in trial.events_received() if isinstance(event, Request)]
    return bool(requests) and trial.accept(requests[0]).status_code == HTTPStatus.SWITCHING_PROTOCOLS


class _ImpatientTransport:
    """A transport whose close() is followed by a reset unless everything is sent within a second."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self.write, self.is_closing = transport.write, transport.is_closing
        self._loop = loop
        self._deadline: asyncio.TimerHandle | None = None

    def close(self) -> None:
        if self._deadline is None:
            self._deadline = self._loop.call_later(ABORT_AFTER_SECONDS, self._reset)
        self._transport.close()

    def closed(self) -> None:
        """Call off the reset: from now on the file descriptor may be somebody else's."""
        if self._deadline is not None:
            self._deadline.cancel()

    def _reset(self) -> None:
        # Without this the kernel would go on offering the client what it does not read, for a quarter of an hour.
        with suppress(OSError):
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class FrozenAwareProtocol(WebSocketsSansIOProtocol):
    """A connection that ends when it is told to, whether or not the client still reads."""

    over_tls = False
    _failed = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = self.conn.logger = _LOG

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with a bounded share of the kernel's memory."""
        self._impatient = _ImpatientTransport(transport, self.loop)  # type: ignore[arg-type]
        super().connection_made(self._impatient)  # type: ignore[arg-type]
        self.close_timeout = CLOSE_ANSWER_SECONDS
        raw = transport.get_extra_info("socket")
        if raw is not None:
            with suppress(OSError):  # the client may be gone already
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        self._impatient.closed()

    def handle_connect(self, event: Request) -> None:
        """Take the handshake; the application is given the line beside what every server gives it."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[_LINE] = {"line": self}

    async def ready(self) -> None:
        """Return when frames may be put: nearly always at once.

        Raises ClientDisconnected when the connection has ended, TimeoutError when the client takes nothing.
        """
        if not self.writable.is_set():
            async with asyncio.timeout(SEND_SECONDS):
                while not self.writable.is_set():
                    await self.writable.wait()
        if self._has_ended():
            raise ClientDisconnected

    def has_room(self) -> bool:
        """Return whether frames may be put now."""
        return self.writable.is_set() and not self._has_ended()

    def _has_ended(self) -> bool:
        return self.disconnected or self.close_sent or bool(self._impatient.is_closing())

    def put(self, frames: bytes) -> None:
        """Send whole frames."""
        self._impatient.write(frames)

    def data_received(self, data: bytes) -> None:
        """Take what arrives; after a failure it is only discarded."""
        if not self._failed:
            super().data_received(data)

    async def send(self, message: Any) -> None:
        """Send what the application says. A handshake that it refused is complete: uvicorn would log that it is not."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def send_500_response(self) -> None:
        """Answer a handshake that nobody has answered: the application broke, or the process is being stopped."""
        if self.initial_response is None and not self.handshake_complete:
            self.transport.write(bare_answer(INTERNAL, over_tls=self.over_tls))

    def send_receive_event_to_app(self) -> None:
        """Hand on a whole message; one that is no UTF-8 fails the connection, and is no error of ours to log."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.conn.fail(CloseCode.INVALID_DATA, "not UTF-8")
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Say why the connection fails, then read on for a while without looking.

        To close with data unread would make the kernel reset the connection, and the client never learn the code.
        """
        if self._failed:
            return
        self._failed = self.close_sent = True
        assert self.conn.close_sent is not None
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(DISCARD_SECONDS, self.transport.close)

    def handle_cont(self, event: Frame) -> None:
        """Take a fragment. Empty ones count as no bytes, so their number is bounded as well."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer a ping, unless the client does not read its answers: they would pile up without bound."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()


class FrozenAwareProtocolOverTls(FrozenAwareProtocol):
    """The same where people type https; uvicorn makes the protocol, so it can be told nothing."""

    over_tls = True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
