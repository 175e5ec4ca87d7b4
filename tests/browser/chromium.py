"""The browser that the tests drive: whichever Chromium this machine has, started so that it calls nobody."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The package's own way to start its driver; `python -m playwright` would leave it behind when it is killed itself.
from playwright._impl._driver import compute_driver_executable, get_driver_env
from playwright.sync_api import Browser, sync_playwright

from integrations.linux.children import spawn, stop

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
START_SECONDS = 60
STOP_GRACE_SECONDS = 10
_ADDRESS = re.compile(r"ws://\S+")


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
    """Yield a browser of one's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served_chromium(folder: Path) -> Iterator[str]:
    """Yield the address of a browser that many tests use one after the other: to start one takes three times as long.

    Each connects by itself (`connected`), in pages that go when it leaves.
    """
    configuration, log = folder / "browser.json", folder / "browser.log"
    configuration.write_text(json.dumps({"executablePath": executable(), "args": ARGUMENTS}))
    command = [*compute_driver_executable(), "launch-server", "--browser", "chromium", "--config", str(configuration)]
    server = spawn(command, log=log, environment=get_driver_env(), on_our_death=signal.SIGTERM)
    try:
        give_up_at = time.monotonic() + START_SECONDS
        while (told := _ADDRESS.search(log.read_text())) is None:
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise NoBrowser(f"Chromium did not start: {log.read_text()}")
            time.sleep(0.05)
        yield told[0]
    finally:
        stop(server, signal.SIGTERM, grace_seconds=STOP_GRACE_SECONDS)


@contextmanager
def connected(address: str) -> Iterator[Browser]:
    """Yield the browser that is served at an address, for one test.

    Playwright's synchronous interface keeps an event loop running as long as it is open, so that no asynchronous test
    could run beside it in the same process: it is opened and closed with each test.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect(address)
        try:
            yield browser
        finally:
            browser.close()
