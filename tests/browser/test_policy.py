"""The policy that the console is served under, kept by a real browser."""

from __future__ import annotations

import httpx

from tests.browser.conftest import Place, StartJourney
from tests.browser.records import CLINICIAN


def test_a_missing_file_is_told_as_a_problem_by_the_real_server(place: Place) -> None:
    answer = httpx.get(f"{place.here.url}/console/assets/gone.js")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_browser_refuses_what_the_policy_forbids(start: StartJourney) -> None:
    tab = start()
    tab.sign_in(CLINICIAN)
    refused = tab.page.evaluate(
        """() => new Promise((resolve) => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", (event) => {
                seen.push(event.effectiveDirective);
                if (seen.length === 3) resolve(seen.sort());
            });
            const inline = document.createElement("script");
            inline.textContent = "window.ran = true";
            document.body.append(inline);
            const styled = document.createElement("div");
            styled.innerHTML = "<p style='color: red'>red</p>";
            const picture = document.createElement("img");
            picture.src = "https://elsewhere.test/pixel.png";
            document.body.append(picture);
        })"""
    )
    assert refused == ["img-src", "script-src-elem", "style-src-attr"]
    assert tab.page.evaluate("window.ran") is None
    tab.complaints.clear()  # the browser has said so too, as it should
