"""The API in a process that is killed between its commit and its answer, when a request asks for that.

`python -m tests.faults.dying_api serve --port N` serves the real application with the settings of its environment.
"""

from __future__ import annotations

import os
import signal
import sys

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import application

DIE = "x-die"


class Dying:
    """ASGI: when the answer to a request with the header `x-die` is about to be sent, all is committed: now it dies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request, and answer it or not."""

        async def die(_: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        wanted = scope["type"] == "http" and any(name == DIE.encode() for name, _ in scope["headers"])
        await self.app(scope, receive, die if wanted else send)


if __name__ == "__main__":
    uvicorn.run(Dying(application()), port=int(sys.argv[-1]), log_level="warning")
