"""Serves the built console under /console, and the patient's app under /app, with the strictest policy a page can have.

Knows files and no session. Whoever only types the host's name is led to the console, or told what there is instead.

The addresses below each are its own: whatever is no file there is answered with its one page, and the page says what it
does not know. A missing asset stays missing, or a browser would run a page as a script.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# The app is installed, and answers without a network: by its manifest and its service worker, both its own files.
APP_CONTENT_SECURITY_POLICY: Final = "; ".join((CONTENT_SECURITY_POLICY, "worker-src 'self'", "manifest-src 'self'"))
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Accept-Ranges": "none",
    "X-Content-Type-Options": "nosniff",
}

# Vite names these files by a hash of what is in them: such a name never means anything else.
_HASHED: Final = "assets/"
_A_YEAR: Final = "public, max-age=31536000, immutable"

# Starlette answers a range that it does not like in plain text.
_RANGES: Final = frozenset({b"range", b"if-range"})

# Under this size (bytes) compressing costs more than it saves; over it the style sheet shrinks nine times.
_WORTH_COMPRESSING: Final = 1_000

_ONLY_THE_API: Final = """Tendwell's API is running; its addresses begin with /v1/ and stand in openapi.yaml.
Its console and its app have not been built: make run builds them.
"""

_NOT_BUILT: Final = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Tendwell: not built</title>
<h1>The console and the app have not been built</h1>
<p>The API is running. To build its pages, run <code>make run</code>, or in the folder <code>console</code>:</p>
<pre>npm ci
npm run build</pre></html>"""


def mount_pages(app: Starlette, dist: Path) -> None:
    """Serve what `npm run build` left in `dist`: the console, which / leads to, and the app."""

    async def front_door(_: Request) -> Response:
        # Not for ever: a browser must not remember a console that may be gone at the next installation of this address.
        is_built = _is_built(dist / "console")
        return RedirectResponse("/console/", 307) if is_built else PlainTextResponse(_ONLY_THE_API)

    app.router.routes.append(Route("/", front_door, include_in_schema=False))
    for name, policy in (("console", CONTENT_SECURITY_POLICY), ("app", APP_CONTENT_SECURITY_POLICY)):
        served = GZipMiddleware(page_files(dist / name, policy), minimum_size=_WORTH_COMPRESSING)
        app.router.routes.append(Route(f"/{name}", _leading_to(f"/{name}/"), include_in_schema=False))
        app.router.routes.append(Mount(f"/{name}", served, name=name))


def _leading_to(address: str) -> Callable[[Request], Awaitable[Response]]:
    """Lead from without a slash to the one address that all of a page's own are relative to."""

    async def lead(_: Request) -> Response:
        return RedirectResponse(address, status_code=308)

    return lead


def page_files(dist: Path, policy: str) -> ASGIApp:
    """Return an application that answers every path with a file of `dist`, its page, or 404 (405 for other methods)."""
    files = StaticFiles(directory=dist, check_dir=False)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Before a websocket is accepted this refuses its handshake.
            await send({"type": "websocket.close"})
            return
        scope = _without_range(scope)
        response = await _response(files, dist, scope)
        for name, value in {"Content-Security-Policy": policy, **_HEADERS}.items():
            response.headers[name] = value
        await response(scope, receive, send)

    return answer


async def _response(files: StaticFiles, dist: Path, scope: Scope) -> Response:
    path = files.get_path(scope)
    if "\0" in path:
        raise HTTPException(404)
    if not _is_built(dist):
        return HTMLResponse(_NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
    if _is_an_address(path):
        page = await files.get_response("index.html", scope)
        page.headers["Cache-Control"] = "no-store"
        return page
    found = await files.get_response(path, scope)
    found.headers["Cache-Control"] = _A_YEAR if path.startswith(_HASHED) else "no-cache"
    return found


def _without_range(scope: Scope) -> Scope:
    """Return the request as one for the whole file: none is large enough to be asked for in parts (RFC 9110, 14.2)."""
    kept = [header for header in scope["headers"] if header[0] not in _RANGES]
    return {**scope, "headers": kept}


def _is_built(dist: Path) -> bool:
    return (dist / "index.html").is_file()


def _is_an_address(path: str) -> bool:
    """Return whether the path names a page. Files have an extension; no page's address has a dot."""
    if path in (".", "index.html"):
        return True
    return not f"{path}/".startswith(_HASHED) and "." not in path.rsplit("/", 1)[-1]
