"""Signing in by way of an identity provider, as clients see it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.schemas.accounts import OnDeviceIn
from api.schemas.factors import OpaqueToken
from api.schemas.strict import WITHOUT_NUL, In, Out, refused

_Shown = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,2048}$")]
_Said = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]


class SignInMethod(StrEnum):
    """A way to sign in here."""

    identity_provider = "identity_provider"
    passkey = "passkey"
    password = "password"


class SignInMethodOut(Out):
    """A way to sign in, and what people call it."""

    method: SignInMethod
    name: str


class SignInMethodList(Out):
    """The ways to sign in that this installation offers, the one to show first before the others."""

    items: list[SignInMethodOut]


class ProviderOptionsIn(OnDeviceIn):
    """On what somebody is going to sign in, and the invitation that they accept by it, if they do."""

    invitation: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=128,
            repr=False,
            json_schema_extra=WITHOUT_NUL,
            description="The token of the link in a patient's letter of invitation.",
        ),
    ] = None


class ProviderOptionsOut(Out):
    """Where to send somebody to sign in, and the secret to keep in their browser (or app) until they come back."""

    address: str
    secret: str
    expires_in: int


class ProviderSignInIn(In):
    """What the provider has sent the browser back with (state, code or error, iss), and the secret that was kept."""

    state: OpaqueToken
    secret: OpaqueToken
    code: _Shown | None = Field(default=None, repr=False)
    error: _Said | None = None
    iss: _Shown | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.code is None) == (self.error is None):
            raise refused("one_of", "Send exactly one of code, error.")
        return self
