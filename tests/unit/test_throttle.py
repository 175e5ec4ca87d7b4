"""How long a guess waits: long enough that guessing is hopeless, never so that its owner is locked out for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.throttle import (
    FIRST_WAIT,
    FORGOTTEN_AFTER,
    LONGEST_WAIT,
    RULES,
    Scope,
    Tally,
    counted,
    forgiven,
    is_exhausted,
    mark,
    network_of,
    uncounted,
    wait_of,
)
from domain.accounts.totp import DIGITS, STEPS_OF_DRIFT

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NONE = Tally(0, NOW)


def patient_attacker(scope: Scope, until: timedelta) -> tuple[int, Tally]:
    """Return how many guesses somebody makes who guesses whenever they may, and the tally in the end."""
    at, tally, guesses = NOW, NONE, 0
    while at - NOW <= until:
        wait = wait_of(scope, tally, at)
        if wait:
            at += wait
            if is_exhausted(scope, tally):
                break
            continue
        tally, guesses = counted(scope, tally, at), guesses + 1
    return guesses, tally


def test_the_wait_grows_from_thirty_seconds_to_an_hour() -> None:
    free = RULES[Scope.account].free
    waits = [wait_of(Scope.account, Tally(n, NOW), NOW) for n in range(1, 20)]
    assert waits[: free - 1] == [timedelta()] * (free - 1)
    assert waits[free - 1 : free + 7] == [FIRST_WAIT * 2**n for n in range(7)] + [LONGEST_WAIT]
    assert set(waits[free + 7 :]) == {LONGEST_WAIT}


def test_auth_034_nobody_gets_more_than_a_hundred_guesses_in_a_row() -> None:
    guesses, tally = patient_attacker(Scope.account, timedelta(days=29))
    assert guesses == 100 == RULES[Scope.account].most
    assert wait_of(Scope.account, tally, NOW + timedelta(days=20)) == LONGEST_WAIT


def test_of_two_at_once_the_one_whose_clock_was_read_first_need_not_wait() -> None:
    later = Tally(1, NOW + timedelta(milliseconds=3))
    for scope in Scope:
        assert wait_of(scope, later, NOW) == timedelta()
        assert counted(scope, later, NOW) == Tally(2, later.last_failed_at)


def test_when_nobody_has_guessed_for_a_month_it_is_forgotten() -> None:
    full = Tally(100, NOW)
    assert wait_of(Scope.account, full, NOW + FORGOTTEN_AFTER) == LONGEST_WAIT
    assert wait_of(Scope.account, full, NOW + FORGOTTEN_AFTER + SECOND) == timedelta()
    assert counted(Scope.account, full, NOW + FORGOTTEN_AFTER + SECOND).failures == 1


def test_an_attempt_that_is_taken_back_leaves_what_there_was_before_it() -> None:
    before = Tally(7, NOW)
    after = counted(Scope.account, before, NOW + 90 * SECOND)
    assert uncounted(after, before=before, counted_at=after.last_failed_at) == before
    # Whoever failed meanwhile stays counted, and waits from then on.
    another = counted(Scope.account, after, NOW + 91 * SECOND)
    left = uncounted(another, before=before, counted_at=after.last_failed_at)
    assert left == Tally(8, NOW + 91 * SECOND)


def test_whoever_has_the_password_finds_a_code_with_a_chance_of_one_in_three_thousand() -> None:
    good_codes, codes = 2 * STEPS_OF_DRIFT + 1, 10**DIGITS
    guesses, _ = patient_attacker(Scope.second_factor, timedelta(days=29))
    assert guesses == 100
    assert guesses * good_codes / codes < 1 / 3_000
    # And with the mailbox too, or a stolen device on which a code was shown before.
    times = 1 + (RULES[Scope.second_factor_freed].most or 0)
    assert times * guesses * good_codes / codes < 1 / 800
    assert (RULES[Scope.device].most or 0) * good_codes / codes < 1 / 15_000


def test_the_fourth_new_password_of_a_month_begins_no_count_anew() -> None:
    waits = [wait_of(Scope.second_factor_freed, Tally(n, NOW), NOW + timedelta(days=30)) for n in range(5)]
    assert waits == [timedelta()] * 3 + [LONGEST_WAIT] * 2


def test_one_address_tries_a_few_hundred_accounts_an_hour_and_no_more() -> None:
    guesses, _ = patient_attacker(Scope.address, timedelta(hours=1))
    assert 100 <= guesses <= 500


def test_a_stolen_device_token_is_worth_twenty_guesses() -> None:
    guesses, _ = patient_attacker(Scope.device, timedelta(days=3))
    assert guesses == 20


@given(st.sampled_from(list(Scope)), st.lists(st.tuples(st.integers(0, 7200), st.booleans()), max_size=60))
def test_a_guess_that_must_wait_is_let_through_when_the_time_has_come(
    scope: Scope, story: list[tuple[int, bool]]
) -> None:
    at, tally = NOW, NONE
    for seconds, was_right in story:
        at += timedelta(seconds=seconds)
        wait = wait_of(scope, tally, at)
        assert timedelta() <= wait <= LONGEST_WAIT
        if wait and not is_exhausted(scope, tally):
            assert wait_of(scope, tally, at + wait) == timedelta()
        if not wait:
            before = tally
            tally = counted(scope, tally, at)
            assert tally.failures >= 1
            if was_right:
                assert wait_of(scope, forgiven(tally), at) == timedelta()
                taken_back = uncounted(tally, before=before, counted_at=tally.last_failed_at)
                assert taken_back.failures <= before.failures
                assert taken_back.last_failed_at == before.last_failed_at
                tally = forgiven(tally)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("not an address'; --", "unknown"),
    ],
)
def test_an_ipv6_customer_is_one_network_however_many_addresses_it_has(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_is_stored_tells_neither_the_address_nor_whose_it_is() -> None:
    one, other = (mark(key, Scope.account, b"ann@example.test") for key in (b"k" * 32, b"l" * 32))
    assert one != other
    assert one != mark(b"k" * 32, Scope.device, b"ann@example.test")
    assert b"ann" not in one
    assert len(one) == 32
