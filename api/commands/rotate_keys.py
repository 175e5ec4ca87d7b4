"""`python -m api rotate-keys`: make the next signing key. Nothing is restarted and nobody is signed out.

The new key is published first, and signs two minutes later, when every process has read it. The key before it goes on
verifying; keys before that one are retired, for nothing that they signed is good any more. The key by which an identity
provider knows us (`--purpose oidc_client`) is to sign only once the provider has it: say when with --from.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

from api.exit_codes import OK
from api.settings import KeySettings, read_key_settings
from domain.clock import utc_now
from domain.instant import parse_instant
from domain.keys.commands import PUBLISHED_AHEAD, publish_next_key
from domain.keys.key_pair import Purpose
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.roles import Role


def main(arguments: list[str]) -> int:
    """Return 0 when the key was made; its id, and from when it signs, are printed."""
    parser = argparse.ArgumentParser(prog="python -m api rotate-keys", description=__doc__)
    parser.add_argument("--purpose", choices=[purpose.value for purpose in Purpose], default=Purpose.access_token.value)
    parser.add_argument(
        "--at-once", action="store_true", help="sign with it now: when the present key is no longer secret"
    )
    parser.add_argument(
        "--from", type=_instant, dest="signs_from", metavar="INSTANT", help="sign from then on: 2026-12-01T03:00:00Z"
    )
    given = parser.parse_args(arguments)
    at = utc_now()
    if given.signs_from is not None and (given.at_once or given.signs_from < at + PUBLISHED_AHEAD):
        parser.error("--from must be two minutes from now or later, and does not go with --at-once")
    signs_from = given.signs_from or (at if given.at_once else at + PUBLISHED_AHEAD)
    kid = asyncio.run(_rotate(read_key_settings(), Purpose(given.purpose), at, signs_from))
    print(f"Made the key {kid}. It signs from {signs_from:%Y-%m-%d %H:%M:%S} UTC.")
    return OK


def _instant(text: str) -> datetime:
    """Return the instant that is given, in UTC. Raises ValueError, which argparse tells."""
    return parse_instant(text).astimezone(UTC)


async def _rotate(settings: KeySettings, purpose: Purpose, at: datetime, signs_from: datetime) -> str:
    database = Database(settings.database_url.get_secret_value(), pooled=False, role=Role.identity)
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    try:
        async with database.writing() as session:
            return await publish_next_key(session, purpose, sealing, at=at, signs_from=signs_from)
    finally:
        await database.close()
