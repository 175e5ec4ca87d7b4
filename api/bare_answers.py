"""Problems told on the connection itself, when no application can be asked: no readable head, or no time left."""

from __future__ import annotations

from http import HTTPStatus

from api.access_log import log_unread
from api.problems import ProblemType, problem
from api.response_headers import always
from domain.ids import new_id


def bare_answer(kind: ProblemType, *, over_tls: bool) -> bytes:
    """Return a whole answer after which the connection is to be closed, and log that it was given.

    `over_tls`: whether people type https, and browsers are to be held to it.
    """
    request_id = str(new_id())
    log_unread(kind.status, request_id)
    answer = problem(kind, request_id)
    head = [f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}"]
    head += [f"{name}: {value}" for name, value in answer.headers.items()]
    head += [f"{name.lower()}: {value}" for name, value in always(over_tls=over_tls).items()]
    head += [f"x-request-id: {request_id}", "connection: close", "", ""]
    return "\r\n".join(head).encode("latin-1") + bytes(answer.body)
