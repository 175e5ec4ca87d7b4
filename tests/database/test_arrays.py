"""Lists that go to PostgreSQL as text arrive as they were, whatever they are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.arrays import as_array, as_bytes, as_column, as_texts

AT = datetime(2026, 3, 29, 1, 30, 0, 250_000, tzinfo=UTC)
# Whatever means something within an array, or looks as if it did.
ODD = [
    "",
    " ",
    ",",
    "{",
    "}",
    '"',
    "\\",
    "\\\\",
    '\\"',
    "NULL",
    "null",
    "{}",
    "a,b",
    "'",
    "%s",
    ":x",
    "é",
    "\n",
    "\x01",
]


async def arrived(session: AsyncSession, kind: str, sent: str) -> list[object]:
    """Return the list that PostgreSQL makes of a text."""
    found: list[object] = await session.scalar(text(f"select cast(cast(:sent as text) as {kind}[])"), {"sent": sent})
    return found


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("uuid", [UUID(int=7), UUID(int=2**128 - 1)]),
        ("integer", [0, -1, 2**31 - 1]),
        ("boolean", [True, False]),
        ("numeric", [Decimal("36.60"), Decimal("-1.5"), Decimal("1E+2"), Decimal("1E-17"), Decimal(0)]),
        ("timestamptz", [AT, AT.replace(microsecond=0), AT.astimezone(timezone(-timedelta(hours=3, minutes=30)))]),
    ],
)
async def test_what_needs_no_quotes_arrives_with_its_gaps(
    session: AsyncSession, kind: str, values: list[object]
) -> None:
    assert await arrived(session, kind, as_array([*values, None])) == [*values, None]
    assert await arrived(session, kind, as_column([None, *values])) == [None, *values]


async def test_decimals_keep_the_digits_that_were_sent(session: AsyncSession) -> None:
    found = await arrived(session, "numeric", as_array([Decimal("36.60"), Decimal(37)]))
    assert [str(each) for each in found] == ["36.60", "37"]


async def test_any_text_arrives_letter_by_letter(session: AsyncSession) -> None:
    assert await arrived(session, "text", as_texts([*ODD, None, *ODD])) == [*ODD, None, *ODD]


async def test_any_bytes_arrive(session: AsyncSession) -> None:
    sent = [each.encode() for each in ODD if each] + [bytes(range(256))]
    assert await arrived(session, "bytea", as_bytes(sent)) == sent


async def test_a_column_without_values_is_filled_up_beside_others(session: AsyncSession) -> None:
    rows = await session.execute(
        text(
            "select * from unnest(cast(cast(:ids as text) as integer[]), cast(cast(:none as text) as numeric[]),"
            " cast(cast(:texts as text) as text[]))"
        ),
        {"ids": as_array([1, 2]), "none": as_column([None, None]), "texts": as_texts([None, None])},
    )
    assert [tuple(row) for row in rows] == [(1, None, None), (2, None, None)]
    assert as_column([None]) == as_texts([None]) == "{}"
