"""A keep-alive HTTP/1.1 connection that costs little, so that the load generator does not eat the cores it measures.

Only what the benchmarks need: POST a body or GET, read a status and a body by Content-Length. Loopback only.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class Connection:
    """One connection to one port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(LOOPBACK, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()

    async def post(self, path: str, body: bytes, token: str = "") -> tuple[int, bytes]:
        """Return the status and body of the answer to a POST of JSON."""
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}:{self.port}\r\n{authorization}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return await self._answer(head.encode() + body)

    async def get(self, path: str, token: str) -> tuple[int, bytes]:
        """Return the status and body of the answer to a GET."""
        head = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{self.port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        return await self._answer(head.encode())

    async def _answer(self, request: bytes) -> tuple[int, bytes]:
        self.writer.write(request)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        status, length = int(answer[9:12]), 0
        for line in answer.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return status, await self.reader.readexactly(length)
