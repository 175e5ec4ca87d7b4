"""What many patients would need, worked out from what was measured: sums that can be followed on paper."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.figures import Comparison, Figures
from benchmarks.projection import (
    POPULATIONS,
    Assumptions,
    Measured,
    projected,
    rented_cores,
    server_capacity,
    tables,
)
from benchmarks.storage import Storage

MEASURED = Measured(
    "2026-11-23",
    cores=2,
    singles_per_second=100,
    batched_per_second=10_000,
    messages_per_second=10_000,
    sockets_per_process=2_000,
    bytes_a_single=1_000,
    bytes_batched=500,
)
# A day of 86,400 readings is one a second; with nothing else going on.
PLAIN = Assumptions(
    home_share=1.0,
    home_readings_per_day=8.64,
    watch_share=0.0,
    resident_share=0.0,
    peak_factor=1.0,
    watchers_per_patient=0.0,
    sockets_per_patient=0.0,
    utilisation=1.0,
    database_share=0.5,
    cores_per_node=1.0,
    server_efficiency=1.0,
    rows_kept_years=1.0,
    copies=1.0,
    server_storage_gb=1e9,
)


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
    found = projected(1_000, MEASURED, mixed)
    assert found.readings_per_day == 2_000 + 25_000 + 2_000
    assert found.peak_readings_per_second == pytest.approx(29_000 / 86_400 * 3)


def test_a_reading_costs_what_the_measured_machine_took_for_it() -> None:
    # 10,000,000 × 8.64 readings a day are 1,000 a second, which take 2 × 1,000 ÷ 100 = 20 cores, half of them nodes'.
    found = projected(10_000_000, MEASURED, PLAIN)
    assert found.peak_readings_per_second == pytest.approx(1_000)
    assert found.nodes == 10
    assert (found.servers, found.cores_of_servers) == (1, 10)


def test_head_room_is_bought_for_nodes_and_servers_alike() -> None:
    half = projected(10_000_000, MEASURED, replace(PLAIN, utilisation=0.5))
    assert (half.nodes, half.cores_of_servers) == (20, 20)


def test_what_is_sent_in_batches_costs_a_hundredth_here() -> None:
    batched = replace(PLAIN, home_share=0.0, watch_share=1.0, watch_readings_per_day=8.64)
    assert projected(1_000_000_000, MEASURED, batched).nodes == projected(10_000_000, MEASURED, PLAIN).nodes


def test_sockets_and_messages_need_nodes_too_the_more_of_the_two() -> None:
    silent = projected(1_000_000, MEASURED, PLAIN).nodes
    watched = projected(1_000_000, MEASURED, replace(PLAIN, sockets_per_patient=0.02)).nodes
    assert (silent, watched) == (2, 11)
    told = projected(1_000_000, MEASURED, replace(PLAIN, watchers_per_patient=1_000.0)).nodes
    assert told == 11


def test_storage_is_what_is_kept_times_the_copies() -> None:
    found = projected(10_000, MEASURED, replace(PLAIN, rows_kept_years=2.0, copies=3.0))
    assert found.storage_gb == pytest.approx(86_400 * 365 * 2 * 1_000 / 1e9 * 3)


def test_one_server_is_taken_until_its_processors_or_its_disk_are_full() -> None:
    full = replace(PLAIN, cores_per_server=4.0)
    assert projected(4_000_000, MEASURED, full).servers == 1
    assert projected(4_100_000, MEASURED, full).servers == 2
    small = projected(310_000, MEASURED, replace(PLAIN, server_storage_gb=100.0))
    assert (small.servers, small.servers_by_disk) == (10, 10)


def test_each_further_core_of_a_server_adds_less_than_the_first() -> None:
    assumed = replace(PLAIN, cores_per_server=11.0, server_efficiency=0.5)
    assert server_capacity(assumed) == 6
    assert rented_cores(6, assumed) == 11
    assert rented_cores(0.1, assumed) == 2


def test_the_bill_is_nodes_servers_with_their_standbys_and_storage() -> None:
    priced = replace(PLAIN, node_core_hour_pounds=0.01, database_core_hour_pounds=0.10, storage_gb_month_pounds=0.0)
    found = projected(10_000_000, MEASURED, priced)
    assert found.pounds_a_month == pytest.approx(730 * (10 * 0.01 + 2 * 10 * 0.10))
    stored = projected(10_000_000, MEASURED, replace(priced, storage_gb_month_pounds=1.0))
    assert stored.pounds_a_month - found.pounds_a_month == pytest.approx(stored.storage_gb)
    assert found.pounds_a_patient_year == pytest.approx(12 * found.pounds_a_month / 10_000_000)


def test_more_patients_never_need_less() -> None:
    rows = [projected(patients, MEASURED, Assumptions()) for patients in POPULATIONS]
    for figure in ("nodes", "servers", "storage_gb", "pounds_a_month"):
        found = [getattr(row, figure) for row in rows]
        assert found == sorted(found)


@pytest.mark.parametrize(
    "changed", [{"home_share": 1.1}, {"watch_share": 0.5}, {"utilisation": 0.0}, {"peak_factor": 0.5}, {"copies": -1.0}]
)
def test_what_makes_no_sense_is_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="."):
        Assumptions(**changed)


def test_without_a_measured_rate_nothing_is_made_up() -> None:
    with pytest.raises(ValueError, match="not measured"):
        projected(1, replace(MEASURED, singles_per_second=None), Assumptions())


def test_every_assumption_is_printed_with_its_reason_and_what_was_not_measured_is_called_so() -> None:
    text = tables(replace(MEASURED, messages_per_second=None), Assumptions())
    for each in fields(Assumptions):
        assert f"`--{each.name.replace('_', '-')}`" in text
        assert each.metadata["why"] in text
    assert "| messages per second | not measured |" in text
    assert all(f"| {patients:,} |" in text for patients in POPULATIONS)
    assert "extrapolated" in text


def test_a_run_is_kept_and_read_again(tmp_path: Path) -> None:
    posts = Figures("POST", (1.0,) * 500, seconds=5.0)
    runs = [Comparison("single POST, 32 connections, one process", posts, posts, by_rate=True)]
    kept = scale.measured_in(runs, [Storage("singles", 10, {"observation": 9_000})])
    scale.write(kept, tmp_path / "results.json")
    assert scale.read(tmp_path / "results.json") == kept
    assert (kept.singles_per_second, kept.bytes_a_single, kept.batched_per_second) == (100, 900, None)


def test_an_option_changes_what_it_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(asdict(MEASURED)))
    scale.main(["--measured", str(tmp_path / "results.json"), "--peak-factor", "8", "--patients", "10000"])
    said = capsys.readouterr().out
    assert "| `--peak-factor` | 8 × the mean |" in said
    assert re.search(r"^\| 10,000 \|", said, re.MULTILINE)


def test_the_run_that_is_kept_can_be_projected_from() -> None:
    assert tables(scale.read(), Assumptions())
