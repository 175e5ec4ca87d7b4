"""The chain that seals the audit trail: what is hashed, and how each row is tied to all before it. Pure.

Two structures over the same rows. The chain names the first row that is not what it was. The tree hash (RFC 6962,
section 2.1) is what checkpoints state: any transparency-log tool can check it, and a single row can be proved to a
patient or a court without handing over anybody else's. Refuses to know where rows are kept and who signs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

# Of `audit_event`, in the order in which they are hashed. A later version with other columns gets another FORM.
COLUMNS = (
    "id",
    "at",
    "account_id",
    "session_id",
    "action",
    "about",
    "basis",
    "role",
    "organisation_id",
    "purpose",
    "reason",
    "outcome",
    "patient_id",
    "subject_id",
    "count",
    "request_id",
    "xid",
)
FORM = "tendwell audit row 1"
HASH_BYTES = 32
MARK_BYTES = 8  # of the chain's hash after each row: whoever makes a row fit tries 2^64 times, and the next one tells
START = bytes(HASH_BYTES)  # what the first row is chained to
_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"  # RFC 6962 tells leaves from nodes; a link is neither


class Row(Protocol):
    """A row of the trail: its columns by name."""

    def __getitem__(self, name: str, /) -> Any:
        """Return a column's value."""


def row_hash(row: Row, *, position: int, sealed_at: datetime) -> bytes:
    """Return the hash of a row in its place: of all its columns, its position, and when it was sealed.

    Its text is a JSON array of texts, numbers and nulls in ASCII: nothing in it can be read in two ways.
    """
    told = [FORM, position, _told(sealed_at), *(_told(row[name]) for name in COLUMNS)]
    return hashlib.sha256(_LEAF + json.dumps(told, separators=(",", ":")).encode()).digest()


def _told(value: Any) -> str | int | None:
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)


def link(before: bytes, row: bytes) -> bytes:
    """Return the chain's hash after a row: of the chain's hash before it, and of the row's."""
    return hashlib.sha256(_LINK + before + row).digest()


@dataclass(slots=True)
class Tree:
    """The RFC 6962 tree over the rows' hashes so far: the roots of its complete subtrees, greatest first."""

    size: int
    roots: list[bytes]

    @classmethod
    def read(cls, size: int, stored: bytes) -> Tree:
        """Return the tree of this size. Raises ValueError for bytes that are not the state of one."""
        if len(stored) != HASH_BYTES * size.bit_count():
            raise ValueError("not the state of a tree of this size")
        return cls(size, [stored[start : start + HASH_BYTES] for start in range(0, len(stored), HASH_BYTES)])

    def append(self, leaf: bytes) -> None:
        """Add a row's hash."""
        complete = self.size
        while complete & 1:
            leaf = _node(self.roots.pop(), leaf)
            complete >>= 1
        self.roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        if not self.roots:
            return hashlib.sha256().digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = _node(left, root)
        return root

    def stored(self) -> bytes:
        """Return the state to go on from."""
        return b"".join(self.roots)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


@dataclass(slots=True)
class Chain:
    """The chain up to and including a position."""

    hash: bytes
    tree: Tree

    @classmethod
    def empty(cls) -> Chain:
        """Return the chain before its first row."""
        return cls(START, Tree(0, []))

    @property
    def position(self) -> int:
        """Return how many rows it holds."""
        return self.tree.size

    @property
    def mark(self) -> bytes:
        """Return what is kept for the last row of it."""
        return self.hash[:MARK_BYTES]

    def append(self, row: Row, sealed_at: datetime) -> bytes:
        """Seal the next row, and return its hash."""
        hashed = row_hash(row, position=self.position + 1, sealed_at=sealed_at)
        self.hash = link(self.hash, hashed)
        self.tree.append(hashed)
        return hashed
