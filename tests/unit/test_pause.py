"""Pauses that follow on each other are one rest, and its last day is the last of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause, PauseKind, is_paused, rest_on

DAY = date(2026, 11, 23)
NEVER = None


def pause(first: int, last: int | None, due_again: int | None = None) -> Pause:
    def day(number: int | None) -> date | None:
        return None if number is None else DAY + timedelta(days=number)

    from_on, made_at = DAY + timedelta(days=first), datetime(2026, 11, 1, tzinfo=UTC)
    return Pause(
        UUID(int=first + 100),
        None,
        PauseKind.holiday,
        None,
        from_on,
        day(last),
        UUID(int=2),
        Party.patient,
        made_at,
        due_again_on=day(due_again),
    )


def until(*pauses: Pause) -> date | None:
    rest = rest_on(pauses, DAY)
    assert rest is not None
    return rest.until_on


def test_a_day_of_no_pause_is_of_no_rest() -> None:
    assert rest_on([pause(-3, -1), pause(1, 2)], DAY) is None


def test_a_rest_lasts_as_long_as_one_pause_follows_on_another() -> None:
    assert until(pause(-1, 1), pause(2, 4), pause(6, 9)) == DAY + timedelta(days=4)
    assert until(pause(-1, 1), pause(0, 3), pause(2, 8)) == DAY + timedelta(days=8)


def test_a_pause_without_an_end_has_none_whatever_else_there_is() -> None:
    assert until(pause(-1, 1), pause(2, NEVER)) is None
    assert until(pause(-5, NEVER), pause(0, 1)) is None


def test_a_pause_that_was_ended_before_its_time_ends_the_day_before_things_are_due_again() -> None:
    assert until(pause(-5, 9, due_again=2)) == DAY + timedelta(days=1)
    assert until(pause(-5, NEVER, due_again=2)) == DAY + timedelta(days=1)


_pauses = st.lists(
    st.builds(
        lambda first, length, ended: pause(
            first, None if length is None else first + length, None if ended is None else first + ended
        ),
        st.integers(-9, 9),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 9),
    ),
    max_size=6,
)


@given(_pauses)
def test_each_day_up_to_the_end_of_a_rest_is_paused_and_the_day_after_it_is_not(pauses: list[Pause]) -> None:
    rest = rest_on(pauses, DAY)
    assert (rest is not None) == is_paused(pauses, DAY)
    if rest is None:
        return
    assert all(each.holds(DAY) for each in rest.pauses)
    last = rest.until_on or DAY + timedelta(days=400)
    assert all(is_paused(pauses, DAY + timedelta(days=n)) for n in range((last - DAY).days + 1))
    assert rest.until_on is None or not is_paused(pauses, rest.until_on + timedelta(days=1))
