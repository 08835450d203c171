"""What the ingress counts: plain numbers on the hot path, read by Prometheus when it asks."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from app import metrics
from streams.domain.event import Event
from streams.domain.grant import VerifierOffered
from streams.domain.message import Value


@dataclass(slots=True)
class Tally:
    """Every number of the ingress; `app.measures` says what each means, as `ingress_<name>`."""

    accepted: int = 0
    ignored: int = 0
    offered: int = 0
    refused: int = 0
    limited: int = 0
    unkept: int = 0
    turned_away: int = 0
    unparsable: int = 0
    too_slow: int = 0
    failed: int = 0
    rebuilt: int = 0
    audit_lost: int = 0

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
        for name, count in asdict(self._tally).items():
            yield metrics.alone(f"ingress_{name}", count)
        yield metrics.alone("ingress_waiting", self._waiting())
