"""Serves the built console under /console with the strictest policy a page can have. Knows files and no session.

Whoever only types the host's name is led there too, or told what there is instead.

The console's addresses are its own: whatever is no file under /console/ is answered with its one page, and the page
says what it does not know. A missing asset stays missing, or a browser would run a page as a script.
"""

from __future__ import annotations

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
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
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
Its console has not been built: make run builds it.
"""

_NOT_BUILT: Final = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Tendwell: not built</title>
<h1>The console has not been built</h1>
<p>The API is running. To build its console, run <code>make run</code>, or in the folder <code>console</code>:</p>
<pre>npm ci
npm run build</pre></html>"""


def mount_console(app: Starlette, dist: Path) -> None:
    """Serve what `npm run build` left in `dist` under /console/, and lead / and /console there."""

    async def front_door(_: Request) -> Response:
        # Not for ever: a browser must not remember a console that may be gone at the next installation of this address.
        return RedirectResponse("/console/", 307) if _is_built(dist) else PlainTextResponse(_ONLY_THE_API)

    app.router.routes.append(Route("/", front_door, include_in_schema=False))
    app.router.routes.append(Route("/console", _to_the_console, include_in_schema=False))
    app.router.routes.append(
        Mount("/console", GZipMiddleware(console_files(dist), minimum_size=_WORTH_COMPRESSING), name="console")
    )


async def _to_the_console(_: Request) -> Response:
    """Lead to the one address all of the console's own are relative to."""
    return RedirectResponse("/console/", status_code=308)


def console_files(dist: Path) -> ASGIApp:
    """Return an application that answers every path with a file of `dist`, its page, or 404 (405 for other methods)."""
    files = StaticFiles(directory=dist, check_dir=False)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Before a websocket is accepted this refuses its handshake.
            await send({"type": "websocket.close"})
            return
        scope = _without_range(scope)
        response = await _response(files, dist, scope)
        for name, value in _HEADERS.items():
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
    """Return whether the path names a page. Files have an extension; no address of the console has a dot."""
    if path in (".", "index.html"):
        return True
    return not f"{path}/".startswith(_HASHED) and "." not in path.rsplit("/", 1)[-1]
