"""Signing keys as everybody may see them."""

from collections.abc import Mapping
from typing import Self

from api.schemas.strict import Out
from domain.keys.key_pair import public_members
from integrations.identity.registration import CLIENT_ALGORITHM


class KeyOut(Out):
    """The public half of an ES256 key, as a JSON Web Key."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeySetOut(Out):
    """A JSON Web Key Set."""

    keys: list[KeyOut]

    @classmethod
    def of(cls, public_pems: Mapping[str, str]) -> Self:
        """Return the set of these public keys, given by their ids."""
        return cls(
            keys=[
                KeyOut(**public_members(pem), kid=kid, use="sig", alg="ES256")
                for kid, pem in sorted(public_pems.items())
            ]
        )


class ClientKeyOut(Out):
    """The public half of an RS512 key, as a JSON Web Key."""

    kty: str
    n: str
    e: str
    kid: str
    use: str
    alg: str


class ClientKeySetOut(Out):
    """A JSON Web Key Set of RSA keys."""

    keys: list[ClientKeyOut]

    @classmethod
    def of(cls, public_pems: Mapping[str, str]) -> Self:
        """Return the set of these public keys, given by their ids."""
        return cls(
            keys=[
                ClientKeyOut(**public_members(pem), kid=kid, use="sig", alg=CLIENT_ALGORITHM)
                for kid, pem in sorted(public_pems.items())
            ]
        )
