"""A session is shown by words its owner recognises, whatever the header held."""

from __future__ import annotations

import pytest

from domain.accounts.user_agent import device_label, said_to_be

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("header", "label", "said"),
    [
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Windows",
            "browser",
        ),
        (
            f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
            "browser",
        ),
        (
            f"{MOZILLA} (Linux; Android 14; K) AppleWebKit/537 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537",
            "Chrome on Android",
            "browser",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E Safari/604",
            "Safari on iPhone",
            "browser",
        ),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605",
            "Safari on Mac",
            "browser",
        ),
        ("okhttp/4.12.0", "An app on Android", "app"),
        ("Tendwell/7 CFNetwork/1494.0.7 Darwin/23.4.0", "An app on an Apple device", "app"),
        ("python-httpx/0.28.1", "Another program", "neither"),
        ("", "Another program", "neither"),
        ("<script>alert(1)</script>" * 1000, "Another program", "neither"),
    ],
)
def test_the_family_and_the_system_are_named_and_nothing_is_repeated(header: str, label: str, said: str) -> None:
    assert device_label(header) == label
    assert said_to_be(label) == said


@pytest.mark.parametrize("label", ["", "Telephone"])
def test_what_says_nothing_is_not_called_a_browser(label: str) -> None:
    assert said_to_be(label) == "neither"
