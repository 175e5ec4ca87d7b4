"""What to do after the service has judged readings: count what is stored, confirm what is unusual, give up on the rest.

Pure. Refuses to know a value: a refusal is counted by its code only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.measurements import Reading


@dataclass(frozen=True, slots=True)
class Settled:
    """How many readings are in the record, which to send again, and which were refused for good, by code."""

    stored: int = 0
    again: tuple[Reading, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)


def settle(sent: Sequence[Reading], verdicts: Sequence[Mapping[str, Any]]) -> Settled:
    """Return what becomes of the readings of one request.

    A refused reading is sent once more, confirmed, where the service says that a retry can help: the monitor showed
    it, and a monitor asked to look again shows the same. Anything else would be refused for ever.
    """
    stored = 0
    again: list[Reading] = []
    refused: Counter[str] = Counter()
    for verdict in verdicts:
        reading = sent[verdict["index"]]
        if verdict["verdict"] != "refused":
            stored += 1
        elif verdict["can_retry"] and not reading.get("confirmed"):
            again.append(reading | {"confirmed": True})
        else:
            refused[verdict["code"]] += 1
    return Settled(stored, tuple(again), refused)
