from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from app.worker.figures import Figures


def scraped(said: dict[str, Any]) -> str:
    registry = CollectorRegistry()
    registry.register(Figures(lambda: said))
    return generate_latest(registry).decode()


def test_a_worker_that_works_tells_its_lag_and_its_rows() -> None:
    text = scraped(
        {"ready": True, "under_way": 7, "lag": {"freshforce.events": 3}, "rows": {"id_map": 1000000}}
    )

    assert "freshforce_worker_ready 1.0" in text
    assert "freshforce_in_flight 7.0" in text
    assert 'freshforce_lag{topic="freshforce.events"} 3.0' in text
    assert 'freshforce_table_rows{table="id_map"} 1e+06' in text


def test_a_worker_tells_how_many_connections_are_aside_however_many_partitions_they_are_in() -> None:
    north = {"step": "fetch", "connection": "north", "from": 4}
    aside = [{**north, "partition": 0}, {**north, "partition": 1}]

    text = scraped({"ready": True, "aside": aside})

    assert 'freshforce_connections_aside{step="fetch"} 1.0' in text
    assert 'freshforce_connections_aside{step="deliver"} 0.0' in text


def test_a_worker_that_is_loading_says_that_it_is_not_ready() -> None:
    assert "freshforce_worker_ready 0.0" in scraped({"ready": False, "loaded": 12})


def test_a_worker_tells_how_many_rows_wait_for_whom_and_behind_what() -> None:
    north = {"connection": "north", "behind": "failed-row", "rows": 3}

    text = scraped({"ready": True, "parked": [north, {**north, "behind": "account", "rows": 1}]})

    assert 'freshforce_parked_rows{behind="failed-row",connection="north"} 3.0' in text
    assert 'freshforce_parked_rows{behind="account",connection="north"} 1.0' in text
