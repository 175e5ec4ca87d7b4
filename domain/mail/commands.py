"""The outbox of letters: a letter is written in the transaction of the deed it tells of, and sent by a worker later.

So a deed that is rolled back sends nothing, and a mail server that is away holds nobody up. A worker takes a letter by
moving when it is next due, in a transaction of its own: no transaction is open while it talks to a mail server, and
the letter of a worker that dies is taken by another. It may arrive twice then, with one Message-ID, never not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import Sealing
from domain.mail.letters import Letter
from domain.mail.tables import LetterRow

PURPOSE = "letter"
SEALED = SealedColumn("letter", "sealed", PURPOSE, lasts=False)
# News of one's own account is news for so long; a link says itself when it lapses.
USUAL_LIFE = timedelta(days=3)
# Longer than any mail server is given to answer.
_LEASE = timedelta(minutes=3)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
_TAKE = text(
    "update letter set attempts = least(attempts + 1, 1000), due_at = :again_at where id = (select id from letter"
    " where sealed is not null and due_at <= :at order by due_at, id limit 1 for update skip locked)"
    " returning id, kind, sealed, queued_at, attempts"
)


@dataclass(frozen=True, slots=True)
class TakenLetter:
    """A letter that is being sent: to whom, what, and how often that was tried, this time included."""

    id: UUID
    kind: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    queued_at: datetime
    attempts: int


async def queue_letter(
    session: AsyncSession, to: str, letter: Letter, sealing: Sealing, *, at: datetime, lapses_at: datetime | None = None
) -> UUID:
    """Return the id of a letter, put into the outbox in the transaction of what it tells of."""
    row_id = new_id()
    content = json.dumps({"to": to, "subject": letter.subject, "text": letter.text}).encode()
    await session.execute(
        insert(LetterRow).values(
            id=row_id,
            kind=letter.kind.value,
            sealed=sealing.seal(content, purpose=PURPOSE, row_id=row_id),
            queued_at=at,
            due_at=at,
            lapses_at=lapses_at or at + USUAL_LIFE,
        )
    )
    return row_id


async def take_letter(session: AsyncSession, sealing: Sealing, *, at: datetime) -> TakenLetter | None:
    """Return the letter that has been due for longest, which is nobody else's for three minutes; None when none is.

    Raises CannotUnseal for one that was sealed with another encryption secret: it is tried again until it lapses.
    """
    row = (await session.execute(_TAKE, {"at": at, "again_at": at + _LEASE})).one_or_none()
    if row is None:
        return None
    content = json.loads(sealing.unseal(row.sealed, purpose=PURPOSE, row_id=row.id))
    return TakenLetter(
        row.id, row.kind, content["to"], content["subject"], content["text"], row.queued_at, row.attempts
    )


async def give_lapsed_letters_up(session: AsyncSession, *, at: datetime) -> int:
    """Return how many letters were given up because what they say is no longer so, or no longer news."""
    lapsed = await session.execute(
        update(LetterRow)
        .where(col(LetterRow.sealed).is_not(None), col(LetterRow.lapses_at) <= at)
        .values(given_up_at=at, sealed=None)
    )
    return int(lapsed.rowcount)  # type: ignore[attr-defined]


async def letter_sent(session: AsyncSession, letter_id: UUID, *, at: datetime) -> None:
    """Note that a mail server has taken the letter, and forget what it said and to whom."""
    await session.execute(update(LetterRow).where(col(LetterRow.id) == letter_id).values(sent_at=at, sealed=None))


async def give_letter_up(session: AsyncSession, letter_id: UUID, *, at: datetime) -> None:
    """Have a letter that is not sent yet never be sent, and forget what it said and to whom."""
    await session.execute(
        update(LetterRow)
        .where(col(LetterRow.id) == letter_id, col(LetterRow.sealed).is_not(None))
        .values(given_up_at=at, sealed=None)
    )


async def put_letter_off(session: AsyncSession, letter_id: UUID, attempts: int, *, at: datetime) -> None:
    """Have the letter tried again, after a pause that doubles from 15 seconds to an hour."""
    pause = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE)
    await session.execute(update(LetterRow).where(col(LetterRow.id) == letter_id).values(due_at=at + pause))


async def forget_old_letters(session: AsyncSession, *, at: datetime) -> int:
    """Return how many rows of letters sent or given up a month ago were deleted."""
    done = await session.execute(
        text("delete from letter where sealed is null and queued_at < :before"), {"before": at - KEPT_FOR}
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
