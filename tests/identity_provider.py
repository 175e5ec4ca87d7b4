"""A certified OpenID provider (npm's oidc-provider) in a process of its own, and a browser's way through it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from integrations.linux.children import spawn, stop

CLIENT_ID, REDIRECT_URI = "tendwell-tests", "https://tendwell.test/console/signed-in"
_HERE = Path(__file__).parent / "provider"


@contextmanager
def serving_provider(
    key_set: Mapping[str, Any], people: Mapping[str, Any], *, redirect_uri: str = REDIRECT_URI
) -> Iterator[str]:
    """Yield the issuer of a provider that knows these people, and us by this key set."""
    node = os.environ.get("PLAYWRIGHT_NODEJS_PATH") or shutil.which("node")
    assert node, "no Node.js: run `make test`"
    assert (_HERE / "node_modules").is_dir(), "run `make test`, or `npm ci` in tests/provider"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    given = {
        "issuer": issuer,
        "port": port,
        "clientId": CLIENT_ID,
        "redirectUri": redirect_uri,
        "keySet": key_set,
        "people": people,
    }
    listening, told = os.pipe()
    server = spawn([node, "server.mjs", json.dumps(given)], log=told, cwd=_HERE)
    with os.fdopen(listening) as words:
        try:
            said: list[str] = []
            while not said or said[-1] != "ready\n":
                said.append(words.readline())
                assert said[-1], f"the provider did not start: {''.join(said)}"
            yield issuer
        finally:
            stop(server, signal.SIGTERM, grace_seconds=5)


async def walked(address: str, choice: str) -> dict[str, str]:
    """Return what a browser is sent back with, whose user has made this choice: `sign-in?as=…` or `refuse`."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
        page = urljoin(address, answer.headers["location"])
        answer = await browser.get(f"{page}/{choice}")
        while not (place := answer.headers["location"]).startswith(REDIRECT_URI):
            answer = await browser.get(urljoin(page, place))
    return dict(parse_qsl(urlsplit(place).query))
