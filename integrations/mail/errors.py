"""Why a letter was not taken, and whether trying again may help."""

from __future__ import annotations


class MailNotTaken(Exception):
    """No mail server has taken the letter. The message names no address and quotes no server's text."""

    def __init__(self, reason: str, *, can_retry: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.can_retry = can_retry
