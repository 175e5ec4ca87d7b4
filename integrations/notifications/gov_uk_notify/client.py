"""Asks GOV.UK Notify to bring a notice as a text message or an email.

A telephone shows a text message that is sent twice twice. So what may have been taken before is looked for there by our
reference, and only sent if they do not have it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from integrations.notifications.errors import AddressEnded, NotSetUp
from integrations.notifications.exchange import Answer, Line, refusal
from integrations.notifications.gov_uk_notify.payload import (
    Key,
    arrival_in,
    asking_for,
    email,
    headers,
    id_of_sent,
    text_message,
)
from integrations.notifications.notice import Arrival, Notice, Receipt

SERVICE = "https://api.notifications.service.gov.uk"
_BAD_REQUEST, _NOT_KNOWN, _FORGOTTEN = 400, 403, 404


@dataclass(frozen=True, slots=True)
class Account:
    """One service at GOV.UK Notify, and how it is reached; `now` is an instant with an offset."""

    key: Key
    now: Callable[[], datetime]
    line: Line
    service: str = SERVICE

    async def ask(self, way: str, to: str, body: bytes, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent, AddressEnded, NotSetUp."""
        if notice.is_repeat and (known := await self._known(way, to, notice)) is not None:
            return Receipt(known)
        said = headers(self.key, int(self.now().timestamp()))
        answer = await self.line.post(f"{self.service}/v2/notifications/{way}", body, said)
        if answer.is_taken:
            return Receipt(answer.member("id") or None)
        raise _refused(answer)

    async def arrival_of(self, reference: str) -> Arrival | None:
        """Return what became of a notice by their id of it; None while they do not know. Raises NotSent, NotSetUp."""
        said = headers(self.key, int(self.now().timestamp()))
        answer = await self.line.get(f"{self.service}/v2/notifications/{quote(reference, safe='')}", said)
        if answer.status == _FORGOTTEN:
            return None
        if not answer.is_taken:
            raise _refused(answer)
        return arrival_in(answer.member("status"))

    async def _known(self, way: str, to: str, notice: Notice) -> str | None:
        """Return their id of this notice to this address; None where they do not have it. Raises NotSent, NotSetUp."""
        said = headers(self.key, int(self.now().timestamp()))
        answer = await self.line.get(f"{self.service}/v2/notifications?{asking_for(way, notice)}", said)
        if not answer.is_taken:
            raise _refused(answer)
        return id_of_sent(answer.body, to)


def _refused(answer: Answer) -> Exception:
    """Return what a refusal means: 400 is of the address or of the template, which its first error's words tell."""
    if answer.status == _NOT_KNOWN:
        return NotSetUp("status_403")
    if answer.status != _BAD_REQUEST:
        return refusal(answer)
    if any(word in answer.body for word in (b"phone_number", b"email_address")):
        return AddressEnded("address_refused")
    return NotSetUp("status_400")


@dataclass(frozen=True, slots=True)
class TextMessages:
    """Text messages to telephone numbers."""

    account: Account
    template: str

    async def send(self, to: str, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for what is no number; NotSetUp."""
        return await self.account.ask("sms", to, text_message(to, notice, self.template), notice)


@dataclass(frozen=True, slots=True)
class Emails:
    """Email in the name of the NHS."""

    account: Account
    template: str

    async def send(self, to: str, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for what is no address; NotSetUp."""
        return await self.account.ask("email", to, email(to, notice, self.template), notice)
