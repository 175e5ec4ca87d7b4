"""Every route × every member of the cast: an unlisted route fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.cast import Cast
from tests.http.access_matrix import EVERYBODY, MATRIX, Row
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene


def operations(app: FastAPI) -> dict[str, APIRoute]:
    """Return every HTTP operation that the application answers, by its operation id."""
    found: dict[str, APIRoute] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            assert route.name not in found, f"two operations are called {route.name}"
            found[route.name] = route
    return found


def test_every_route_has_its_row_in_the_matrix(app: FastAPI) -> None:
    assert set(operations(app)) == set(MATRIX)


def filled(template: Any, values: dict[str, str]) -> Any:
    """Return the template with every {name} in its texts filled in."""
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template


def values_of(cast: Cast, scene: dict[str, str]) -> dict[str, str]:
    """Return what the {names} in the matrix stand for."""
    named = {**cast.organisations, **cast.accounts, **cast.patients, **cast.others}
    texts = {name: str(value) for name, value in named.items()}
    recently = (cast.now - timedelta(minutes=1)).isoformat()
    today = london_date(cast.now)
    dates = {"today": today.isoformat(), "in_a_month": (today + timedelta(days=30)).isoformat()}
    return {**texts, **scene, **dates, "recently": recently}


# Setting the scene costs more than asking: each share of the operations is asked on one scene.
SHARES = 4


@pytest.mark.parametrize("share", range(SHARES))
async def test_everyone_gets_what_the_matrix_says(
    share: int, app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    got: dict[tuple[str, str], int] = {}
    expected: dict[tuple[str, str], int] = {}
    for operation, row in sorted(MATRIX.items())[share::SHARES]:
        for member in EVERYBODY:
            before = await session.begin_nested()
            got[operation, member] = await _ask(client_of, member, routes[operation], row, values)
            await before.rollback()
            expected[operation, member] = row.expected(member)
    assert {asked: status for asked, status in got.items() if status != expected[asked]} == {}


async def asked(
    client: httpx.AsyncClient, method: str, row: Row, values: dict[str, str], headers: dict[str, str] | None = None
) -> httpx.Response:
    """Return the answer to a row's request."""
    path, sent = filled(row.path, values), filled(row.headers, values) | (headers or {})
    if row.text is not None:
        sent["content-type"] = "text/csv"
        return await client.request(method, path, content=filled(row.text, values), headers=sent)
    body: Any = {} if row.body is None else {"json": filled(row.body, values)}
    return await client.request(method, path, headers=sent, **body)


async def _ask(client_of: ClientOf, member: str, route: APIRoute, row: Row, values: dict[str, str]) -> int:
    (method,) = route.methods or {"none"}
    client = client_of(None if member == "nobody_signed_in" else member)
    answer = await asked(client, method, row, values)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code
