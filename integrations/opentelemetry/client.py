"""Spans, told to a collector over OTLP/HTTP by a thread of their own; whoever makes one waits for nobody.

What waits to be told is bounded, and the oldest is dropped first when a collector is away or slow. Nothing goes out
that the caller did not hand over: no exception's message, no name of this machine, nothing that the environment says.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

# At 2 KB each no more than 4 MB; a node under load makes as many in two seconds.
MOST_WAITING = 2_048
MOST_AT_ONCE = 512
PAUSE_MILLISECONDS = 1_000
# For one batch, trying again included.
COLLECTOR_SECONDS = 5.0
# A process that was told to end waits this long for a collector to take what is left.
FAREWELL_SECONDS = 2.0
MOST_LINKS = 128

# W3C Trace Context, version 00. Its `tracestate` may hold anything, and is not looked at.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_LOG = logging.getLogger("tendwell.traces")

About = Mapping[str, str | int]


@dataclass(slots=True)
class Span:
    """A stretch of time with a name. Ended once, whatever happens; what is said of it after that is not heard."""

    held: trace.Span = field(repr=False)

    def called(self, name: str) -> None:
        """Call it by another name than it began with."""
        self.held.update_name(name)

    def say(self, about: About) -> None:
        """Add what is known of it."""
        self.held.set_attributes(about)

    def note(self, name: str) -> None:
        """Note that something has happened just now."""
        self.held.add_event(name)

    def belongs_to(self, other: Span) -> None:
        """Name another span, perhaps of another trace, to which this one led."""
        self.held.add_link(other.held.get_span_context())

    def failed(self, error: BaseException) -> None:
        """Say what kind of error ended it, and nothing of its message, which may name a person."""
        self.held.set_attribute("error.type", type(error).__qualname__)
        self.held.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        """End it now, if it has not ended."""
        if self.held.is_recording():
            self.held.end()


class Tracer:
    """What one process tells a collector."""

    def __init__(self, endpoint: str, *, service: str, share: float = 1.0) -> None:
        """`endpoint`: where traces are posted, path included. `share`: how much of all that begins is told, 0 to 1."""
        resource = {"service.name": service, "service.instance.id": str(uuid4())}
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=COLLECTOR_SECONDS, compression=Compression.Gzip)
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource(resource),
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_links=MOST_LINKS),
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                _Reporting(exporter),
                max_queue_size=MOST_WAITING,
                max_export_batch_size=MOST_AT_ONCE,
                schedule_delay_millis=PAUSE_MILLISECONDS,
            )
        )
        self._tracer = self._provider.get_tracer("tendwell")

    def begun(self, name: str, about: About | None = None, *, seconds_ago: float = 0.0) -> Span:
        """Return a span that has begun, within whatever is under way here; whoever asked for it ends it."""
        began_at = time.time_ns() - round(seconds_ago * 1_000_000_000)
        return Span(self._tracer.start_span(name, attributes=about, start_time=began_at))

    @contextmanager
    def span(
        self,
        name: str,
        about: About | None = None,
        *,
        within: Span | None = None,
        after: Iterable[Span] = (),
    ) -> Iterator[Span]:
        """Yield a span as long as the block, within which is what begins there.

        `within`: another than what is under way here. `after`: what led to it.
        """
        around = None if within is None else trace.set_span_in_context(within.held)
        links = [Link(each.held.get_span_context()) for each in after]
        with self._under_way(self._tracer.start_span(name, around, attributes=about, links=links)) as span:
            yield span

    @contextmanager
    def request(self, traceparent: str | None) -> Iterator[Span]:
        """Yield the span of a request, the first of a trace of its own.

        `traceparent`: what the caller said of theirs. It is linked to, if it is sane, and never the parent: a stranger
        would decide what is told.
        """
        caller = _context_of(traceparent)
        links = [] if caller is None else [Link(caller)]
        root = trace.set_span_in_context(trace.INVALID_SPAN)
        with self._under_way(self._tracer.start_span("request", root, kind=SpanKind.SERVER, links=links)) as span:
            yield span

    @contextmanager
    def _under_way(self, started: trace.Span) -> Iterator[Span]:
        span = Span(started)
        with trace.use_span(started, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except BaseException as error:
                span.failed(error)
                raise
            finally:
                span.end()

    def close(self) -> None:
        """Tell what is left, for as long as FAREWELL_SECONDS, and no more."""
        farewell = threading.Thread(target=self._provider.shutdown, daemon=True)
        farewell.start()
        farewell.join(FAREWELL_SECONDS)


class _Reporting(SpanExporter):
    """Says in our log when a collector takes nothing, and when it does again; the library's own lines are kept out."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_lost = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self._exporter.export(spans)
        is_lost = result is not SpanExportResult.SUCCESS
        if is_lost and not self._is_lost:
            _LOG.warning("the collector of traces takes nothing: what it does not take is dropped")
        elif self._is_lost and not is_lost:
            _LOG.warning("the collector of traces takes them again")
        self._is_lost = is_lost
        return result

    def shutdown(self) -> None:
        """End sending."""
        self._exporter.shutdown()


def _context_of(traceparent: str | None) -> SpanContext | None:
    found = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    return SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=TraceFlags(0))
