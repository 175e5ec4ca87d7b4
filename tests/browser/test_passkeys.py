"""Passkeys with an authenticator and a browser that we did not write: Chromium's own, over its devtools protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from integrations.postgres.embedded import Cluster
from tests.aside import aside
from tests.browser.records import CARER, CLINICIAN, email
from tests.cast import PASSWORD
from tests.databases import Troupe, clone
from tests.live.processes import free_port, installation

_POST = """
const post = async (path, body, token) => {
    const headers = {"Content-Type": "application/json", ...(token ? {Authorization: `Bearer ${token}`} : {})};
    const sent = body === undefined ? {} : {body: JSON.stringify(body)};
    if (!sent.body) delete headers["Content-Type"];
    const answer = await fetch(path, {method: "POST", headers, ...sent});
    return {status: answer.status, body: await answer.json()};
};
"""
_MAKE = f"""async ([email, password]) => {{
    {_POST}
    const token = (await post("/v1/sessions", {{email, password}})).body.access_token;
    const begun = await post("/v1/me/passkey-options", undefined, token);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.body.public_key);
    const credential = (await navigator.credentials.create({{publicKey}})).toJSON();
    return (await post("/v1/me/passkeys", {{name: "This browser", credential}}, token)).status;
}}"""
_SIGN_IN = f"""async () => {{
    {_POST}
    const begun = await post("/v1/sessions/passkey-options", {{}});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.body.public_key);
    const credential = (await navigator.credentials.get({{publicKey}})).toJSON();
    const answer = await post("/v1/sessions/passkey", {{credential}});
    return [answer.status, answer.body.account?.email ?? null];
}}"""


@dataclass
class Tab:
    """A page of ours with an authenticator beside it."""

    page: Page
    devtools: CDPSession
    authenticator: str

    def make(self, who: str) -> int:
        """Return the status with which a passkey of somebody was kept."""
        status: int = self.page.evaluate(_MAKE, [email(who), PASSWORD])
        return status

    def sign_in(self) -> list[object]:
        """Return the status of signing in with whatever passkey there is, and as whom."""
        answer: list[object] = self.page.evaluate(_SIGN_IN)
        return answer

    def verifies(self, verified: bool) -> None:
        """Have the authenticator verify its user from now on, or fail to."""
        asked = {"authenticatorId": self.authenticator, "isUserVerified": verified}
        self.devtools.send("WebAuthn.setUserVerified", asked)


@pytest.fixture(scope="module")
def served(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of an installation that knows its own: passkeys are bound to it."""
    port = free_port()
    url = aside(clone(cluster, f"passkeys_{worker_id}", everybody.template))
    with installation(url, tmp_path_factory.mktemp("passkeys")) as installed:
        installed.start_api(port, PUBLIC_URL=f"http://127.0.0.1:{port}")
        yield f"http://localhost:{port}"


@pytest.fixture
def tab(served: str, browser: Browser) -> Tab:
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    page = browser.new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{served}/console/")
    return Tab(page, devtools, added["authenticatorId"])


def test_a_passkey_of_a_real_browser_is_made_and_signs_in_again_and_again(tab: Tab) -> None:
    assert tab.make(CLINICIAN) == 201
    for _ in range(2):
        assert tab.sign_in() == [201, email(CLINICIAN)]


def test_a_real_authenticator_that_does_not_verify_its_user_does_not_sign_in(tab: Tab) -> None:
    assert tab.make(CARER) == 201
    tab.verifies(False)
    with pytest.raises(Exception, match="NotAllowedError"):
        tab.sign_in()
