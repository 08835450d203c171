"""One embedded Kafka for the whole session; each test takes topics and groups of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kafka.embedded import single


@pytest.fixture(scope="session")
def kafka_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State folder of the session's Kafka."""
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="session")
def kafka(kafka_home: Path) -> Iterator[str]:
    """Bootstrap servers of one embedded broker that all tests of the session share."""
    try:
        yield single.start(kafka_home)
    finally:
        single.stop(kafka_home)


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Path]:
    """A state folder for a test that starts, kills and restarts a broker of its own."""
    yield tmp_path
    single.stop(tmp_path / "kafka")
