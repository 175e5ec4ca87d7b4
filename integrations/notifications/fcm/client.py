"""Hands a notice to Firebase Cloud Messaging, with an access token of Google's that is fetched as it runs out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.exchange import Answer, Line, refusal
from integrations.notifications.fcm.payload import TOKENS, ServiceAccount, body, error_code, grant
from integrations.notifications.notice import Notice, Receipt

SERVICE = "https://fcm.googleapis.com"
_SPARE_SECONDS = 60
_ENDED = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_NOT_KNOWN = frozenset({401, 403})
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class Fcm:
    """Firebase for one project; `now` is an instant with an offset."""

    account: ServiceAccount
    now: Callable[[], datetime]
    line: Line
    service: str = SERVICE
    tokens: str = TOKENS
    _token: str = field(default="", repr=False, init=False)
    _good_until: float = field(default=0.0, init=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def send(self, to: str, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for a device's token that is no more; NotSetUp."""
        said = {"authorization": f"Bearer {await self._current_token()}", "content-type": "application/json"}
        where = f"{self.service}/v1/projects/{self.account.project_id}/messages:send"
        answer = await self.line.post(where, body(to, notice), said)
        if answer.is_taken:
            return Receipt(answer.member("name") or None)
        raise self._refused(answer)

    async def _current_token(self) -> str:
        """Return the access token; of many who need one at once one asks. Raises NotSent."""
        async with self._asking:
            now = self.now().timestamp()
            if now >= self._good_until:
                answer = await self.line.post(self.tokens, grant(self.account, self.tokens, int(now)), _FORM)
                self._token, lasts = _read_token(answer)
                self._good_until = now + lasts - _SPARE_SECONDS
            return self._token

    def _refused(self, answer: Answer) -> NotSent:
        if error_code(answer) in _ENDED:
            return AddressEnded(f"status_{answer.status}")
        if answer.status in _NOT_KNOWN:
            self._good_until = 0.0  # revoked before its time: the next asks for another
            return NotSetUp(f"status_{answer.status}")
        return refusal(answer)


def _read_token(answer: Answer) -> tuple[str, float]:
    """Return an access token and for how many seconds it is good. Raises NotSent, NotSetUp."""
    if not answer.is_taken:
        failed = refusal(answer)
        raise failed if failed.can_retry else NotSetUp(f"token_status_{answer.status}")
    token = answer.member("access_token")
    try:
        lasts = float(orjson.loads(answer.body)["expires_in"])
    except (KeyError, TypeError, ValueError):
        lasts = 0.0
    if not token or lasts <= 0:
        raise NotSetUp("token_malformed")
    return token, lasts
