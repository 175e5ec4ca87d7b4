"""The two ceremonies of passkeys (WebAuthn level 2): registering one, and signing in with one.

Pure, and the only module that knows py_webauthn. Whatever is wrong with what an authenticator sends is PasskeyRefused:
the library raises many things, and an unauthenticated caller decides which. That a challenge is ours and was not used
before is for whoever stores challenges.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.accounts.passkey_limits import CHALLENGE_LIFETIME

NAME = "Tendwell"
_TIMEOUT_MS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)

Json = Mapping[str, Any]


class PasskeyRefused(Exception):
    """What an authenticator sent is not good, for whatever reason."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are for: the domain they are bound to, and the pages that may use them."""

    id: str
    origins: tuple[str, ...]

    @classmethod
    def of(cls, public_url: str, origins: Sequence[str]) -> RelyingParty:
        """Return the party that an installation's public address makes; of the origins, those of its own domain.

        No passkey is bound to an IP address: an installation at 127.0.0.1 has them as localhost.
        """
        named = [_named(origin) for origin in (public_url, *origins)]
        host = urlsplit(named[0]).hostname or ""
        own = [origin for origin in named if (urlsplit(origin).hostname or "") == host]
        return cls(host, tuple(dict.fromkeys(own)))


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made: its id, public key (COSE) and sign count, and whether it is synchronised."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose passkey it is to be."""

    account_id: UUID
    email: str = field(repr=False)
    display_name: str = field(repr=False)


def creation_options(party: RelyingParty, challenge: bytes, holder: Holder, known: Sequence[bytes]) -> dict[str, Any]:
    """Return what a browser is given to make a passkey: verified by PIN or biometric, kept on the device if it can."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=holder.account_id.bytes,
        user_name=holder.email,
        user_display_name=holder.display_name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return _as_json(options)


def request_options(party: RelyingParty, challenge: bytes, allowed: Sequence[bytes]) -> dict[str, Any]:
    """Return what a browser is given to sign in: with any passkey for this party, or with one of those named."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def challenge_of(credential: Json) -> bytes:
    """Return the challenge that an answer claims to answer, to look it up by. Raises PasskeyRefused."""
    try:
        told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        if told.get("crossOrigin"):  # nobody may ask from inside another page's frame
            raise PasskeyRefused
        return base64url_to_bytes(told["challenge"])
    except Exception:  # noqa: BLE001 - made by whoever asks: RecursionError and UnicodeError among others
        raise PasskeyRefused from None


def registered(party: RelyingParty, credential: Json, challenge: bytes) -> NewPasskey:
    """Return the passkey that was made, its user verified. Raises PasskeyRefused."""
    try:
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - see above
        raise PasskeyRefused from None
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count, made.credential_backed_up)


def asserted(party: RelyingParty, credential: Json, challenge: bytes, public_key: bytes) -> int:
    """Return how often the passkey says it has signed, its signature and its user verified. Raises PasskeyRefused.

    The count is compared by whoever stores it, in one statement: the library would compare it before the signature, and
    a forged answer would look like a copied key.
    """
    try:
        shown = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - see above
        raise PasskeyRefused from None
    return shown.new_sign_count


def credential_id_of(credential: Json) -> bytes:
    """Return the id of the passkey that an answer is from. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except Exception:  # noqa: BLE001 - see above
        raise PasskeyRefused from None


def user_handle_of(credential: Json) -> bytes | None:
    """Return whose the authenticator says the passkey is, if it says so. Raises PasskeyRefused."""
    try:
        told = credential["response"].get("userHandle")
        return None if told is None else base64url_to_bytes(told)
    except Exception:  # noqa: BLE001 - see above
        raise PasskeyRefused from None


def _as_json(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(options_to_json(options))
    return made


def _named(origin: str) -> str:
    parts = urlsplit(origin)
    try:
        is_loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        return origin
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"localhost{port}", "", "", ""))
