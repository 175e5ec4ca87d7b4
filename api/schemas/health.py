"""Health answers."""

from typing import Literal

from api.schemas.strict import Out


class LiveOut(Out):
    """The process runs."""

    status: Literal["live"]


class ReadyOut(Out):
    """Whether the process can serve, and how far the live feed lags behind what was committed, in seconds."""

    status: Literal["ready", "unavailable"]
    database: bool
    feed_number: int | None
    feed_lag_seconds: float | None
