"""What waits to be sent to one client: bounded, in order, and closed rather than silently shortened.

Pure: knows no socket and no database. One task fills it, one empties it, both on the same event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from api.live import protocol
from api.live.frames import text_frame
from api.live.protocol import Close, Goodbye, Message

MOST_EVENTS = 256
MOST_CHARACTERS = 1_000_000


@dataclass(slots=True)
class Told:
    """One event to send: its number, whom it concerns, and its text, shared by all who are told it."""

    number: int
    patient_id: UUID
    body: str
    _framed: tuple[int, bytes] | None = field(default=None, init=False, repr=False, compare=False)

    def frame(self, previous: int) -> bytes:
        """Return its frame for a socket that was told the event of this number before.

        Who watches the same is told the same before it: their frame is made once.
        """
        if self._framed is None or self._framed[0] != previous:
            self._framed = (previous, text_frame(protocol.event(self.body, previous)))
        return self._framed[1]


TellAtOnce = Callable[[Sequence[Told]], int]


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A patient whom this client may no longer see."""

    patient_id: UUID


class Inbox:
    """What one client has still to be told, what it has said, and whether it is time to part."""

    __slots__ = (
        "_asked",
        "_at_once",
        "_characters",
        "_events",
        "_goodbye",
        "_something",
        "_waiting",
        "list_may_have_grown",
    )

    def __init__(self) -> None:
        self._at_once: TellAtOnce | None = None
        self._waiting: deque[Told | Unwatched] = deque()
        self._asked: deque[Message] = deque()
        self._events = self._characters = 0
        self._goodbye: Goodbye | None = None
        self._something = asyncio.Event()
        self.list_may_have_grown = False

    def tell(self, *events: Told) -> None:
        """Add events; when that is one too many, forget everything and part: the client resumes from its cursor."""
        if self._goodbye is not None:
            return
        told = 0 if self._at_once is None else self._at_once(events)
        if told == len(events):
            return
        for event in events[told:]:
            self._events += 1
            self._characters += len(event.body)
            if self._events > MOST_EVENTS or self._characters > MOST_CHARACTERS:
                self.part(Goodbye(Close.too_slow, "Too slow. Resume from your cursor."))
                return
            self._waiting.append(event)
        self._wake()

    def forget(self, patient_id: UUID) -> None:
        """Forget what was still to be told about this patient."""
        kept = [item for item in self._waiting if item.patient_id != patient_id]
        self._waiting = deque(kept)
        self._events = sum(isinstance(item, Told) for item in kept)
        self._characters = sum(len(item.body) for item in kept if isinstance(item, Told))

    def unwatch(self, patient_id: UUID) -> None:
        """Forget what was still to be told about this patient; add that access to them has ended."""
        self.forget(patient_id)
        self._waiting.append(Unwatched(patient_id))
        self._wake()

    def ask(self, message: Message) -> None:
        """Add what the client said, to be answered by the task that tells: answers then keep their order."""
        self._asked.append(message)
        self._wake()

    def part(self, goodbye: Goodbye) -> None:
        """End the conversation, forgetting what waits. The first goodbye counts."""
        self._waiting.clear()
        self._goodbye = self._goodbye or goodbye
        self._wake()

    def require_open(self) -> None:
        """Raise Goodbye when it is time to part."""
        if self._goodbye is not None:
            raise self._goodbye

    async def wait(self, seconds: float, at_once: TellAtOnce | None = None) -> None:
        """Return when there is something to do, or after so many seconds.

        `at_once` is offered the events that come meanwhile, and says how many of the first it has told: to wake the
        task that waits, which would do the same, costs twice as much as the telling.
        """
        if self._something.is_set():
            return
        self._at_once = at_once
        timer = asyncio.get_running_loop().call_later(max(0.0, seconds), self._wake)
        try:
            await self._something.wait()
        finally:
            self._at_once = None
            timer.cancel()

    def _wake(self) -> None:
        """Have whoever waits look; from now on nothing is told past them."""
        self._at_once = None
        self._something.set()

    def take(self) -> Told | Unwatched | Message | None:
        """Return the next thing to send or to answer, None when there is none; raise Goodbye when it is time."""
        self.require_open()
        if self._asked:
            return self._asked.popleft()
        if not self._waiting:
            self._something.clear()
            return None
        item = self._waiting.popleft()
        if isinstance(item, Told):
            self._events -= 1
            self._characters -= len(item.body)
        return item

    def take_event(self) -> Told | None:
        """Return the next thing if it is an event that may be sent at once, with the one before it."""
        if self._goodbye is not None or self._asked or not self._waiting:
            return None
        item = self._waiting[0]
        if not isinstance(item, Told):
            return None
        self._waiting.popleft()
        self._events -= 1
        self._characters -= len(item.body)
        return item

    @property
    def events(self) -> int:
        """Return how many events wait."""
        return self._events

    @property
    def first_number(self) -> int | None:
        """Return the number of the first event that waits, None when none does."""
        return next((item.number for item in self._waiting if isinstance(item, Told)), None)
