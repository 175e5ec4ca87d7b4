"""What a superuser does to the trail is found, and named by its position (AUTHZ-023, security.md §7 no. 22)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.audit.chain import MARK_BYTES, Chain, Tree
from domain.audit.checkpoint import Checkpoint, signed
from domain.audit.removal_commands import begin_removal, removable_rows, remove_some
from domain.audit.verification import Tampered
from domain.clock import utc_now
from domain.keys.key_pair import new_key_pair
from tests.database.audit.stage import SEALS, Trail

_AT = f"id = (select audit_id from {SEALS} s where s.position = {{position}})"


@pytest.fixture(params=["in stretches", "each by itself, as before 0073", "the first as before"])
async def trail(trail: Trail, request: pytest.FixtureRequest) -> Trail:
    """Return the trail with its seals stored in either way, or in both."""
    if request.param == "the first as before":
        stretch = await trail.superuser.fetchrow("delete from audit_stretch where first_position = 41 returning *")
        await trail.store_as_before()
        await trail.superuser.execute("insert into audit_stretch values ($1, $2, $3, $4, $5, $6, $7)", *stretch)
    elif request.param != "in stretches":
        await trail.store_as_before()
    return trail


async def outside(trail: Trail) -> str:
    """Return the newest checkpoint, as kept outside before anything is done to the database."""
    note: str = (await trail.ask("select note from audit_checkpoint order by position desc"))[0]
    return note


async def found(trail: Trail, *kept_outside: str, **given: Any) -> Tampered:
    with pytest.raises(Tampered) as caught:
        await trail.verify(*kept_outside, **given)
    return caught.value


async def test_an_untouched_trail_is_in_order_and_vouched_for_to_its_end(trail: Trail) -> None:
    verified = await trail.verify(await outside(trail))
    (rows,) = await trail.ask("select count(*) from audit_event")
    assert (verified.first, verified.last, verified.vouched_for) == (1, rows, rows)


@pytest.mark.parametrize(
    "change",
    [
        "account_id = gen_random_uuid()",
        "reason = 'Asked to'",
        "at = at - interval '1 second'",
        "basis = null",
        "count = count + 1",
        "outcome = 'refused'",
        "xid = xid - 1",
    ],
)
async def test_an_edited_row_is_named(trail: Trail, change: str) -> None:
    await trail.superuser.execute(f"update audit_event set {change} where {_AT.format(position=17)}")
    assert (await found(trail)).position == 17


async def test_a_row_deleted_in_the_middle_is_named(trail: Trail) -> None:
    await trail.superuser.execute(f"delete from audit_event where {_AT.format(position=9)}")
    assert (await found(trail)).position == 9


async def test_a_row_deleted_with_its_seal_is_named(trail: Trail) -> None:
    await trail.superuser.execute(f"delete from audit_event where {_AT.format(position=9)}")
    await trail.superuser.execute("delete from audit_seal where position = 9")
    await trail.superuser.execute(
        "update audit_stretch set audit_ids = audit_ids[:8] || audit_ids[10:],"
        " marks = substring(marks for 64) || substring(marks from 73) where first_position = 1"
    )
    assert (await found(trail)).position == 9


async def test_a_seal_that_was_changed_to_fit_an_edited_row_breaks_the_chain_there(trail: Trail) -> None:
    await trail.superuser.execute(f"update audit_event set count = 7777 where {_AT.format(position=12)}")
    before = await trail.ask("select exists (select from audit_seal where position = 12)")
    await _rewritten(trail, only=12)
    # Of a stretch the row after tells: its mark is of the chain, in which the row before is another.
    assert (await found(trail)).position == (12 if before[0] else 13)


@pytest.mark.parametrize("trail", ["in stretches"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "marks = overlay(marks placing decode('00', 'hex') from 8 * 20 + 1)",
        "marks = substring(marks for 8 * 20)",
        "audit_ids = audit_ids[:20] || audit_ids[1] || audit_ids[22:]",
    ],
)
async def test_a_changed_stretch_of_seals_is_named_where_it_was_changed(trail: Trail, change: str) -> None:
    await trail.superuser.execute(f"update audit_stretch set {change} where first_position = 1")
    assert (await found(trail)).position == 21


async def test_a_cut_end_is_named_by_a_checkpoint_kept_outside_however_well_the_rest_was_made_to_fit(
    trail: Trail,
) -> None:
    kept = await outside(trail)
    await _cut(trail, 30)
    assert (await trail.verify()).last == 30  # nothing inside shows it
    assert (await found(trail, kept)).position == 31


async def test_a_cut_end_that_was_not_made_to_fit_shows_without_any_checkpoint(trail: Trail) -> None:
    await trail.superuser.execute("delete from audit_seal where position > 40")
    await trail.superuser.execute("delete from audit_stretch where first_position > 40")
    assert (await found(trail)).position == 41


async def test_a_chain_rewritten_from_an_edit_on_is_found_by_the_checkpoint_inside_and_the_one_outside(
    trail: Trail,
) -> None:
    kept, end = await outside(trail), (await trail.verify()).last
    await trail.superuser.execute(f"update audit_event set count = 7777 where {_AT.format(position=12)}")
    await _rewritten(trail)
    assert (await found(trail)).position == 40  # the first checkpoint that the rows no longer fit
    await trail.superuser.execute("delete from audit_checkpoint")
    assert (await trail.verify()).vouched_for == 0  # only what was kept outside still shows it
    assert (await found(trail, kept)).position == end


async def test_checkpoints_deleted_inside_are_missed_once_the_rows_are_an_hour_old(trail: Trail) -> None:
    await trail.superuser.execute("delete from audit_checkpoint")
    for table in ("audit_seal", "audit_stretch"):
        await trail.superuser.execute(f"update {table} set sealed_at = sealed_at - interval '2 hours'")
    await trail.superuser.execute("update audit_event set at = at - interval '2 hours'")
    await _rewritten(trail)
    assert (await found(trail)).position == 1


async def test_a_checkpoint_signed_by_another_key_is_not_believed(trail: Trail) -> None:
    row = await trail.ask("select origin, position, tree from audit_log")
    forged = signed(
        Checkpoint(row.origin, row.position, Tree.read(row.position, row.tree).root()), new_key_pair().private_pem
    )
    assert "not signed" in (await found(trail, forged)).what


async def test_a_row_written_around_the_sealing_is_missed(trail: Trail) -> None:
    await trail.superuser.execute(
        "insert into audit_event (id, at, account_id, action, request_id, xid) overriding system value"
        " values (-1, now() - interval '30 days', gen_random_uuid(), 'patient.read', 'forged', 3)"
    )
    await trail.seal()
    assert "id -1" in (await found(trail)).what


async def test_a_row_written_into_the_past_is_named_although_it_was_sealed(trail: Trail) -> None:
    await trail.superuser.execute(
        "insert into audit_event (at, account_id, action, request_id)"
        " values (now() - interval '30 days', gen_random_uuid(), 'patient.read', 'forged')"
    )
    end = (await trail.verify(unsealed_for=timedelta(hours=1000))).last
    await trail.seal()
    assert (await found(trail)).position == end + 1


async def test_rows_that_nobody_seals_are_missed_after_a_while_and_not_before(trail: Trail) -> None:
    await trail.write(10)
    assert "10 rows" in (await found(trail)).what
    await trail.verify(unsealed_for=timedelta(minutes=1))


async def test_a_folder_outside_gets_every_checkpoint_and_is_read_back(trail: Trail, tmp_path: Path) -> None:
    await trail.write(10)
    await trail.seal()
    (file,) = tmp_path.glob("audit-*.checkpoints")
    verified = await trail.verify(file.read_text())
    assert verified.checkpoints == 6  # three, each of them inside and outside
    await _cut(trail, 45)
    assert (await found(trail, file.read_text())).position == 46


async def test_a_table_emptied_by_truncate_is_found(trail: Trail) -> None:
    await trail.superuser.execute("truncate audit_event")
    assert (await found(trail)).position == 1
    await trail.superuser.execute("truncate audit_seal, audit_stretch, audit_log, audit_checkpoint")
    assert "Nothing was ever sealed" in (await found(trail)).what


async def _cut(trail: Trail, keep: int) -> None:
    """Cut the end off, as one who knows how everything is worked out."""
    await trail.superuser.execute("delete from audit_seal where position > $1", keep)
    await trail.superuser.execute("delete from audit_stretch where first_position > $1", keep)
    await trail.superuser.execute(
        "update audit_stretch set audit_ids = audit_ids[: $1 - first_position + 1]"
        " where first_position + cardinality(audit_ids) - 1 > $1",
        keep,
    )
    await trail.superuser.execute(f"delete from audit_event where id not in (select audit_id from {SEALS} s)")
    await trail.superuser.execute("delete from audit_checkpoint where position > $1", keep)
    await _rewritten(trail)


async def _rewritten(trail: Trail, *, only: int | None = None) -> None:
    """Work seals and state out anew; of `only` one position just what is kept of itself."""
    chain, marks, ends = Chain.empty(), list[bytes](), list[bytes]()
    async with trail.database.writing() as session:
        rows = await session.execute(
            text(f"select s.*, a.* from {SEALS} s join audit_event a on a.id = s.audit_id order by s.position")
        )
        for row in rows.mappings().all():
            hashed = chain.append(row, row["sealed_at"])
            marks.append(chain.mark)
            ends.append(chain.hash)
            also = "" if only else ", chain_hash = :chain"
            if only in (None, row["position"]):
                await session.execute(
                    text(f"update audit_seal set row_hash = :row{also} where position = :position").bindparams(
                        position=row["position"], row=hashed, **({} if only else {"chain": chain.hash})
                    )
                )
    for stretch in await trail.superuser.fetch("select * from audit_stretch"):
        first, size = stretch["first_position"], len(stretch["audit_ids"])
        anew, end = b"".join(marks[first - 1 : first - 1 + size]), ends[first + size - 2]
        if only is not None:
            start = (only - first) * MARK_BYTES
            anew = stretch["marks"][:start] + marks[only - 1] + stretch["marks"][start + MARK_BYTES :]
            anew, end = anew if first <= only < first + size else stretch["marks"], stretch["chain_hash"]
        await trail.superuser.execute(
            "update audit_stretch set marks = $2, chain_hash = $3 where first_position = $1", first, anew, end
        )
    if only is None:
        await trail.superuser.execute(
            "update audit_log set position = $1, chain_hash = $2, tree = $3",
            chain.position,
            chain.hash,
            chain.tree.stored(),
        )


AT_ONCE = timedelta(0)


async def removed_by_policy(trail: Trail, most: int = 30) -> int:
    """Begin to remove what was sealed by now, and return up to which position it goes."""
    async with trail.database.writing() as session:
        now = utc_now()
        due = await removable_rows(session, now)
        assert await begin_removal(session, now, "for this test", now) == due
    async with trail.database.writing() as session:
        assert await remove_some(session, most) in {most, 40}  # what was sealed together goes together
    return due


async def test_the_oldest_part_may_go_by_policy_and_the_rest_still_verifies_from_its_checkpoint(trail: Trail) -> None:
    early, kept = (await trail.ask("select note from audit_checkpoint order by position"))[0], await outside(trail)
    await trail.write(20)
    await trail.seal()
    assert await removed_by_policy(trail) == 41
    await trail.seal()
    await trail.verify(kept_for=AT_ONCE)  # halfway as well
    async with trail.database.writing() as session:
        assert [await remove_some(session, most=30) for _ in range(2)] in ([11, 0], [1, 0])
    verified = await trail.verify(early, kept, kept_for=AT_ONCE)
    assert (verified.first, verified.last, verified.unheld) == (42, 62, 1)
    assert await trail.ask("select 1 from audit_event where action = 'audit.remove'")
    forged = await found(trail, kept.replace("\n41\n", "\n40\n"), kept_for=AT_ONCE)
    assert forged.position == 40
    await trail.superuser.execute("delete from audit_checkpoint where position = 41")
    assert "without a checkpoint" in (await found(trail, kept_for=AT_ONCE)).what


async def test_rows_that_are_not_old_enough_are_missed_however_their_removal_was_made_to_look(trail: Trail) -> None:
    """A forged removal was believed: rows minutes old went, and the rest was called as it was written."""
    await trail.write(20)
    await trail.seal()
    await removed_by_policy(trail)
    await trail.seal()
    missed = await found(trail)
    assert (missed.position, "before the policy's time was over" in missed.what) == (41, True)


async def test_a_removal_of_which_the_trail_says_nothing_is_a_deletion(trail: Trail) -> None:
    await trail.write(20)
    await trail.seal()
    for forged in (41, 61):
        await trail.superuser.execute("insert into audit_removal values ($1, now(), 'policy')", forged)
        await trail.superuser.execute(
            f"delete from audit_event where id in (select audit_id from {SEALS} s where position <= $1)", forged
        )
        await trail.superuser.execute("delete from audit_seal where position <= $1", forged)
        await trail.superuser.execute("delete from audit_stretch where first_position <= $1", forged)
        assert "does not say that it was by policy" in (await found(trail, kept_for=AT_ONCE)).what


async def test_a_time_that_was_wrong_for_a_known_reason_hides_nothing_that_comes_after(trail: Trail) -> None:
    """A clock once badly wrong made the trail red for good, and whatever was done to it since went unseen."""
    await trail.write(3)
    await trail.superuser.execute(
        "update audit_event set at = at - interval '1 hour' where id = (select max(id) from audit_event)"
    )
    await trail.seal()
    await trail.write(10)
    await trail.seal()
    wrong = (await found(trail)).position
    assert wrong is not None
    assert (await trail.verify(known_times=[wrong])).last > wrong
    await trail.superuser.execute(f"update audit_event set count = 7777 where {_AT.format(position=wrong + 5)}")
    assert (await found(trail, known_times=[wrong])).position == wrong + 5
