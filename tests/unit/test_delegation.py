"""Codes, grounds of law and spans of delegations; and that the words people agreed to never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.people.consent import Purpose
from domain.people.consent_texts import TEXTS, current_text, require_current
from domain.people.delegation import (
    ByLaw,
    Ground,
    Relationship,
    Terms,
    span_by_consent,
    span_by_law,
)
from domain.people.permission import Scope

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
READ = Terms(Relationship.family, frozenset({Scope.read}), None, None)
PARENT = ByLaw(Ground.parental_responsibility, "Birth certificate seen", date(2027, 6, 1))
CHILD_UNTIL_SPRING, ADULT = date(2011, 3, 1), date(1940, 2, 29)

# What was shown to people stays as it was shown: a change of these words is a new version, never another hash here.
PINNED = {
    (Purpose.care_sharing, 1): "fbd82bb863352705f032e5805c004d8959bca1efd310c3956f8527d07ec17695",
    (Purpose.care_sharing, 2): "58767f93cc80bfbf898fe91325b538f3111669578b6faa9bf31d912bc25cfe93",
    (Purpose.delegate, 1): "9e293b05868f31f7f9c9ecb64da57de642195b75efae380f4bfde14b9a2dd599",
    (Purpose.delegate, 2): "8aebc2a62e7aeb26f7cc0bb0d2bbad1a84048f8a88f4a47a8abeb0ce67646609",
    (Purpose.research, 1): "571cbb63a0d090ca973090ef67c717d6b525efc1c46c6dbb77a76f15d45dc014",
    (Purpose.national_data_opt_out, 1): "12f9e5032de3a3542be18590d7fe8f02c105db51af36761b259aaf3f650bab23",
}


def test_a_parent_s_delegation_ends_on_the_sixteenth_birthday_at_the_latest() -> None:
    span = span_by_law(READ, PARENT, CHILD_UNTIL_SPRING, NOW)
    assert span.until_at is not None
    assert span.until_at.astimezone(UTC) == datetime(2027, 3, 1, tzinfo=UTC)


def test_every_delegation_by_law_ends_after_its_day_of_review_in_london() -> None:
    law = ByLaw(Ground.best_interests, "Assessed", date(2027, 6, 1))
    span = span_by_law(READ, law, ADULT, NOW)
    assert span.until_at is not None
    assert span.until_at.astimezone(UTC) == datetime(2027, 6, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ground", "born_on", "holds"),
    [
        (Ground.parental_responsibility, date(2010, 11, 23), True),
        (Ground.parental_responsibility, date(2010, 11, 22), False),  # sixteen today
        (Ground.best_interests, date(2010, 11, 22), True),
        (Ground.best_interests, date(2010, 11, 23), False),
        (Ground.court_deputy, date(2010, 11, 22), True),
        (Ground.lasting_power_of_attorney, date(2008, 11, 22), True),
        (Ground.lasting_power_of_attorney, date(2008, 11, 23), False),
        (Ground.consent, ADULT, False),
    ],
)
def test_each_ground_holds_at_its_ages(ground: Ground, born_on: date, holds: bool) -> None:
    law = ByLaw(ground, "Seen", date(2026, 11, 23))
    if holds:
        assert span_by_law(READ, law, born_on, NOW).from_at == NOW
    else:
        with pytest.raises(Invalid):
            span_by_law(READ, law, born_on, NOW)


@given(
    st.none() | st.timedeltas(timedelta(days=-10), timedelta(days=800)),
    st.none() | st.timedeltas(timedelta(days=-10), timedelta(days=3000)),
)
def test_a_span_never_begins_before_now_and_always_ends_after_it_begins(
    first: timedelta | None, last: timedelta | None
) -> None:
    terms = replace(READ, from_at=None if first is None else NOW + first, until_at=None if last is None else NOW + last)
    try:
        span = span_by_consent(terms, NOW)
    except Invalid:
        return
    assert span.from_at >= NOW
    assert span.until_at is None or span.until_at > span.from_at


def test_the_words_of_every_version_are_as_they_were_when_people_agreed_to_them() -> None:
    assert {(text.purpose, text.version): text.sha256.hex() for text in TEXTS} == PINNED


@pytest.mark.parametrize("purpose", Purpose)
def test_only_the_latest_words_can_be_agreed_to(purpose: Purpose) -> None:
    latest = current_text(purpose)
    assert require_current(purpose, latest.version) is latest
    with pytest.raises(Invalid):
        require_current(purpose, latest.version + 1)
    for old in (text for text in TEXTS if text.purpose is purpose and text.version < latest.version):
        with pytest.raises(Invalid):
            require_current(purpose, old.version)


def test_the_words_by_which_somebody_lets_another_act_promise_nothing_that_cannot_be_chosen() -> None:
    """There are no messages yet: who agreed to the first version agreed to more than they could have."""
    former, now = (text for text in TEXTS if text.purpose is Purpose.delegate)
    assert "write to your care team" in former.text
    assert "write to" not in now.text
