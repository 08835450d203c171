"""What the ingress counts: plain numbers on the hot path, read by Prometheus when it asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.domain.event import Event
from streams.domain.grant import VerifierOffered
from streams.domain.message import Value


def _count(says: str) -> Any:
    return field(default=0, metadata={"says": says})


@dataclass(slots=True)
class Tally:
    """Every number of the ingress, with its meaning; each is a counter `freshforce_ingress_<name>_total`."""

    accepted: int = _count("Events answered 200 after Kafka acknowledged them.")
    ignored: int = _count("Signed events that we do not carry, answered 200.")
    offered: int = _count("Handshakes passed on to the keeper of the grants.")
    refused: int = _count("Deliveries refused: forged, foreign, malformed or to an unknown path.")
    limited: int = _count("Deliveries answered 429: too many at one callback.")
    unkept: int = _count("Deliveries answered 503: Kafka was away or too many were waiting.")
    turned_away: int = _count("Connections closed at once: too many at a time.")
    unparsable: int = _count("Requests that are no HTTP we accept.")
    too_slow: int = _count("Heads and bodies that did not arrive, and answers that were not read, in time.")
    failed: int = _count("Requests answered 500: our fault.")
    rebuilt: int = _count("Kafka producers replaced after a failure.")
    audit_lost: int = _count("Refusals whose audit entry could not be kept; refusals are never worth a wait.")

    def answered(self, value: Value, *, kept: bool) -> None:
        """Count a delivery that was believed: what it became, or that it could not be kept."""
        match value:
            case _ if not kept:
                self.unkept += 1
            case Event():
                self.accepted += 1
            case VerifierOffered():
                self.offered += 1
            case _:
                self.ignored += 1


class Exported(Collector):
    """A tally as Prometheus reads it, with the number of deliveries that wait for Kafka."""

    def __init__(self, tally: Tally, waiting: Callable[[], int]) -> None:
        self._tally = tally
        self._waiting = waiting

    def collect(self) -> Iterator[Metric]:
        """Yield the present numbers."""
        for each in fields(self._tally):
            metric = CounterMetricFamily(f"freshforce_ingress_{each.name}", each.metadata["says"])
            metric.add_metric([], getattr(self._tally, each.name))
            yield metric
        says = "Deliveries that wait for Kafka's acknowledgement."
        yield GaugeMetricFamily("freshforce_ingress_waiting", says, value=self._waiting())
