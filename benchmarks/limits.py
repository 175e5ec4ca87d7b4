"""The limits to compare with: an echo with the same body model and size, and a broadcast that knows nobody.

Started as a process of its own: `uvicorn benchmarks.limits:app --ws benchmarks.limits:Bare`.
"""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake

app = FastAPI()
watchers: set["Bare"] = set()
_to_tell: list[bytes] = []
_LINE = "bare.line"


class Bare(WebSocketsSansIOProtocol):
    """uvicorn's websocket, which hands itself to the application: what is pushed is written past ASGI."""

    def handle_connect(self, event: Handshake) -> None:
        """Take the handshake."""
        super().handle_connect(event)
        self.scope["extensions"][_LINE] = {"line": self}


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


async def push(request: Request) -> Response:
    """Have the body be sent to every socket, unread and as one frame that is made once, and answer.

    What arrives in one turn of the loop goes as one write: each costs as much whatever it carries.
    """
    frame = Frame(Opcode.TEXT, await request.body()).serialize(mask=False)
    if not _to_tell:
        asyncio.get_running_loop().call_soon(_tell)
    _to_tell.append(frame)
    return Response(status_code=201)


def _tell() -> None:
    frames = b"".join(_to_tell)
    _to_tell.clear()
    for watcher in watchers:
        watcher.transport.write(frames)


# As plain as it goes: FastAPI's own routes solve and validate, of which a broadcast has no need.
app.add_route("/push", push, methods=["POST"])


@app.websocket("/broadcast")
async def broadcast(socket: WebSocket) -> None:
    """Hold a socket that hears every push."""
    await socket.accept()
    line: Bare = socket.scope["extensions"][_LINE]["line"]
    watchers.add(line)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        watchers.discard(line)
