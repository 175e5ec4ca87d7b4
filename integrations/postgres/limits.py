"""How much of a server one process takes, and how long either waits for the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

ANSWER_GRACE_SECONDS = 2
KEEPALIVE_SECONDS, KEEPALIVES = 5, 2
# By when the server knows that a client has gone without a word.
NOTICED_SECONDS = KEEPALIVE_SECONDS * (1 + KEEPALIVES)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections one process holds, and how long (milliseconds) the server lets one of them work or idle."""

    pool_size: int = 10
    pool_overflow: int = 10
    statement_timeout_ms: int = 10_000
    idle_in_transaction_timeout_ms: int = 15_000
    application_name: str = "tendwell"

    def sharing(self, part: float) -> Limits:
        """Return the same with a part of the connections, two at the least."""
        size, overflow = (max(1, round(part * number)) for number in (self.pool_size, self.pool_overflow))
        return replace(self, pool_size=size, pool_overflow=overflow)

    @property
    def answer_timeout_seconds(self) -> float | None:
        """Return how long we wait for the answer to one statement; None: as long as it takes.

        Longer than the server takes before it gives the statement up and says so: who says nothing even then is gone.
        """
        return self.statement_timeout_ms / 1000 + ANSWER_GRACE_SECONDS if self.statement_timeout_ms else None

    def server_settings(self) -> dict[str, str]:
        """Return what the server is told about every connection.

        JIT costs more than it saves on short queries. A page found by an index costs little more than the next one, on
        any disk of today: told otherwise, a practice's 200 patients are found by reading all of 20,000. A node that is
        cut off in the middle of a statement's being prepared is waited for without any limit but that of TCP, by
        default two hours, and the feed waits with it.
        """
        return {
            "application_name": self.application_name,
            "statement_timeout": str(self.statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(self.idle_in_transaction_timeout_ms),
            "timezone": "UTC",
            "tcp_keepalives_idle": str(KEEPALIVE_SECONDS),
            "tcp_keepalives_interval": str(KEEPALIVE_SECONDS),
            "tcp_keepalives_count": str(KEEPALIVES),
            "tcp_user_timeout": str(1000 * NOTICED_SECONDS),
            "jit": "off",
            "random_page_cost": "1.1",
        }
