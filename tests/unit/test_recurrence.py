"""Recurrence rules are read strictly: what every calendar reads alike, and nothing half understood."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.plans.recurrence import Rule, read_rule
from tests.unit.recurrences import rules, starts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=8",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=MONTHLY;BYDAY=1MO,+1MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=MO(1)",
        "FREQ=MONTHLY;BYDAY=MO,1TU",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-32",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYMONTHDAY=1",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=0",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=367",
        "FREQ=MONTHLY;INTERVAL=121",
        "FREQ=YEARLY;INTERVAL=11",
        "FREQ=DAILY;INTERVAL=٢",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;UNTIL=20260101T000000Z",
        "FREQ=DAILY;UNTIL=00010101",
        "freq=daily",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ",
    ],
)
def test_what_is_not_understood_is_refused_rather_than_half_understood(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rule(text)
    assert refused.value.faults[0].code == "rrule_unknown"


@given(rules, st.none() | starts)
def test_a_rule_is_read_back_as_it_was_told(rule: Rule, until_on: date | None) -> None:
    assert read_rule(rule.text()) == rule
    if rule.count is None and until_on is not None:
        until = f"{rule.text()};UNTIL={until_on:%Y%m%d}"
        assert read_rule(until).until_on == until_on


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=366",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20261231",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=3660",
    ],
)
def test_a_text_kept_from_before_more_was_taken_is_told_as_it_stands(text: str) -> None:
    assert read_rule(text).text() == text


def test_the_parts_are_told_in_one_order_however_they_came() -> None:
    said = read_rule("WKST=SU;BYDAY=-1FR,1MO;COUNT=3;BYMONTH=10,3;INTERVAL=2;FREQ=MONTHLY").text()
    assert said == "FREQ=MONTHLY;INTERVAL=2;BYMONTH=3,10;BYDAY=-1FR,1MO;COUNT=3;WKST=SU"
