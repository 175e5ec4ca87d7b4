"""The bench holds each figure that has a goal to it, and says which is not met."""

from __future__ import annotations

from benchmarks.figures import Comparison, Figures
from benchmarks.reads import BOARD, MONTH, YEAR, read_goals
from benchmarks.recording import HUNDREDS, SINGLE, THOUSANDS, recording_goals
from benchmarks.storage import Storage, storage_goals


def figures(name: str, *, each_ms: float, per_second: float = 1.0) -> Figures:
    return Figures(name, (each_ms,) * 100, seconds=100 / per_second)


def recorded(title: str, rate: float, slow: float = 1.0) -> Comparison:
    ours = figures("ours", each_ms=10 * slow, per_second=100 * rate)
    return Comparison(title, ours, figures("limit", each_ms=10, per_second=100), by_rate=True)


def read(title: str, p95_ms: float, beside_few_ms: float) -> Comparison:
    ours, few = figures("beside many", each_ms=p95_ms), figures("beside few", each_ms=beside_few_ms)
    return Comparison(title, ours, few, by_rate=False, share=0.95)


def test_recording_is_held_to_its_share_of_the_limit_and_to_the_echo_s_slowest() -> None:
    met = recording_goals([recorded(SINGLE, 0.36, slow=3.9), recorded(HUNDREDS, 0.16), recorded(THOUSANDS, 0.21)])
    assert [goal.is_met for goal in met] == [True] * 4
    missed = recording_goals([recorded(SINGLE, 0.34, slow=4.1), recorded(HUNDREDS, 0.14), recorded(THOUSANDS, 0.19)])
    assert [goal.is_met for goal in missed] == [False] * 4


def test_a_read_is_held_to_its_time_and_to_the_same_beside_few_readings() -> None:
    met = read_goals([read(MONTH, 9, 8), read(YEAR, 9, 8), read(BOARD, 19, 1)])
    assert [goal.is_met for goal in met] == [True] * 5
    missed = read_goals([read(MONTH, 11, 8), read(YEAR, 11, 8), read(BOARD, 21, 21)])
    assert [goal.is_met for goal in missed] == [False] * 5


def test_bytes_of_a_batched_reading_and_of_a_single_have_bounds_of_their_own() -> None:
    def stored(*bytes_each: int) -> list[bool]:
        return [goal.is_met for goal in storage_goals([Storage("as sent", 1, {"a": each}) for each in bytes_each])]

    assert stored(350, 700) == [True, True]
    assert stored(351, 701) == [False, False]
