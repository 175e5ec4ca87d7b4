"""Which form of an answer an Accept header asks for."""

from __future__ import annotations

import pytest

from api.media_types import prefers_csv


@pytest.mark.parametrize(
    ("accept", "csv"),
    [
        ("text/csv", True),
        ("TEXT/CSV", True),
        ("Text/Csv; Q=0.5", True),
        ("text/csv; charset=utf-8", True),
        ("text/html, text/csv;q=0.9, */*;q=0.1", True),
        ("text/csv, application/json;q=0.5", True),
        ("text/csv;q=0", False),
        ("text/csv;q=0.0, application/json", False),
        ("application/json, text/csv;q=0.1", False),
        ("text/csv;q=nan", False),
        ("text/csv;q=-1", False),
        ("text/csv-schema", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_csv_is_given_to_whoever_names_it_and_wants_it_no_less_than_json(accept: str, csv: bool) -> None:
    assert prefers_csv(accept) is csv
