"""Why `make run` would not start, in words that say what to do. Each ends with exit code 2, having started nothing."""

from __future__ import annotations


class WillNotStart(Exception):
    """Something on this machine stands in the way; the message names it and says what to do."""


class StopRequested(Exception):
    """Somebody asked us to stop while we were waiting."""
