"""What is watched, in Prometheus' text format: counted by this process, or asked of the layer at each scrape.

Names follow https://prometheus.io/docs/practices/naming/; times are seconds. Nothing here names a customer, a person
or an amount.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.outcomes import Measures

FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "opslayer_http_request_seconds",
            "Time to answer, by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self.events = Counter(
            "opslayer_events", "Events that were sent, by what became of them.", ("answer",), registry=self.registry
        )
        self.deliveries = Counter(
            "opslayer_webhook_deliveries",
            "Deliveries to webhooks, by source and what became of them.",
            ("source", "answer"),
            registry=self.registry,
        )
        self.synced = Counter(
            "opslayer_synced_records",
            "Records read from a source, by what became of them.",
            ("source", "answer"),
            registry=self.registry,
        )
        self.partitions = Gauge(
            "opslayer_partitions", "Partitions of accounts that this process works for.", registry=self.registry
        )
        self.jobs = Histogram(
            "opslayer_job_seconds",
            "Time of what runs by itself, by job and whether it failed.",
            ("job", "failed"),
            registry=self.registry,
            buckets=BUCKETS,
        )

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Time one run of a job."""
        began, failed = perf_counter(), "yes"
        try:
            yield
            failed = "no"
        finally:
            self.jobs.labels(name, failed).observe(perf_counter() - began)

    def exposition(self, measures: Measures) -> bytes:
        """Return everything, with what the layer says of itself now."""
        now = CollectorRegistry()
        now.register(_Now(measures))
        return generate_latest(self.registry) + generate_latest(now)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Time every request by the route that answered it, not by its address, which may name a customer."""

        async def timed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began, status = perf_counter(), [500]

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status[0] = message["status"]
                await send(message)

            try:
                await app(scope, receive, noting)
            finally:
                labels = (str(scope.get("method", "")), _route(scope), str(status[0]))
                self.requests.labels(*labels).observe(perf_counter() - began)

        return timed


class _Now(Collector):
    """What the layer says of itself at one moment."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Metric]:
        """Yield one family for each measure."""
        told, tallies = self._measures, self._measures.tallies
        oldest = told.at - tallies.oldest_pending if tallies.oldest_pending else timedelta()
        yield _one("journal_entries", "Entries of the journal.", tallies.head)
        yield _one("entities", "Entities known.", told.entities)
        yield _one("quarantined", "Records that wait because they could not be used.", tallies.quarantined)
        yield _one("kill_switches", "Kill switches that are pulled.", told.switches)
        yield _one("drift_alarms", "Ways in which the present looks other than the past.", told.alarms)
        yield _one("inbox_oldest_seconds", "How long the oldest pending action waits.", oldest.total_seconds())
        yield _one(
            "timer_behind_seconds", "How long the next timer is due and has not run.", told.behind.total_seconds()
        )
        yield _by("actions", "Actions by state.", "state", tallies.actions)
        lag = {name: each.total_seconds() for name, each in told.lag.items() if each is not None}
        yield _by("source_lag_seconds", "How far a source's watermark is behind.", "source", lag)
        spent = "How much of the day's budget for models is spent, by provider or route; 1 is all of it."
        yield _by("spend_ratio", spent, "budget", told.spending)
        up = {name: float(name not in told.down) for name in told.lag}
        yield _by("source_up", "Whether a source answered when it was read last.", "source", up)


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"opslayer_{name}", text, value=value)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"opslayer_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _route(scope: Scope) -> str:
    template = scope.get("path_template")
    return str(template) if template else "none"
