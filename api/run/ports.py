"""Whether our TCP ports are free, asked before anything is started.

Browsers try ::1 before 127.0.0.1 when localhost is typed: what another program serves there would be shown in our name.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from api.run.refusals import WillNotStart


def require_free(host: str, ports: Iterable[int]) -> None:
    """Raise WillNotStart, naming the port and the way round it, if something else listens on one of them."""
    for port in ports:
        if (error := _refusal(socket.AF_INET, host, port)) is not None:
            raise WillNotStart(_told(error, port)) from error
        error = _refusal(socket.AF_INET6, "::1", port) if socket.has_ipv6 else None
        # Where there is no IPv6, nobody can be there.
        if error is not None and error.errno == errno.EADDRINUSE:
            raise WillNotStart(_told(error, port)) from error


def _refusal(family: socket.AddressFamily, host: str, port: int) -> OSError | None:
    """Return why the port cannot be had, None if it can."""
    try:
        with socket.socket(family) as probe:
            # As uvicorn binds: connections of an earlier run that still fade away do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def _told(error: OSError, port: int) -> str:
    way_round = "Choose another with TENDWELL_PORT (it and the next one are used): TENDWELL_PORT=9080 make run"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already in use by another program. {way_round}"
    return f"Port {port} cannot be used ({error.strerror}). {way_round}"
