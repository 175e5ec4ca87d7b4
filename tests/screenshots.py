"""`make screenshots`: pictures of the console and of the patient's app, taken of the demo as `make run` shows it."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from demo.cast import CLINICIAN, COMMISSIONER, PATIENT
from tests.browser.app.phone import OWN_PHONE
from tests.browser.chromium import chromium
from tests.browser.journey import DESK, PHONE
from tests.run.supervised import Supervised, free_pair

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
# Long enough for the replay to have drawn a line in the charts.
REPLAY_SECONDS = 45
PATIENCE_MS = 30_000
WITHOUT_A_FEED = ("outcomes", "sign-in", "account", "app-")
# The patient's app, by its addresses.
OF_THE_APP = {
    "app-today": "/",
    "app-record": "/record",
    "app-numbers": "/numbers",
    "app-plan": "/plan",
    "app-goals": "/goals",
}
# For what is asked for only when the rest is there, and for charts to be drawn.
SETTLE_MS = 2_000


def main() -> None:
    """Start everything in a folder of its own, take the pictures, and leave nothing running."""
    home = Path(tempfile.mkdtemp(prefix="tendwell-screenshots-"))
    home.chmod(0o711)
    run = Supervised(home / "data", free_pair(), TENDWELL_NO_DEMO="")
    print("Starting Tendwell with its demo…", flush=True)
    try:
        run.started()
        print(f"Letting the devices play for {REPLAY_SECONDS} seconds…", flush=True)
        time.sleep(REPLAY_SECONDS)
        FOLDER.mkdir(parents=True, exist_ok=True)
        with chromium() as browser:
            take_all(browser, run)
    finally:
        run.end()
        shutil.rmtree(home)


def take_all(browser: Browser, run: Supervised) -> None:
    """Take every picture."""
    passwords = json.loads((run.folder / "secrets" / "demo.json").read_text())["passwords"]
    address = f"http://localhost:{run.port}/console"
    for size, size_name in ((DESK, "desk"), (PHONE, "phone")):
        for who, page_name in ((CLINICIAN, "board"), (PATIENT, "my-health"), (COMMISSIONER, "outcomes")):
            page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
            page.set_default_timeout(PATIENCE_MS)
            if who is CLINICIAN:
                page.goto(f"{address}/")
                take(page, f"sign-in-{size_name}")
            sign_in(page, address, who.email, passwords[who.email])
            take(page, f"{page_name}-{size_name}")
            if who is CLINICIAN:
                page.get_by_role("main").get_by_role("link").first.click()
                page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}"))
                take(page, f"patient-{size_name}")
                if size is PHONE:
                    page.get_by_role("button", name="Menu").click()
                page.get_by_role("link", name="Your account").click()
                take(page, f"account-{size_name}")
            page.close()
    take_app(browser, f"http://localhost:{run.port}/app", passwords[PATIENT.email])


def take_app(browser: Browser, address: str, password: str) -> None:
    """Take the pictures of the patient's app on a phone: each whole, down to its last line."""
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/")
    page.get_by_label(OWN_PHONE).check()
    page.get_by_label("Email address").fill(PATIENT.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[data-bar]")).to_contain_text("Your record as it was today at", timeout=PATIENCE_MS)
    for name, path in OF_THE_APP.items():
        page.goto(f"{address}{path}")
        expect(page.locator("[data-bar]")).to_contain_text("Your record as it was today at", timeout=PATIENCE_MS)
        take(page, name)
    page.get_by_role("button", name="Cymraeg").click()
    page.goto(f"{address}/")
    take(page, "app-today-welsh")
    page.close()


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    """Sign in, and wait for the page behind it."""
    page.goto(f"{address}/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=PATIENCE_MS)


def take(page: Page, name: str) -> None:
    """Take one picture of what the window shows once everything has arrived."""
    page.mouse.move(0, 0)
    if not name.startswith(WITHOUT_A_FEED):
        expect(page.locator("[data-connection]")).to_contain_text("Live", timeout=PATIENCE_MS)
    page.wait_for_timeout(SETTLE_MS)
    expect(page.get_by_text(re.compile("^Loading"))).to_have_count(0, timeout=PATIENCE_MS)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"  docs/screenshots/{name}.png", flush=True)


if __name__ == "__main__":
    main()
