"""uvicorn's HTTP/1.1 protocol, told to lose patience and to say no as the rest of Tendwell does.

Measured on uvicorn 0.54: a connection that sends nothing, or half a head, is kept for ever, and what the parser
refuses is answered in plain text, an unknown method with 400. Here the head must arrive in time, and the parser's
refusals are problems. The body's time and size are bounded further in, by `api/limits.py`.
"""

from __future__ import annotations

import asyncio
import sys

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.bare_answers import bare_answer
from api.live.websocket_protocol import is_handshake
from api.problems import HEAD_TOO_SLOW, PROBLEMS, UNKNOWN_METHOD, ProblemType
from api.refusals import MalformedRequest

# Also how long a connection opened in advance may stay silent.
HEAD_SECONDS = 20.0


class ImpatientHttpProtocol(HttpToolsProtocol):
    """One connection whose request heads are due in time."""

    head_seconds = HEAD_SECONDS
    over_tls = False
    _head_due: asyncio.TimerHandle | None = None
    _upgrades: bool | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; between requests, anything (an empty line too) begins the wait for a head."""
        if self._head_due is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_head()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head that was sent behind another request."""
        super().on_message_begin()
        self._upgrades = None
        if self._head_due is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """Stop waiting: what follows is the body's time."""
        self._have_head()
        super().on_headers_complete()

    def _should_upgrade(self) -> bool:
        """Return whether this request makes a websocket of the connection: only a handshake that will be taken does.

        Any other stays a request over HTTP, so that it is refused and logged like every request; the websocket
        library would answer in plain text, or not at all.
        """
        if self._upgrades is None:
            self._upgrades = super()._should_upgrade() and self._is_handshake()
        return self._upgrades

    def _is_handshake(self) -> bool:
        method, version = self.scope["method"].encode(), self.parser.get_http_version().encode()
        head = [method, b" ", self.url, b" HTTP/", version, b"\r\n"]
        for name, value in self.headers:
            head += [name, b": ", value, b"\r\n"]
        return is_handshake(b"".join([*head, b"\r\n"]))

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: whatever a client asks for is in the access log, as any request."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what the parser refused; called by uvicorn while it handles the parser's error."""
        unknown_method = isinstance(sys.exc_info()[1], httptools.HttpParserInvalidMethodError)
        self._say_no(UNKNOWN_METHOD if unknown_method else PROBLEMS[MalformedRequest])

    def _expect_head(self) -> None:
        self._head_due = self.loop.call_later(self.head_seconds, self._lose_patience)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _lose_patience(self) -> None:
        self._head_due = None
        if not self.transport.is_closing():
            self._say_no(HEAD_TOO_SLOW)

    def _say_no(self, kind: ProblemType) -> None:
        self.transport.write(bare_answer(kind, over_tls=self.over_tls))
        self.transport.close()


class ImpatientHttpProtocolOverTls(ImpatientHttpProtocol):
    """The same where people type https; uvicorn makes the protocol, so it can be told nothing."""

    over_tls = True
