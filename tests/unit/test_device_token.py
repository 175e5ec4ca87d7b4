"""A device token is good for the address that signed in, for half a year, and until its password changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.device_token import GOOD_FOR, GREATEST_LENGTH, device_of, new_device_token

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OLD_KEY, KEY = b"o" * 32, b"k" * 32
ANN = "ann@example.test"
TOKEN = new_device_token(KEY, ANN, at=NOW)


def known(token: str | None, email: str = ANN, *, at: datetime = NOW, changed: datetime | None = None) -> bool:
    return device_of(token, [KEY], email, at=at, not_before=changed) is not None


def test_it_is_good_for_the_address_it_was_given_to_however_it_is_typed_and_for_no_other() -> None:
    assert known(TOKEN)
    assert known(TOKEN, " Ann@EXAMPLE.test ")
    assert not known(TOKEN, "bob@example.test")
    assert not known(None)


def test_it_tells_whether_a_second_factor_was_shown_there_and_one_of_before_says_nothing_of_it() -> None:
    for with_factor in (False, True):
        token = new_device_token(KEY, ANN, at=NOW, with_factor=with_factor)
        device = device_of(token, [KEY], ANN, at=NOW, not_before=None)
        assert device is not None
        assert device.has_shown_factor is with_factor
        assert len(token) <= GREATEST_LENGTH
    head, mac = TOKEN[:32], TOKEN[32:]
    assert not known(head + "AQ" + mac), "the mark is signed with the rest"


def test_two_devices_have_two_tokens() -> None:
    assert device_of(new_device_token(KEY, ANN, at=NOW), [KEY], ANN, at=NOW, not_before=None) != device_of(
        TOKEN, [KEY], ANN, at=NOW, not_before=None
    )


def test_it_lapses_after_half_a_year_and_when_the_password_changes() -> None:
    assert known(TOKEN, at=NOW + GOOD_FOR)
    assert not known(TOKEN, at=NOW + GOOD_FOR + timedelta(seconds=1))
    assert known(TOKEN, changed=NOW)
    assert not known(TOKEN, changed=NOW + timedelta(seconds=1))


def test_after_a_change_of_the_encryption_key_the_old_ones_stay_good() -> None:
    assert device_of(TOKEN, [b"n" * 32, KEY], ANN, at=NOW, not_before=None)
    assert device_of(TOKEN, [b"n" * 32], ANN, at=NOW, not_before=None) is None


@given(st.text(max_size=120) | st.integers(0, len(TOKEN) - 1).map(lambda n: TOKEN[:n] + "A" + TOKEN[n + 1 :]))
def test_nothing_else_is_one(text: str) -> None:
    assert text == TOKEN or not known(text)
