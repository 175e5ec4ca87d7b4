"""A notice as a signed call of somebody's own system (Standard Webhooks, as `integrations/webhooks` has it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from integrations.notifications.errors import AddressEnded, NotSent
from integrations.notifications.exchange import Answer, refusal
from integrations.notifications.notice import Notice, Receipt
from integrations.webhooks.client import Caller
from integrations.webhooks.errors import NotTaken, TargetRefused
from integrations.webhooks.payload import signed

_GONE = 410


@dataclass(frozen=True, slots=True)
class System:
    """Where somebody's system takes calls, and the secret with which it checks them."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedCalls:
    """Signed calls; `now` is an instant with an offset."""

    caller: Caller
    now: Callable[[], datetime]

    async def send(self, to: System, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for one that says that it is gone, or may not be called."""
        body = orjson.dumps({"type": f"notice.{notice.kind}", "data": {"text": notice.text}})
        called = signed(body, message_id=notice.id, secret=to.secret, sent_at=self.now())
        try:
            found = await self.caller.post(to.url, called)
        except TargetRefused as refused:
            raise AddressEnded(refused.code) from None
        except NotTaken as failed:
            raise NotSent(failed.code, can_retry=True) from None
        answer = Answer(found.status, found.headers)
        if answer.is_taken:
            return Receipt()
        if answer.status == _GONE:
            raise AddressEnded("status_410")
        raise refusal(answer)
