"""Those who bring notices, on this machine: they note what they were asked, and answer what a test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

HOST = "127.0.0.1"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOW_SECONDS = int(NOW.timestamp())


def now() -> datetime:
    """Return the instant at which all of it happens."""
    return NOW


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return orjson.loads(self.body)


@dataclass
class Peer:
    """What it was asked, and what it answers, one after the other; the last answer again and again."""

    answers: list[tuple[int, dict[str, str], bytes]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    connections: int = 0

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """Note a request, and return the answer to it."""
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def saying(status: int, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return an answer: of JSON, where there is a body."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, told, b"" if body is None else orjson.dumps(body)


@asynccontextmanager
async def peer(*answers: tuple[int, dict[str, str], bytes]) -> AsyncIterator[Peer]:
    """Yield a peer that speaks HTTP/1.1."""
    held = Peer(list(answers))
    open_ones: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.connections += 1
        open_ones[writer] = asyncio.current_task()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                status, headers, body = held.answer(await _read(reader))
                head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                told = f"HTTP/1.1 {status} Said\r\n{head}content-length: {len(body)}\r\n\r\n"
                writer.write(told.encode() + body)
                await writer.drain()

    server = await asyncio.start_server(handle, HOST, 0)
    held.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    try:
        yield held
    finally:
        server.close()
        await _ended(open_ones)


async def _ended(open_ones: dict[asyncio.StreamWriter, asyncio.Task[None] | None]) -> None:
    for writer in open_ones:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError, TimeoutError):
            async with asyncio.timeout(1):  # an end by TLS takes two, and the other one has gone
                await writer.wait_closed()
    await asyncio.gather(*(task for task in open_ones.values() if task is not None), return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(head[0].split(" ")[1], headers, body)


@asynccontextmanager
async def peer_of_http2(folder: Path, *answers: tuple[int, dict[str, str], bytes]) -> AsyncIterator[tuple[Peer, Any]]:
    """Yield a peer that speaks HTTP/2 over TLS and nothing else, and what to trust to reach it."""
    held = Peer(list(answers))
    serving, trusting = _certificate(folder)
    serving.set_alpn_protocols(["h2"])
    open_ones: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.connections += 1
        open_ones[writer] = asyncio.current_task()
        with suppress(ConnectionError, ssl.SSLError):
            await _spoken(held, reader, writer)

    server = await asyncio.start_server(handle, HOST, 0, ssl=serving)
    held.url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        yield held, trusting
    finally:
        server.close()
        await _ended(open_ones)


async def _spoken(held: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
    line.initiate_connection()
    writer.write(line.data_to_send())
    heads: dict[int, dict[str, str]] = {}
    bodies: dict[int, bytes] = {}
    while data := await reader.read(65536):
        for event in line.receive_data(data):
            if isinstance(event, RequestReceived):
                heads[event.stream_id] = {str(name): str(value) for name, value in event.headers}
            elif isinstance(event, DataReceived):
                bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                line.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                head = heads[event.stream_id]
                asked = Asked(head[":path"], head, bodies.get(event.stream_id, b""))
                status, headers, body = held.answer(asked)
                line.send_headers(event.stream_id, [(":status", str(status)), *headers.items()])
                line.send_data(event.stream_id, body, end_stream=True)
        writer.write(line.data_to_send())
        await writer.drain()


def pem(key: Any) -> str:
    """Return a private key as people keep it."""
    made = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return str(made.decode())


def public_pem(key: Any) -> str:
    """Return its public half."""
    made = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return str(made.decode())


def _certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM).decode()
    file = folder / "peer.pem"
    file.write_text(pem(key) + public)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cadata=public)
