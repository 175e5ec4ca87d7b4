"""The limits to compare with: an echo with the same body model and size, and a broadcast that knows nobody.

Started as a process of its own: `uvicorn benchmarks.limits:app`.
"""

from typing import Annotated

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

app = FastAPI()
watchers: set[WebSocket] = set()


class Reading(BaseModel):
    """A reading as a phone sends it."""

    client_id: str
    sign: str
    effective_at: str
    unit: str
    value: float


class Readings(BaseModel):
    """The body of the echo: the same as that of the real route."""

    readings: Annotated[list[Reading], Field(min_length=1, max_length=1000)]


@app.post("/echo", status_code=201)
async def echo(body: Readings) -> Readings:
    """Return the body."""
    return body


@app.post("/push", status_code=201)
async def push(body: Readings) -> dict[str, int]:
    """Send the body to every socket, then answer."""
    text = body.model_dump_json()
    for watcher in list(watchers):
        await watcher.send_text(text)
    return {"watchers": len(watchers)}


@app.websocket("/broadcast")
async def broadcast(socket: WebSocket) -> None:
    """Hold a socket that hears every push."""
    await socket.accept()
    watchers.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        watchers.discard(socket)
