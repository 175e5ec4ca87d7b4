"""A chart says what its line is, and no extreme is lost in an average."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CLINICIAN, reading
from tests.cast import just_now

# How many pixels high everything blue is that was drawn: the line of averages alone is one dot of 5.
_HEIGHT_OF_BLUE = """(canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const rows = [];
    for (let row = 0; row < height; row += 1)
        for (let column = 0; column < width; column += 1) {
            const [red, , blue, alpha] = data.subarray((row * width + column) * 4);
            if (alpha > 60 && blue - red > 60) { rows.push(row); break; }
        }
    return (rows.at(-1) - rows[0]) / devicePixelRatio;
}"""


def test_an_extreme_within_an_average_is_seen_in_the_band_in_words_and_in_the_table(
    start: StartJourney, place: Place
) -> None:
    sam = place.patient("sam_at_home")
    place.elsewhere_as(CLINICIAN).record(
        sam,
        *(
            reading(f"dip-{value}", "oxygen_saturation", _minutes_ago(minutes), "%", value=value)
            for minutes, value in ((5, 97), (4, 71), (3, 96))
        ),
    )
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{sam}")
    tab.wait_until_live()
    chart = tab.page.locator("[data-chart=oxygen_saturation]")
    tab.page.get_by_label("15 min").check()
    expect(_key(chart)).to_have_text(["Every reading"])

    tab.page.get_by_label("30 days").check()
    expect(_key(chart)).to_have_text(["Average of each 2 hours", "Band: lowest to highest"])
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile("3 readings between 71 and 97 %"))
    assert chart.locator("canvas").evaluate(_HEIGHT_OF_BLUE) > 100
    chart.get_by_text("Show as a table").click()
    cells = chart.get_by_role("row").nth(2).get_by_role("cell")
    expect(cells.nth(1)).to_have_text("88")
    expect(cells.nth(2)).to_have_text("71")
    expect(cells.nth(3)).to_have_text("97")


def test_charts_open_on_the_shortest_span_with_ten_readings_and_say_where_there_are_none(
    start: StartJourney, place: Place
) -> None:
    rose = place.patient("rose_resident")
    place.elsewhere_as(CLINICIAN).record(
        rose,
        *(
            reading(f"pain-{days}", "pain_score", _minutes_ago(days * 24 * 60), "{score}", value=3)
            for days in (*range(10), 29)
        ),
    )
    tab = start()
    tab.sign_in(CLINICIAN, f"/patients/{rose}")
    expect(tab.page.get_by_role("radio", name="30 days")).to_be_checked()
    chart = tab.page.locator("[data-chart=pain_score]")
    chart.get_by_text("Show as a table").click()
    missing = chart.get_by_role("cell", name=re.compile(r"^No readings from .+ to .+"))
    expect(missing).to_have_count(1)


def _key(chart: Locator) -> Locator:
    return chart.get_by_role("listitem")


def _minutes_ago(minutes: int) -> str:
    return (just_now() - timedelta(minutes=minutes)).isoformat()
