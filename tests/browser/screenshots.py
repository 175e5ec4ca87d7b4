"""`make screenshots`: pictures of the console for the README, taken of the demo as `make run` starts it.

Starts an installation of its own in a temporary folder and ends it. Fails when a picture grows beyond what a README
should carry.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import cable
from tests.browser.chromium import chromium
from tests.browser.journey import DESK, PHONE
from tests.run.supervised import ROOT, Supervised, free_pair

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 300_000
PATIENCE_MS = 60_000
# Long enough for the replay to have drawn something on a chart of fifteen minutes.
REPLAY_SECONDS = 180
_SIGN_IN = re.compile(r"^  (clinician|commissioner|patient) +(\S+) +(\S+)$", re.MULTILINE)

Draw = Callable[[Page], None]


def main() -> int:
    """Return 0 when every picture was taken and is small enough."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tendwell-pictures-") as folder, _demo(Path(folder)) as run:
        sign_ins = {role: (address, password) for role, address, password in _SIGN_IN.findall(run.said())}
        say(f"waiting {REPLAY_SECONDS} s for the replay to draw")
        time.sleep(REPLAY_SECONDS)
        with chromium() as browser:
            _take_all(browser, run.port, sign_ins)
    too_big = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if too_big:
        say(f"too big for a README: {', '.join(sorted(too_big))}")
    return 1 if too_big else 0


@contextmanager
def _demo(folder: Path) -> Iterator[Supervised]:
    folder.chmod(0o711)
    run = Supervised(folder / "data", free_pair(), TENDWELL_NO_DEMO="")
    say("starting the demo (a minute)")
    try:
        yield run.started()
    finally:
        run.end()


def _take_all(browser: Browser, port: int, sign_ins: dict[str, tuple[str, str]]) -> None:
    url = f"http://127.0.0.1:{port}"

    def take(name: str, role: str, size: tuple[int, int], draw: Draw, at: str = url) -> None:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.goto(f"{at}/console/")
        address, password = sign_ins[role]
        page.get_by_label("Email address").fill(address)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        draw(page)
        page.mouse.move(0, 0)  # or what lies under it looks pointed at
        page.screenshot(path=FOLDER / f"{name}.png")
        page.close()
        say(f"{name}.png")

    take("board-desk", "clinician", DESK, _live)
    take("board-phone", "clinician", PHONE, _live)
    take("record-desk", "clinician", (DESK[0], 1200), _record)
    take("outcomes-desk", "commissioner", (DESK[0], 1100), _outcomes)
    take("my-health-phone", "patient", PHONE, _live)
    with cable(port) as laid:

        def stale(page: Page) -> None:
            _live(page)
            laid.cut()
            expect(page.locator("[data-connection]")).to_contain_text("out of date")

        take("board-stale-desk", "clinician", DESK, stale, laid.url)


def _live(page: Page) -> None:
    expect(page.locator("[data-connection=live]")).to_be_visible()
    expect(page.locator("[data-sign]").first).to_be_visible()


def _record(page: Page) -> None:
    """Go to the person of whom the most signs are read."""
    _live(page)
    cards = page.locator("[data-patient]").all()
    fullest = max(cards, key=lambda card: card.locator("[data-sign]").count())
    fullest.get_by_role("link").click()
    expect(page.locator(".uplot").first).to_be_visible()
    _live(page)


def _outcomes(page: Page) -> None:
    expect(page.get_by_role("heading", name="Method")).to_be_visible()
    page.get_by_role("table", name=re.compile("^Before and since")).scroll_into_view_if_needed()


def say(words: str) -> None:
    """Print one line of progress at once."""
    print(f"screenshots: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
