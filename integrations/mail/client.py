"""Handing letters to a mail server over SMTP, or writing them into a folder where there is none (for trying out).

Refuses to know what letters say. `smtps://` is TLS from the first byte, `smtp://` is STARTTLS or nothing, and
`smtp-unprotected://` is neither: for a server on the same machine.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from integrations.mail.errors import MailNotTaken

TIMEOUT_SECONDS: Final = 30.0
UNPROTECTED: Final = "smtp-unprotected"
_PORTS: Final = {"smtps": 465, "smtp": 587, UNPROTECTED: 25}
_PERMANENT = range(500, 600)


class Post(Protocol):
    """Takes letters away."""

    async def send(self, message: EmailMessage) -> None:
        """Return when the letter has been taken. Raises MailNotTaken."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand letters in, and how."""

    host: str
    port: int
    scheme: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_server(url: str) -> Server:
    """Return the server that a URL names. Raises ValueError, which never repeats it: it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("must be smtps://user:password@host:port or smtp:// (which asks for STARTTLS)")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Server(parts.hostname, parts.port or _PORTS[parts.scheme], parts.scheme, user, password)


class SmtpPost:
    """A mail server, connected to anew for each letter: there are few."""

    def __init__(self, server: Server, *, tls: ssl.SSLContext | None = None) -> None:
        """Nothing is connected yet. `tls`: whom to trust, if not whom the machine trusts."""
        self._server = server
        self._tls = tls or ssl.create_default_context()

    async def send(self, message: EmailMessage) -> None:
        """Return when the server has taken the letter. Raises MailNotTaken."""
        server, protected = self._server, self._server.scheme != UNPROTECTED
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.scheme == "smtps",
                start_tls=server.scheme == "smtp",
                tls_context=self._tls if protected else None,
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _not_taken(error) from None


def _not_taken(error: Exception) -> MailNotTaken:
    """Return what went wrong, in words without the address: a server's own text often quotes it."""
    codes = _recipient_codes(error) or _message_codes(error)
    told = f"{type(error).__name__}{f' {codes[0]}' if codes else ''}"
    permanent = bool(codes) and all(code in _PERMANENT for code in codes)
    return MailNotTaken(told, can_retry=not (permanent or isinstance(error, aiosmtplib.SMTPNotSupported)))


def _recipient_codes(error: Exception) -> list[int]:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return [refused.code for refused in error.recipients]
    return []


def _message_codes(error: Exception) -> list[int]:
    """Return the code with which a server refused this message; refusing us (to sign in, say) is no fault of it."""
    refusals = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
    return [error.code] if isinstance(error, refusals) else []


class FolderPost:
    """A folder into which letters are written as files, for an installation without a mail server."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first letter comes, readable by its owner only."""
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Write the letter; its name sorts by time and tells what it is about, to nobody. Raises MailNotTaken."""
        name = _file_name(message)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f".{name}"
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
            draft.rename(self._folder / name)
        except OSError as error:
            raise MailNotTaken(type(error).__name__, can_retry=True) from None


def _file_name(message: EmailMessage) -> str:
    """Return when a letter was written (UTC), what it is about and its id, so that sent again it is the same file."""
    at = message["Date"].datetime.astimezone(UTC)
    about = re.sub(r"[^a-z0-9]+", "-", message["Subject"].lower()).strip("-")
    return f"{at:%Y%m%dT%H%M%S}-{about}-{message['Message-ID'].strip('<>').partition('@')[0]}.eml"
