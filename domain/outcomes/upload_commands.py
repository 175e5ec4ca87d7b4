"""Taking in the bytes of a file of contacts, in short transactions: receiving → received, or forgotten.

It refuses to know what the file says: `import_commands.py` goes on with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid, TooManyAttempts
from domain.outcomes.contact_import import EXPLANATIONS, MAX_BYTES, FaultCode
from domain.outcomes.tables import ContactImportChunkRow, ContactImportRow

UNDER_WAY_AT_MOST = 5
RETRY_AFTER_SECONDS = 60
# A body is read for two minutes at most: what is still arriving after five has lost its receiver.
UPLOAD_GIVEN_UP_AFTER = timedelta(minutes=5)

_UNDER_WAY = ("receiving", "received", "checking", "storing")
_KEPT = ("received", "checking", "storing", "stored")


async def begin_import(session: AsyncSession, actor: Actor) -> UUID:
    """Return the id of an import about to receive its file. Raises NotPermitted, and TooManyAttempts."""
    require_role(actor, Role.administrator)
    scope = sorted(actor.organisations_as(Role.administrator))
    under_way = await session.scalar(
        select(func.count())
        .select_from(ContactImportRow)
        .where(col(ContactImportRow.scope) == scope, col(ContactImportRow.state).in_(_UNDER_WAY))
    )
    if (under_way or 0) >= UNDER_WAY_AT_MOST:
        raise TooManyAttempts("Several files are being imported already. Wait for one to finish.", RETRY_AFTER_SECONDS)
    row = ContactImportRow(state="receiving", scope=scope, uploaded_by=actor.account_id, uploaded_at=actor.at)
    session.add(row)
    await session.flush()
    return row.id


async def keep_chunk(session: AsyncSession, import_id: UUID, number: int, content: bytes) -> None:
    """Keep a piece of the file."""
    session.add(ContactImportChunkRow(import_id=import_id, number=number, content=content))
    await session.flush()


async def finish_upload(
    session: AsyncSession, actor: Actor, import_id: UUID, *, sha256: bytes, size: int, rows: int
) -> UUID:
    """Return the id of the import of this file: the one sent now, or the earlier one of the very same bytes.

    A file that was refused may be sent again: what was missing may be there now. Raises Invalid for an empty file.
    """
    if not size:
        raise Invalid("The file is empty.", [Fault("body", "empty_file", EXPLANATIONS[FaultCode.empty_file][1])])
    scope = sorted(actor.organisations_as(Role.administrator))
    await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(sha256[:8], signed=True))))
    same = (
        col(ContactImportRow.sha256) == sha256,
        col(ContactImportRow.scope) == scope,
        col(ContactImportRow.state).in_(_KEPT),
    )
    earlier: UUID | None = await session.scalar(select(col(ContactImportRow.id)).where(*same))
    if earlier is not None:
        await forget_upload(session, import_id)
    else:
        received = {"state": "received", "sha256": sha256, "bytes_received": size, "rows_total": rows}
        mine = update(ContactImportRow).where(col(ContactImportRow.id) == import_id)
        await session.execute(mine.values(**received))
    await record_audit(session, actor, "contact_import.create", subject_id=earlier or import_id)
    return earlier or import_id


async def forget_upload(session: AsyncSession, import_id: UUID) -> None:
    """Forget a file that did not arrive whole. One that did is left alone."""
    unfinished = (col(ContactImportRow.id) == import_id, col(ContactImportRow.state) == "receiving")
    await session.execute(delete(ContactImportRow).where(*unfinished))


async def give_up_uploads(session: AsyncSession, now: datetime) -> None:
    """Forget files whose receiver died while they arrived."""
    stale = (
        col(ContactImportRow.state) == "receiving",
        col(ContactImportRow.uploaded_at) < now - UPLOAD_GIVEN_UP_AFTER,
    )
    await session.execute(delete(ContactImportRow).where(*stale))


def too_large() -> Invalid:
    """Return the refusal of a file beyond the limit."""
    limit = MAX_BYTES // (1024 * 1024)
    return Invalid("The file is too large.", [Fault("body", "too_large", f"Split it into files of up to {limit} MB.")])
