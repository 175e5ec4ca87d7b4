"""The commissioner's page: figures with everything one must know to read them, and words where a figure is withheld."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.records import COMMISSIONER

FIGURES = re.compile(r"\d+(\.\d+)? \(\d+(\.\d+)? to \d+(\.\d+)?\)")


def test_rates_and_their_ratio_stand_with_intervals_and_the_one_sentence_that_may_be_said(start: StartJourney) -> None:
    page = _outcomes(start, "Remote care at home")
    row = page.get_by_role("row").filter(has_text="Face-to-face GP visits")
    expect(row.get_by_role("cell").nth(1)).to_have_text(FIGURES)
    expect(row.get_by_role("img")).to_have_attribute("aria-label", re.compile("rate ratio .* 1 means no change"))
    section = page.get_by_role("region", name="Face-to-face GP visits")
    expect(section).to_contain_text("uncontrolled; may be regression to the mean")
    expect(page.get_by_text("Data up to")).to_be_visible()
    expect(page.get_by_role("heading", name="Read with care")).to_be_visible()


def test_the_ratio_has_two_decimals_everywhere_and_says_the_same_as_the_percentage(start: StartJourney) -> None:
    page = _outcomes(start, "Remote care at home")
    row = page.get_by_role("row").filter(has_text="Face-to-face GP visits")
    words = row.get_by_role("cell").nth(3).inner_text()
    ratio, low, high = (float(found) for found in re.findall(r"\b\d+\.\d\d\b", words))
    sentence = page.get_by_role("region", name="Face-to-face GP visits").locator(".tw-claim").inner_text()
    said = [
        float(number) * (-1 if side == "lower" else 1)
        for number, side in re.findall(r"([\d.]+)% (lower|higher)", sentence)
    ]
    assert said == pytest.approx([100 * (each - 1) for each in (ratio, low, high)], abs=0.5)
    expect(row.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(rf"rate ratio {ratio:.2f} \({low:.2f} to")
    )


def test_every_date_is_written_in_one_way(start: StartJourney) -> None:
    page = _outcomes(start, "Remote care at home")
    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile(r"Data up to\s*\d{1,2} [A-Z][a-z]+ 20\d\d"))
    expect(main).not_to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))


def test_what_is_suppressed_is_said_to_be_and_never_shown_as_a_blank_or_a_zero(start: StartJourney) -> None:
    page = _outcomes(start, "A pathway of a few")
    table = page.get_by_role("table", name=re.compile("^Before and since joining"))
    for row in table.get_by_role("row").all()[1:]:
        for cell in row.get_by_role("cell").all()[1:]:
            expect(cell).to_contain_text("Suppressed: fewer than 8 people")
    expect(table.get_by_role("img")).to_have_count(0)
    expect(page.get_by_text("Counts only: no comparison can be shown.").first).to_be_visible()


def test_the_file_holds_the_same_figures(start: StartJourney, tmp_path: Path) -> None:
    page = _outcomes(start, "Remote care at home")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert re.fullmatch(r"outcomes-at-home-\d{4}-\d\d-\d\d-180-days\.csv", download.value.suggested_filename)
    download.value.save_as(tmp_path / "outcomes.csv")
    with (tmp_path / "outcomes.csv").open(newline="") as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    shown = page.get_by_role("row").filter(has_text="Face-to-face GP visits").get_by_role("cell").nth(1)
    assert float(rows["Face-to-face GP visits"]["rate_per_1000_person_days_before"]) == float(
        shown.inner_text().split()[0]
    )


def test_a_commissioner_finds_no_way_to_a_person(start: StartJourney, place: Place) -> None:
    tab = start()
    tab.sign_in(COMMISSIONER, f"/patients/{place.patient('rose_resident')}")
    expect(tab.page.get_by_role("heading", name="Page not found")).to_be_visible()
    expect(tab.page.get_by_role("link", name="Patients")).to_have_count(0)
    expect(tab.page.locator("body")).not_to_contain_text("RESIDENT")


def _outcomes(start: StartJourney, pathway: str) -> Page:
    tab = start()
    tab.sign_in(COMMISSIONER)
    tab.page.get_by_label("Pathway").select_option(label=pathway)
    expect(tab.page.get_by_role("table", name=re.compile("^Before and since joining"))).to_be_visible()
    return tab.page
