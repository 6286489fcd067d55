"""What the server counts, for Prometheus.

The registry is its own, so that two servers in one process never share a number.
"""

from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from qa.types import Answer

# A series of creation times beside every other would say nothing here.
disable_created_metrics()  # type: ignore[no-untyped-call]

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STEP_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Line(Protocol):
    """Where work waits: a pool, or the jobs."""

    name: str

    @property
    def waiting(self) -> int:
        """How much waits."""
        ...

    @property
    def running(self) -> int:
        """How much is worked on."""
        ...


class Metrics:
    """Counters, gauges and histograms; cheap to read, so a scrape never waits."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        # Each name once, here; what feeds it is below.
        self._questions = self._counter("questions", "Questions by what became of them", "outcome")
        self._steps = self._histogram(
            "question_seconds", "Time in a question's steps", _STEP_SECONDS, "step"
        )
        self._requests = self._counter("requests", "Requests served", "method", "route", "status")
        self._request_seconds = self._histogram(
            "request_seconds", "Time of a request", _REQUEST_SECONDS, "route"
        )
        self._rejections = self._counter("rejections", "Requests turned away", "reason")
        self._documents = Gauge("pincite_documents", "Documents stored", registry=self._registry)
        self._chunks = Gauge("pincite_chunks", "Chunks stored", registry=self._registry)
        self._ready = Gauge("pincite_ready", "1 once questions are taken", registry=self._registry)
        self._queue = Gauge(
            "pincite_queue_depth", "Requests waiting", ["queue"], registry=self._registry
        )

        self._running = Gauge(
            "pincite_running", "Requests worked on", ["queue"], registry=self._registry
        )

    def watch(self, line: Line) -> None:
        """Show how much waits in a line, and how much is worked on."""
        self._queue.labels(line.name).set_function(lambda: line.waiting)
        self._running.labels(line.name).set_function(lambda: line.running)

    def answered(self, answer: Answer) -> None:
        """Count an answer or a refusal, and the time of its steps."""
        self._questions.labels(answer.reason.value if answer.reason else "answered").inc()
        for step in ("retrieve", "read", "total"):
            self._steps.labels(step).observe(getattr(answer.timings_ms, step) / 1000)

    def failed(self) -> None:
        """Count a question that ended in an error."""
        self._questions.labels("error").inc()

    def rejected(self, reason: str) -> None:
        """Count a request that was turned away."""
        self._rejections.labels(reason).inc()

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by its route's template, never by its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def stored(self, *, documents: int, chunks: int) -> None:
        """Documents and chunks that came, or went where negative."""
        self._documents.inc(documents)
        self._chunks.inc(chunks)

    def ready(self) -> None:
        """The service is open."""
        self._ready.set(1)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"pincite_{name}", help, labels, registry=self._registry)

    def _histogram(
        self, name: str, help: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"pincite_{name}", help, labels, buckets=buckets, registry=self._registry)
