"""Hands a notice to Apple's push service, over one connection of HTTP/2 that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from integrations.notifications.apns.payload import Team, body, headers, path
from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.exchange import Answer, Line, refusal
from integrations.notifications.notice import Notice, Receipt

SERVICE = "https://api.push.apple.com"
# Apple takes a token for an hour, and refuses a new one more often than every 20 minutes.
TOKEN_SECONDS = 40 * 60
_ENDED = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"})
_GONE, _NOT_KNOWN = 410, 403


@dataclass(slots=True)
class Apns:
    """Apple's push service for one app; `now` is an instant with an offset. `line` speaks HTTP/2."""

    team: Team
    now: Callable[[], datetime]
    line: Line
    service: str = SERVICE
    _token: str = field(default="", repr=False, init=False)
    _made_at: int = field(default=0, init=False)

    async def send(self, to: str, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded for a device's token that is no more; NotSetUp."""
        try:
            where = path(to)
        except ValueError:
            raise AddressEnded("address_refused") from None
        now = int(self.now().timestamp())
        said = headers(notice, self.team, self._current_token(now), now)
        answer = await self.line.post(f"{self.service}{where}", body(notice), said)
        if answer.is_taken:
            return Receipt(answer.headers.get("apns-id"))
        raise self._refused(answer)

    def _current_token(self, now: int) -> str:
        if not self._token or not 0 <= now - self._made_at < TOKEN_SECONDS:
            self._token, self._made_at = self.team.token(now), now
        return self._token

    def _refused(self, answer: Answer) -> NotSent:
        if answer.status == _GONE or answer.member("reason") in _ENDED:
            return AddressEnded(f"status_{answer.status}")
        if answer.status == _NOT_KNOWN:
            return NotSetUp("status_403")
        return refusal(answer)
