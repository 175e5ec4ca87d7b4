"""Lists as PostgreSQL writes arrays, for statements of many rows at once: `cast(cast(:ids as text) as uuid[])`.

The driver looks at each element of a list in three ways before it writes it, which takes longer than to write it here
and have PostgreSQL read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def as_array(values: Iterable[object]) -> str:
    """Return ids, numbers, instants, flags or words of our own, none of which needs quotes; None is null."""
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


def as_column(values: Sequence[object]) -> str:
    """Return the same for `unnest` beside others: nothing at all where all are null, which it fills up by itself."""
    return "{}" if values.count(None) == len(values) else as_array(values)


def as_texts(values: Sequence[str | None]) -> str:
    """Return a column of texts, whatever they are made of but NUL; None is null."""
    quoted = {value: _quoted(value) for value in set(values)}  # many are alike: a device's name, a unit
    return "{}" if quoted.keys() == {None} else f"{{{','.join([quoted[value] for value in values])}}}"


def as_bytes(values: Sequence[bytes]) -> str:
    """Return a column of bytes."""
    return f"{{{','.join([_HEXADECIMAL + value.hex() for value in values])}}}"


_HEXADECIMAL = "\\\\x"  # the backslash is doubled within an array


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
