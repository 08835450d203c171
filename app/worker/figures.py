"""What a worker says of itself, as Prometheus reads it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from app import metrics
from app.vitals import Report
from streams.domain.audit import Step


class Figures(Collector):
    """A worker's report, asked for at each scrape; until it is ready, there is little to tell."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Yield the present numbers."""
        said = self._report()
        yield metrics.alone("worker_ready", int(said["ready"]))
        yield metrics.alone("in_flight", said.get("under_way", 0))
        yield metrics.each("lag", said.get("lag", {}))
        yield metrics.each("connections_aside", _aside(said))
        yield metrics.told("parked_rows", _parked(said))
        yield metrics.each("table_rows", said.get("rows", {}))


def _aside(said: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the number of connections aside for each step that may have some."""
    names = {(it["step"], it["connection"]) for it in said.get("aside", ())}
    return {Step.FETCH.value: 0, Step.DELIVER.value: 0} | Counter(step for step, _ in names)


def _parked(said: Mapping[str, Any]) -> Mapping[tuple[str, ...], int]:
    """Return how many rows wait, by connection and by what they wait for."""
    return {(it["connection"], it["behind"]): it["rows"] for it in said.get("parked", ())}
