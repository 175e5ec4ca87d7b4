"""`python -m api worker`: the relay and the other background work, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import suppress

import uvloop

from api.exit_codes import OK
from api.log_lines import configure_logging
from api.settings import Settings, read_settings
from api.worker import run


def main(arguments: list[str]) -> int:
    """Work until SIGTERM or SIGINT, and return 0. Raises what `run` raises."""
    argparse.ArgumentParser(prog="python -m api worker", description=__doc__).parse_args(arguments)
    settings = read_settings()
    configure_logging(settings.log_format)
    uvloop.run(_until_told(settings))
    return OK


async def _until_told(settings: Settings) -> None:
    work = asyncio.create_task(run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work
