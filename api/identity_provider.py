"""The identity provider that this installation offers, and the keys with which it knows us.

Knows what is configured and what is stored of keys; what a sign-in by it asks for stands in `api/provider_sign_in.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from domain.keys.queries import signing_key, stored_keys
from domain.keys.sealing import Sealing
from domain.people.nhs_login import Demands
from integrations.identity.client import Provider
from integrations.postgres.client import Database


@dataclass(frozen=True, slots=True)
class OfferedProvider:
    """What people call the provider, what it must prove of them, and how to ask it."""

    name: str
    demands: Demands
    provider: Provider


@dataclass(frozen=True, slots=True)
class ClientKey:
    """The key that shows us to be ourselves."""

    kid: str
    public_pem: str
    private_pem: str = field(repr=False)


async def present_client_key(database: Database, sealing: Sealing, at: datetime) -> ClientKey:
    """Return the key that signs for us now, made if there is none yet. Raises DatabaseUnavailable, CannotUnseal."""
    async with database.writing() as session:
        key = signing_key(await stored_keys(session, Purpose.oidc_client), at)
        if key is None:
            await make_first_key(session, Purpose.oidc_client, sealing, at=at)
            key = signing_key(await stored_keys(session, Purpose.oidc_client), at)
    assert key is not None, "one was made just now"
    return ClientKey(key.kid, key.public_pem, key.private_pem(sealing))


async def published_client_keys(database: Database) -> dict[str, str]:
    """Return the public keys, by id, with which a provider may check that it is us; the next one among them."""
    async with database.reading() as session:
        stored = await stored_keys(session, Purpose.oidc_client)
    return {key.kid: key.public_pem for key in stored if key.retired_at is None}
