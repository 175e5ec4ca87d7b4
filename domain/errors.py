"""The ways the domain says no, in its own words.

Knows nothing of HTTP: `api/problems.py` alone decides how each of these is told to a client.
A detail never names a person and never repeats the value that was refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where it stands (a JSON pointer), a stable code, and what to do."""

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """A refusal by the domain; `detail` is safe to show to the caller."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticated(DomainError):
    """Nobody, or nobody any more: the credentials are missing, wrong, expired or withdrawn."""


class ConsentNotGiven(NotAuthenticated):
    """Who was sent to an identity provider said there that it may not tell us who they are."""

    def __init__(self) -> None:
        super().__init__("Your information was not shared with us, so you cannot be signed in this way.")


class NotFound(DomainError):
    """Absent, or not for this caller: the two look the same on purpose."""

    def __init__(self, detail: str = "There is nothing here that you may see.") -> None:
        super().__init__(detail)


class NotPermitted(DomainError):
    """The caller may know that the thing exists, but may not do this to it."""


class ConfirmationNeeded(NotPermitted):
    """The caller may do this, but has not shown lately that it is still they who sit there."""

    def __init__(self) -> None:
        super().__init__("Confirm that it is you: POST /v1/sessions/current/confirmation, then repeat this.")


class Invalid(DomainError):
    """What was asked cannot be done as written; `faults` say where and what to do."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class Conflict(DomainError):
    """What was asked contradicts what is already recorded."""


class AlreadyExists(Conflict):
    """Something with the same identity is already recorded."""


class IllegalTransition(Conflict):
    """The thing is not in a state from which this step is allowed."""


class InFlight(Conflict):
    """The same request is being done at this moment; `retry_after_seconds` says when to ask for its answer."""

    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__("The same request is still being done. Send it again shortly for its answer.")


class Stale(DomainError):
    """What was to be changed has changed since the caller read it; nothing was done."""

    def __init__(
        self, detail: str = "This has changed since you read it. Read it again, decide, and send its new tag."
    ) -> None:
        super().__init__(detail)


class Gone(DomainError):
    """A position that can no longer be continued from; start again from the present."""


class TooManyAttempts(DomainError):
    """Asked too often; `retry_after_seconds` says when to come back."""

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
