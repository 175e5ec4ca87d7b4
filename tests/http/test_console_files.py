"""The console's and the app's files as they are served, and what is none of them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from api.console_files import APP_CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY, mount_pages


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """Return a folder as a build leaves it."""
    for name in ("console", "app"):
        built = tmp_path / name
        (built / "assets").mkdir(parents=True)
        (built / "index.html").write_text(f"<!doctype html><title>{name}</title>")
        (built / "icon.svg").write_text("<svg/>")
        (built / "assets" / "index-abc123.js").write_text("1")
    (tmp_path / "app" / "sw.js").write_text("0")
    (tmp_path / "app" / "manifest.webmanifest").write_text("{}")
    (tmp_path / "beside.txt").write_text("not to be served")
    return tmp_path


async def _get(dist: Path, path: str, method: str = "GET") -> httpx.Response:
    app = Starlette()
    mount_pages(app, dist)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console.test") as client:
        # As it stands: httpx would tidy "..", which an attacker's client does not.
        return await client.send(
            httpx.Request(method, httpx.URL("http://console.test").copy_with(raw_path=path.encode()))
        )


@pytest.mark.parametrize("path", ["/console/", "/console/patients", "/console/patients/some-id/readings"])
async def test_every_address_of_the_console_is_answered_with_its_page_and_never_kept(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>console</title>")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(
        CONTENT_SECURITY_POLICY.split("; ")
    )


@pytest.mark.parametrize("path", ["/app/", "/app/plan", "/app/goals/some-id"])
async def test_every_address_of_the_app_is_answered_with_its_own_page(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>app</title>")
    assert answer.headers["content-security-policy"] == APP_CONTENT_SECURITY_POLICY
    assert set(APP_CONTENT_SECURITY_POLICY.split("; ")) - set(CONTENT_SECURITY_POLICY.split("; ")) == {
        "worker-src 'self'",
        "manifest-src 'self'",
    }


@pytest.mark.parametrize(
    ("path", "kind"), [("/app/sw.js", "text/javascript"), ("/app/manifest.webmanifest", "application/manifest+json")]
)
async def test_what_the_app_is_installed_by_is_asked_for_each_time_and_is_what_it_says(
    dist: Path, path: str, kind: str
) -> None:
    answer = await _get(dist, path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("page", ["console", "app"])
async def test_a_hashed_file_is_kept_for_good_and_another_is_asked_for_each_time(dist: Path, page: str) -> None:
    assert "immutable" in (await _get(dist, f"/{page}/assets/index-abc123.js")).headers["cache-control"]
    assert (await _get(dist, f"/{page}/icon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/gone-def456.js",
        "/console/assets/",
        "/console/favicon.ico",
        "/console/../beside.txt",
        "/console/%2e%2e/beside.txt",
        "/console/..%2fbeside.txt",
        "/console/a%00.js",
        "/console/" + "a" * 5000 + ".js",
        "/consoles",
        "/console/sw.js",
        "/app/gone.js",
        "/app/%2e%2e/beside.txt",
        "/app/..%2fconsole/icon.svg",
        "/apps",
    ],
)
async def test_what_is_no_file_is_not_answered_with_the_page(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert answer.status_code == 404
    assert "not to be served" not in answer.text


async def test_only_reading_is_possible(dist: Path) -> None:
    assert (await _get(dist, "/console/", "POST")).status_code == 405
    assert (await _get(dist, "/console/", "HEAD")).text == ""


@pytest.mark.parametrize("page", ["/console", "/app"])
async def test_without_a_slash_one_is_led_there(dist: Path, page: str) -> None:
    answer = await _get(dist, page)
    assert (answer.status_code, answer.headers["location"]) == (308, f"{page}/")


@pytest.mark.parametrize("page", ["/console/", "/app/"])
async def test_what_was_not_built_says_how_to_build_it(tmp_path: Path, page: str) -> None:
    answer = await _get(tmp_path / "nothing", page)
    assert answer.status_code == 503
    assert "npm run build" in answer.text
