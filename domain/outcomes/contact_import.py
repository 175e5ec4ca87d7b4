"""What a file of contacts says, row by row, and everything that can be wrong with one.

Pure: bytes in, claims and faults out. It refuses to know who is registered, which organisations exist and what is
stored already; `import_steps.py` asks those. A fault names the row and the column, never what stands there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.errors import Invalid
from domain.instant import NotAnInstant, parse_instant
from domain.outcomes.definitions import ContactKind
from domain.people.nhs_number import parse_nhs_number

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 300_000
MAX_CELL_CHARACTERS = 100
DEFAULT_SOURCE = "import"
# As for readings: clocks drift by seconds.
CLOCK_SKEW_TOLERATED = timedelta(minutes=2)

PERSON_COLUMNS = ("nhs_number", "patient_id")
REQUIRED_COLUMNS = ("kind", "started_at", "organisation_ods_code")
OPTIONAL_COLUMNS = ("external_id", "source")
COLUMNS = (*PERSON_COLUMNS, *REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)

# A spreadsheet runs a cell that begins so (OWASP, CSV injection). Nothing we take begins so.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_UTF8_MARK = b"\xef\xbb\xbf"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff]")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ODS_CODE = re.compile(r"[A-Z0-9]{3,10}")
_TOKEN = re.compile(r"[!-~]{1,64}")


class FaultCode(StrEnum):
    """What can be wrong with a file. Codes are a promise to whoever reads reports: added to, never renamed."""

    empty_file = "empty_file"
    wrong_encoding = "wrong_encoding"
    wrong_delimiter = "wrong_delimiter"
    broken_row = "broken_row"
    missing_column = "missing_column"
    unknown_column = "unknown_column"
    repeated_column = "repeated_column"
    wrong_number_of_cells = "wrong_number_of_cells"
    too_many_rows = "too_many_rows"
    formula_cell = "formula_cell"
    text_not_allowed = "text_not_allowed"
    too_long = "too_long"
    required = "required"
    two_identities = "two_identities"
    nhs_number_invalid = "nhs_number_invalid"
    invalid_id = "invalid_id"
    unknown_person = "unknown_person"
    kind_unknown = "kind_unknown"
    invalid_time = "invalid_time"
    naive_time = "naive_time"
    future_time = "future_time"
    ods_code_form = "ods_code_form"
    unknown_organisation = "unknown_organisation"
    invalid_token = "invalid_token"
    duplicate_row = "duplicate_row"
    repeated_external_id = "repeated_external_id"
    conflict = "conflict"
    could_not_be_read = "could_not_be_read"


# code -> (what is wrong, what to do)
EXPLANATIONS: Mapping[FaultCode, tuple[str, str]] = {
    FaultCode.empty_file: ("The file has no rows of data.", "Export it again, with a header and at least one row."),
    FaultCode.wrong_encoding: (
        "The file is not UTF-8 from this row on.",
        "Save it as 'CSV UTF-8'; UTF-16 and Windows-1252 are not read.",
    ),
    FaultCode.wrong_delimiter: ("The columns are not separated by commas.", "Save it as comma-separated values."),
    FaultCode.broken_row: (
        "Quotes or line ends cannot be understood from this row on.",
        "Close every quote, double quotes within quotes, and end lines with LF or CRLF.",
    ),
    FaultCode.missing_column: ("A column is missing.", "Add it to the header, spelt exactly so."),
    FaultCode.unknown_column: (
        "The header names a column that is not known, or is empty.",
        f"Use only these columns, in any order: {', '.join(COLUMNS)}.",
    ),
    FaultCode.repeated_column: ("The header names a column twice.", "Keep one of the two."),
    FaultCode.wrong_number_of_cells: (
        "The row has more or fewer cells than the header.",
        "Quote cells that hold commas, and keep empty cells.",
    ),
    FaultCode.too_many_rows: (f"The file has more than {MAX_ROWS:,} rows.", "Split it into several files."),
    FaultCode.formula_cell: (
        "The cell begins like a spreadsheet formula (=, +, -, @).",
        "Export the plain value, not a formula.",
    ),
    FaultCode.text_not_allowed: ("The cell holds a control or invisible character.", "Remove it."),
    FaultCode.too_long: (f"The cell has more than {MAX_CELL_CHARACTERS} characters.", "Check that columns line up."),
    FaultCode.required: ("The cell is empty.", "Fill it in; for the person, give nhs_number or patient_id."),
    FaultCode.two_identities: ("The row has both nhs_number and patient_id.", "Keep one of the two."),
    FaultCode.nhs_number_invalid: (
        "This is not an NHS number: ten digits with a right check digit.",
        "Format the column as text before exporting: 9.43E+09 has lost its digits.",
    ),
    FaultCode.invalid_id: ("This is not a patient id.", "Use the id that Tendwell gave, or the NHS number."),
    FaultCode.unknown_person: (
        "Nobody of this number or id is registered where you are an administrator.",
        "Register the person first, or leave the row out.",
    ),
    FaultCode.kind_unknown: (
        "The kind of contact is not known.",
        f"Use one of: {', '.join(ContactKind)}.",
    ),
    FaultCode.invalid_time: (
        "This is not a date and time.",
        "Write it as RFC 3339, for example 2026-03-29T14:05:00+01:00.",
    ),
    FaultCode.naive_time: (
        "The time does not say its offset from UTC.",
        "Add it: Z or +00:00 in winter, +01:00 in British summer.",
    ),
    FaultCode.future_time: ("The contact lies in the future.", "Leave booked contacts out until they have happened."),
    FaultCode.ods_code_form: ("This is not an ODS code.", "Use 3 to 10 capital letters and digits."),
    FaultCode.unknown_organisation: (
        "No organisation has this ODS code.",
        "Check the code, or have the organisation added first.",
    ),
    FaultCode.invalid_token: (
        "The cell may hold up to 64 visible ASCII characters without spaces.",
        "Use the source system's own identifier.",
    ),
    FaultCode.duplicate_row: ("An earlier row of the file says the same contact.", "Keep one of the rows."),
    FaultCode.repeated_external_id: (
        "An earlier row uses this external_id for another contact of the person.",
        "Give every contact its own external_id.",
    ),
    FaultCode.conflict: (
        "Another contact is already recorded under this source and external_id.",
        "Correct the row: what is recorded is never overwritten.",
    ),
    FaultCode.could_not_be_read: (
        "Reading the file failed on our side, several times.",
        "Send it again later; report the import's id if it stays.",
    ),
}


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong: the row as a spreadsheet counts it (the header is row 1), the column if it is one."""

    row_number: int
    field: str | None
    code: FaultCode


@dataclass(frozen=True, slots=True)
class RowClaim:
    """A well-formed row: a contact that the file claims took place. The person is named in exactly one way."""

    row_number: int
    nhs_number: str | None
    patient_id: UUID | None
    kind: ContactKind
    started_at: datetime
    ods_code: str
    source: str
    external_id: str | None


class _Wrong(Exception):
    """Carries a fault's code out of the reading of one cell."""

    def __init__(self, code: FaultCode) -> None:
        super().__init__(code)
        self.code = code


def rows_of(content: bytes, *, received_at: datetime) -> Iterator[RowClaim | RowFault]:
    """Yield every row's claim or its faults, in the file's order. A fault of the file as a whole ends it.

    Blank rows are passed over. Lazy: a caller may take a slice at a time.
    """
    header: list[str] | None = None
    number, empty = 0, True
    try:
        for number, cells in enumerate(_records(content), start=1):
            if header is None:
                header = [cell.strip() for cell in cells]
                if faults := list(_header_faults(header)):
                    yield from faults
                    return
            elif any(cell.strip() for cell in cells):
                empty = False
                yield from _row(number, header, cells, received_at)
    except _Wrong as wrong:
        yield RowFault(number + 1, None, wrong.code)
        return
    if empty:
        yield RowFault(max(number, 1), None, FaultCode.empty_file)


def _records(content: bytes) -> Iterator[list[str]]:
    """Yield each row's cells. Raises _Wrong where the file can be read no further."""
    try:
        for count, cells in enumerate(csv.reader(_lines(content), strict=True)):
            if count > MAX_ROWS:
                raise _Wrong(FaultCode.too_many_rows)
            yield cells
    except csv.Error:
        raise _Wrong(FaultCode.broken_row) from None


def row_count(content: bytes) -> int:
    """Return about how many rows of data the bytes hold: their line ends. Exact unless cells hold line ends."""
    return content.count(b"\n")


def _lines(content: bytes) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:1024]:
        raise _Wrong(FaultCode.wrong_encoding)
    for line in io.BytesIO(content.removeprefix(_UTF8_MARK)):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise _Wrong(FaultCode.wrong_encoding) from None


def _header_faults(names: Sequence[str]) -> Iterator[RowFault]:
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        yield RowFault(1, None, FaultCode.wrong_delimiter)
        return
    for position, name in enumerate(names):
        if name not in COLUMNS:
            yield RowFault(1, f"column {position + 1}", FaultCode.unknown_column)
        elif name in names[:position]:
            yield RowFault(1, name, FaultCode.repeated_column)
    for name in REQUIRED_COLUMNS:
        if name not in names:
            yield RowFault(1, name, FaultCode.missing_column)
    if not set(PERSON_COLUMNS) & set(names):
        yield RowFault(1, "nhs_number", FaultCode.missing_column)


def _row(
    number: int, header: Sequence[str], cells: Sequence[str], received_at: datetime
) -> Iterator[RowClaim | RowFault]:
    if len(cells) != len(header):
        yield RowFault(number, None, FaultCode.wrong_number_of_cells)
        return
    texts = dict(zip(header, cells, strict=True))
    read: dict[str, Any] = {}
    faults = []
    for column, parse in _PARSERS.items():
        try:
            read[column] = parse(_fit(texts.get(column, "")))
        except _Wrong as wrong:
            faults.append(RowFault(number, column, wrong.code))
    faults = faults or [RowFault(number, column, code) for column, code in _disagreements(read, received_at)]
    if faults:
        yield from faults
        return
    yield RowClaim(
        row_number=number,
        nhs_number=read["nhs_number"],
        patient_id=read["patient_id"],
        kind=read["kind"],
        started_at=read["started_at"],
        ods_code=read["organisation_ods_code"],
        source=read["source"],
        external_id=read["external_id"],
    )


def _fit(text: str) -> str:
    """Return the cell's text, trimmed. Raises _Wrong for what is not even looked at."""
    if text.lstrip(" ").startswith(FORMULA_STARTS):
        raise _Wrong(FaultCode.formula_cell)
    if len(text) > MAX_CELL_CHARACTERS:
        raise _Wrong(FaultCode.too_long)
    if _UNPRINTABLE.search(text):
        raise _Wrong(FaultCode.text_not_allowed)
    return text.strip()


def _disagreements(read: Mapping[str, Any], received_at: datetime) -> Iterator[tuple[str, FaultCode]]:
    """Yield what is wrong between cells that are each well-formed."""
    if read["nhs_number"] is None and read["patient_id"] is None:
        yield "nhs_number", FaultCode.required
    if read["nhs_number"] is not None and read["patient_id"] is not None:
        yield "patient_id", FaultCode.two_identities
    if read["started_at"] > received_at + CLOCK_SKEW_TOLERATED:
        yield "started_at", FaultCode.future_time


def _nhs_number(text: str) -> str | None:
    if not text:
        return None
    try:
        return parse_nhs_number(text, allow_test_range=True).digits
    except Invalid:
        raise _Wrong(FaultCode.nhs_number_invalid) from None


def _patient_id(text: str) -> UUID | None:
    if text and not _ID.fullmatch(text):
        raise _Wrong(FaultCode.invalid_id)
    return UUID(text) if text else None


def _kind(text: str) -> ContactKind:
    try:
        return ContactKind(_filled(text))
    except ValueError:
        raise _Wrong(FaultCode.kind_unknown) from None


def _started_at(text: str) -> datetime:
    try:
        return parse_instant(_filled(text))
    except NotAnInstant as refused:
        raise _Wrong(FaultCode(refused.code)) from None


def _ods_code(text: str) -> str:
    if not _ODS_CODE.fullmatch(_filled(text)):
        raise _Wrong(FaultCode.ods_code_form)
    return text


def _source(text: str) -> str:
    return _external_id(text) or DEFAULT_SOURCE


def _external_id(text: str) -> str | None:
    if text and not _TOKEN.fullmatch(text):
        raise _Wrong(FaultCode.invalid_token)
    return text or None


def _filled(text: str) -> str:
    if not text:
        raise _Wrong(FaultCode.required)
    return text


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "nhs_number": _nhs_number,
    "patient_id": _patient_id,
    "kind": _kind,
    "started_at": _started_at,
    "organisation_ods_code": _ods_code,
    "external_id": _external_id,
    "source": _source,
}
