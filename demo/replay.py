"""Playing the recordings: each person's device sends what is due, and keeps a bounded memory while it cannot.

Refuses to know where recordings come from and who they belong to. Readings carry the instant they were due, so a
device that was cut off catches up without moving anything; what no longer fits its memory is lost, oldest first,
and counted. Nothing is logged but counts.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import uniform

import httpx

from demo.connection import LONGEST_WAIT, Refused, SignIn, SignInEnds, Unreachable, body_of, seconds_to_wait
from demo.measurements import Reading, Recorded, as_reading
from demo.playback import Due, laps, slowed
from demo.verdicts import settle

SLOWLY = timedelta(minutes=1)
MEMORY = 1200  # readings a device keeps while it cannot send: five minutes of four signs at 1 Hz
BATCH = 200
FIRST_WAIT = 0.5  # seconds before the first try after one that failed
REFUSED_WAIT = 60.0  # seconds before a device that may not send (any more) asks again
FLUSH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """One device's part: whose record it writes, signed in as whom, and what it plays with which pause between laps.

    `lively`: for how long it sends everything; from then on only one set a minute. None: always everything.
    """

    patient_id: str
    sign_in: SignIn
    recording: tuple[Recorded, ...]
    pause: timedelta
    delay: timedelta = timedelta()  # devices do not all tick at the same instant
    lively: timedelta | None = None

    def sets(self) -> Iterator[list[Due]]:
        """Yield what is to be sent together, without end."""
        everything = laps(self.recording, pause=self.pause)
        return everything if self.lively is None else slowed(everything, lively=self.lively, every=SLOWLY)


@dataclass(slots=True)
class Tally:
    """What happened so far, over all devices."""

    requests: int = 0
    stored: int = 0
    lost: int = 0
    failures: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Device:
    """Plays one part: one task puts what is due into memory, another sends it."""

    def __init__(self, part: Part, run: str, began: datetime, tally: Tally) -> None:
        self._part = part
        self._run = run
        self._began = began + part.delay
        self._tally = tally
        self._waiting: deque[Reading] = deque()
        self._in_flight: list[Reading] = []
        self._something_waits, self._nothing_waits = asyncio.Event(), asyncio.Event()
        self._nothing_waits.set()

    @property
    def waiting(self) -> int:
        """Return how many readings are not judged yet."""
        return len(self._waiting) + len(self._in_flight)

    async def emptied(self) -> None:
        """Return when nothing waits."""
        await self._nothing_waits.wait()

    async def record(self) -> None:
        """Put each measurement into memory when it is due, without end."""
        for due in self._part.sets():
            at = self._began + due[0].elapsed
            await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
            for one in due:
                client_id = f"{self._run}.{one.recorded.device}.{one.lap}.{one.place}"
                self._remember(as_reading(one.recorded, client_id=client_id, at=at))

    def _remember(self, reading: Reading) -> None:
        if len(self._waiting) >= MEMORY:
            self._waiting.popleft()
            self._tally.lost += 1
        self._waiting.append(reading)
        self._something_waits.set()
        self._nothing_waits.clear()

    async def send(self) -> None:
        """Send what waits as soon as it waits; back off while the service cannot take it.

        Returns only when nobody signs in for this device any more: it stops alone, and what it kept is lost.
        """
        wait = FIRST_WAIT
        while True:
            await self._something_waits.wait()
            try:
                pause = await self.send_once()
            except SignInEnds:
                self._tally.lost += self.waiting
                self._waiting.clear()
                self._nothing_waits.set()
                return
            if pause is None:
                wait = FIRST_WAIT
            else:
                self._tally.failures += 1
                await asyncio.sleep(max(pause, wait) * uniform(0.8, 1.2))  # a pause, no secret # nosec B311
                wait = min(wait * 2, LONGEST_WAIT)

    async def send_once(self) -> float | None:
        """Send one batch; return None when it was judged, else the least seconds to wait before trying again.

        Raises SignInEnds.
        """
        batch = self._in_flight = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        if not batch:
            self._something_waits.clear()
            self._nothing_waits.set()
            return None
        pause: float | None = 0.0
        try:
            path = f"/v1/patients/{self._part.patient_id}/observations"
            self._tally.requests += 1
            response = await self._part.sign_in.call("POST", path, json={"readings": batch})
            pause = self._take(batch, response)
        except SignInEnds:
            raise
        except Unreachable:
            pass
        except Refused as refused:  # at signing in: asking often would look like guessing, unless the service failed
            pause = 0.0 if httpx.codes.is_server_error(refused.status) else REFUSED_WAIT
        finally:
            # Also when cancelled half-way: the same ids may be sent again safely.
            if pause is not None:
                self._waiting.extendleft(reversed(batch))
            self._in_flight = []
        return pause

    def _take(self, batch: list[Reading], response: httpx.Response) -> float | None:
        """Return None when every reading of the batch was judged, else how long to wait (seconds)."""
        verdicts = body_of(response).get("verdicts")
        if verdicts is not None:
            settled = settle(batch, verdicts)
            self._tally.stored += settled.stored
            self._tally.refused += settled.refused
            self._waiting.extendleft(reversed(settled.again))
            return None
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            return seconds_to_wait(response.headers.get("retry-after"))
        return REFUSED_WAIT


async def play(parts: list[Part], stop: asyncio.Event, report: Callable[[Tally, int], None], every: float) -> Tally:
    """Play every part until told to stop, reporting the tally every so many seconds; then send what still waits."""
    began = datetime.now(UTC)
    run = f"{int(began.timestamp()):x}"
    tally = Tally()
    devices = [Device(part, run, began, tally) for part in parts]
    recording = [asyncio.create_task(device.record()) for device in devices]
    sending = [asyncio.create_task(device.send()) for device in devices]
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stopped.done():
            under_way = [task for task in (*recording, *sending) if not task.done()]
            await asyncio.wait([stopped, *under_way], timeout=every, return_when=asyncio.FIRST_COMPLETED)
            for record, send in zip(recording, sending, strict=True):
                for ended in (task for task in (record, send) if task.done() and not task.cancelled()):
                    ended.result()  # raises what ended it; a sender ends quietly when nobody signs in for it
                if send.done():
                    record.cancel()
            if not stopped.done():
                report(tally, sum(device.waiting for device in devices))
        await _flush(devices, recording)
    finally:
        tasks = [stopped, *recording, *sending]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tally


async def _flush(devices: list[Device], recording: list[asyncio.Task[None]]) -> None:
    """Let the senders finish what waits, for a few seconds at most."""
    for task in recording:
        task.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(device.emptied() for device in devices)), FLUSH_SECONDS)
