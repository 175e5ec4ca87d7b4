"""`python -m api client-key`: the public key (PEM) with which an identity provider knows this installation.

Send it to whoever registers you there: NHS login asks for it before it gives out a client id. Made at the first call;
`rotate-keys --purpose oidc_client --from …` makes the next one, which `--next` prints.
"""

from __future__ import annotations

import argparse
import asyncio

from api.exit_codes import OK
from api.identity_provider import present_client_key, published_client_keys
from api.settings import KeySettings, read_key_settings
from domain.clock import utc_now
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.roles import Role


def main(arguments: list[str]) -> int:
    """Return 0; the key that signs now is printed, or with --next those that will."""
    parser = argparse.ArgumentParser(prog="python -m api client-key", description=__doc__)
    parser.add_argument("--next", action="store_true", dest="is_next", help="print the keys that do not sign now")
    given = parser.parse_args(arguments)
    present, published = asyncio.run(_keys(read_key_settings()))
    for kid, pem in published.items():
        if (kid != present) is given.is_next:
            print(pem, end="")
    return OK


async def _keys(settings: KeySettings) -> tuple[str, dict[str, str]]:
    database = Database(settings.database_url.get_secret_value(), pooled=False, role=Role.identity)
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    try:
        present = await present_client_key(database, sealing, utc_now())
        return present.kid, await published_client_keys(database)
    finally:
        await database.close()
