"""`python -m api serve`: one API process, meant to stand behind a proxy that buffers and times out slow clients."""

from __future__ import annotations

import argparse
import asyncio

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.http_protocol import ImpatientHttpProtocol, ImpatientHttpProtocolOverTls
from api.live.websocket_protocol import uvicorn_options
from api.log_lines import configure_logging
from api.response_headers import is_over_tls
from api.settings import Settings, read_settings
from integrations.postgres.roles import Role, in_role, why_unusable

# Longer than the proxy keeps an idle connection, so that it is never the proxy that meets a closed one.
KEEP_ALIVE_SECONDS = 75


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; answer what is under way, close sockets with 1012, and return 0.

    Raises UnsupportedServer at once for a database that would show too much or, in production, forget.
    """
    parser = argparse.ArgumentParser(prog="python -m api serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(arguments)
    settings = read_settings()
    asyncio.run(_require_fit(settings))
    serve(create_app(settings), settings, host=given.host, port=given.port)
    return 0


async def _require_fit(settings: Settings) -> None:
    """Raise UnsupportedServer where the database is not fit.

    The application's own start asks the same, but what that raises ends in a traceback and uvicorn's exit code 3, which
    is another thing here (`exit_codes`). Costs a connection and 21 ms of a start of 4 s, most of which is importing.
    """
    strictly = settings.environment == "production"
    url, limits = settings.database_url.get_secret_value(), settings.database_limits("tendwell-start")
    database = in_role(url, limits, Role.runtime, strictly=strictly)
    try:
        await why_unusable({database})
    finally:
        await database.close()


def serve(app: FastAPI, settings: Settings, *, host: str, port: int) -> None:
    """Return when the application was told to end, and has answered what was under way."""
    configure_logging(settings.log_format)
    over_tls = is_over_tls(settings.public_url)
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=ImpatientHttpProtocolOverTls if over_tls else ImpatientHttpProtocol,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        access_log=False,
        log_config=None,
        server_header=False,
        **uvicorn_options(over_tls=over_tls),
    )
