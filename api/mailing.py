"""The worker's work with letters: takes each from the outbox when it is due, and hands it to the post.

No address stands in a log line: a letter is named by its id and its kind.
"""

from __future__ import annotations

import logging
from datetime import datetime
from email.message import EmailMessage

from sqlmodel.ext.asyncio.session import AsyncSession

from api.links import Links
from domain.accounts.password_reset_commands import grant_reset
from domain.clock import Clock
from domain.keys.sealing import CannotUnseal, Sealing
from domain.mail.commands import (
    TakenLetter,
    give_lapsed_letters_up,
    give_letter_up,
    letter_sent,
    put_letter_off,
    take_letter,
)
from integrations.mail.client import Post
from integrations.mail.errors import MailNotTaken
from integrations.mail.payload import message
from integrations.postgres.client import Database

_LOG = logging.getLogger("tendwell.mail")


async def send_due_letters(database: Database, post: Post, sealing: Sealing, clock: Clock, *, sender: str) -> int:
    """Return how many letters were sent; each in transactions of its own, none open while the post is at work."""
    async with database.writing() as session:
        if lapsed := await give_lapsed_letters_up(session, at=clock()):
            _LOG.error("%d letters could not be sent before they lapsed", lapsed)
    sent = 0
    while True:
        async with database.writing() as session:
            letter = await _taken(session, sealing, clock())
        if letter is None:
            return sent
        sent += await _sent(database, post, letter, clock, sender=sender)


async def write_reset_letters(database: Database, sealing: Sealing, clock: Clock, links: Links) -> None:
    """Write the letters that people who forgot their password have asked for."""
    granted = True
    while granted:
        async with database.writing() as session:
            granted = await grant_reset(session, sealing, links.to_new_password, at=clock())


async def _taken(session: AsyncSession, sealing: Sealing, at: datetime) -> TakenLetter | None:
    """Return the next letter; one that does not open is left for three minutes, and None returned."""
    try:
        return await take_letter(session, sealing, at=at)
    except CannotUnseal:
        _LOG.error("a letter waits: TENDWELL_ENCRYPTION_KEY is not the one that it was sealed with")
        return None


async def _sent(database: Database, post: Post, letter: TakenLetter, clock: Clock, *, sender: str) -> bool:
    try:
        await post.send(_message(letter, sender))
    except MailNotTaken as refused:
        at = clock()
        async with database.writing() as session:
            if refused.can_retry:
                await put_letter_off(session, letter.id, letter.attempts, at=at)
            else:
                await give_letter_up(session, letter.id, at=at)
        level = logging.WARNING if refused.can_retry else logging.ERROR
        _LOG.log(
            level, "letter %s (%s) was not taken, try %d: %s", letter.id, letter.kind, letter.attempts, refused.reason
        )
        return False
    async with database.writing() as session:
        await letter_sent(session, letter.id, at=clock())
    return True


def _message(letter: TakenLetter, sender: str) -> EmailMessage:
    try:
        return message(
            letter_id=letter.id,
            to=letter.to,
            subject=letter.subject,
            text=letter.text,
            sender=sender,
            at=letter.queued_at,
        )
    except ValueError:
        raise MailNotTaken("the address is none", can_retry=False) from None
