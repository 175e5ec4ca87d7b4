"""A session is shown by words its owner recognises, whatever the header held."""

from __future__ import annotations

import pytest

from domain.accounts.user_agent import device_label

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("header", "label"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows"),
        (
            f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        (
            f"{MOZILLA} (Linux; Android 14; K) AppleWebKit/537 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537",
            "Chrome on Android",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E Safari/604",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari on Mac"),
        ("okhttp/4.12.0", "An app on Android"),
        ("Tendwell/7 CFNetwork/1494.0.7 Darwin/23.4.0", "An app on an Apple device"),
        ("python-httpx/0.28.1", "Another program"),
        ("", "Another program"),
        ("<script>alert(1)</script>" * 1000, "Another program"),
    ],
)
def test_the_family_and_the_system_are_named_and_nothing_is_repeated(header: str, label: str) -> None:
    assert device_label(header) == label
