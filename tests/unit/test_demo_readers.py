"""The traps of each dataset, as its notice names them, and that what is committed can be read."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from demo.cast import BIDMC, CHARTED, HOME_BP, MIMIC, MONITORED, numerics_file
from demo.choose_stays import DETERIORATING, RECOVERING, STABLE, choose, courses
from demo.measurements import BloodPressure, Consciousness, Quantity
from demo.prepare_data import BIDMC_NUMBERS, DATA, EICU_STAYS
from demo.readers.bidmc import parse_numerics, read_numerics
from demo.readers.eicu import SUITABLE_GOALS, parse_actions, parse_goals, read_goals
from demo.readers.home_bp import parse_home_bp, read_home_bp
from demo.readers.mimic import INTUBATED, blood_pressure, consciousness, inspired_oxygen, parse_stay, read_stay

NUMERICS_HEADER = "Time [s], HR, PULSE, RESP, SpO2\n"


def charted(
    itemid: str, value: str, at: str = "2130-08-12 09:00:00", *, number: str | None = None, error: str = "0"
) -> dict[str, str]:
    """Return one row of the charted events; a worded value has no number."""
    numeric = value if number is None else number
    return {"icustay_id": "1", "itemid": itemid, "charttime": at, "value": value, "valuenum": numeric, "error": error}


# Monitor numerics


def test_a_header_with_a_space_after_each_comma_is_read() -> None:
    read = parse_numerics([NUMERICS_HEADER, "0,94,93,25,97\n"], "07")
    assert {
        (r.measurement.sign, r.measurement.value, r.device) for r in read if isinstance(r.measurement, Quantity)
    } == {
        ("heart_rate", 94, "bidmc-monitor-07"),
        ("respiratory_rate", 25, "bidmc-monitor-07"),
        ("oxygen_saturation", 97, "bidmc-monitor-07"),
        ("heart_rate", 93, "bidmc-oximeter-07"),
    }


@pytest.mark.parametrize("nothing", ["", " ", "NaN", "0"])
def test_a_drop_out_or_a_zero_is_never_a_reading(nothing: str) -> None:
    read = parse_numerics([NUMERICS_HEADER, f"3,94,{nothing},{nothing},97\n"], "07")
    assert [r.measurement.sign for r in read] == ["heart_rate", "oxygen_saturation"]


def test_seconds_are_counted_by_row_because_some_clocks_start_at_minus_nought() -> None:
    read = parse_numerics([NUMERICS_HEADER, "-0,90,,,\n", "1,91,,,\n"], "07")
    assert [r.after for r in read] == [timedelta(), timedelta(seconds=1)]


def test_twelve_different_recordings_of_eight_minutes_are_committed() -> None:
    assert len(set(BIDMC_NUMBERS)) == len(MONITORED) == 12
    for number in BIDMC_NUMBERS:
        read = read_numerics(numerics_file(number), number)
        assert read[-1].after == timedelta(seconds=480)
        assert all(isinstance(r.measurement, Quantity) and r.measurement.value > 0 for r in read)


def test_the_committed_recordings_do_have_drop_outs_and_zeros_to_leave_out() -> None:
    assert len(read_numerics(numerics_file("13"), "13")) == 481 * 3 + (481 - 146 - 220)


# Charted stays


def test_a_row_marked_as_an_error_is_dropped() -> None:
    assert parse_stay([charted("220045", "108", error="1")]) == ()


@pytest.mark.parametrize("item", ["220045", "220210", "220277"])
def test_a_zero_is_an_artefact_and_is_dropped(item: str) -> None:
    assert parse_stay([charted(item, "0")]) == ()


def test_fahrenheit_is_sent_as_fahrenheit_and_celsius_as_celsius() -> None:
    read = parse_stay([charted("223761", "98.6"), charted("223762", "37.1", "2130-08-12 10:00:00")])
    assert [r.measurement for r in read] == [
        Quantity("body_temperature", 98.6, "[degF]"),
        Quantity("body_temperature", 37.1, "Cel"),
    ]


def test_dates_past_2100_matter_only_by_their_intervals() -> None:
    read = parse_stay([charted("220045", "80", "2201-11-18 23:30:00"), charted("220045", "81", "2201-11-19 01:00:00")])
    assert [r.after for r in read] == [timedelta(), timedelta(minutes=90)]


def test_systolic_and_diastolic_of_one_instant_and_one_device_make_one_reading() -> None:
    read = parse_stay(
        [charted("220179", "120"), charted("220180", "70"), charted("220050", "131"), charted("220051", "66")]
    )
    assert {(r.measurement, r.device) for r in read} == {
        (BloodPressure(120, 70), "icu-cuff-1"),
        (BloodPressure(131, 66), "icu-arterial-line-1"),
    }


@pytest.mark.parametrize(
    "rows",
    [
        [charted("220179", "120")],
        [charted("220179", "120"), charted("220180", "70", "2130-08-12 09:01:00")],
        [charted("220179", "120"), charted("220051", "70")],
        [charted("220179", "61"), charted("220180", "125")],
        [charted("220179", "0"), charted("220180", "70")],
    ],
    ids=["half", "another instant", "another device", "the wrong way round", "an artefact"],
)
def test_a_blood_pressure_that_is_not_a_pair_is_left_out(rows: list[dict[str, str]]) -> None:
    assert parse_stay(rows) == ()


def test_a_pressure_without_a_number_is_none() -> None:
    assert blood_pressure(charted("220179", "", number=""), charted("220180", "70")) is None


@pytest.mark.parametrize(
    ("eye", "verbal", "motor", "level"),
    [
        ("Spontaneously", "Oriented", "Obeys Commands", "A"),
        ("Spontaneously", "Confused", "Obeys Commands", "C"),
        ("Spontaneously", INTUBATED, "Obeys Commands", "A"),
        ("Spontaneously", INTUBATED, "Localizes Pain", None),
        ("To Speech", INTUBATED, "Obeys Commands", "V"),
        ("To Pain", INTUBATED, "Flex-withdraws", "P"),
        ("None", INTUBATED, "Obeys Commands", "V"),
        ("None", "No Response", "Flex-withdraws", "P"),
        ("None", "No Response", "No response", "U"),
        ("Spontaneously", None, "Obeys Commands", None),
        (None, "Oriented", "Obeys Commands", None),
        ("Spontaneously", "Oriented", None, None),
    ],
)
def test_consciousness_follows_the_coma_scale_and_a_tube_is_not_unresponsiveness(
    eye: str | None, verbal: str | None, motor: str | None, level: str | None
) -> None:
    assert consciousness(eye, verbal, motor) == level


def test_consciousness_is_read_from_three_rows_of_one_instant() -> None:
    rows = [
        charted("220739", "Spontaneously", number="4"),
        charted("223900", "Oriented", number="5"),
        charted("223901", "Obeys Commands", number="6"),
    ]
    assert [r.measurement for r in parse_stay(rows)] == [Consciousness("A")]


@pytest.mark.parametrize(
    ("devices", "flow", "fraction", "oxygen"),
    [
        ({"None"}, "", "", Quantity("inspired_oxygen", 0, "L/min")),
        ({"Nasal cannula"}, "3", "", Quantity("inspired_oxygen", 3, "L/min")),
        ({"Face tent"}, "", "40", Quantity("inspired_oxygen", 40, "%")),
        ({"Face tent", "None"}, "10", "", Quantity("inspired_oxygen", 10, "L/min")),
        ({"Nasal cannula"}, "", "", None),
        ({"None"}, "3", "", None),
        (set(), "", "40", None),
    ],
    ids=["room air", "flow", "fraction", "two devices", "unknown amount", "contradiction", "setting without a device"],
)
def test_no_device_is_room_air_and_an_unknown_amount_stays_unknown(
    devices: set[str], flow: str, fraction: str, oxygen: Quantity | None
) -> None:
    rows = {"223834": charted("223834", flow), "223835": charted("223835", fraction)}
    assert inspired_oxygen(devices, rows) == oxygen


def test_one_instant_gives_at_most_one_reading_of_a_sign_from_a_device() -> None:
    assert len(parse_stay([charted("223761", "98.6"), charted("223762", "37.1")])) == 1


def test_every_committed_stay_has_every_part_of_an_early_warning_score() -> None:
    assert set(CHARTED.values()) == {DETERIORATING, RECOVERING, STABLE}
    for stay in CHARTED.values():
        signs = {r.measurement.sign for r in read_stay(MIMIC, stay)}
        assert signs == {
            "heart_rate",
            "respiratory_rate",
            "oxygen_saturation",
            "blood_pressure",
            "body_temperature",
            "consciousness_acvpu",
            "inspired_oxygen",
        }


def test_the_committed_stays_are_what_the_written_rule_calls_them() -> None:
    found = {course.stay: course for course in courses(MIMIC.parent)}
    assert choose(list(found.values())) == {
        "deteriorating": DETERIORATING,
        "recovering": RECOVERING,
        "stable": STABLE,
    }
    assert found[DETERIORATING].rise > 1
    assert found[STABLE].unrest < 3
    assert found[RECOVERING].rise < -3


# Home blood pressure


def test_home_readings_come_oldest_first_with_their_intervals() -> None:
    read = parse_home_bp(
        [
            "DateTime,Sys.mmHg.,Dias.mmHg.,Pulse.bpm.\n",
            "2019-08-01 09:15:54,132,80,79\n",
            "2019-07-31 09:15:54,126,77,NA\n",
        ]
    )
    assert [(r.after, r.measurement) for r in read] == [
        (timedelta(), BloodPressure(126, 77)),
        (timedelta(days=1), BloodPressure(132, 80)),
        (timedelta(days=1), Quantity("heart_rate", 79, "/min")),
    ]


def test_the_committed_home_readings_span_a_hundred_and_eight_days() -> None:
    read = read_home_bp(HOME_BP)
    assert len(read) == 2 * 222
    assert round(read[-1].after / timedelta(days=1)) == 107
    assert all(earlier.after <= later.after for earlier, later in itertools.pairwise(read))


# Care plans


def goal(number: int, offset: int, words: str, status: str) -> dict[str, str]:
    """Return one row of the care-plan goals."""
    row = {"cplgoalid": str(number), "cplgoaloffset": str(offset), "cplgoalcategory": "Pulmonary"}
    return row | {"cplgoalvalue": words, "cplgoalstatus": status}


def test_the_last_charting_of_a_goal_counts_and_its_status_becomes_two() -> None:
    words = "Pulse oximetry within ordered parameters"
    read = parse_goals([goal(2, 900, words, "Resolved"), goal(1, 200, words, "Active")])
    assert [(g.charted, g.lifecycle, g.achievement) for g in read] == [(words, "completed", "achieved")]


def test_a_goal_is_told_as_its_owner_would_say_it_and_each_charted_one_has_words_of_its_own() -> None:
    (read,) = parse_goals(
        [goal(1, 0, "Patient returns to previous level of activity or improved independence", "Active")]
    )
    assert read.description == "Walk to the shop and back without stopping"
    assert len(set(SUITABLE_GOALS.values())) == len(SUITABLE_GOALS)
    for stay in EICU_STAYS:
        for found in read_goals(DATA / "eicu_demo_careplan" / "carePlanGoal.csv", stay):
            assert found.charted in SUITABLE_GOALS
            assert not re.search(
                "patient|parameters|symptoms|ADL|oximetry|vital|anginal|fibrillation", found.description
            )


@pytest.mark.parametrize(
    ("status", "lifecycle", "achievement"),
    [
        ("Active", "active", "in-progress"),
        ("Progressing towards goal", "active", "improving"),
        ("Deferred", "on-hold", None),
    ],
)
def test_each_status_has_its_place_in_the_lifecycle(status: str, lifecycle: str, achievement: str | None) -> None:
    (read,) = parse_goals([goal(1, 0, "Does not incur an injury", status)])
    assert (read.lifecycle, read.achievement) == (lifecycle, achievement)


def test_goals_without_words_or_of_a_hospital_unit_are_left_out() -> None:
    assert parse_goals([goal(1, 0, "", "Active"), goal(2, 0, "Initiate ventilator bundle", "Active")]) == ()


def test_care_plan_items_become_plain_steps_once_each() -> None:
    row = {"cplgeneralid": "1", "cplitemoffset": "10", "cplgroup": "Activity", "cplitemvalue": "Chair"}
    bed = row | {"cplgeneralid": "3", "cplitemvalue": "Bedrest"}
    assert parse_actions([row, row | {"cplgeneralid": "2"}, bed]) == ("Sit out in a chair for your meals",)


# What is committed


def test_every_dataset_stands_beside_its_notice_and_the_whole_is_small() -> None:
    folders = {folder for folder in DATA.iterdir() if folder.is_dir()}
    assert BIDMC in folders
    for folder in folders - {DATA / "contacts"}:
        assert "Licence" in (folder / "NOTICE.md").read_text(encoding="utf-8") or "licensed" in (
            folder / "NOTICE.md"
        ).read_text(encoding="utf-8")
    assert "synthetic" in (DATA / "contacts" / "README.md").read_text(encoding="utf-8").lower()
    for shared_alike in ("mimic3_demo_vitals", "eicu_demo_careplan"):
        assert (DATA / shared_alike / "LICENSE_ODbL.md").stat().st_size > 20_000
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 1_500_000
