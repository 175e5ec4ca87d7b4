"""Whether our TCP ports are free, asked before anything is started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from api.run.refusals import WillNotStart


def require_free(host: str, ports: Iterable[int]) -> None:
    """Raise WillNotStart, naming the port and the way round it, if something else listens on one of them."""
    for port in ports:
        with socket.socket() as probe:
            # As uvicorn binds: connections of an earlier run that still fade away do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise WillNotStart(_told(error, port)) from error


def _told(error: OSError, port: int) -> str:
    way_round = "Choose another with TENDWELL_PORT (it and the next one are used): TENDWELL_PORT=9080 make run"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already in use by another program. {way_round}"
    return f"Port {port} cannot be used ({error.strerror}). {way_round}"
