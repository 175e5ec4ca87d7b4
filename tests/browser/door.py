"""What stands around signing in: letters as they arrive, an app on a phone, an authenticator beside the browser."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import asyncpg
from playwright.sync_api import Page, expect

from domain.accounts.totp import code_of, step_at
from domain.clock import utc_now
from tests.aside import aside
from tests.browser.journey import Journey
from tests.browser.records import Api, email
from tests.cast import PASSWORD, Cast

# From the deed to the file: the worker looks for letters once a second.
LETTER_WITHIN_SECONDS = 20.0
_LINK = re.compile(r"http://[^/\s]+/console/\S+#token=\S+")

OF_ITS_OWN = "kettle orchard wednesday"


@dataclass
class Door:
    """An installation at `url`; at `lenient_url` the same one lets staff in by password, for what a test prepares."""

    url: str
    cast: Cast
    lenient_url: str
    database_url: str
    mail: Path
    signed_in: dict[str, Api] = field(default_factory=dict)

    def as_(self, name: str) -> Api:
        """Return the API as one of the cast who has no second factor."""
        if name not in self.signed_in:
            self.signed_in[name] = Api(self.lenient_url, name)
        return self.signed_in[name]

    def link_to(self, address: str) -> str:
        """Return the link of the newest letter to an address, once it has come."""
        return link_to(address, self.mail)

    def forgets_who_confirmed(self) -> None:
        """Have everybody's last showing of who they are lie eleven minutes back."""
        self._do("update session set confirmed_at = confirmed_at - interval '11 minutes'")

    def _do(self, statement: str) -> None:
        async def done() -> None:
            connection = await asyncpg.connect(self.database_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        aside(done())


def link_to(address: str, mail: Path) -> str:
    """Return the link of the newest letter to an address in this folder, once it has come; the letter is taken out."""
    give_up_at = time.monotonic() + LETTER_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        for path in sorted(mail.glob("[!.]*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body()
            found = _LINK.search(body.get_content()) if body is not None and letter["To"] == address else None
            if found:
                path.unlink()
                return found.group()
        time.sleep(0.1)
    raise AssertionError("no letter came")


@dataclass
class Phone:
    """An authenticator app: each of its codes is shown once."""

    secret: str
    last_step: int = 0

    def code(self) -> str:
        """Return a code that was not shown before; the clock of a phone may be half a minute ahead."""
        self.last_step = max(step_at(utc_now()), self.last_step + 1)
        return code_of(self.secret, self.last_step)

    def wrong_code(self) -> str:
        """Return six digits that are no code of these minutes."""
        now = step_at(utc_now())
        near = {code_of(self.secret, step) for step in range(now - 5, now + 10)}
        return next(digits for number in range(100) if (digits := f"{number:06}") not in near)


def show_password(tab: Journey, name: str, path: str = "/", password: str = PASSWORD) -> None:
    """Fill the door's form in and send it."""
    tab.go(path)
    show_credentials(tab.page, email(name), password)


def show_credentials(page: Page, address: str, password: str) -> None:
    """Fill in the form that stands there, and send it."""
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def scan(page: Page) -> Phone:
    """Return a phone that holds the key which the page shows."""
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_text("I cannot scan the picture").click()
    return Phone((page.locator("[data-secret]").text_content() or "").strip().replace(" ", ""))


def keep_codes(page: Page) -> list[str]:
    """Return the ten recovery codes that the page shows, and go on."""
    expect(page.get_by_role("heading", name="Keep your recovery codes", level=1)).to_be_focused()
    shown = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_text_contents()
    page.get_by_role("button", name="I have kept them").click()
    return codes


def give_authenticator(page: Page) -> None:
    """Put an authenticator beside the browser that keeps passkeys and verifies its user."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page) -> None:
    """Sign out by the button of the header."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_visible()
