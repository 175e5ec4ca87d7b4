"""What is told on a lock screen, in a text message, in a letter: one of a few sentences, which name nobody and nothing.

A notice cannot be given words: whoever sends one chooses a kind. What it is about is read in Tendwell, signed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from domain.notifications.words import WORDS, Language, NoticeKind

DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind, and its id: the same for each attempt and each address, so that a repeat takes the first one's place.

    `lasts_seconds`: for how long it is worth telling somebody who cannot be reached just now. `is_repeat`: it was tried
    before, and may have been taken. `code`: the one thing that a notice can say besides, six digits, where it is for
    showing that an address is somebody's.
    """

    id: UUID
    kind: NoticeKind
    lasts_seconds: int = DAY_SECONDS
    language: Language = Language.english
    is_repeat: bool = False
    code: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """Return the sentence."""
        return WORDS[self.language][self.kind].format(code=self.code)


@dataclass(frozen=True, slots=True)
class Receipt:
    """That somebody has taken the notice to bring it, not that anybody has seen it; `reference`: their name for it."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """That a notice which was taken has arrived, or (`reason`) has not; `has_ended`: nothing ever will there."""

    reason: str | None = None
    has_ended: bool = False


To_contra = TypeVar("To_contra", contravariant=True)


class Transport(Protocol[To_contra]):
    """A way by which notices reach people; each has addresses of its own kind."""

    async def send(self, to: To_contra, notice: Notice) -> Receipt:
        """Return the receipt. Raises NotSent; AddressEnded where it is never to be tried there again; NotSetUp."""
