"""A small application behind the real edge: what the edge does can be seen without a database or a sign-in.

`python -m tests.http.edge_app PORT` serves it as `python -m api serve` serves the real one, only less patiently.
"""

import sys
from typing import Annotated

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from pydantic import Field

from api.edge import EdgeValues, install_edge
from api.http_protocol import ImpatientHttpProtocolOverTls
from api.schemas.strict import Id, In, Number, Out, Prose, StrictInstant, Token
from api.strict_routing import StrictRoute
from domain.errors import NotAuthenticated, TooManyAttempts
from integrations.postgres.errors import DatabaseUnavailable

PATIENT = "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e"
OBSERVATIONS = f"/v1/patients/{PATIENT}/observations"
SECRET = "Doris Example 9990000018"
BODY_SECONDS = HEAD_SECONDS = 0.5

router = APIRouter(prefix="/v1/patients", route_class=StrictRoute)


class ReadingIn(In):
    """One reading."""

    sign: Token
    value: Number
    effective_at: StrictInstant
    note: Prose | None = None


class ReadingsIn(In):
    """Some readings."""

    readings: Annotated[list[ReadingIn], Field(min_length=1, max_length=1000)]


class EchoOut(Out):
    """What arrived."""

    values: list[Number]
    notes: list[str | None]


class ListOut(Out):
    """What was asked for, and how many bodies have been taken in since the start."""

    limit: int
    taken: int


@router.post("/{patient_id}/observations", status_code=201)
async def post_observations(patient_id: Id, body: ReadingsIn, request: Request) -> EchoOut:
    """Take readings."""
    request.app.state.taken += 1
    return EchoOut(values=[r.value for r in body.readings], notes=[r.note for r in body.readings])


@router.get("/{patient_id}/observations")
async def list_observations(patient_id: Id, request: Request, limit: int = 50) -> ListOut:
    """Tell what was asked for."""
    return ListOut(limit=limit, taken=request.app.state.taken)


@router.post("/{patient_id}/end")
async def end(patient_id: Id) -> None:
    """Take no body."""


@router.post("/{patient_id}/optional")
async def optional(patient_id: Id, body: ReadingIn | None = None) -> bool:
    """Take a body or none."""
    return body is not None


@router.post("/{patient_id}/raw")
async def raw(patient_id: Id, request: Request) -> int:
    """Read the body itself."""
    return len(await request.body())


@router.get("/{patient_id}/{what}")
async def fail(patient_id: Id, what: str) -> None:
    """Fail as asked."""
    raise {
        "crash": RuntimeError(SECRET),
        "unavailable": DatabaseUnavailable(),
        "attempts": TooManyAttempts("Wait.", 30),
        "nobody": NotAuthenticated("Sign in."),
    }[what]


IMPATIENT = EdgeValues(max_body_seconds=BODY_SECONDS, over_tls=True)


def application(values: EdgeValues = IMPATIENT) -> FastAPI:
    """Return the application behind the edge."""
    app = FastAPI(redirect_slashes=True)
    app.state.taken = 0
    app.router.routes += router.routes
    install_edge(app, values)
    return app


class _VeryImpatient(ImpatientHttpProtocolOverTls):
    head_seconds = HEAD_SECONDS


if __name__ == "__main__":
    uvicorn.run(
        application(),
        port=int(sys.argv[1]),
        loop="uvloop",
        http=_VeryImpatient,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        log_level="warning",
    )
