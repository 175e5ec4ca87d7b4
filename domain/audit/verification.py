"""Verifying the sealed trail from its first row to its last, in bounded memory.

Names the first position that is not what it was. It is handed a way to read and the checkpoints that were kept
outside; refuses to know where those came from. What each kind of tampering is caught by stands in docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit import seal_queries as queries
from domain.audit.chain import Chain, Tree
from domain.audit.checkpoint import NotACheckpoint, SignedNote, read_notes
from domain.audit.seal_queries import LogState, StoredCheckpoint

Transactions = Callable[[], AbstractAsyncContextManager[AsyncSession]]

ROWS_AT_ONCE = 2_000
# Requests last seconds, and servers' clocks differ by little: who is later than this beside their neighbours was
# written into the past, or a clock was badly wrong.
OUT_OF_ORDER = timedelta(minutes=10)
# A worker signs once a minute; while it is away, rows are not sealed either.
UNSIGNED_FOR = timedelta(hours=1)


class Tampered(Exception):
    """The first thing found wrong: at which position (None: not at one), and what."""

    def __init__(self, what: str, position: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.position = position


@dataclass(frozen=True, slots=True)
class Trust:
    """What the trail is held against: public keys, checkpoints kept outside, how long a row may wait for its seal.

    And for how long the policy keeps a row, and at which positions a wrong time is known of and accounted for.
    """

    public_pems: Sequence[str]
    kept_outside: Sequence[SignedNote] = ()
    known_times: Collection[int] = ()
    now: datetime = field(kw_only=True)
    unsealed_for: timedelta = field(kw_only=True)
    kept_for: timedelta = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in order: how many rows, from which position, and up to where checkpoints vouch for them.

    `unheld` checkpoints from outside are of what was removed since: nothing is there to hold against them.
    """

    first: int
    last: int
    checkpoints: int
    vouched_for: int
    unheld: int


@dataclass(frozen=True, slots=True)
class _Beginning:
    """After which position the rows begin, the chain there, and before when the first of them was to be sealed."""

    position: int
    chain: Chain
    sealed_before: datetime | None = None


async def verify_trail(reading: Transactions, trust: Trust) -> Verified:
    """Return what was found in order. Raises Tampered with the first position that is not."""
    async with reading() as session:
        log = await queries.log_state(session)
        removed = await queries.removed_until(session)
        said_at = None if removed is None else await queries.removal_said_at(session, removed.position)
    if log is None:
        raise Tampered("Nothing was ever sealed: the sealing's own state is gone, or no worker has run.")
    notes = _kept_outside(log, trust)
    beginning = _Beginning(0, Chain.empty()) if removed is None else _start(removed, said_at, log, trust)
    walk = _Walk(trust, log, beginning, notes)
    await walk.to_the_end(reading)
    _require_whole(log, notes)
    await _require_all_sealed(reading, trust)
    return walk.verified()


async def _require_all_sealed(reading: Transactions, trust: Trust) -> None:
    async with reading() as session:
        left = await queries.unsealed_rows(session, before=trust.now - trust.unsealed_for)
    if left.rows:
        raise Tampered(
            f"{left.rows} rows have waited longer than they should to be sealed, the first with id {left.first_id}:"
            " no worker seals, or they were written around it. (A restored database looks the same until a worker has"
            " sealed what the backup had not: verify again after that.)"
        )


def _kept_outside(log: LogState, trust: Trust) -> dict[int, SignedNote]:
    notes: dict[int, SignedNote] = {}
    for note in trust.kept_outside:
        stated = note.checkpoint
        if not note.is_signed_by(trust.public_pems):
            raise Tampered("A checkpoint from outside is not signed by a key of this trail.", stated.size)
        if stated.origin != log.origin:
            raise Tampered("A checkpoint from outside is of another trail, or this one was begun anew.", stated.size)
        if notes.setdefault(stated.size, note).checkpoint.root != stated.root:
            raise Tampered("Two checkpoints from outside contradict each other.", stated.size)
    return notes


def _require_whole(log: LogState, notes: Mapping[int, SignedNote]) -> None:
    size = max(notes, default=0)
    if size > log.position:
        raise Tampered(
            f"The trail was cut: a checkpoint from outside vouches for {size} rows, and {log.position} are sealed here."
            " (A database restored from an older backup looks the same.)",
            log.position + 1,
        )


def _start(removed: queries.Removed, said_at: datetime | None, log: LogState, trust: Trust) -> _Beginning:
    """Return where the walk begins in a trail whose beginning was removed: by policy, as a row of it must say."""
    if said_at is None or log.position == removed.position:
        raise Tampered("The rows up to here are gone, and the trail does not say that it was by policy.", 1)
    if removed.chain_hash is None or removed.tree is None or removed.note is None:
        raise Tampered("The trail's beginning was removed without a checkpoint there.", removed.position)
    kept = StoredCheckpoint(removed.position, removed.chain_hash, removed.tree, trust.now, removed.note)
    chain = Chain(kept.chain_hash, _tree(kept.position, kept.tree))
    _require_stated(kept, chain, log, trust)
    return _Beginning(removed.position, chain, said_at - trust.kept_for)


def _tree(position: int, stored: bytes) -> Tree:
    try:
        return Tree.read(position, stored)
    except ValueError:
        raise Tampered("The state of the tree was changed.", position) from None


def _require_stated(kept: StoredCheckpoint, chain: Chain, log: LogState, trust: Trust) -> None:
    """Raise Tampered unless a stored checkpoint is signed, and says what the chain is at its position."""
    try:
        (note,) = read_notes(kept.note)
    except (NotACheckpoint, ValueError):
        raise Tampered("A stored checkpoint was changed.", kept.position) from None
    if not note.is_signed_by(trust.public_pems):
        raise Tampered("A stored checkpoint's signature is not right.", kept.position)
    stated = note.checkpoint
    if (stated.origin, stated.size, stated.root) != (log.origin, kept.position, chain.tree.root()):
        raise Tampered("The rows up to here are not those that a stored checkpoint vouches for.", kept.position)


class _Walk:
    """One pass over the sealed rows."""

    def __init__(
        self, trust: Trust, log: LogState, beginning: _Beginning, kept_outside: Mapping[int, SignedNote]
    ) -> None:
        self._trust, self._log, self._beginning, self._chain = trust, log, beginning, beginning.chain
        self._outside = kept_outside
        self._stored: dict[int, StoredCheckpoint] = {}
        self._checkpoints = 0
        self._vouched_for = beginning.position
        self._latest_at: datetime | None = None
        self._sealed_at: datetime | None = None

    async def to_the_end(self, reading: Transactions) -> None:
        """Walk from the first row to where the chain says that it stands."""
        if self._beginning.position:
            self._require_same_outside(self._beginning.position)
        while self._chain.position < self._log.position:
            before = self._chain.position
            async with reading() as session:
                rows = await queries.sealed_rows(session, after=before, until=self._log.position, limit=ROWS_AT_ONCE)
                until = before + len(rows)
                stored = await queries.stored_checkpoints(session, after=before, until=until)
            if not rows:
                raise Tampered("The trail was cut: the seals from here on are gone.", before + 1)
            self._stored = {each.position: each for each in stored}
            for row in rows:
                self._step(row)
        self._require_the_end()

    def _step(self, row: Any) -> None:
        position = self._chain.position + 1
        if row["position"] != position:
            raise Tampered("A seal is missing.", position)
        if row["id"] is None:
            raise Tampered(f"The row with id {row['audit_id']} was deleted.", position)
        self._require_as_sealed(row, position)
        if position == self._beginning.position + 1:
            self._require_all_before_were_old(row)
        self._require_in_time(row, position)
        self._require_vouched_for(position)

    def _require_as_sealed(self, row: Any, position: int) -> None:
        hashed, mark, chain_hash = self._chain.append(row, row["sealed_at"]), row["mark"], row["chain_hash"]
        if mark is None and hashed != row["row_hash"]:
            raise Tampered(f"The row with id {row['id']} is not what was sealed.", position)
        if mark is not None and mark != self._chain.mark:
            raise Tampered(f"The row with id {row['id']}, or the seal of the one before, is not what was.", position)
        if (mark is None or chain_hash is not None) and chain_hash != self._chain.hash:
            raise Tampered("A seal was changed: the chain breaks.", position)

    def _require_all_before_were_old(self, first: Any) -> None:
        sealed_before = self._beginning.sealed_before
        if sealed_before is not None and first["sealed_at"] > sealed_before:
            raise Tampered("Rows were removed before the policy's time was over.", self._beginning.position)

    def _require_in_time(self, row: Any, position: int) -> None:
        at, self._sealed_at = row["at"], row["sealed_at"]
        if position in self._trust.known_times:
            return
        if at > row["sealed_at"] + OUT_OF_ORDER:
            raise Tampered("The row says that it happened after it was sealed.", position)
        if self._latest_at is not None and at < self._latest_at - OUT_OF_ORDER:
            raise Tampered("The row was written into the past: rows before it in the chain are younger.", position)
        self._latest_at = at if self._latest_at is None else max(at, self._latest_at)

    def _require_vouched_for(self, position: int) -> None:
        if (stored := self._stored.get(position)) is not None:
            _require_stated(stored, self._chain, self._log, self._trust)
            self._checkpoints += 1
            self._vouched_for = position
        self._require_same_outside(position)

    def _require_same_outside(self, position: int) -> None:
        if (note := self._outside.get(position)) is None:
            return
        if note.checkpoint.root != self._chain.tree.root():
            raise Tampered("The rows up to here are not those that a checkpoint from outside vouches for.", position)
        self._checkpoints += 1
        self._vouched_for = position

    def _require_the_end(self) -> None:
        if self._chain.hash != self._log.chain_hash or self._chain.tree.stored() != self._log.tree:
            raise Tampered("The sealing's own state is not what the rows add up to.", self._log.position)
        is_old = self._sealed_at is not None and self._trust.now - self._sealed_at > UNSIGNED_FOR
        if self._vouched_for < self._log.position and is_old:
            raise Tampered(
                "No checkpoint vouches for the rows from here on: they were deleted, or nobody signs.",
                self._vouched_for + 1,
            )

    def verified(self) -> Verified:
        """Return what was found in order."""
        first = self._beginning.position + 1
        unheld = sum(size < self._beginning.position for size in self._outside)
        return Verified(first, self._log.position, self._checkpoints, self._vouched_for, unheld)
