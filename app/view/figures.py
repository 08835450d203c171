"""What the view says of itself, as Prometheus reads it."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from app import metrics
from app.view.follow import Follower


class Figures(Collector):
    """A follower's numbers, asked for at each scrape."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def collect(self) -> Iterator[Metric]:
        """Yield the present numbers."""
        yield metrics.alone("view_lag", self._follower.lag)
        yield metrics.alone("view_unreadable", self._follower.unreadable)
        yield metrics.told("audit_entries", self._follower.seen)


def figures(follower: Follower) -> CollectorRegistry:
    """Return a registry with the follower's numbers."""
    registry = CollectorRegistry()
    registry.register(Figures(follower))
    return registry
