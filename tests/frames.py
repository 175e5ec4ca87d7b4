"""What a client hears in the frames of a server, read by a library that did not write them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

T = TypeVar("T")


def texts(frames: bytes) -> Iterator[str]:
    """Yield each text message; fails for anything that is not whole, plain text frames."""
    reader = StreamReader()
    reader.feed_data(frames)
    reader.feed_eof()
    while not _finished(reader.at_eof()):
        frame = _finished(Frame.parse(reader.read_exact, mask=False))
        assert frame.opcode is Opcode.TEXT
        assert frame.fin
        yield bytes(frame.data).decode()


def _finished(reading: Generator[None, None, T]) -> T:
    try:
        next(reading)
    except StopIteration as stop:
        finished: T = stop.value
        return finished
    raise AssertionError("a frame that is not whole")
