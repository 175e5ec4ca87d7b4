"""Requests written byte by byte, as no honest client would write them, to a real server process."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """The first answer on a connection, what came after it, and how long it took until the server closed."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes
    seconds: float


def exchange(port: int, *parts: bytes, pause: float = 0.0, finish: bool = False) -> Answer:
    """Send the parts, then read until the server closes, the first answer is complete, or patience ends."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                if pause:
                    time.sleep(pause)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has said no already; its answer is still to be read
        return _answer(_read(connection), time.monotonic() - started)


def _read(connection: socket.socket) -> bytes:
    received = b""
    while True:
        try:
            more = connection.recv(65_536)
        except (TimeoutError, ConnectionResetError):
            return received
        if not more:
            return received
        received += more
        if b"connection: close" not in received.lower() and _is_complete(received):
            connection.settimeout(0.3)  # a second answer would follow at once


def _is_complete(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return bool(separator) and len(body) >= length


def _answer(received: bytes, seconds: float) -> Answer:
    head, _, after = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", len(after)))
    status = int(first.split(" ")[1]) if first.startswith("HTTP/1.1 ") else 0
    return Answer(status, headers, after[:length], after[length:], seconds)
