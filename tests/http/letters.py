"""The letters that the outbox holds, read as a mailbox would show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage

from fastapi import FastAPI

from api.deps import Services
from api.links import Links
from api.mailing import send_due_letters, write_reset_letters


@dataclass(frozen=True)
class Received:
    """One letter."""

    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """Return the token of the link in it."""
        (found,) = re.findall(r"#token=([\w-]+)$", self.text, re.MULTILINE)
        token: str = found
        return token


class Letters:
    """A post that keeps what it is given, and the worker's work on demand."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._kept: list[Received] = []

    async def send(self, message: EmailMessage) -> None:
        self._kept.append(Received(str(message["To"]), str(message["Subject"]), message.get_content()))

    async def all(self) -> list[Received]:
        """Return every letter there has been, having done what the worker would do."""
        held: Services = self._app.state.services
        await write_reset_letters(held.database.identity, held.sealing, held.clock, Links("http://tendwell.test"))
        await send_due_letters(
            held.database.identity, self, held.sealing, held.clock, sender="Tendwell <post@tendwell.test>"
        )
        return self._kept

    async def only(self) -> Received:
        """Return the only letter there has been."""
        (letter,) = await self.all()
        return letter

    async def last(self) -> Received:
        """Return the newest letter."""
        return (await self.all())[-1]
