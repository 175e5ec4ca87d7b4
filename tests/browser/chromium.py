"""The browser that the tests drive: whichever Chromium this machine has, started so that it calls nobody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The shell first: in it a new tab costs a sixth of what it costs in the whole browser, which draws itself around it.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    """Yield a browser. As long as it runs, this thread has an event loop open: `tests/aside.py`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
