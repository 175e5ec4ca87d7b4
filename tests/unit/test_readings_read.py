"""What is read past the schema is what the schema would have made of it; what it would not take is left to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.encoding import encoded, verdicts_answer
from api.readings import plainly_written
from api.schemas.observations import ReadingIn, VerdictsOut
from domain.instant import NotAnInstant, parse_instant
from domain.observations.reading import Reading
from domain.observations.verdict import Outcome, Refusal, RefusalCode, Verdict

AT = "2026-03-29T08:05:00+01:00"
GOOD = {"client_id": "c-1", "sign": "heart_rate", "effective_at": AT, "unit": "/min", "value": 72}
ODD: list[Any] = [
    None, "", "A", "<", "a b", "x" * 64, "x" * 65, "é", "a\n", 0, -1, 7, 10**39, True, False, [], ["A"], {}, {"A": 1},
    Decimal("36.6"), Decimal("1E+30"), Decimal("NaN"), 1.5, AT, AT.lower(), AT[:-6], "2026-02-30T00:00:00Z",
    "2026-03-29T08:05:00.123456789Z", b"A", datetime(2026, 1, 1, tzinfo=UTC),
]  # fmt: skip
FIELDS = [*ReadingIn.model_fields, "id"]


def by_the_schema(item: object) -> Reading | None:
    """Return what the schema makes of an item; None for what it does not take."""
    try:
        return ReadingIn.model_validate(item).to_reading()
    except ValidationError:
        return None


def digits(reading: Reading) -> tuple[str, ...]:
    return tuple(str(number) for number in (reading.value, reading.systolic, reading.diastolic))


def offset(reading: Reading) -> timedelta | None:
    return reading.effective_at.utcoffset()


@given(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(ODD), max_size=4), st.sets(st.sampled_from(FIELDS)))
@example({}, set())
def test_what_is_read_past_the_schema_is_what_the_schema_makes_of_it(odd: dict[str, Any], left_out: set[str]) -> None:
    item = {name: value for name, value in (GOOD | odd).items() if name not in left_out or name in odd}
    found = plainly_written(item)
    if found is not None:
        schema_s = by_the_schema(item)
        assert schema_s == found
        assert schema_s is not None
        assert (digits(found), offset(found)) == (digits(schema_s), offset(schema_s))


@pytest.mark.parametrize("item", [None, 7, "x", [], [GOOD], Reading("c-1", "heart_rate", datetime.now(UTC))])
def test_what_is_no_object_is_left_to_the_schema(item: object) -> None:
    assert plainly_written(item) is None


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_of_any_one_odd_member_both_judge_alike(name: str, value: object) -> None:
    item = GOOD | {name: value}
    found = plainly_written(item)
    assert found is None or found == by_the_schema(item)


def test_the_usual_is_read_past_the_schema() -> None:
    assert plainly_written(GOOD) == by_the_schema(GOOD)
    assert plainly_written(GOOD) is not None


@given(
    st.from_regex(
        r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.([0-9]{3}|[0-9]{6}))?"
        r"(Z|[+-][01][0-9]:[0-9]{2})",
        fullmatch=True,
    )
)
@example("2026-03-29T24:00:00Z")
@example("2026-03-29T08:05:00.120Z")
@example("2026-03-29T08:05:00-00:00")
@example("2026-03-29T08:05:00+11:60")
@example("2026-03-29T08:05:00+15:00")
@example("2026-03-29T08:05:00-12:30")
def test_an_instant_of_the_usual_form_is_read_as_every_other(written: str) -> None:
    told = []
    for spelling in (written, written.replace("T", "t")):  # the second is of no usual form
        try:
            found = parse_instant(spelling)
            told.append(f"{found.isoformat()} {found.tzinfo!r}")
        except NotAnInstant as wrong:
            told.append(f"{wrong.code} {wrong.message}")
    assert told[0] == told[1]


REFUSALS = st.builds(
    Refusal, st.sampled_from(RefusalCode), st.sampled_from(["", "value", "sign"]), st.none() | st.text(max_size=9)
)
VERDICTS = st.builds(
    lambda client_id, known, refusal: Verdict(
        client_id,
        Outcome.refused if refusal else Outcome.duplicate if known and known.int % 2 else Outcome.stored,
        None if refusal else known,
        refusal,
    ),
    st.none() | st.from_regex("[!-~]{1,64}", fullmatch=True),
    st.uuids(),
    st.none() | REFUSALS,
)


@given(st.lists(VERDICTS, min_size=1, max_size=5), st.datetimes(timezones=st.just(UTC)))
def test_verdicts_are_written_past_the_schema_as_the_schema_writes_them(
    verdicts: list[Verdict], received_at: datetime
) -> None:
    schema_s = VerdictsOut.of(verdicts, received_at)
    found = encoded(verdicts_answer(verdicts, received_at)).body
    assert bytes(found) == schema_s.__pydantic_serializer__.to_json(schema_s)
