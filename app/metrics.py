"""What is exported to Prometheus, made from the list in `app.measures` and from nothing else.

The ingress counts for itself (app.ingress.tally), and what a worker or the view can tell at any moment is
asked of it at each scrape (app.worker.figures, app.view.figures).
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.measures import MEASURES, Sort
from streams.domain.audit import Step


def told(name: str, numbers: Mapping[tuple[str, ...], float]) -> Metric:
    """Return a figure of the list as it stands now, by the values of its labels."""
    measure = MEASURES[name]
    family = (CounterMetricFamily if measure.sort is Sort.COUNTER else GaugeMetricFamily)(
        measure.family, measure.says, labels=[*measure.labels]
    )
    for values, number in numbers.items():
        family.add_metric([*values], number)
    return family


def alone(name: str, number: float) -> Metric:
    """Return a figure without labels as it stands now."""
    return told(name, {(): number})


def each(name: str, numbers: Mapping[str, float]) -> Metric:
    """Return a figure with one label as it stands now."""
    return told(name, {(value,): number for value, number in numbers.items()})


class Metrics:
    """The counters of one process; made by its composition root, never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str) -> Counter:
            it = MEASURES[name]
            return Counter(it.family, it.says, _names(it.labels), registry=registry)

        self.answers: dict[tuple[str, Step], str] = {}
        """The last answer to each connection at each step: `ok`, `no-answer`, or what a refusal means."""
        self.freshbooks = counter("freshbooks_calls")
        self.salesforce = counter("salesforce_calls")
        self.rows = counter("salesforce_rows")
        self.grants = counter("grants")
        self.log_ins = counter("salesforce_log_ins")
        ill = MEASURES["callbacks_ill"]
        self.callbacks = Gauge(ill.family, ill.says, _names(ill.labels), registry=registry)

    def grant(self, connection: str, verdict: str) -> None:
        """Count what the keeper of the grants decided."""
        self.grants.labels(connection, verdict).inc()

    def logged_in(self, connection: str, outcome: str) -> None:
        """Count a log-in at Salesforce, and what came of it."""
        self.log_ins.labels(connection, outcome).inc()

    def ill(self, connection: str, count: int) -> None:
        """Tell how many callbacks of a connection do not work."""
        self.callbacks.labels(connection).set(count)

    def read(self, connection: str, meaning: str) -> None:
        """Count a read from FreshBooks, and what came of it."""
        self.freshbooks.labels(connection, meaning).inc()
        self.answers[connection, Step.FETCH] = meaning

    def called(self, connection: str, kind: str, meaning: str) -> None:
        """Count a call to Salesforce, what it was for and what came of it."""
        self.salesforce.labels(connection, kind, meaning).inc()
        self.answers[connection, Step.DELIVER] = meaning


def _names(labels: Iterable[str]) -> list[str]:
    return [str(label) for label in labels]
