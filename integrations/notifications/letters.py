"""A notice as a letter, by the mail server that all letters go by (`integrations/mail`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.notifications.words import TITLE
from integrations.mail.client import Post
from integrations.mail.errors import MailNotTaken
from integrations.mail.payload import message
from integrations.notifications.errors import AddressEnded, NotSent
from integrations.notifications.notice import Notice, Receipt


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters from one sender; `now` is an instant with an offset."""

    post: Post
    sender: str
    now: Callable[[], datetime]

    async def send(self, to: str, notice: Notice) -> Receipt:
        """Return the receipt, the letter's Message-ID. Raises NotSent; AddressEnded for what is no address."""
        try:
            letter = message(
                letter_id=notice.id, to=to, subject=TITLE, text=f"{notice.text}\n", sender=self.sender, at=self.now()
            )
        except ValueError:
            raise AddressEnded("address_refused") from None
        try:
            await self.post.send(letter)
        except MailNotTaken as refused:
            raise NotSent(refused.reason, can_retry=refused.can_retry) from None
        return Receipt(str(letter["Message-ID"]))
