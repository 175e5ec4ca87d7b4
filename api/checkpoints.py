"""Signing checkpoints of the audit trail with the stored key, and keeping them in a folder outside the database.

Refuses to know what a checkpoint states. The folder should be on another machine's disk, or copied there: whoever can
rewrite the database must not reach it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit.checkpoint import signed
from domain.audit.seal_commands import Signer, add_checkpoint
from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from domain.keys.queries import signing_key, stored_keys
from domain.keys.sealing import Sealing


async def sign_checkpoint(session: AsyncSession, sealing: Sealing, at: datetime) -> str | None:
    """Return a new signed checkpoint, None when nothing was sealed since the last. The first call makes the key."""
    key = signing_key(await stored_keys(session, Purpose.audit_checkpoint), at)
    if key is None:
        await make_first_key(session, Purpose.audit_checkpoint, sealing, at=at)
        key = signing_key(await stored_keys(session, Purpose.audit_checkpoint), at)
    if key is None:
        raise RuntimeError("a key that has just been made does not sign")
    private_pem = key.private_pem(sealing)
    return await add_checkpoint(session, Signer(key.kid, lambda stated: signed(stated, private_pem)), at)


def keep_outside(folder: Path, note: str, at: datetime) -> None:
    """Append a checkpoint to the folder's file of the day, durably. Nothing in the folder is ever changed."""
    path = folder / f"audit-{at.astimezone(UTC):%Y-%m-%d}.checkpoints"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        os.write(handle, f"{note}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
