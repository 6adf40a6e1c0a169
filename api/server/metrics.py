"""Metrics of a server in Prometheus' format; each application has a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from foretell.api.graphql.engine import Stats
from foretell.api.server.note import Note

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Measures = Callable[[], Iterable[tuple[str, Mapping[str, str], float]]]


class Metrics:
    """Counts requests and streams, and collects what engine and services count themselves."""

    def __init__(self, stats: Callable[[], Stats], measures: Measures) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "foretell_requests", "Requests by route, status and kind of operation.",
            ("route", "status", "kind"), registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "foretell_request_seconds", "How long requests take, streams apart.",
            ("route",), buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._operations = Counter(
            "foretell_operations", "GraphQL operations by kind, and the first code of their errors.",
            ("kind", "code"), registry=self.registry,
        )  # fmt: skip
        self._under_way = Gauge(
            "foretell_requests_under_way",
            "Requests and streams that are being served.",
            registry=self.registry,
        )
        self._streams = Gauge(
            "foretell_streams_open", "Open streams by transport.", ("transport",), registry=self.registry
        )
        self.registry.register(_Collected(stats, measures))

    def begun(self) -> None:
        """A request has come."""
        self._under_way.inc()

    def ended(self, note: Note, seconds: float, *, stream: bool) -> None:
        """A request has been served."""
        self._under_way.dec()
        self._requests.labels(note.route, str(note.status), note.kind or "").inc()
        if not stream:
            self._seconds.labels(note.route).observe(seconds)

    def operated(self, kind: str | None, codes: tuple[str, ...]) -> None:
        """An operation has ended."""
        self._operations.labels(kind or "", codes[0] if codes else "").inc()

    def streams(self, transport: str) -> Gauge:
        """The gauge of a transport's open streams."""
        return self._streams.labels(transport)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _Collected(Collector):
    """Asks for what others count, when the metrics are read."""

    def __init__(self, stats: Callable[[], Stats], measures: Measures) -> None:
        self._stats, self._measures = stats, measures

    def collect(self) -> Iterator[Metric]:
        """What engine and services say."""
        stats = self._stats()
        looked = CounterMetricFamily(
            "foretell_cache_lookups", "Look-ups in the engine's caches.", labels=("cache", "result")
        )
        looked.add_metric(("documents", "hit"), stats.documents_hit)
        looked.add_metric(("documents", "miss"), stats.documents_missed)
        looked.add_metric(("answers", "hit"), stats.answers_hit)
        looked.add_metric(("answers", "miss"), stats.answers_missed)
        looked.add_metric(("answers", "shared"), stats.answers_shared)
        yield looked
        yield GaugeMetricFamily("foretell_cache_bytes", "What the kept answers take.", stats.bytes)
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in self._measures():
            family = families.get(name)
            if family is None:
                told = name.replace("_", " ").capitalize()
                family = GaugeMetricFamily(f"foretell_{name}", f"{told}.", labels=tuple(labels))
                families[name] = family
            family.add_metric(tuple(labels.values()), value)
        yield from families.values()
