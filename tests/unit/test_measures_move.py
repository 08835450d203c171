"""Every figure of the list moves when what it counts happens."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from app.ingress.tally import Exported, Tally
from app.measures import MEASURES
from app.metrics import Metrics
from app.salesforce.calls.meter import Metered
from app.view.figures import Figures as OfTheView
from app.worker.figures import Figures as OfAWorker
from streams.domain.identity import ConnectionName

ACME = ConnectionName("acme")
COUNTS = tuple(Tally.__dataclass_fields__)


def counted() -> CollectorRegistry:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.read(ACME, "ok")
    metrics.grant(ACME, "refreshed")
    metrics.logged_in(ACME, "ok")
    metrics.ill(ACME, 2)
    Metered(metrics).called(ACME, "upsert", "ok")
    Metered(metrics).carried(ACME, "Account", 200)
    return registry


def received() -> CollectorRegistry:
    registry, tally = CollectorRegistry(), Tally(**dict.fromkeys(COUNTS, 3))
    registry.register(Exported(tally, lambda: 4))
    return registry


def worked() -> CollectorRegistry:
    said: dict[str, Any] = {"ready": True, "under_way": 7, "lag": {"freshforce.events": 3}}
    said |= {"rows": {"id_map": 9}, "aside": [{"step": "fetch", "connection": "acme"}]}
    said |= {"parked": [{"connection": "acme", "behind": "failed-row", "rows": 2}]}
    registry = CollectorRegistry()
    registry.register(OfAWorker(lambda: said))
    return registry


def viewed() -> CollectorRegistry:
    follower: Any = SimpleNamespace(lag=5, unreadable=1, seen={("deliver", "applied"): 8})
    registry = CollectorRegistry()
    registry.register(OfTheView(follower))
    return registry


MADE: tuple[Callable[[], CollectorRegistry], ...] = (counted, received, worked, viewed)


def samples(registries: Iterable[CollectorRegistry]) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the values of each series by the names of its labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for registry in registries:
        for family in registry.collect():
            for sample in family.samples:
                if not sample.name.endswith("_created"):
                    labels = tuple(sorted(sample.labels))
                    before = found.setdefault(sample.name, {}).get(labels, 0.0)
                    found[sample.name][labels] = max(before, sample.value)
    return found


@pytest.mark.parametrize("name", MEASURES)
def test_a_figure_moves_and_has_the_labels_of_the_list(name: str) -> None:
    measure = MEASURES[name]

    found = samples(make() for make in MADE)[measure.series]

    assert set(found) == {tuple(sorted(measure.labels))}
    assert max(found.values()) > 0


def test_nothing_is_exported_that_the_list_does_not_have() -> None:
    assert set(samples(make() for make in MADE)) == {each.series for each in MEASURES.values()}
