"""The browser that the tests drive: whichever Chromium this machine has, started so that it calls nobody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # containers and build machines run as root, where Chromium's own sandbox cannot
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


def executable() -> str:
    """Return the path of Chromium: TENDWELL_CHROMIUM, or the first of the usual names. Raises NoBrowser."""
    for name in (os.environ.get("TENDWELL_CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise NoBrowser("install Chromium (make chromium), or name one: TENDWELL_CHROMIUM=/path")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser of one's own, for one test.

    Playwright's synchronous interface keeps an event loop running as long as it is open, so that no asynchronous test
    could run beside it in the same process: it is opened and closed with each test.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
