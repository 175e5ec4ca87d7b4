"""A collector of traces, as OpenTelemetry's protocol has it: a real HTTP server that takes protobuf, and keeps it."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE_SECONDS = 20
PATH = "/v1/traces"


@dataclass(frozen=True)
class Told:
    """One span, as it was told."""

    service: str
    name: str
    trace: str
    span: str
    within: str
    about: dict[str, str | int]
    after: tuple[tuple[str, str], ...]
    begun_at: int
    ended_at: int


@dataclass
class Collector:
    """What came so far. While `is_deaf`, whoever sends is let in and never answered."""

    port: int = 0
    payloads: list[bytes] = field(default_factory=list)
    is_deaf: bool = False
    asked: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return where traces are posted."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    @property
    def spans(self) -> list[Told]:
        """Return everything that was told."""
        return [span for payload in self.payloads for span in _spans(payload)]

    def found(self, wanted: Callable[[Told], bool]) -> Told:
        """Return the first span that is wanted, as soon as it came."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            for span in self.spans:
                if wanted(span):
                    return span
            time.sleep(0.05)
        raise AssertionError(f"no such span came, only {sorted({span.name for span in self.spans})}")

    def trace_of(self, span: Told) -> list[Told]:
        """Return the spans of the same trace, by when they began."""
        return sorted((each for each in self.spans if each.trace == span.trace), key=lambda each: each.begun_at)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Yield a collector that listens on 127.0.0.1 as long as the block lasts."""
    collector = Collector()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if collector.is_deaf:
                collector.ended.wait()
                return
            assert self.path == PATH
            collector.payloads.append(gzip.decompress(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        collector.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield collector
        finally:
            collector.ended.set()
            server.shutdown()
            serving.join()


def _spans(payload: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(payload).resource_spans:
        of = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Told(
                    of["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    {each.key: each.value.string_value or each.value.int_value for each in span.attributes},
                    tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                )
