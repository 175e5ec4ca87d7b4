"""uvicorn's websocket protocol for clients that have stopped reading, and how uvicorn must be started for it.

Measured with uvicorn 0.54: a client whose TCP window is full is never let go. Its keepalive ends in
`transport.close()`, which first waits until everything is sent, and to such a client nothing can be. So here every
orderly close has a deadline, after which the connection is aborted. Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

PING_SECONDS = 5
ABORT_AFTER_SECONDS = 1
CLOSE_ANSWER_SECONDS = 3
MAX_MESSAGE_BYTES = 65_536
MAX_FRAGMENTS = 1_024
# What the kernel may hold for one client. The default grows to megabytes, which a slow client would be shown late.
SEND_BUFFER_BYTES = 262_144
GRACEFUL_SHUTDOWN_SECONDS = 10


def uvicorn_options() -> dict[str, Any]:
    """Return the options of `uvicorn.Config` without which the live socket does not keep its promises."""
    return {
        "ws": FrozenAwareProtocol,
        "ws_max_size": MAX_MESSAGE_BYTES,
        "ws_ping_interval": PING_SECONDS,
        "ws_ping_timeout": PING_SECONDS,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    }


class _ImpatientTransport:
    """A transport whose close() is followed by abort() unless everything is sent within a second."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop

    def close(self) -> None:
        if not self._transport.is_closing():
            self._loop.call_later(ABORT_AFTER_SECONDS, self._transport.abort)
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class FrozenAwareProtocol(WebSocketsSansIOProtocol):
    """A connection that ends when it is told to, whether or not the client still reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with a bounded share of the kernel's memory."""
        super().connection_made(_ImpatientTransport(transport, self.loop))  # type: ignore[arg-type]
        self.close_timeout = CLOSE_ANSWER_SECONDS
        raw = transport.get_extra_info("socket")
        if raw is not None:
            with suppress(OSError):  # the client may be gone already
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def handle_connect(self, event: Any) -> None:
        """Take the handshake; what stands after a ? is withheld from the log, in case it is a secret."""
        super().handle_connect(event)
        if hasattr(self, "scope") and self.scope["query_string"]:
            self.scope["query_string"] = b"withheld"

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
