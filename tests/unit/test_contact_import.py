"""What a file of contacts says, and how each thing wrong with one is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes import contact_import
from domain.outcomes.contact_import import EXPLANATIONS, FaultCode, RowClaim, RowFault, row_count, rows_of
from domain.outcomes.definitions import ContactKind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEADER = "nhs_number,kind,started_at,organisation_ods_code,external_id,source"
GOOD = "9990000018,gp_telephone,2026-03-29T14:05:00+01:00,Y99991,A-1,emis"
PATIENT_ID = "01932f3e-7b1a-7c3d-9e4f-1a2b3c4d5e6f"


def read(*lines: str, header: str = HEADER, end: str = "\n", encoding: str = "utf-8") -> list[RowClaim | RowFault]:
    return list(rows_of((end.join((header, *lines)) + end).encode(encoding), received_at=NOW))


def fault(row: int, field: str | None, code: FaultCode) -> RowFault:
    return RowFault(row, field, code)


GOOD_CLAIM = RowClaim(
    row_number=2,
    nhs_number="9990000018",
    patient_id=None,
    kind=ContactKind.gp_telephone,
    started_at=datetime.fromisoformat("2026-03-29T14:05:00+01:00"),
    ods_code="Y99991",
    source="emis",
    external_id="A-1",
)


def test_a_good_row_is_a_claim_with_its_own_offset() -> None:
    [claim] = read(GOOD)
    assert claim == GOOD_CLAIM
    assert isinstance(claim, RowClaim)
    assert claim.started_at.utcoffset() == timedelta(hours=1)


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_absent() -> None:
    [claim] = read(
        f"Y99991,2026-03-29T14:05:00Z,{PATIENT_ID},nhs_111", header="organisation_ods_code,started_at,patient_id,kind"
    )
    assert isinstance(claim, RowClaim)
    assert (claim.patient_id, claim.nhs_number, claim.source, claim.external_id) == (
        UUID(PATIENT_ID),
        None,
        contact_import.DEFAULT_SOURCE,
        None,
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_of_both_kinds_a_byte_order_mark_and_quotes_are_taken(end: str, mark: bytes) -> None:
    quoted = ",".join(f'"{cell}"' for cell in GOOD.split(","))
    assert list(rows_of(mark + f"{HEADER}{end}{quoted}{end}".encode(), received_at=NOW)) == [GOOD_CLAIM]


def test_a_last_row_without_a_line_end_is_read() -> None:
    assert list(rows_of(f"{HEADER}\n{GOOD}".encode(), received_at=NOW)) == [GOOD_CLAIM]


def test_blank_rows_are_passed_over_and_still_counted_as_a_spreadsheet_counts() -> None:
    found = read("", ",,,,,", GOOD)
    assert [claim.row_number for claim in found] == [4]


def test_an_nhs_number_may_be_written_in_groups() -> None:
    [claim] = read(GOOD.replace("9990000018", "999 000 0018"))
    assert isinstance(claim, RowClaim)
    assert claim.nhs_number == "9990000018"


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        (HEADER.replace(",", ";"), [fault(1, None, FaultCode.wrong_delimiter)]),
        (HEADER.replace(",", "\t"), [fault(1, None, FaultCode.wrong_delimiter)]),
        (HEADER + ",colour", [fault(1, "column 7", FaultCode.unknown_column)]),
        (HEADER + ",", [fault(1, "column 7", FaultCode.unknown_column)]),
        (HEADER + ",kind", [fault(1, "kind", FaultCode.repeated_column)]),
        ("nhs_number,kind,started_at", [fault(1, "organisation_ods_code", FaultCode.missing_column)]),
        ("kind,started_at,organisation_ods_code", [fault(1, "nhs_number", FaultCode.missing_column)]),
        (HEADER.upper(), None),
    ],
)
def test_a_header_is_taken_exactly_or_refused(header: str, faults: list[RowFault] | None) -> None:
    found = read(GOOD, header=header)
    assert not any(isinstance(row, RowClaim) for row in found)
    assert faults is None or found == faults


@pytest.mark.parametrize(
    ("content", "row", "code"),
    [
        (b"", 1, FaultCode.empty_file),
        (HEADER.encode(), 1, FaultCode.empty_file),
        (f"{HEADER}\n,,,,,\n".encode(), 2, FaultCode.empty_file),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), 1, FaultCode.wrong_encoding),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16-le"), 1, FaultCode.wrong_encoding),
        (f"{HEADER}\nJosé,{GOOD}\n".encode("cp1252"), 2, FaultCode.wrong_encoding),
        (f'{HEADER}\n"{GOOD}\n'.encode(), 2, FaultCode.broken_row),
        (f'{HEADER}\n"a"b,{GOOD}\n'.encode(), 2, FaultCode.broken_row),
        (f"{HEADER}\r{GOOD}\r".encode(), 1, FaultCode.broken_row),
        (b"\x00" * 50, 1, FaultCode.wrong_encoding),
    ],
)
def test_a_file_that_cannot_be_read_on_says_from_which_row(content: bytes, row: int, code: FaultCode) -> None:
    assert list(rows_of(content, received_at=NOW)) == [fault(row, None, code)]


@pytest.mark.parametrize(
    ("cell", "instead", "column", "code"),
    [
        ("9990000018", "9990000019", "nhs_number", FaultCode.nhs_number_invalid),
        ("9990000018", "9.99E+09", "nhs_number", FaultCode.nhs_number_invalid),
        ("9990000018", "", "nhs_number", FaultCode.required),
        ("9990000018", '"=""9990000018"""', "nhs_number", FaultCode.formula_cell),
        ("gp_telephone", "GP phone", "kind", FaultCode.kind_unknown),
        ("gp_telephone", "", "kind", FaultCode.required),
        ("gp_telephone", "@SUM(A1)", "kind", FaultCode.formula_cell),
        ("2026-03-29T14:05:00+01:00", "2026-03-29T14:05:00", "started_at", FaultCode.naive_time),
        ("2026-03-29T14:05:00+01:00", "29/03/2026 14:05", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-02-30T14:05:00Z", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-03-29T14:05:00+23:59", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "0001-01-01T00:00:00+14:00", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-03-29T14:05:00+05:99", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-03-29T14:05+01:00", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-03-29 14:05:00+01:00", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "46110.5868", "started_at", FaultCode.invalid_time),
        ("2026-03-29T14:05:00+01:00", "2026-11-21T12:03:00Z", "started_at", FaultCode.future_time),
        ("Y99991", "y99991", "organisation_ods_code", FaultCode.ods_code_form),
        ("Y99991", "", "organisation_ods_code", FaultCode.required),
        ("A-1", "A 1", "external_id", FaultCode.invalid_token),
        ("A-1", "é", "external_id", FaultCode.invalid_token),
        ("A-1", "-1+cmd|' /C calc'!A0", "external_id", FaultCode.formula_cell),
        ("A-1", "A" * 65, "external_id", FaultCode.invalid_token),
        ("A-1", "A" * 101, "external_id", FaultCode.too_long),
        ("A-1", "A\x07", "external_id", FaultCode.text_not_allowed),
        ("A-1", '"A\n1"', "external_id", FaultCode.text_not_allowed),
        ("A-1", "A\u202e1", "external_id", FaultCode.text_not_allowed),
        ("emis", "=1+1", "source", FaultCode.formula_cell),
        ("emis", "  =1+1", "source", FaultCode.formula_cell),
    ],
)
def test_each_wrong_cell_is_told_by_row_column_and_code(cell: str, instead: str, column: str, code: FaultCode) -> None:
    assert read(GOOD.replace(cell, instead)) == [fault(2, column, code)]


def test_several_wrong_cells_of_a_row_are_all_told() -> None:
    assert read("123,phone,yesterday,Y99991,A-1,emis") == [
        fault(2, "nhs_number", FaultCode.nhs_number_invalid),
        fault(2, "kind", FaultCode.kind_unknown),
        fault(2, "started_at", FaultCode.invalid_time),
    ]


def test_a_row_may_name_the_person_in_one_way_only() -> None:
    header = "patient_id," + HEADER
    assert read(f"{PATIENT_ID},{GOOD}", header=header) == [fault(2, "patient_id", FaultCode.two_identities)]
    assert read(f"17,{GOOD}", header=header) == [fault(2, "patient_id", FaultCode.invalid_id)]


def test_a_row_of_another_length_is_refused_and_the_next_one_read() -> None:
    assert read(GOOD + ",x", GOOD.removesuffix(",emis"), GOOD)[:2] == [
        fault(2, None, FaultCode.wrong_number_of_cells),
        fault(3, None, FaultCode.wrong_number_of_cells),
    ]


def test_too_many_rows_are_refused_where_they_pass_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_import, "MAX_ROWS", 3)
    assert read(*[GOOD] * 5)[-1] == fault(5, None, FaultCode.too_many_rows)


def test_every_code_has_its_explanation_and_what_to_do() -> None:
    assert set(EXPLANATIONS) == set(FaultCode)
    for wrong, remedy in EXPLANATIONS.values():
        assert wrong.endswith(".")
        assert remedy.endswith(".")


def test_rows_are_counted_by_their_line_ends() -> None:
    assert row_count(f"{HEADER}\n{GOOD}\n{GOOD}\n".encode()) == 3


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "replace")))
def test_no_bytes_break_the_reading_and_none_pass_unexplained(content: bytes) -> None:
    found = list(rows_of(content, received_at=NOW))
    assert found, "a file without a claim has at least one fault"
    for row in found:
        assert isinstance(row, RowClaim) or row.code in EXPLANATIONS


cell_texts = st.sampled_from([*GOOD.split(","), PATIENT_ID, "", "=1", "x,y", 'q"q'])


@given(st.lists(st.lists(cell_texts, min_size=6, max_size=6), max_size=5))
def test_a_report_never_quotes_a_cell(rows: list[list[str]]) -> None:
    for found in read(*[",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]):
        if isinstance(found, RowFault):
            assert found.field is None or found.field in contact_import.COLUMNS
