"""Passkeys as clients see them: what a browser gives its authenticator, and what it gets back (WebAuthn's JSON)."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas.accounts import OnDeviceIn
from api.schemas.strict import WITHOUT_NUL, In, Line, Out
from domain.accounts import factor_queries

Base64Url = Annotated[str, Field(min_length=1, max_length=8_192, pattern="^[A-Za-z0-9_-]+$")]
Extensions = Annotated[dict[str, Any], Field(max_length=20)]


class AttestationIn(In):
    """What an authenticator says of a passkey it has made. Members that only repeat others may be left out."""

    client_data_json: Base64Url = Field(alias="clientDataJSON")
    attestation_object: Base64Url = Field(alias="attestationObject")
    authenticator_data: Base64Url | None = Field(default=None, alias="authenticatorData")
    public_key: Base64Url | None = Field(default=None, alias="publicKey")
    public_key_algorithm: int | None = Field(default=None, alias="publicKeyAlgorithm")
    transports: Annotated[list[Line], Field(max_length=10)] | None = None


class AssertionIn(In):
    """What an authenticator signs to sign in."""

    client_data_json: Base64Url = Field(alias="clientDataJSON")
    authenticator_data: Base64Url = Field(alias="authenticatorData")
    signature: Base64Url
    user_handle: Base64Url | None = Field(default=None, alias="userHandle")


class _CredentialIn(In):
    id: Base64Url
    raw_id: Base64Url = Field(alias="rawId")
    type: Literal["public-key"]
    authenticator_attachment: Literal["platform", "cross-platform"] | None = Field(
        default=None, alias="authenticatorAttachment"
    )
    client_extension_results: Extensions = Field(default_factory=dict, alias="clientExtensionResults")

    def to_json(self) -> dict[str, Any]:
        """Return WebAuthn's own JSON."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")


class NewCredentialIn(_CredentialIn):
    """The browser's `PublicKeyCredential.toJSON()` of a passkey that was made."""

    response: AttestationIn


class ShownCredentialIn(_CredentialIn):
    """The browser's `PublicKeyCredential.toJSON()` of a passkey that signed."""

    response: AssertionIn


class PasskeyIn(In):
    """A passkey to be kept, and what its holder calls it."""

    name: Line
    credential: NewCredentialIn


class PasskeyNameIn(In):
    """What a passkey is to be called."""

    name: Line


class PasskeyOptionsIn(In):
    """The token of a sign-in that waits, if there is one: the account's own passkeys are named then."""

    sign_in_token: Annotated[str, Field(min_length=1, max_length=128, json_schema_extra=WITHOUT_NUL)] | None = Field(
        default=None, repr=False
    )


class PasskeySignInIn(OnDeviceIn):
    """A passkey's answer, and on what its holder signs in."""

    credential: ShownCredentialIn


class PasskeyOptionsOut(Out):
    """What `PublicKeyCredential.parse…OptionsFromJSON` of the browser takes. Good for 5 minutes."""

    public_key: dict[str, Any]


class PasskeyOut(Out):
    """One of the caller's passkeys."""

    id: UUID
    name: str
    made_at: datetime
    last_used_at: datetime | None
    backed_up: bool

    @classmethod
    def of(cls, found: factor_queries.Passkey) -> Self:
        """Return the passkey as its holder sees it."""
        return cls(
            id=found.id,
            name=found.name,
            made_at=found.made_at,
            last_used_at=found.last_used_at,
            backed_up=found.backed_up,
        )


class PasskeyList(Out):
    """All of the caller's passkeys."""

    items: list[PasskeyOut]
