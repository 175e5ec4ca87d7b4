"""The access-token keys that this process holds: read from the database, and read again often enough.

Rotation and removal are rows in the database; every process must notice within a bound, and no request may fail
because one has not. Knows when to look; what a token must say is for `api/authentication.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from api.authentication import Claims, TokenKeys, UnknownKey, verify_access_token
from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from domain.keys.queries import StoredKey, signing_key, stored_keys
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable

RELOAD_EVERY = timedelta(seconds=20)
# When the database cannot be asked, the keys held are believed for no longer: a removed one is refused within this.
BELIEVED_FOR = timedelta(seconds=60)
# A token that names a key we do not know makes us look at once; a flood of them must not become a flood of looks.
UNKNOWN_KEY_PAUSE = timedelta(seconds=2)
_RETRY_SECONDS = 1.0
# A connection that is dead without a word says so only after the longest that a statement may take. While the keys held
# are believed, nobody waits that long.
LOOK_SECONDS = 1.0
# A signature costs 0.2 ms to verify, and a phone shows the same token for ten minutes. What was found good is known by
# its digest, for as long as the keys are not read again; all is forgotten at so many.
_MOST_REMEMBERED = 20_000


class KeyRing:
    """The keys of one process. A process that serves nothing looks at nothing: its next request looks first."""

    def __init__(self, sealing: Sealing, *, issuer: str) -> None:
        """Nothing is read yet. `issuer` is also the audience of our own tokens."""
        self._sealing, self._issuer = sealing, issuer
        self._keys: TokenKeys | None = None
        self._read_at: datetime | None = None
        self._retry_from = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._looking_since = 0.0
        self._verified: dict[bytes, Claims] = {}

    async def current(self, database: Database, at: datetime) -> TokenKeys:
        """Return the keys, read within the last 20 s or, while the database cannot be asked, the last 60 s.

        Raises DatabaseUnavailable, CannotUnseal.
        """
        keys = self._no_older_than(RELOAD_EVERY, at)
        return keys or await self._looked(database, at, RELOAD_EVERY)

    async def verified(self, database: Database, token: str, at: datetime) -> Claims:
        """Return what a good access token says, having looked for its key if that is a new one.

        Raises NotAuthenticated, DatabaseUnavailable.
        """
        keys = await self.current(database, at)
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None and known.holds_at(at):
            return known
        try:
            claims = verify_access_token(token, keys, at)
        except UnknownKey:
            newer = await self._looked(database, at, UNKNOWN_KEY_PAUSE, believing=False)
            return verify_access_token(token, newer, at)
        if keys is self._keys:  # they may have been read again meanwhile
            if len(self._verified) >= _MOST_REMEMBERED:
                self._verified.clear()
            self._verified[digest] = claims
        return claims

    def _no_older_than(self, age: timedelta, at: datetime) -> TokenKeys | None:
        """Return the keys if they were read within this age; a clock that was set back makes them old, too."""
        return self._keys if self._read_at is not None and abs(at - self._read_at) < age else None

    async def _looked(self, database: Database, at: datetime, age: timedelta, *, believing: bool = True) -> TokenKeys:
        """Return keys of at most this age, or while they cannot be read those that are believed, if these will do."""
        keys = self._no_older_than(age, at)
        believed = self._no_older_than(BELIEVED_FOR, at) if believing else None
        if keys is None and time.monotonic() >= self._retry_from:
            looking = self._looking or self._begin_to_look(database, at)
            in_time = self._looking_since + LOOK_SECONDS - time.monotonic()
            await asyncio.wait([looking], timeout=None if believed is None else max(0.0, in_time))
            if looking.done() and (error := looking.exception()) is not None:
                raise error.with_traceback(None)
            keys = self._no_older_than(age, at)
        keys = keys or believed
        if keys is None:
            raise DatabaseUnavailable
        return keys

    def _begin_to_look(self, database: Database, at: datetime) -> asyncio.Task[None]:
        """Return the one look that all wait for who find the keys old at once. It goes on when they go."""
        self._looking, self._looking_since = asyncio.create_task(self._look(database, at)), time.monotonic()
        self._looking.add_done_callback(self._looked_up)
        return self._looking

    def _looked_up(self, looking: asyncio.Task[None]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()  # told to whoever waits; asyncio itself would tell it of nobody's

    async def _look(self, database: Database, at: datetime) -> None:
        try:
            await self._read(database, at)
        except DatabaseUnavailable:
            self._retry_from = time.monotonic() + _RETRY_SECONDS

    async def _read(self, database: Database, at: datetime) -> TokenKeys:
        async with database.reading() as session:
            stored, signing = await _stored(session, at)
        if signing is None:  # the first process of a new installation
            async with database.writing() as session:
                await make_first_key(session, Purpose.access_token, self._sealing, at=at)
                stored, signing = await _stored(session, at)
        if signing is None:
            raise DatabaseUnavailable
        self._keys = TokenKeys(
            issuer=self._issuer,
            audience=self._issuer,
            kid=signing.kid,
            private_pem=signing.private_pem(self._sealing),
            public_pems={key.kid: key.public_pem for key in stored if key.retired_at is None},
        )
        self._read_at = at
        self._verified.clear()
        return self._keys


async def _stored(session: AsyncSession, at: datetime) -> tuple[list[StoredKey], StoredKey | None]:
    stored = await stored_keys(session, Purpose.access_token)
    return stored, signing_key(stored, at)
