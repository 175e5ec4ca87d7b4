"""Which tests one of several workers does one after the other, and what is begun first.

What shares an installation or a browser is done by one worker, so that it is started once. Otherwise a file goes as a
whole, but for those in which each test takes long.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARING = ("tests/browser/app/", "tests/browser/", "tests/live/")  # the first that fits
EACH_BY_ITSELF = ("tests/http/test_openapi_is_true.py", "tests/run/test_supervisor.py")


def scope_of(nodeid: str) -> str:
    """Return the name of what a worker does as a whole, of which this test is part."""
    if nodeid.startswith(EACH_BY_ITSELF):
        return nodeid
    return next((folder for folder in SHARING if nodeid.startswith(folder)), nodeid.partition("::")[0])


def longest_first(items: list[pytest.Item]) -> None:
    """Put what takes longest at the start, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith((*SHARING, *EACH_BY_ITSELF)))


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Hands scopes out in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
