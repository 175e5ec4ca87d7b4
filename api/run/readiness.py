"""Asks one of our own API processes whether it is ready."""

from __future__ import annotations

import http.client
from http import HTTPStatus

_TIMEOUT_SECONDS = 2.0


def is_ready(host: str, port: int) -> bool:
    """Return True if GET /health/ready answers 200."""
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
