"""`python -m api serve`: one API process. Put a proxy that times out slow clients in front: uvicorn does not."""

from __future__ import annotations

import argparse

import uvicorn

from api.app import create_app
from api.live.websocket_protocol import FrozenAwareProtocol
from api.log_lines import configure_logging
from api.settings import read_settings

# Longer than the proxy keeps an idle connection, so that it is never the proxy that meets a closed one.
KEEP_ALIVE_SECONDS = 75
# A handler that waits for its queue would otherwise hold the process for ever.
SHUTDOWN_SECONDS = 5
GREATEST_SOCKET_MESSAGE_BYTES = 65_536


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; answer what is under way, close sockets with 1012, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m api serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(arguments)
    settings = read_settings()
    configure_logging(settings.log_format)
    uvicorn.run(
        create_app(settings),
        host=given.host,
        port=given.port,
        loop="uvloop",
        http="httptools",
        ws=FrozenAwareProtocol,
        ws_max_size=GREATEST_SOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        access_log=False,
        log_config=None,
        server_header=False,
    )
    return 0
