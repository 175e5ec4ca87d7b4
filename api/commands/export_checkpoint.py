"""`python -m api export-checkpoint`: print the newest signed checkpoint of the audit trail, to keep elsewhere.

A checkpoint vouches for every row up to its size: kept where nobody who can change the database can reach it, it shows
what was cut or rewritten since. It names nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from api.checkpoints import sign_checkpoint
from api.exit_codes import FAILED, OK
from api.settings import KeySettings, read_key_settings
from domain.audit.seal_queries import last_checkpoint
from domain.clock import utc_now
from domain.keys.key_pair import Purpose
from domain.keys.queries import stored_keys
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.roles import Role


def main(arguments: list[str]) -> int:
    """Return 0 when it was printed, 1 when nothing is sealed yet."""
    parser = argparse.ArgumentParser(prog="python -m api export-checkpoint", description=__doc__)
    parser.add_argument("--public-keys", action="store_true", help="print the keys that verify checkpoints instead")
    given = parser.parse_args(arguments)
    told = asyncio.run(_told(read_key_settings(), keys_alone=given.public_keys))
    if told is None:
        print("Nothing is sealed yet: is a worker running?", file=sys.stderr)
        return FAILED
    print(told, end="")
    return OK


async def _told(settings: KeySettings, *, keys_alone: bool) -> str | None:
    database = Database(settings.database_url.get_secret_value(), pooled=False, role=Role.worker)
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    try:
        async with database.writing() as session:
            if not keys_alone:
                return await sign_checkpoint(session, sealing, utc_now()) or await last_checkpoint(session)
            keys = await stored_keys(session, Purpose.audit_checkpoint)
            return "".join(key.public_pem for key in keys) or None
    finally:
        await database.close()
