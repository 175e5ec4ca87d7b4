"""The app in a hand: installed, at any width and size of text, by keyboard, to a screen reader, in both languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.app.phone import OWN_PHONE, Phone
from tests.browser.journey import DESK, PHONE
from tests.browser.records import PATIENT

BUILT = Path(__file__).resolve().parents[3] / "console" / "dist" / "app"
PAGES = (
    *("/", "/record", "/numbers", "/plan", "/more"),
    *("/goals", "/check-ins", "/who-looked", "/people", "/not-sent", "/settings", "/settings/reminders"),
)


def test_a_browser_may_put_it_on_the_home_screen(phone: Phone) -> None:
    phone.open("/")
    link = phone.page.locator("link[rel=manifest]").get_attribute("href")
    answer = phone.page.request.get(f"{phone.tab.url}{link}")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = json.loads(answer.text())
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/app/", "/app/", "standalone")
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert any(icon["purpose"] == "maskable" for icon in manifest["icons"])
    for icon in manifest["icons"]:
        found = phone.page.request.get(f"{phone.tab.url}{icon['src']}")
        assert (found.status, found.headers["content-type"]) == (200, icon["type"]), icon
    session = phone.page.context.new_cdp_session(phone.page)
    phone.wait_for_worker()
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert session.send("Page.getAppManifest")["errors"] == []


def test_the_worker_keeps_the_app_s_own_files_and_never_an_answer_of_the_api_s(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.wait_for_worker()
    kept = phone.page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys())
            for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
          return found;
        }"""
    )
    assert "/app/" in kept
    assert [path for path in kept if not path.startswith("/app/")] == []
    assert any(path.endswith(".js") for path in kept)
    assert phone.page.evaluate("fetch('/app/gone.js').then(({ status }) => status)") == 404


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_in_order_for_who_cannot_see_it(phone: Phone, size: tuple[int, int]) -> None:
    phone.page.set_viewport_size({"width": size[0], "height": size[1]})
    phone.open("/")
    expect(phone.page.get_by_label(OWN_PHONE)).to_be_visible()
    assert phone.tab.violations() == []
    phone.sign_in(PATIENT, own=True)
    for path in PAGES:
        phone.open(path)
        expect(phone.bar).to_contain_text("Your record as it was today at")
        expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        found = phone.tab.violations()
        assert found == [], f"{path}: {found}"


@pytest.mark.parametrize("width", [320, 160], ids=["400 %", "200 % of the smallest phone"])
def test_nothing_has_to_be_scrolled_sideways_however_large_the_text_is(phone: Phone, width: int) -> None:
    phone.page.set_viewport_size({"width": width, "height": 640})
    phone.open("/")
    expect(phone.page.get_by_label(OWN_PHONE)).to_be_visible()
    assert phone.tab.overflow() <= 0, "signing in"
    phone.sign_in(PATIENT, own=True)
    wide = {}
    for path in PAGES:
        phone.open(path)
        expect(phone.bar).to_contain_text("Your record as it was today at")
        expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        if phone.tab.overflow() > 0:
            wide[path] = phone.tab.overflow()
    assert wide == {}


def test_by_keyboard_alone_one_goes_from_page_to_page_and_hears_where_one_is(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    page = phone.page
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement?.textContent?.trim()") == "Plan":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{phone.tab.url}/app/plan")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.go_back()
    expect(page).to_have_url(f"{phone.tab.url}/app/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_app_speaks_welsh_for_as_long_as_one_likes(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.page.get_by_role("button", name="Cymraeg").click()
    expect(phone.page.get_by_role("link", name="Cynllun", exact=True)).to_be_visible()
    phone.open("/settings")
    expect(phone.bar).to_contain_text("Eich cofnod fel yr oedd heddiw am")
    expect(phone.page.locator("html")).to_have_attribute("lang", "cy")
    phone.page.get_by_role("radio", name="English").check()
    expect(phone.page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_new_edition_waits_until_the_person_says_so(phone: Phone, tmp_path: Path) -> None:
    shutil.copytree(BUILT, tmp_path / "app")
    worker = tmp_path / "app" / "sw.js"
    with files_of(tmp_path) as address:
        phone.page.goto(f"{address}/app/")
        phone.wait_for_worker()
        notice = phone.page.locator("[data-edition-ready]")
        worker.write_text(worker.read_text() + "\n// another edition\n")
        phone.page.evaluate("navigator.serviceWorker.getRegistration('/app/').then((found) => found.update())")
        expect(notice).to_be_visible()
        with phone.page.expect_navigation():
            notice.get_by_role("button").click()
        expect(phone.page.get_by_label(OWN_PHONE)).to_be_visible()
        expect(notice).to_have_count(0)


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """Yield the address at which a folder's files are served, and nothing else."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}"
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of what it is asked."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has where it comes from
        """Keep it out of the tests' output."""
