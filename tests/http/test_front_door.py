"""What somebody meets who types the host's name and nothing else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.console_files import mount_pages
from api.edge import install_edge


def client(dist: Path) -> httpx.AsyncClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mount_pages(app, dist)
    install_edge(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_it_leads_to_the_console_whatever_host_was_named(tmp_path: Path, method: str) -> None:
    (tmp_path / "console").mkdir()
    (tmp_path / "console" / "index.html").write_text("<!doctype html>")
    async with client(tmp_path) as asking:
        answer = await asking.request(method, "/", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")
    assert answer.headers["cache-control"] == "no-store"


async def test_without_a_built_console_it_says_what_there_is(tmp_path: Path) -> None:
    async with client(tmp_path / "nowhere") as asking:
        answer = await asking.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "/v1/" in answer.text
    assert "make run" in answer.text


async def test_nothing_can_be_posted_to_it(tmp_path: Path) -> None:
    async with client(tmp_path) as asking:
        answer = await asking.post("/")
    assert (answer.status_code, answer.json()["type"]) == (405, "/problems/method-not-allowed")


async def test_the_application_has_it(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test") as asking:
        assert (await asking.get("/")).status_code in {200, 307}
