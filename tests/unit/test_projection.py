"""What many patients would need, worked out from what was measured: sums that can be followed on paper."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from benchmarks import results, scale
from benchmarks.findings import Findings
from benchmarks.projection import (
    AUDIT_YEARS_KEPT,
    FOUND_BY,
    POPULATIONS,
    YEARS,
    Assumptions,
    Measured,
    NotMeasured,
    each_of,
    measured,
    projected,
    rented_cores,
    server_capacity,
    stored_gb,
)
from benchmarks.projection_tables import tables
from benchmarks.results import Kept, Run, measured_in
from benchmarks.timetable import PARTS
from domain.observations.removal_commands import LEAST_YEARS_KEPT
from tests.architecture.source import ROOT

MEASURED = Measured(
    cores=2,
    singles_per_second=100,
    batched_per_second=10_000,
    single_messages_per_second=10_000,
    batched_messages_per_second=1_000,
    sockets_per_process=2_000,
    reading_bytes_single=300,
    reading_bytes_batched=300,
    audit_bytes_single=400,
    audit_bytes_batched=4,
    event_bytes_single=100,
    event_bytes_batched=1,
    daily_summary_bytes=200,
    latest_bytes=150,
)
FIGURES = {name: figure for name, figure in asdict(MEASURED).items() if name != "cores"}
# A day of 86,400 readings is one a second; with nothing else going on.
PLAIN = Assumptions(
    home_share=1.0,
    home_readings_per_day=8.64,
    home_signs=0.0,
    watch_share=0.0,
    resident_share=0.0,
    looks_per_day=0.0,
    peak_factor=1.0,
    watchers_per_patient=0.0,
    sockets_per_patient=0.0,
    utilisation=1.0,
    database_share=0.5,
    cores_per_node=1.0,
    server_efficiency=1.0,
    copies=1.0,
    server_storage_gb=1e9,
)


def kept(figures: dict[str, float]) -> dict[str, Kept]:
    run = Run("2026-11-23 13:45 UTC", 2, "2 cores", "0123abc", "6 s a load")
    return {
        part: Kept(run, Findings(figures={n: f for n, f in figures.items() if FOUND_BY[n] == part})) for part in PARTS
    }


BY_HAND = Assumptions(
    home_share=0.8,
    home_readings_per_day=4,
    home_signs=3,
    watch_share=0.1,
    watch_readings_per_day=100,
    watch_signs=1,
    resident_share=0.1,
    resident_readings_per_day=12,
    resident_signs=6,
    looks_per_day=2,
    peak_factor=3,
    watchers_per_patient=0.05,
    sockets_per_patient=0.02,
    utilisation=0.5,
    database_share=0.5,
    cores_per_node=1,
    server_efficiency=0.5,
    copies=3,
    server_storage_gb=16_000,
    node_core_hour_pounds=0.01,
    database_core_hour_pounds=0.10,
    storage_gb_month_pounds=0.10,
)


def test_a_whole_case_by_hand() -> None:
    # 100,000 patients. Home: 80,000 × 4 a day, singly. Watches: 10,000 × 100 a day, singly. Residents: 10,000 × 12 a
    # day, six in a post. Together 320,000 + 1,000,000 + 120,000 = 1,440,000 readings a day, 16.667 a second, at the
    # peak (× 3) 50.
    found = projected(100_000, 10, MEASURED, BY_HAND)
    assert found.readings_per_day == pytest.approx(1_440_000)
    assert found.peak_readings_per_second == pytest.approx(50)
    # A single takes 1/100 s, a post of 100 takes 100/10,000 s, the same: so a post of six takes 1/100 s as well, and
    # posts alone count: (320,000 + 1,000,000 + 20,000) × 3 ÷ 86,400 = 46.528 a second, × 2 cores ÷ 100 = 0.93056 cores
    # busy. Sockets: 100,000 × 0.02 ÷ 2,000 = 1 process, more than messages take (below). Nodes have half of what is
    # busy and the sockets, with as much to spare: (0.46528 + 1) ÷ 0.5 = 2.93, so 3 of one core.
    assert found.nodes == 3
    # PostgreSQL: 0.46528 ÷ 0.5 = 0.93 cores: one server of two, the least.
    assert (found.servers, found.cores_of_servers) == (1, 2)


def test_what_that_case_stores_and_costs_by_hand() -> None:
    found = projected(100_000, 10, MEASURED, BY_HAND)
    # Ten years are 3,652.5 days. Readings are kept for 8, 2,922 days: 1,440,000 × 300 bytes × 2,922 = 1,262.304 GB.
    assert found.stored_gb["readings"] == pytest.approx(1_262.304)
    # Summaries, for ever: 80,000 × 3 + 10,000 × 1 + 10,000 × 6 = 310,000 a day × 200 bytes × 3,652.5 = 226.455 GB.
    assert found.stored_gb["daily summaries"] == pytest.approx(226.455)
    # The latest: 310,000 × 150 bytes.
    assert found.stored_gb["latest of each sign"] == pytest.approx(0.0465)
    # Trail, 30 years, so all of it: 400 bytes a post whatever is in it (400 alone, 100 × 4 of a hundred), so
    # 1,340,000 posts a day × 400 × 3,652.5 = 1,957.74 GB; two looks a day of each: 200,000 × 400 × 3,652.5 = 292.2.
    assert found.stored_gb["audit of recording"] == pytest.approx(1_957.74)
    assert found.stored_gb["audit of looks"] == pytest.approx(292.2)
    # Of events the newest million, each 100 bytes.
    assert found.stored_gb["events"] == pytest.approx(0.1)
    # Together 3,738.8455 GB, three times 11,216.5365; the bill 1,121.65 for them, 730 hours × 3 nodes × 0.01 = 21.90,
    # and 730 × 2 servers × 2 cores × 0.10 = 292.
    assert found.storage_gb == pytest.approx(11_216.5365)
    assert found.pounds_a_month == pytest.approx(1_121.65365 + 21.90 + 292)


def test_readings_are_those_of_each_kind_of_patient() -> None:
    mixed = Assumptions(
        home_share=0.5,
        home_readings_per_day=4,
        watch_share=0.25,
        watch_readings_per_day=100,
        resident_share=0.25,
        resident_readings_per_day=8,
        peak_factor=3,
    )
    found = projected(1_000, 1, MEASURED, mixed)
    assert found.readings_per_day == 2_000 + 25_000 + 2_000
    assert found.peak_readings_per_second == pytest.approx(29_000 / 86_400 * 3)


def test_a_reading_costs_what_the_measured_machine_took_for_it() -> None:
    # 10,000,000 × 8.64 readings a day are 1,000 a second, which take 2 × 1,000 ÷ 100 = 20 cores, half of them nodes'.
    found = projected(10_000_000, 1, MEASURED, PLAIN)
    assert found.peak_readings_per_second == pytest.approx(1_000)
    assert found.nodes == 10
    assert (found.servers, found.cores_of_servers) == (1, 10)


def test_head_room_is_bought_for_nodes_and_servers_alike() -> None:
    half = projected(10_000_000, 1, MEASURED, replace(PLAIN, utilisation=0.5))
    assert (half.nodes, half.cores_of_servers) == (20, 20)


def test_a_reading_is_priced_by_how_many_are_sent_with_it() -> None:
    # A single is 10, a post of a hundred 208 (2.08 each): 10 for the first and 2 for each of the other 99.
    assert each_of(1, 10, 2.08) == 10
    assert each_of(100, 10, 2.08) == pytest.approx(2.08)
    assert each_of(6, 10, 2.08) == pytest.approx((10 + 5 * 2) / 6)


def test_what_sends_by_itself_is_priced_as_it_sends() -> None:
    singly = replace(PLAIN, home_share=0.0, watch_share=1.0, watch_readings_per_day=8.64)
    assert projected(10_000_000, 1, MEASURED, singly).nodes == projected(10_000_000, 1, MEASURED, PLAIN).nodes
    hundreds = replace(singly, watch_readings_per_post=100)
    assert projected(1_000_000_000, 1, MEASURED, hundreds).nodes == projected(10_000_000, 1, MEASURED, PLAIN).nodes


def test_sockets_and_messages_need_nodes_too_the_more_of_the_two() -> None:
    silent = projected(1_000_000, 1, MEASURED, PLAIN).nodes
    watched = projected(1_000_000, 1, MEASURED, replace(PLAIN, sockets_per_patient=0.02)).nodes
    assert (silent, watched) == (2, 11)
    told = projected(1_000_000, 1, MEASURED, replace(PLAIN, watchers_per_patient=1_000.0)).nodes
    assert told == 11


def test_a_message_is_a_post_s_and_takes_as_long_as_such_a_post_s_did() -> None:
    # 100 readings a second to 1,000 screens each: singly 100,000 messages ÷ 10,000 = 10 processes; by hundreds
    # 1,000 messages ÷ 1,000 = 1 process.
    watched = replace(PLAIN, watchers_per_patient=1_000.0, database_share=1.0)
    assert projected(1_000_000, 1, MEASURED, watched).nodes == 10
    by_hundreds = replace(watched, home_readings_per_post=100, utilisation=0.25)
    assert projected(1_000_000, 1, MEASURED, by_hundreds).nodes == 4


def test_each_kind_is_kept_for_as_long_as_the_policy_says() -> None:
    assert Assumptions().readings_kept_years == LEAST_YEARS_KEPT == 8
    assert Assumptions().audit_kept_years == AUDIT_YEARS_KEPT == 30
    year, eight, thirty, sixty = (
        stored_gb(1_000_000, years, MEASURED, replace(PLAIN, home_signs=1)) for years in (1, 8, 30, 60)
    )
    for kind, kept_years in (("readings", 8), ("audit of recording", 30), ("daily summaries", 60)):
        at = (year[kind], eight[kind], thirty[kind], sixty[kind])
        assert at == pytest.approx([year[kind] * min(years, kept_years) for years in (1, 8, 30, 60)])


def test_one_server_is_taken_until_its_processors_or_its_disk_are_full() -> None:
    full = replace(PLAIN, cores_per_server=4.0)
    assert projected(4_000_000, 1, MEASURED, full).servers == 1
    assert projected(4_100_000, 1, MEASURED, full).servers == 2
    # 310,000 × 8.64 readings a day of 300 and 400 bytes are 684.8 GB in a year, with events 684.9.
    small = projected(310_000, 1, MEASURED, replace(PLAIN, server_storage_gb=100.0))
    assert (small.servers, small.servers_by_disk) == (7, 7)


def test_each_further_core_of_a_server_adds_less_than_the_first() -> None:
    assumed = replace(PLAIN, cores_per_server=11.0, server_efficiency=0.5)
    assert server_capacity(assumed) == 6
    assert rented_cores(6, assumed) == 11
    assert rented_cores(0.1, assumed) == 2


def test_more_patients_and_more_years_never_need_less() -> None:
    rows = [projected(patients, years, MEASURED, Assumptions()) for patients in POPULATIONS for years in YEARS]
    for figure in ("nodes", "servers", "storage_gb", "pounds_a_month"):
        found = [getattr(row, figure) for row in rows]
        assert found == sorted(found)


@pytest.mark.parametrize(
    "changed",
    [
        {"home_share": 1.1},
        {"watch_share": 0.5},
        {"utilisation": 0.0},
        {"peak_factor": 0.5},
        {"copies": -1.0},
        {"watch_readings_per_post": 0.5},
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="."):
        Assumptions(**changed)


@pytest.mark.parametrize("name", FOUND_BY)
def test_without_any_one_of_the_measured_figures_nothing_is_made_up(name: str) -> None:
    lacking = {each: figure for each, figure in FIGURES.items() if each != name}
    with pytest.raises(NotMeasured, match=f"{name} .`python -m benchmarks {FOUND_BY[name]}`"):
        measured_in(kept(lacking))
    assert measured_in(kept(FIGURES)) == MEASURED


def test_every_figure_is_asked_for_by_its_name() -> None:
    assert {each.name for each in fields(Measured)} == {"cores", *FOUND_BY}
    assert measured(2, FIGURES | {"unheard of": 1.0}) == MEASURED
    with pytest.raises(ValueError, match="above 0"):
        measured(2, FIGURES | {"audit_bytes_single": 0.0})


def test_every_assumption_is_printed_with_its_reason_and_every_measured_figure_with_its_part() -> None:
    text = tables(MEASURED, Assumptions())
    for each in fields(Assumptions):
        assert f"`--{each.name.replace('_', '-')}`" in text
        assert each.metadata["why"] in text
    for name, part in FOUND_BY.items():
        assert re.search(rf"^\| {name.replace('_', ' ')} \| [\d,.]+ \| {part} \|$", text, re.MULTILINE)
    assert all(f"| {patients:,} | {years} |" in text for patients in POPULATIONS for years in YEARS)
    assert "extrapolated" in text


def test_an_option_changes_what_it_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    results.write(kept(FIGURES), tmp_path / "results.json")
    scale.main(["--measured", str(tmp_path / "results.json"), "--peak-factor", "8", "--patients", "10000"])
    said = capsys.readouterr().out
    assert "| `--peak-factor` | 8 × the mean |" in said
    assert re.search(r"^\| 10,000 \|", said, re.MULTILINE)


def test_the_command_refuses_a_run_that_lacks_a_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lacking = {name: figure for name, figure in FIGURES.items() if name != "sockets_per_process"}
    results.write(kept(lacking), tmp_path / "results.json")
    with pytest.raises(SystemExit):
        scale.main(["--measured", str(tmp_path / "results.json")])
    assert "not measured: sockets_per_process" in capsys.readouterr().err


def test_the_run_that_is_kept_can_be_projected_from() -> None:
    assert tables(measured_in(results.read()), Assumptions())


def test_the_page_about_scale_says_for_how_long_each_kind_is_counted() -> None:
    page = (ROOT / "docs" / "scale.md").read_text()
    assert f"readings for {Assumptions().readings_kept_years:g} years" in page
    assert f"audit trail for {Assumptions().audit_kept_years:g}" in page
