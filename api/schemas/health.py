"""Health answers."""

from typing import Literal, Self

from api.readiness import Standing
from api.schemas.strict import Out


class LiveOut(Out):
    """The process runs."""

    status: Literal["live"]


class ReadyOut(Out):
    """The process can serve.

    `feed_lag_seconds`: how long the oldest committed event waits for its number. `feed_blind_seconds`: for how long
    this process has not known whether something happened; about 1 when all is well; beyond 5, live clients turn stale.
    `audit_seal_lag_seconds`: how long the oldest row of the audit trail waits to be sealed; up to 5 when all is well,
    null where that is not known.
    """

    status: Literal["ready"]
    feed_number: int
    feed_lag_seconds: float
    feed_blind_seconds: float
    audit_seal_lag_seconds: float | None

    @classmethod
    def of(cls, found: Standing) -> Self:
        """Return the answer."""
        return cls(
            status="ready",
            feed_number=found.number,
            feed_lag_seconds=round(found.lag_seconds, 3),
            feed_blind_seconds=round(found.blind_seconds, 3),
            audit_seal_lag_seconds=None if found.seal_lag_seconds is None else round(found.seal_lag_seconds, 3),
        )
