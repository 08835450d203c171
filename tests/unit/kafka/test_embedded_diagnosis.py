from pathlib import Path

import pytest

from app.kafka.embedded.diagnosis import diagnose
from app.kafka.embedded.failures import DiskFull, EmbeddedKafkaFailed, KafkaCrashed, PortTaken


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("java.net.BindException: Address already in use", PortTaken),
        ("java.io.IOException: No space left on device", DiskFull),
        ("java.lang.OutOfMemoryError: Java heap space", KafkaCrashed),
        ("", KafkaCrashed),
    ],
)
def test_kafkas_last_words_become_a_failure_with_a_mend(
    said: str, failure: type[EmbeddedKafkaFailed], tmp_path: Path
) -> None:
    log = tmp_path / "kafka.log"
    log.write_text(said)

    found = diagnose(log)

    assert type(found) is failure
    assert str(log) in str(found)
    assert found.mend


def test_a_crash_shows_the_tail_of_the_log_without_the_stack(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("\n".join([*(f"line {n}" for n in range(50)), "\tat org.apache.Deep(Deep.java:1)"]))

    shown = str(diagnose(log))

    assert "line 49" in shown
    assert "line 1\n" not in shown
    assert "Deep.java" not in shown
