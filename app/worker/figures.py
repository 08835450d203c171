"""What a worker says of itself, as Prometheus reads it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.vitals import Report
from streams.domain.audit import Step


class Figures(Collector):
    """A worker's report, asked for at each scrape; until it is ready, there is little to tell."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Yield the present numbers."""
        said = self._report()
        says = "1 when partitions are assigned and tables are whole."
        yield GaugeMetricFamily("freshforce_worker_ready", says, value=int(said["ready"]))
        says = "Messages read, outputs not yet acknowledged."
        yield GaugeMetricFamily("freshforce_in_flight", says, value=said.get("under_way", 0))
        says = "Messages of our partitions that wait to be read."
        yield _each("freshforce_lag", says, "topic", said.get("lag", {}))
        says = "Connections that wait for their vendor, and keep nobody waiting."
        yield _each("freshforce_connections_aside", says, "step", _aside(said))
        yield _each("freshforce_table_rows", "Rows of our partitions.", "table", said.get("rows", {}))


def _aside(said: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the number of connections aside for each step that may have some."""
    names = {(it["step"], it["connection"]) for it in said.get("aside", ())}
    return {Step.FETCH.value: 0, Step.DELIVER.value: 0} | Counter(step for step, _ in names)


def _each(name: str, says: str, label: str, numbers: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for each, number in numbers.items():
        family.add_metric([each], number)
    return family
