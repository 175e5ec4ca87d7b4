"""Clients that do what no client should: one that never reads and never pongs; and much to be told to it."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import time
from uuid import UUID

from domain.events.commands import append_event
from integrations.postgres.client import Database
from tests.live.processes import Process


async def told_much(database: Database, patient: UUID, observations: list[str], events: int) -> None:
    """Commit events about a hundred observations each, about 60 KB as told, without storing new ones."""
    async with database.writing() as session:
        for _ in range(events):
            await append_event(
                session, "observation.recorded", patient_id=patient, subject_ids=[UUID(o) for o in observations]
            )


class RawClient:
    """A websocket client made by hand, which does nothing that it is not told to: no reading, no pong."""

    def __init__(self, api: Process, said: dict[str, object], *, receive_buffer: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", api.port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: tendwell.v1\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 ")
        payload = json.dumps(said).encode()
        assert 126 <= len(payload) < 65_536
        # A masked text frame; a mask of zeros leaves the text as it is.
        self.socket.sendall(b"\x81\xfe" + len(payload).to_bytes(2) + bytes(4) + payload)

    def closed_after(self, seconds: float, *, reading: bool) -> float | None:
        """Return after how many seconds the server ended the connection, None if it did not."""
        began = time.monotonic()
        interest = select.POLLIN if reading else 0
        poll = select.poll()
        poll.register(self.socket, interest)
        while (left := began + seconds - time.monotonic()) > 0:
            for _, happened in poll.poll(left * 1000):
                if happened & (select.POLLERR | select.POLLHUP):
                    return time.monotonic() - began
                if reading and not self._read():
                    return time.monotonic() - began
        return None

    def _read(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""
