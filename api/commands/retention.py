"""`python -m api retention`: remove what its time is over for, by policy; with --dry-run only tell how much that is.

Needs a role that may delete from the audit trail, as the service's own may not. What the worker removes by itself is
listed too. Readings are removed by no policy, but where somebody says from before which day, eight years ago or more.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import date, datetime

from api.exit_codes import OK
from api.owner import asked_as_owner
from api.settings import read_owner_url
from domain.audit.month_commands import drop_emptied_months
from domain.audit.removal_commands import begin_removal, removable_rows, remove_some
from domain.observations.removal_commands import LEAST_YEARS_KEPT, remove_readings
from domain.observations.summary_commands import Place
from domain.rights.retention import AUDIT, POLICY, YEAR, Rule
from integrations.postgres.client import Database
from integrations.postgres.clock import DatabaseClock
from integrations.postgres.limits import Limits

_NOT_IN_COPIES = "A person's copy of their record holds no daily summaries: of what was removed it will tell nothing."


def main(arguments: list[str]) -> int:
    """Return 0 when it was told, or done. Raises NotAllowed."""
    parser = argparse.ArgumentParser(prog="python -m api retention", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only tell")
    parser.add_argument(
        "--readings-before",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="remove readings from before this day as well, but for the latest of each sign; daily summaries stay, "
        "which charts are drawn from, but which no person's copy of their record holds",
    )
    given = parser.parse_args(arguments)
    now = asyncio.run(_now(read_owner_url()))
    youngest = (now - LEAST_YEARS_KEPT * YEAR).date()
    if given.readings_before is not None and (given.dry_run or given.readings_before > youngest):
        parser.error(f"--readings-before: {youngest} at the latest, and not with --dry-run")
    with asked_as_owner("look at the whole audit trail"):
        due = asyncio.run(_due(read_owner_url(), now, is_dry=given.dry_run))
    for rule in POLICY:
        print(_told(rule))
    print(f"\nRows of the audit trail {'that would be' if given.dry_run else ''} removed: {due}".replace("  ", " "))
    if given.readings_before is not None:
        removed, left_out = asyncio.run(_remove_readings(read_owner_url(), given.readings_before, now))
        print(_NOT_IN_COPIES)
        if left_out:
            print(f"Records left out, as somebody was writing to them: {left_out}. Run it again.")
        print(f"Readings removed: {removed}")
    return OK


def _told(rule: Rule) -> str:
    kept = "kept" if rule.kept_for is None else f"kept for {_period(rule)}"
    return f"{rule.what}: {kept}, because {rule.why} ({rule.source}); removed by {rule.removed_by}"


def _period(rule: Rule) -> str:
    if rule.kept_for is None or not rule.kept_for:
        return "as long as it is used"
    years = rule.kept_for / YEAR
    return f"{years:.0f} years" if years >= 1 else f"{rule.kept_for.total_seconds() / 3600:.0f} hours"


async def _now(url: str) -> datetime:
    """Return the present instant by the database's clock: what a machine's own, set wrong, has removed is gone."""
    database = _opened(url)
    clock = DatabaseClock(database)
    try:
        await clock.be_set()
        return clock()
    finally:
        await database.close()


def _opened(url: str) -> Database:
    return Database(url, Limits(statement_timeout_ms=0, application_name="tendwell retention"), pooled=False)


async def _due(url: str, now: datetime, *, is_dry: bool) -> int:
    database = _opened(url)
    before = now - (AUDIT.kept_for or YEAR)
    try:
        async with database.writing() as session:
            due = await removable_rows(session, before)
            if is_dry:
                return due
            is_begun = due > 0 and await begin_removal(session, before, AUDIT.what, now) is not None
        goes_on = is_begun
        while goes_on:
            async with database.writing() as session:
                goes_on = await remove_some(session) > 0
        # Also where nothing is due: the last time somebody may have been reading them.
        async with database.writing() as session:
            await drop_emptied_months(session, before)
        return due if is_begun else 0
    finally:
        await database.close()


async def _remove_readings(url: str, before: date, now: datetime) -> tuple[int, int]:
    """Return how many readings went, and how many records were left out because somebody was writing to them."""
    database = _opened(url)
    removed, left_out, place = 0, 0, Place()
    try:
        while True:
            async with database.writing() as session:
                step = await remove_readings(session, place, before, now)
            removed, left_out = removed + step.readings, left_out + step.left_out
            if step.place is None:
                return removed, left_out
            place = step.place
    finally:
        await database.close()
