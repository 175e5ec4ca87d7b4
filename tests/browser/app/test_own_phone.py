"""What a phone keeps of its owner's record, what it shows without a network, and what is gone when."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.app.phone import OWN_PHONE, Phone, until
from tests.browser.conftest import Place
from tests.browser.records import PATIENT, Api

AS_OF = "Your record as it was today at"


def test_a_phone_of_one_s_own_opens_with_the_record_though_there_is_no_network(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True, path="/plan")
    phone.wait_for_worker()
    phone.lose_network()
    expect(phone.bar).to_have_attribute("data-online", "false")
    phone.open("/numbers")  # cold: the page, its scripts and the record come from the phone
    expect(phone.bar).to_contain_text("No network.")
    expect(phone.bar).to_contain_text(AS_OF)
    expect(phone.page.get_by_role("link", name="Numbers", exact=True)).to_have_attribute("aria-current", "page")
    phone.find_network()
    expect(phone.bar).to_have_attribute("data-online", "true")


def test_on_any_other_phone_nothing_of_the_record_is_kept(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=False)
    assert phone.kept() == {}
    assert PATIENT not in phone.page.evaluate("JSON.stringify(localStorage)")
    assert phone.page.evaluate("localStorage.getItem('tendwell.app.kept')") is None
    phone.wait_for_worker()
    phone.lose_network()
    phone.open("/")
    expect(phone.page.get_by_text(re.compile("Opening your record"))).to_be_visible()
    expect(phone.bar).to_have_count(0)


def test_what_lies_on_the_phone_cannot_be_read_there_and_no_script_can_take_the_key(phone: Phone, place: Place) -> None:
    phone.sign_in(PATIENT, own=True)
    until(lambda: phone.kept()["pages"] > 0)
    written = phone.page.evaluate(_ALL_THAT_IS_WRITTEN)
    born_on = place.elsewhere_as(PATIENT).get(f"/patients/{place.patient('sam_at_home')}")["born_on"]
    assert written["bytes"] > 1_000
    for told in (born_on, "tendwell-refresh", "blood_pressure", "given_name", "observations"):
        assert told not in written["text"], told
    assert written["extractable"] is False


def test_tomorrow_one_is_still_signed_in_and_after_signing_out_nothing_is_left(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    phone.page.evaluate("sessionStorage.clear()")  # as when the browser itself was closed
    phone.open("/settings")
    expect(phone.bar).to_contain_text(AS_OF)
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    phone.page.wait_for_function("localStorage.getItem('tendwell.app.kept') === null")
    phone.page.wait_for_function("indexedDB.databases().then((all) => all.length === 0)")
    phone.lose_network()
    phone.open("/")
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_session_that_was_ended_elsewhere_takes_the_record_off_the_phone(phone: Phone, place: Place) -> None:
    phone.sign_in(PATIENT, own=True)
    elsewhere = Api(place.elsewhere.url, PATIENT)
    elsewhere.delete("/me/sessions")  # every session but that one
    elsewhere.close()
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(phone.page.get_by_text("Your session was ended")).to_be_visible()
    phone.page.wait_for_function("indexedDB.databases().then((all) => all.length === 0)")
    phone.lose_network()
    phone.open("/")
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(phone.page.get_by_label(OWN_PHONE)).to_be_visible()


def test_two_tabs_renew_one_session_and_neither_is_taken_for_a_thief(phone: Phone) -> None:
    phone.sign_in(PATIENT, own=True)
    second = phone.page.context.new_page()
    second.goto(phone.page.url)
    expect(second.locator("[data-bar]")).to_contain_text(AS_OF)
    for _ in range(3):
        # Both at once: each renews when it opens.
        phone.page.evaluate("location.reload()")
        second.evaluate("location.reload()")
        for page in (phone.page, second):
            expect(page.locator("[data-bar]")).to_have_attribute("data-online", "true")
            expect(page.locator("[data-bar]")).to_contain_text(AS_OF)
    phone.open("/settings")
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(second.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


_ALL_THAT_IS_WRITTEN = """async () => {
  let text = "", bytes = 0, extractable = null;
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => { asked.onsuccess = resolve; });
      for (const value of asked.result) {
        if (value instanceof CryptoKey) { extractable = value.extractable; continue; }
        bytes += value.sealed.byteLength;
        text += new TextDecoder("latin1").decode(value.sealed) + JSON.stringify(Object.keys(value));
      }
    }
    database.close();
  }
  return { text, bytes, extractable };
}"""
