"""A page as a test uses it: who signs in, what is waited for, and what the browser complained of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, WebSocket, expect

from tests.browser.records import email
from tests.cast import PASSWORD

DESK, PHONE = (1280, 900), (390, 844)
PATIENCE_MS = 20_000  # two cores are shared with two API processes, a worker, a database and other tests

AXE = Path(__file__).resolve().parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Chromium says this of every answer of 400 and above and of every refused connection; the page handles them.
_EXPECTED = ("Failed to load resource", "WebSocket connection to")


@dataclass
class Journey:
    """One browser tab, and everything that was heard on its live sockets."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address of the console."""
        self.page.goto(f"{self.url}/console{path}")

    def sign_in(self, name: str, path: str = "/") -> None:
        """Sign in as one of the cast, at an address, and wait for the page behind it."""
        self.go(path)
        self.page.get_by_label("Email address").fill(email(name))
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def wait_until_live(self) -> None:
        """Return when the page says that it is live."""
        expect(self.connection).to_contain_text("Live")

    @property
    def connection(self) -> Locator:
        """Return the part of the page that says how the connection is."""
        return self.page.locator("[data-connection]")

    def sign(self, name: str) -> Locator:
        """Return a sign's tile on a page about one person."""
        return self.page.locator(f"[data-sign={name}]").first

    def violations(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA and its own good practice on the page as it stands."""
        self.page.mouse.move(0, 0)  # what the pointer happens to stand on looks otherwise
        self.page.evaluate(_axe())  # by the debugger: the page's own policy would refuse a script from elsewhere
        found = self.page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", AXE_TAGS)
        return [f"{rule['id']}: {node['failureSummary']}" for rule in found["violations"] for node in rule["nodes"]]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window (WCAG 1.4.10: by none)."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wider


@contextmanager
def journey(browser: Browser, url: str, size: tuple[int, int] = DESK) -> Iterator[Journey]:
    """Yield a fresh tab; afterwards fail if the browser complained: of a script's error, or of the policy."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    travelling = Journey(context.new_page(), url)
    travelling.page.on("console", lambda message: _note(travelling, message))
    travelling.page.on("pageerror", lambda error: travelling.complaints.append(str(error)))
    travelling.page.on("websocket", lambda socket: _listen(travelling, socket))
    yield travelling
    assert travelling.complaints == [], travelling.complaints
    context.close()


def _note(travelling: Journey, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
        travelling.complaints.append(message.text)


def _listen(travelling: Journey, socket: WebSocket) -> None:
    socket.on("framereceived", lambda frame: travelling.heard.append(json.loads(frame)))


@cache
def _axe() -> str:
    return AXE.read_text()
