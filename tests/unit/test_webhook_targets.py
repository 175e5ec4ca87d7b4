"""Which addresses a webhook may name, and which of those it leads to are called: nothing inside, however written."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.client import Caller
from integrations.webhooks.errors import NotTaken, TargetRefused
from integrations.webhooks.payload import Message, message
from integrations.webhooks.target import is_public, read_target

MESSAGE = Message(b"{}", {"content-type": "application/json"})
OUTSIDE = "93.184.215.14"

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.170", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255",
    "192.88.99.1", "168.63.129.16", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fe80::1",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
    "2001:db8::1", "100::1",
]  # fmt: skip
# Whole, as the two IANA special-purpose address registries stood in 2025, with multicast, what is reserved for later
# (240.0.0.0/4, and of IPv6 whatever is not 2000::/3), what they once listed, and one cloud's address beside them.
SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    "::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "200::/7", "2001::/23", "2001:db8::/32",
    "2002::/16", "2620:4f:8000::/48", "3fff::/20", "4000::/3", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
]  # fmt: skip
REFUSED = [
    "http://hooks.example.org/", "file:///etc/passwd", "gopher://hooks.example.org/", "ftp://hooks.example.org/",
    "https://user:pass@hooks.example.org/", "https://user@hooks.example.org/", "https://hooks.example.org:22/",
    "https://hooks.example.org:8443/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://127.1/", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/",
    "https://8.8.8.8/", "https://0x8.0x8/", "https://a.0x7f/", "https://a.127/", "https://localhost/", "https://LOCALHOST./",
    "https://a.localhost/", "https://db.internal/", "https://printer.local/", "https://intranet/", "https://tendwell/",
    "https://hooks.example.org#@127.0.0.1/", "https://hooks.example.org\\@127.0.0.1/", "https://hooks.example.org/ x",
    "https://hooks_.example.org/", "https://-a.example.org/", "https://①②⑦.⓪.⓪.①/", "https://exa\u200bmple.org/",
    "https://", "//hooks.example.org/", "", "https://hooks.example.org/" + "a" * 500, "https://hooks.example.org:99999/",
    "javascript:alert(1)", "https://[fe80::1%25eth0]/", "https://hooks.example.org\r\nX-A: b/", "https:///x",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_ssrf_001_and_004_an_address_that_is_not_a_public_host_s_name_over_https_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        read_target(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org", "https://HOOKS.example.org:443/a/b?c=d", "https://x.y2.io/"]
)
def test_a_host_s_name_over_https_is_a_target(url: str) -> None:
    target = read_target(url)
    assert (target.scheme, target.port, target.path[0]) == ("https", 443, "/")
    assert target.host == target.host.lower()


@pytest.mark.parametrize("address", INSIDE)
def test_ssrf_001_no_address_that_leads_inside_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("network", SPECIAL)
def test_no_address_of_a_special_purpose_is_public_whatever_this_python_knows_of_it(network: str) -> None:
    block = ipaddress.ip_network(network)
    middle = block.num_addresses // 2
    for place in {0, min(1, middle), middle, block.num_addresses - 1}:
        assert not is_public(block[place]), block[place]


@pytest.mark.parametrize(
    "address",
    [OUTSIDE, "8.8.8.8", "1.0.0.1", "192.0.1.1", "223.255.255.254", "2606:4700::1111", "2001:200::1", "3ffe::1"],
)
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_is_public_is_global_and_no_disguise(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_private
        assert not address.is_multicast
        embedded = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        assert embedded is None


@given(st.text(max_size=80))
def test_no_text_raises_anything_but_a_refusal(url: str) -> None:
    for text in (url, f"https://{url}"):
        try:
            target = read_target(text)
        except TargetRefused:
            continue
        assert (target.scheme, target.port) == ("https", 443)
        with pytest.raises(ValueError, match=r"does not appear to be|."):
            ipaddress.ip_address(target.host)


# Calling


def naming(*answers: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """Return a resolver that answers so at its first, second … time, and the last for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.mark.parametrize("inside", INSIDE)
async def test_ssrf_002_a_name_that_leads_inside_is_neither_registered_nor_called(inside: str) -> None:
    for found in ([inside], [OUTSIDE, inside], ["fe80::1%eth0"]):
        caller = Caller(resolve=naming(found))
        with pytest.raises(TargetRefused):
            await caller.require_callable("https://rebind.example.org/")
        with pytest.raises(TargetRefused):
            await caller.deliver("https://rebind.example.org/", MESSAGE)


async def test_ssrf_002_a_name_that_moves_inside_after_it_was_registered_is_not_called() -> None:
    caller = Caller(resolve=naming([OUTSIDE], ["127.0.0.1"]))
    await caller.require_callable("https://rebind.example.org/")
    with pytest.raises(TargetRefused):
        await caller.deliver("https://rebind.example.org/", MESSAGE)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler, trust: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=trust)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


async def test_ssrf_002_the_address_that_was_judged_is_the_one_connected_to_and_nothing_resolves_again() -> None:
    asked: list[str] = []

    async def resolve_once(host: str, port: int) -> list[str]:
        asked.append(host)
        assert len(asked) == 1, "resolved twice: the second answer could be another"
        return ["127.0.0.1"]

    heads: list[str] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await _head(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with listening(take) as port:
        caller = Caller(loopback=True, resolve=resolve_once)
        assert await caller.deliver(f"http://hooks.example.org:{port}/in?x=1", MESSAGE) == 204
    assert heads[0].startswith("POST /in?x=1 HTTP/1.1\r\n")
    assert f"host: hooks.example.org:{port}\r\n" in heads[0].lower()


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's TLS context for this name, and one that trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    return serving, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())


async def test_the_certificate_is_checked_against_the_name_though_the_address_is_called(tmp_path: Path) -> None:
    serving, trusting = _certificate(tmp_path, "hooks.example.org")

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with listening(take, serving) as port:
        known = Caller(loopback=True, resolve=naming(["127.0.0.1"]), trust=trusting)
        assert await known.deliver(f"https://hooks.example.org:{port}/", MESSAGE) == 200
        for url, trust in (
            (f"https://other.example.org:{port}/", trusting),
            (f"https://hooks.example.org:{port}/", None),
        ):
            with pytest.raises(NotTaken):
                await Caller(loopback=True, resolve=naming(["127.0.0.1"]), trust=trust).deliver(url, MESSAGE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n", "status_302"),
        (b"HTTP/1.1 307 Temporary\r\nLocation: https://hooks.example.org/\r\n\r\n", "status_307"),
        (b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", "status_500"),
        (b"SSH-2.0-OpenSSH\r\n", "no_answer"),
        (b"", "no_answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 1_000_000, "no_answer"),
    ],
)
async def test_redirects_are_not_followed_and_nonsense_is_a_failure(answer: bytes, code: str) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(answer)
        await writer.drain()

    async with listening(reply) as port:
        with pytest.raises(NotTaken) as failed:
            await Caller(loopback=True).deliver(f"http://127.0.0.1:{port}/", MESSAGE)
    assert failed.value.code == code


async def test_an_answer_without_end_is_not_read() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await _head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while sent < 200_000_000:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
            sent += 65536

    async with listening(flood) as port:
        assert await Caller(loopback=True).deliver(f"http://127.0.0.1:{port}/", MESSAGE) == 200
        await asyncio.sleep(0.05)
    assert sent < 50_000_000


@pytest.mark.parametrize("what", ["never answers", "drips"])
async def test_ssrf_005_a_target_that_never_answers_is_given_up_in_bounded_time(what: str) -> None:
    async def tarpit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        while True:
            if what == "drips":
                writer.write(b"H")
                await writer.drain()
            await asyncio.sleep(0.02)

    began = time.perf_counter()
    async with listening(tarpit) as port:
        with pytest.raises(NotTaken) as failed:
            await Caller(loopback=True, patience_seconds=0.3).deliver(f"http://127.0.0.1:{port}/", MESSAGE)
    assert failed.value.code == ("timed_out" if what == "never answers" else failed.value.code)
    assert time.perf_counter() - began < 3


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with listening(take) as port:
        assert await Caller(loopback=True).deliver(f"http://127.0.0.1:{port}/", MESSAGE) == 204


# Signing


def test_a_message_is_signed_as_standard_webhooks_have_it_and_holds_ids_only() -> None:
    secret, at = b"s" * 32, datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    message_id, patient, subject = (UUID(int=number) for number in (1, 2, 3))
    told = message(
        message_id=message_id,
        kind="observation.recorded",
        patient_id=patient,
        subject_ids=[subject],
        event_at=at,
        secret=secret,
        sent_at=at + timedelta(seconds=5),
    )
    assert told.body == (
        b'{"type":"observation.recorded","timestamp":"2026-11-22T03:00:00+00:00","data":{"patient_id":'
        b'"00000000-0000-0000-0000-000000000002","subject_ids":["00000000-0000-0000-0000-000000000003"]}}'
    )
    signed = b"00000000-0000-0000-0000-000000000001." + str(int(at.timestamp()) + 5).encode() + b"." + told.body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert told.headers["webhook-signature"] == f"v1,{expected}"
    assert told.headers["webhook-id"] == str(message_id)
