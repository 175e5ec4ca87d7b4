"""Talking HTTP to one or more processes of the same service: taking turns, and signing in as somebody.

Refuses to know what is sent. A password or a token never appears in an error: those quote the service's problem
type and request id only.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import httpx

REQUEST_SECONDS = 15.0
RENEW_BEFORE_SECONDS = 60.0  # a token is renewed while it is still good: ten minutes is its whole life
PAGE = 200
LONGEST_WAIT = 30.0  # seconds between tries, whatever the service asks for
SECOND_STEP = "second_factor_required"  # the service's word for: show the second factor that you have set up
OWN_SESSION = "/v1/sessions/current"
TRANSIENT = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)

Json = dict[str, Any]  # the service's own words; each caller picks what it needs


class Unreachable(Exception):
    """What passes by itself: no process of the service answered, or it is not ready (503), or asks us to wait (429)."""

    def __init__(self, words: str, after_seconds: float = 0.0) -> None:
        super().__init__(words)
        self.after_seconds = after_seconds


class Refused(Exception):
    """The service said no, or failed at it, and would again: its status, problem type, detail and request id."""

    def __init__(self, method: str, path: str, response: httpx.Response) -> None:
        problem = body_of(response)
        self.status = response.status_code
        self.problem = str(problem.get("type", "")).rsplit("/", 1)[-1]
        self.body = problem
        faults = "; ".join(f"{e.get('pointer')} {e.get('code')}" for e in problem.get("errors") or ())
        detail = f"{problem.get('detail', '')} {faults}".strip()
        super().__init__(
            f"{method} {path}: {self.status} {self.problem} ({detail}) request {problem.get('request_id')}"
        )


def body_of(response: httpx.Response) -> Json:
    """Return the JSON object of an answer, or nothing where it is not one (a proxy's page, an empty body)."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def refusal(method: str, path: str, response: httpx.Response) -> Refused | Unreachable:
    """Return what a bad answer means: that asking again later may help (Unreachable), or will not (Refused)."""
    refused = Refused(method, path, response)
    if response.status_code in TRANSIENT:
        return Unreachable(str(refused), seconds_to_wait(response.headers.get("retry-after")))
    return refused


def good_body(method: str, path: str, response: httpx.Response) -> Json:
    """Return the JSON of a good answer. Raises what `refusal` says of any other."""
    if response.is_success:
        return body_of(response)
    raise refusal(method, path, response)


def seconds_to_wait(retry_after: str | None) -> float:
    """Return the seconds a Retry-After header asks for, at most the longest wait; 0 for none or a date."""
    return min(float(retry_after), LONGEST_WAIT) if retry_after and retry_after.isdigit() else 0.0


class SignInEnds(Exception):
    """What the demo knows of somebody opens no session (any more): to try it again would be guessing, or in vain."""


class WrongPassword(Refused, SignInEnds):
    """The password was refused: its holder has another one now."""


class RefusedBefore(SignInEnds):
    """The password was refused by an earlier answer, and is not shown again."""

    def __init__(self) -> None:
        super().__init__("the demo's password was refused before, and is not tried again")


class MoreIsAsked(SignInEnds):
    """The password is right, and the service asks for more than a password before it opens a session."""

    def __init__(self, state: str) -> None:
        why = "" if state == SECOND_STEP else ": the demo needs a service with TENDWELL_SECOND_FACTOR=when_enrolled"
        super().__init__(f"signing in stops at {state}{why}")
        self.state = state


class Connection:
    """The service's addresses, used in turn; the next one is tried when one does not answer."""

    def __init__(self, addresses: Sequence[str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._addresses = [address.rstrip("/") for address in addresses]
        self._turn = itertools.count()
        self._http = httpx.AsyncClient(timeout=REQUEST_SECONDS, transport=transport)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Return the answer of the first process that can be reached. Raises Unreachable.

        A request that may have arrived is not sent to another: the caller knows whether twice would be once too often.
        """
        first = next(self._turn)
        for offset in range(len(self._addresses)):
            address = self._addresses[(first + offset) % len(self._addresses)]
            try:
                return await self._http.request(method, f"{address}{path}", **request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except httpx.TransportError as lost:
                raise Unreachable(f"no answer from {address}: {type(lost).__name__}") from lost
        raise Unreachable(f"nobody listens at {', '.join(self._addresses)}")


class SignIn:
    """One person's session: signs in when first used, renews in time, and signs in again when it was ended.

    Whoever has a second factor is not for programs to sign in: MoreIsAsked is raised then. After that, and after a
    password that was refused (WrongPassword), nothing is asked of the service again; `on_end` is told once.
    """

    def __init__(
        self,
        connection: Connection,
        email: str,
        password: str,
        *,
        ended: SignInEnds | None = None,
        on_end: Callable[[SignInEnds], None] | None = None,
    ) -> None:
        self._connection = connection
        self._credentials = {"email": email, "password": password}
        self._ended, self._on_end = ended, on_end
        self._access = ""
        self._refresh = ""
        self._renew_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Return the service's answer, whatever its status. Raises Unreachable; SignInEnds, Refused: no session."""
        headers = request.pop("headers", {})
        for attempt in range(2):
            token = await self._token()
            bearer = headers | {"Authorization": f"Bearer {token}"}
            response = await self._connection.send(method, path, headers=bearer, **request)
            if response.status_code != httpx.codes.UNAUTHORIZED or attempt:
                break
            self._forget(token)
        return response

    async def ask(self, method: str, path: str, **request: Any) -> Json:
        """Return the JSON of a good answer. Raises Unreachable for a 429 or 503, Refused for any other."""
        response = await self.call(method, path, **request)
        return good_body(method, path, response)

    async def tag(self, path: str) -> str:
        """Return the tag of what stands at a path, to be said when it is edited. Raises Refused, Unreachable."""
        response = await self.call("GET", path)
        good_body("GET", path, response)
        tag: str = response.headers["ETag"]
        return tag

    async def every(self, path: str) -> AsyncIterator[Json]:
        """Yield every item of a list, page by page."""
        cursor: str | None = None
        while True:
            query = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
            page = await self.ask("GET", path, params=query)
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    async def sign_out(self) -> None:
        """End the session that is open, if one is; where the service does not answer it ends by its age."""
        if not self._access:
            return
        with suppress(Unreachable, Refused, SignInEnds):
            await self.ask("DELETE", OWN_SESSION)
        self._access = self._refresh = ""

    def _forget(self, token: str) -> None:
        if self._access == token:  # another task may have renewed it meanwhile
            self._access = self._refresh = ""

    async def _token(self) -> str:
        async with self._one_at_a_time:
            if self._ended is not None:
                raise self._ended
            if not self._access or time.monotonic() >= self._renew_at:
                await self._renew()
            return self._access

    async def _renew(self) -> None:
        if self._refresh:
            refreshing = {"refresh_token": self._refresh}
            response = await self._connection.send("POST", "/v1/sessions/refresh", json=refreshing)
            if response.is_success:
                self._keep(body_of(response))
                return
            self._refresh = ""
        response = await self._connection.send("POST", "/v1/sessions", json=self._credentials)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._end(WrongPassword("POST", "/v1/sessions", response))
        body = good_body("POST", "/v1/sessions", response)
        if response.status_code == httpx.codes.ACCEPTED:
            self._end(MoreIsAsked(str(body.get("state"))))
        self._keep(body)

    def _end(self, why: SignInEnds) -> NoReturn:
        self._ended = why
        if self._on_end is not None:
            self._on_end(why)
        raise why

    def _keep(self, session: Json) -> None:
        self._access, self._refresh = session["access_token"], session["refresh_token"]
        self._renew_at = time.monotonic() + session["expires_in"] - RENEW_BEFORE_SECONDS
