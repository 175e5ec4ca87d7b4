"""What a process counts about itself, for those who run it: in Prometheus's text form.

A label is one of a few words that we wrote ourselves, never anything that was sent: so nothing of a person can stand
here, and nobody can make series without end. Knows nothing of what it counts.
"""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    start_http_server,
)

MEDIA_TYPE = CONTENT_TYPE_LATEST
# Seconds. The goals for reads are 10 to 20 ms; clients give up after 10 s or more.
_DURATIONS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
_OTHER = "other"
_SWITCHED_PROTOCOLS = 101


class NodeMetrics:
    """What an API process counts."""

    def __init__(self) -> None:
        self._registry = _with_the_process()
        self._requests = Counter(
            "tendwell_requests", "Requests that were answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "tendwell_request_seconds",
            "How long requests took, websockets aside.",
            ("method", "route"),
            buckets=_DURATIONS,
            registry=self._registry,
        )
        self._readings = Counter(
            "tendwell_readings",
            "Readings that were sent: stored, a duplicate, or refused and why.",
            ("verdict", "code"),
            registry=self._registry,
        )
        # As many as there are series; to find one by its labels takes longer than to count.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram | None]] = {}

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the declared path, or '' where no route matched."""
        asked = (method if method in METHODS else _OTHER, route or _OTHER, status)
        if asked not in self._found:
            duration = None if status == _SWITCHED_PROTOCOLS else self._seconds.labels(*asked[:2])
            self._found[asked] = (self._requests.labels(*asked[:2], str(status)), duration)
        number, duration = self._found[asked]
        number.inc()
        if duration is not None:
            duration.observe(seconds)

    def readings_judged(self, verdicts: Iterable[tuple[str, str]]) -> None:
        """Count readings by verdict and, where they were refused, by its code (otherwise '')."""
        for (verdict, code), number in Tally(verdicts).items():
            self._readings.labels(verdict, code).inc(number)

    def gauge(self, name: str, words: str, read: Callable[[], float]) -> None:
        """Have a figure read whenever somebody asks."""
        Gauge(name, words, registry=self._registry).set_function(read)

    def gauges(self, name: str, words: str, label: str, read: Mapping[str, Callable[[], float]]) -> None:
        """Have a figure read for each of these values of one label."""
        gauge = Gauge(name, words, (label,), registry=self._registry)
        for value, reader in read.items():
            gauge.labels(value).set_function(reader)

    def exposition(self) -> bytes:
        """Return all of it as it stands now."""
        return generate_latest(self._registry)


class WorkerMetrics:
    """What a worker counts."""

    def __init__(self) -> None:
        self._registry = _with_the_process()
        self._numbered = Counter("tendwell_relay_numbered", "Events numbered.", registry=self._registry)
        self._leads = Gauge(
            "tendwell_relay_leads", "1 when the relay's last step was this worker's to do.", registry=self._registry
        )
        self._lag = Gauge(
            "tendwell_feed_lag_seconds", "How long the oldest event waited for its number.", registry=self._registry
        )
        self._rounds = Counter(
            "tendwell_work_rounds",
            "Rounds of background work: done, put off because the database was away, or failed for another reason.",
            ("work", "ended"),
            registry=self._registry,
        )
        self._covered_until = Gauge(
            "tendwell_audit_months_until_timestamp_seconds",
            "Until when months are made for the audit trail to stand in.",
            registry=self._registry,
        )
        self._unplaced = Gauge(
            "tendwell_audit_unplaced_rows", "Rows of the audit trail that stand in no month.", registry=self._registry
        )
        self._seal_lag = Gauge(
            "tendwell_audit_seal_lag_seconds",
            "How long the oldest row of the audit trail that is not sealed has waited for it.",
            registry=self._registry,
        )
        self._done_at = Gauge(
            "tendwell_work_done_timestamp_seconds",
            "When a piece of background work was last done with; 0 before this process has done any.",
            ("work",),
            registry=self._registry,
        )
        self._notices, self._notice_lag = _of_notices(self._registry)

    def notice_ended(self, channel: str, ended: str) -> None:
        """Count an attempt: accepted, failed (to be tried again), given_up, or address_ended."""
        self._notices.labels(channel, ended).inc()

    def notices_dropped(self, number: int) -> None:
        """Count notices that were not sent because what they would have said no longer held."""
        self._notices.labels("", "dropped").inc(number)

    def notices_lagged(self, seconds: float) -> None:
        """Note how late the notices are."""
        self._notice_lag.set(seconds)

    def months_made(self, covered_until: datetime, unplaced: int) -> None:
        """Note until when the audit trail has months to stand in, and how many of its rows stand in none."""
        self._covered_until.set(covered_until.timestamp())
        self._unplaced.set(unplaced)

    def seal_lagged(self, seconds: float) -> None:
        """Note how late the sealing of the audit trail is."""
        self._seal_lag.set(seconds)

    def relay_stepped(self, numbered: int | None) -> None:
        """Note a step of the relay; None: another worker's relay is at work."""
        self._leads.set(numbered is not None)
        self._numbered.inc(numbered or 0)

    def relay_lost(self) -> None:
        """Note that the relay cannot do its work: what waits for it, it does not know."""
        self._leads.set(0)
        self._lag.set(math.inf)

    def lagged(self, seconds: float) -> None:
        """Note how late the numbering is."""
        self._lag.set(seconds)

    def is_to_do(self, work: str) -> None:
        """Note that there is this piece of work: one that is never done must not look as if it were not there.

        Nor as if it were done just now: whatever starts this process again and again would hide it for ever.
        """
        self._done_at.labels(work).set(0)
        self._rounds.labels(work, "failed")

    def worked(self, work: str) -> None:
        """Note that a round of work was done."""
        self._rounds.labels(work, "done").inc()
        self._done_at.labels(work).set_to_current_time()

    def put_off(self, work: str) -> None:
        """Note that a round of work could not be done."""
        self._rounds.labels(work, "put_off").inc()

    def failed(self, work: str) -> None:
        """Note that a round of work failed."""
        self._rounds.labels(work, "failed").inc()

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Answer whoever asks there, in a thread; return what ends that. Raises OSError where it cannot listen."""
        server, thread = start_http_server(port, host, self._registry)

        def end() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return end


def _with_the_process() -> CollectorRegistry:
    """Return a registry that knows the process's memory, processor time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def _of_notices(registry: CollectorRegistry) -> tuple[Counter, Gauge]:
    """Return the figures of notices: how attempts ended, and how late they are."""
    ended = Counter(
        "tendwell_notices",
        "Attempts to tell somebody something, by the way and how they ended.",
        ("channel", "ended"),
        registry=registry,
    )
    lag = Gauge(
        "tendwell_notice_lag_seconds",
        "For how long the notice that is due for longest was when they had last been sent.",
        registry=registry,
    )
    return ended, lag
