"""Why a notice was not sent, whether trying again may help, and after how long. A reason quotes nobody's answer."""

from __future__ import annotations


class NotSent(Exception):
    """Nobody has taken the notice. `reason` is stable: a word of ours, or a status of theirs."""

    def __init__(self, reason: str, *, can_retry: bool, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.can_retry = can_retry
        self.retry_after_seconds = retry_after_seconds


class AddressEnded(NotSent):
    """What was told to is no more (a browser's subscription, an app's token): it is never to be used again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, can_retry=False)


class NotSetUp(NotSent):
    """They do not know us, or our key: whoever runs Tendwell has to look; later attempts may succeed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, can_retry=True)
