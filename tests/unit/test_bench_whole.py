"""The bench keeps to its minutes: parts are shortened, left out or ended, and that is said; results know their run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.__main__ import asked, settings
from benchmarks.findings import Findings, read, write
from benchmarks.goals import Goal
from benchmarks.report import report
from benchmarks.results import Kept, Run
from benchmarks.timetable import (
    PARTS,
    TAKING_DOWN_SECONDS,
    WITHIN_MINUTES,
    Settings,
    Slot,
    expected_seconds,
    slot,
)
from benchmarks.whole import ended, run, run_part, with_every_goal

WHOLE_SECONDS = WITHIN_MINUTES * 60 - TAKING_DOWN_SECONDS
RUN = Run("2026-11-23 13:45 UTC", 2, "2 cores", "0123abc", "6 s a load", load=0.1)
FOUND = Findings(("| a | b | c | d |",), (Goal("start", 4.0, "bare: 1 s"),), ("| e | f | g |",), {"one": 1.5})


def test_the_whole_fits_into_its_minutes_with_ten_million_readings() -> None:
    assert sum(expected_seconds(part, Settings()) for part in PARTS) <= WHOLE_SECONDS
    assert Settings().readings == 10_000_000


def test_what_does_not_fit_is_shortened_in_all_parts_and_never_beyond_what_was_asked() -> None:
    wanted = Settings(seconds=60, minutes=10)
    given = slot(PARTS, wanted, WHOLE_SECONDS)
    assert given is not None
    assert given.settings.minutes < 10
    assert sum(expected_seconds(part, given.settings) for part in PARTS) <= WHOLE_SECONDS
    few = slot(PARTS, Settings(seconds=1, minutes=0.1, readings=1_000), WHOLE_SECONDS / 2)
    assert few is not None
    assert few.settings == Settings(seconds=1, minutes=0.1, readings=1_000)


def test_a_part_is_ended_before_it_takes_what_the_others_need() -> None:
    given = slot(PARTS, Settings(), WHOLE_SECONDS)
    assert given is not None
    least = Settings(2, 0.5, 1_000_000)
    assert given.most_seconds == WHOLE_SECONDS - sum(expected_seconds(part, least) for part in PARTS[1:])


def test_with_time_for_some_parts_the_first_have_it_and_without_time_none_runs() -> None:
    assert slot(PARTS, Settings(), 100.0) is not None
    assert slot(PARTS, Settings(), 10.0) is None


def test_what_there_was_no_time_for_is_in_the_table_and_nothing_is_started() -> None:
    told: list[str] = []
    kept = run(PARTS, Settings(), TAKING_DOWN_SECONDS + 5, told.append)
    assert told == []
    text = report(kept)
    assert text.count("| **not measured**: no time left (5 s) |") == sum(len(kept[part].found.goals) for part in PARTS)


def test_what_hangs_is_ended_and_said() -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(sleeps, process_group=0) as child:
        assert ended(child, 0.2) == "not done within 0 s and ended"
        assert child.poll() is not None


def test_what_fails_is_said() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"], process_group=0) as child:
        assert ended(child, 60) == "it failed with code 7"


def test_what_was_found_until_then_is_kept(tmp_path: Path) -> None:
    assert read(tmp_path / "found.json") == Findings()
    write(FOUND, tmp_path / "found.json")
    assert read(tmp_path / "found.json") == FOUND


def test_results_are_kept_with_their_run_and_read_again(tmp_path: Path) -> None:
    kept = {"loads": Kept(RUN, FOUND)}
    results.write(kept, tmp_path / "results.json")
    assert results.read(tmp_path / "results.json") == kept
    (tmp_path / "results.json").write_text('{"date": "2026-11-23", "cores": 2}')
    with pytest.raises(ValueError, match="no results of this bench"):
        results.read(tmp_path / "results.json")


def test_rows_of_different_runs_say_so_each() -> None:
    older = Run("2026-11-22 09:00 UTC", 2, "2 cores", "fedcba9", "8 s a load", load=9.0)
    of_one = {part: Kept(RUN, with_every_goal(part, Findings(), "ended")) for part in PARTS}
    assert f"One run: {RUN.told}." in report(of_one)
    mixed = report(of_one | {"reads": Kept(older, with_every_goal("reads", Findings(), "ended"))})
    assert "**The parts are not of one run**" in mixed
    assert "| reads, 2026-11-22 09:00 UTC, fedcba9 |" in mixed
    assert "| loads, 2026-11-23 13:45 UTC, 0123abc |" in mixed
    assert "| **beside other work** (load 9.0 before it) |" in mixed
    assert mixed.count("**beside other work**") == 1


def test_what_is_not_met_is_listed_with_its_figure_and_its_goal() -> None:
    text = report({"footprint": Kept(RUN, with_every_goal("footprint", FOUND, "ended"))})
    assert "0 of 5 goals are met, 1 are not, 4 not known." in text
    assert "- start until ready, median of 5 (bare: 1 s): 4.00 s, goal ≤ 3.00 s: **NOT MET**, by 33%" in text


def test_the_page_that_is_kept_is_what_the_code_makes_of_the_results_that_are_kept() -> None:
    assert (results.LAST_RUN.parent / "RESULTS.md").read_text() == report(results.read())


def test_an_option_that_no_part_of_those_asked_for_heeds_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked(["storage", "--readings", "1000"])
    assert "--readings is heeded by reads alone" in capsys.readouterr().err
    given = asked(["reads", "storage", "--readings", "1000"])
    assert given.parts == ["storage", "reads"]
    assert settings(given) == Settings(readings=1_000)


def test_a_part_whose_time_is_up_before_it_has_begun_has_found_nothing_and_leaves_no_folder(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(tmp_path))
        assert run_part("loads", Slot(Settings(), 0.1), told.append) == (Findings(), "not done within 0 s and ended")
    assert told[0].startswith("loads: not done within 0 s and ended, after ")
    assert not list(tmp_path.iterdir())
