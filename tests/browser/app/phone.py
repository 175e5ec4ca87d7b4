"""Somebody's phone: a browser profile of its own, in which one signs in, loses the network and opens the app again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import Journey
from tests.browser.records import email
from tests.cast import PASSWORD

OWN_PHONE = "This is my own phone: keep my record on it"
PATIENCE_SECONDS = 20


def until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail when it still does not after as long as the browser is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Phone:
    """One tab with the app in it."""

    def __init__(self, tab: Journey) -> None:
        self.tab = tab
        self.page: Page = tab.page

    def open(self, path: str = "/") -> None:
        """Open one of the app's addresses, as if it had been closed."""
        self.page.goto(f"{self.tab.url}/app{path}")

    def sign_in(self, name: str, *, own: bool, path: str = "/") -> None:
        """Sign in as one of the cast, on a phone of their own or on any, and wait until the record is there."""
        self.open(path)
        box = self.page.get_by_label(OWN_PHONE)
        box.set_checked(own)
        self.page.get_by_label("Email address").fill(email(name))
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.bar).to_contain_text("Your record as it was today at")

    def wait_for_worker(self) -> None:
        """Return when the service worker answers for this page."""
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")

    def lose_network(self) -> None:
        """From now on nothing answers, and the phone knows it."""
        self.page.context.set_offline(True)

    def find_network(self) -> None:
        """Things answer again."""
        self.page.context.set_offline(False)

    @property
    def bar(self) -> Locator:
        """Return the part of the page that says as of when the record is."""
        return self.page.locator("[data-bar]")

    @property
    def unsent(self) -> Locator:
        """Return the line that says how much is not sent; it is not there when all is."""
        return self.page.locator("[data-unsent]")

    def kept(self) -> Mapping[str, Any]:
        """Return what lies on the phone: the databases' names, and each store's number of things."""
        found: Mapping[str, Any] = self.page.evaluate(_KEPT)
        return found

    def wait_until_kept(self, **how_many: int) -> None:
        """Return once each of these stores on the phone holds so many things."""
        until(lambda: {name: self.kept().get(name) for name in how_many} == how_many)


_KEPT = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).count();
      await new Promise((resolve) => { asked.onsuccess = resolve; });
      found[store] = asked.result;
    }
    database.close();
  }
  return found;
}"""
