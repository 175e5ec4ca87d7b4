"""A request for a part of one of the console's files: it gets the whole, whatever the range says."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.console_files import mount_pages
from api.edge import install_edge

PAGE = "<!doctype html><title>Tendwell</title>"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-4", "bytes=5-2", "bytes=5-2,0-0,-1", "bytes=99999-", "bytes=", "bytes=x-y", "lines=1-2", "\xff", ""],
)
@pytest.mark.parametrize("path", ["/console/", "/console/patients", "/console/assets/a.js"])
async def test_a_part_of_a_file_is_answered_with_all_of_it(tmp_path: Path, path: str, asked: str) -> None:
    (tmp_path / "console" / "assets").mkdir(parents=True)
    for name in ("index.html", "assets/a.js"):
        (tmp_path / "console" / name).write_text(PAGE)
    app = FastAPI()
    mount_pages(app, tmp_path)
    install_edge(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test") as asking:
        answer = await asking.get(path, headers={b"range": asked.encode("latin-1")})
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["accept-ranges"] == "none"
