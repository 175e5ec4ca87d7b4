"""What goes wrong with somebody else's system. A code is stable and tells nothing of what was answered."""

from __future__ import annotations


class TargetRefused(Exception):
    """An address that we do not call, whoever asks; no retry will help until it is another one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotTaken(Exception):
    """The target did not take it: it may later."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
