"""Hands a notice to the maker of somebody's browser, at the address that the browser gave.

The address comes from whoever subscribes, so it is guarded as a webhook's is: https, a public address, resolved once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.exchange import Answer, refusal
from integrations.notifications.notice import Notice, Receipt
from integrations.notifications.web_push.payload import Sender, Subscription, encrypted, headers, told
from integrations.webhooks.client import Caller
from integrations.webhooks.errors import NotTaken, TargetRefused
from integrations.webhooks.payload import Message

_ENDED = frozenset({404, 410})
_NOT_KNOWN = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class WebPush:
    """Web Push in the name of one sender; `now` is an instant with an offset."""

    sender: Sender
    caller: Caller
    now: Callable[[], datetime]

    async def send(self, to: Subscription, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for a subscription that is no more; NotSetUp."""
        try:
            body = encrypted(told(notice), to)
        except ValueError:
            raise AddressEnded("keys_malformed") from None
        said = headers(notice, self.sender, to.endpoint, int(self.now().timestamp()))
        try:
            called = await self.caller.post(to.endpoint, Message(body, said))
        except TargetRefused as refused:
            raise AddressEnded(refused.code) from None
        except NotTaken as failed:
            raise NotSent(failed.code, can_retry=True) from None
        answer = Answer(called.status, called.headers)
        if answer.is_taken:
            return Receipt()
        if answer.status in _ENDED:
            raise AddressEnded(f"status_{answer.status}")
        if answer.status in _NOT_KNOWN:
            raise NotSetUp(f"status_{answer.status}")
        raise refusal(answer)
