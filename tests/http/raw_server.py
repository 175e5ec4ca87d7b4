"""A real server process, and requests written byte by byte, as no honest client would write them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20
ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """The first answer on a connection, what came after it, and how long it took until the server closed."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes
    seconds: float


@contextmanager
def serving() -> Iterator[int]:
    """Serve `tests.http.edge_app` in a process of its own; yield the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.http.edge_app", str(port)], cwd=ROOT)
    try:
        _wait_until_open(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=10)


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


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            raise RuntimeError("the server ended before it listened")
        time.sleep(0.05)
    raise TimeoutError("the server did not listen in time")
