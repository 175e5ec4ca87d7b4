"""A letter in the words of Internet mail (RFC 5322): headers that say it is automatic, and plain text."""

from __future__ import annotations

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final
from uuid import UUID

LONGEST_LINE: Final = 998  # bytes, without their end: RFC 5322, 2.1.1


def message(*, letter_id: UUID, to: str, subject: str, text: str, sender: str, at: datetime) -> EmailMessage:
    """Return the message. The same letter has the same Message-ID, however often it is sent.

    Raises ValueError for an address that is none: the headers' own classes let no line break through.
    """
    name, address = parseaddr(sender)
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(name, addr_spec=address)
    made["To"] = _recipient(to)
    made["Subject"] = subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{letter_id}@{address.rpartition('@')[2]}>"
    # RFC 3834: nobody's absence notice is to answer it.
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, charset="utf-8", cte=_encoding(text))
    return made


def _encoding(text: str) -> str:
    """Return the encoding in which lines stay as they are: a link is copied from a letter's file as well."""
    if any(len(line.encode()) > LONGEST_LINE for line in text.splitlines()):
        return "quoted-printable"
    return "7bit" if text.isascii() else "8bit"


def _recipient(to: str) -> Address:
    try:
        recipient = Address(addr_spec=to)
    except (MessageError, IndexError):  # the parser's own ways of saying no
        raise ValueError("not an address") from None
    if recipient.addr_spec != to:  # it leaves comments out: a(b)@example.org would be a@example.org
        raise ValueError("not an address")
    return recipient
