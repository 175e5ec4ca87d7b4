"""Signing in by an identity provider as people do it: a real one, in a real browser, there and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from api.identity_provider import present_client_key, published_client_keys
from api.schemas.well_known import ClientKeySetOut
from domain.clock import utc_now
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.embedded import Cluster
from tests.aside import aside
from tests.browser.accessible import require_accessible
from tests.browser.door import link_to
from tests.browser.journey import DESK, Journey, journey
from tests.browser.records import CLINICIAN, Api
from tests.databases import Troupe, clone
from tests.identity_provider import CLIENT_ID, serving_provider
from tests.live.processes import free_port, installation

TRUSTMARK = "https://trust.test/trustmark"
_ROSE = {
    "vot": "P9.Cp.Cd",
    "vtm": TRUSTMARK,
    "identity_proofing_level": "P9",
    "nhs_number": "9990000018",
    "birthdate": "1940-02-29",
    "family_name": "Resident",
}
_NELL = _ROSE | {"nhs_number": "9990000042", "birthdate": "1948-05-06", "family_name": "Newcomer"}
PEOPLE = {"rose": _ROSE, "nell": _NELL, "nobody-here": _ROSE | {"nhs_number": "9990000034"}}


@dataclass(frozen=True)
class Doors:
    """Two API processes of one installation: one that offers the provider, and one that does not."""

    offering: str
    other: str
    practice: str
    mail: Path


@pytest.fixture(scope="module")
def doors(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    port, folder = free_port(), tmp_path_factory.mktemp("provider")
    url = aside(clone(cluster, f"provider_{worker_id}", everybody.template))
    address = f"http://127.0.0.1:{port}"

    async def key_set(sealing: Sealing) -> ClientKeySetOut:
        database = Database(url)
        try:
            await present_client_key(database, sealing, utc_now())
            return ClientKeySetOut.of(await published_client_keys(database))
        finally:
            await database.close()

    with installation(url, folder, PUBLIC_URL=address, MAIL_DIR=str(folder / "mail")) as installed:
        installed.start_worker()
        keys = aside(key_set(Sealing.of(installed.environment["ENCRYPTION_KEY"])))
        back = f"{address}/console/signed-in"
        with serving_provider(keys.model_dump(), PEOPLE, redirect_uri=back) as issuer:
            installed.start_api(port, OIDC_ISSUER=issuer, OIDC_CLIENT_ID=CLIENT_ID, OIDC_TRUSTMARK=TRUSTMARK)
            practice = str(everybody.cast.organisations["practice"])
            yield Doors(address, installed.start_api().url, practice, folder / "mail")


@pytest.fixture
def tab(doors: Doors, browser: Browser) -> Iterator[Journey]:
    """Yield a tab at the installation that offers the provider."""
    with journey(browser, doors.offering, DESK) as opened:
        yield opened


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_patient_goes_to_the_provider_and_comes_back_to_where_they_were_going(tab: Journey, doors: Doors) -> None:
    page = tab.page
    page.goto(f"{doors.offering}/console/my-health/goals")
    heading(page, "Sign in")
    require_accessible(tab, "Sign in")
    page.get_by_role("button", name="Continue to NHS login").press("Enter")
    heading(page, "Sign in as")
    page.get_by_role("link", name="rose", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_hidden()
    page.wait_for_url(f"{doors.offering}/console/my-health/goals")
    expect(page.get_by_text("You have no goals yet.")).to_be_visible()
    assert page.evaluate("window.sessionStorage.getItem('tendwell.provider')") is None
    page.go_back()
    page.go_forward()
    assert "code=" not in page.url


def test_who_is_not_let_in_is_told_what_to_do_and_who_did_not_share_that_they_did_not(
    tab: Journey, doors: Doors
) -> None:
    page = tab.page
    page.goto(f"{doors.offering}/console/sign-in")
    page.get_by_role("button", name="Continue to NHS login").click()
    page.get_by_role("link", name="nobody-here").click()
    expect(page.get_by_role("heading", name="You could not be signed in with NHS login", level=1)).to_be_focused()
    require_accessible(tab, "You could not be signed in with NHS login")
    assert urlsplit(page.url).query == ""
    page.get_by_role("button", name="Continue to NHS login").click()
    page.get_by_role("link", name="Do not share my information").click()
    heading(page, "You did not share your NHS login information")
    page.get_by_role("button", name="Sign in another way").click()
    expect(page.get_by_label("Email address")).to_be_visible()
    # Whoever was invited is offered it as well, but not with a link that is nobody's.
    page.goto(f"{doors.offering}/console/invitation/record#token={'x' * 43}")
    heading(page, "This invitation does not work")
    expect(page.get_by_role("button", name="Continue to NHS login")).to_have_count(0)
    require_accessible(tab, "This invitation does not work")


def _invite_nell(doors: Doors) -> str:
    """Return the link of the letter by which her clinician invites Nell."""
    nell = {"given_name": "Nell", "family_name": "Newcomer", "born_on": "1948-05-06", "nhs_number": "9990000042"}
    asha = Api(doors.other, CLINICIAN)
    patient = asha.post("/patients", nell | {"practice_id": doors.practice})["id"]
    asha.post(f"/patients/{patient}/invitations", {"email": "nell@home.test", "display_name": "Nell Newcomer"})
    asha.close()
    return link_to("nell@home.test", doors.mail)


def test_an_invited_patient_who_is_refused_goes_by_the_letter_again_and_accepts_without_a_password(
    tab: Journey, doors: Doors
) -> None:
    page, link = tab.page, _invite_nell(doors)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    title = "Your invitation was not accepted with NHS login"
    for who, said in (("nobody-here", title), (None, "You did not share your NHS login information")):
        page.goto(link)
        page.get_by_role("button", name="Continue to NHS login").click()
        page.get_by_role("link", name=who or "Do not share my information").click()
        expect(page.get_by_role("heading", name=said, level=1)).to_be_focused()
        expect(page.get_by_role("main")).to_contain_text("open the link in your letter again")
        expect(page.get_by_role("button", name="Continue to NHS login")).to_have_count(0)
        require_accessible(tab, said)
    page.goto(link)
    page.get_by_role("button", name="Continue to NHS login").click()
    page.get_by_role("link", name="nell", exact=True).click()
    heading(page, "My health")
    expect(page.get_by_role("banner")).to_contain_text("Nell Newcomer")
    token = link.partition("#token=")[2]
    kept = page.evaluate("JSON.stringify([{...window.sessionStorage}, {...window.localStorage}])")
    assert token not in "\n".join([kept, page.url, *asked])


def test_an_answer_that_somebody_else_sends_opens_nothing(tab: Journey, doors: Doors) -> None:
    page = tab.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{doors.offering}/console/signed-in?code=of-an-attacker&state=of-an-attacker")
    heading(page, "You could not be signed in with the other service")
    assert not [url for url in asked if url.endswith("/identity-provider")]
    assert page.url == f"{doors.offering}/console/sign-in"


def test_where_none_is_offered_there_is_no_button(tab: Journey, doors: Doors) -> None:
    page = tab.page
    with page.expect_response("**/v1/sessions/methods"):
        page.goto(f"{doors.other}/console/sign-in")
    heading(page, "Sign in")
    expect(page.get_by_role("button", name="Continue to")).to_have_count(0)
