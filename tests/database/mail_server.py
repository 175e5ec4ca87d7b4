"""A real mail server in the test's own loop, which says no where it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from api.commands.new_secrets import self_signed_certificate


@dataclass
class Mailbox:
    """What the server took, and what it answers to a recipient and to a letter."""

    taken: list[EmailMessage] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_letter: str = "250 OK"
    port: int = 0
    was_protected: bool = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        """Answer to a recipient."""
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter, or not."""
        if self.to_letter.startswith("2"):
            self.was_protected = server.transport.get_extra_info("ssl_object") is not None
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=policy.default))
        return self.to_letter


@cache
def trusted() -> ssl.SSLContext:
    """Return whom a client trusts that knows this server's certificate."""
    _, certificate = _key_and_certificate()
    return ssl.create_default_context(cadata=certificate)


@cache
def _key_and_certificate() -> tuple[str, str]:
    return self_signed_certificate()


def _serving() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with TemporaryDirectory() as folder:
        key, certificate = Path(folder) / "key", Path(folder) / "certificate"
        key.write_text(_key_and_certificate()[0])
        certificate.write_text(_key_and_certificate()[1])
        context.load_cert_chain(certificate, key)
    return context


@asynccontextmanager
async def mail_server(kind: str = "starttls", *, password: str | None = None) -> AsyncIterator[Mailbox]:
    """Yield the mailbox of a server: 'starttls', 'tls' from the first byte on, or 'plain'."""
    mailbox = Mailbox()

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    def connected() -> SMTP:
        starttls: dict[str, Any] = {"tls_context": _serving(), "require_starttls": True} if kind == "starttls" else {}
        auth: dict[str, Any] = {"authenticator": authenticate, "auth_required": True} if password else {}
        return SMTP(mailbox, hostname="localhost", auth_require_tls=kind != "plain", **starttls, **auth)

    tls = _serving() if kind == "tls" else None
    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0, ssl=tls)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
