"""What goes wrong with an identity provider. A code is stable, for our log, and repeats nothing that was answered."""

from __future__ import annotations


class ProviderUnavailable(Exception):
    """The provider could not be asked, or does not do what we need: nothing was done; it may answer later."""

    retry_after_seconds = 30
    detail = "The other sign-in service cannot be reached just now. Try again shortly, or sign in another way."

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderUnfit(ProviderUnavailable):
    """What the provider says of itself, or of us, is not what was configured: somebody must look at it."""


class AnswerRefused(Exception):
    """What came back for this one sign-in is not good; no retry will help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
