"""Reading stored keys. Which of them a process holds, and for how long, is for whoever asks to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.keys.key_pair import Purpose
from domain.keys.sealing import Sealing
from domain.keys.tables import KeyRow


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is kept. A retired one has no private half; its public half still tells what it once signed."""

    id: UUID
    kid: str
    purpose: Purpose
    public_pem: str
    private_sealed: bytes | None = field(repr=False)
    signs_from: datetime
    retired_at: datetime | None

    def private_pem(self, sealing: Sealing) -> str:
        """Return the private half. Raises CannotUnseal, ValueError when the key is retired."""
        if self.private_sealed is None:
            raise ValueError("a retired key has no private half")
        return sealing.unseal(self.private_sealed, purpose=self.purpose.value, row_id=self.id).decode()


async def stored_keys(session: AsyncSession, purpose: Purpose) -> list[StoredKey]:
    """Return every key of a purpose, retired ones too, in the order in which they sign."""
    rows = await session.execute(
        select(KeyRow).where(col(KeyRow.purpose) == purpose.value).order_by(col(KeyRow.signs_from), col(KeyRow.id))
    )
    return [
        StoredKey(r.id, r.kid, Purpose(r.purpose), r.public_pem, r.private_sealed, r.signs_from, r.retired_at)
        for r in rows.scalars()
    ]


def signing_key(keys: Iterable[StoredKey], at: datetime) -> StoredKey | None:
    """Return the key that signs at an instant: the newest that has begun and is not retired; None when none has."""
    begun = [key for key in keys if key.retired_at is None and key.signs_from <= at]
    return max(begun, key=lambda key: (key.signs_from, key.id), default=None)
