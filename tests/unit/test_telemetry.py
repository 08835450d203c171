import logging
from collections.abc import Iterator

import orjson
import pytest
import stamina
import structlog
from prometheus_client import CollectorRegistry, generate_latest

from app import telemetry
from app.metrics import Metrics


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_a_log_line_is_one_json_object_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(human=False)

    structlog.get_logger().info("kafka-ready", servers="127.0.0.1:9092")

    said = capsys.readouterr()
    line = orjson.loads(said.err)
    assert said.out == ""
    assert (line["event"], line["level"], line["servers"]) == ("kafka-ready", "info", "127.0.0.1:9092")


def test_what_is_named_like_a_secret_and_what_is_bytes_never_reaches_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure(human=False)

    structlog.get_logger().info(
        "x", access_token="canary", Verifier="canary", tokens=["canary"], body=b"canary", path="seen"
    )

    said = capsys.readouterr().err
    assert "canary" not in said
    assert orjson.loads(said)["body"] == "<6 bytes>"
    assert orjson.loads(said)["path"] == "seen"


def test_the_libraries_speak_in_our_form_and_only_when_it_matters(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(human=False)

    logging.getLogger("aiokafka.conn").info("chatter")
    logging.getLogger("aiokafka.conn").warning("broker away")

    (line,) = capsys.readouterr().err.splitlines()
    assert orjson.loads(line)["event"] == "broker away"


@pytest.mark.parametrize("human", [True, False])
def test_a_librarys_failure_is_told_with_its_place_but_without_any_variable(
    human: bool,  # noqa: FBT001 - a parameter of the test
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure(human=human)
    held = "canary".upper()

    def fail() -> None:
        raise LookupError(len(held))

    try:
        fail()
    except LookupError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")

    said = capsys.readouterr().err
    assert "LookupError: 6" in said
    assert "test_telemetry.py" in said
    assert "CANARY" not in said


def test_what_is_tried_again_does_not_leave_its_arguments_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure(human=False)

    @stamina.retry(on=OSError, attempts=2, wait_initial=0, wait_jitter=0)
    def refused(_: str) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        refused("canary")

    assert capsys.readouterr().err == ""


def test_every_figure_is_exported_under_our_name() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)

    metrics.read("acme", "rate-limited")
    metrics.rows.labels("acme", "Account").inc(200)

    text = generate_latest(registry).decode()
    assert 'freshforce_freshbooks_calls_total{connection="acme",meaning="rate-limited"} 1.0' in text
    assert 'freshforce_salesforce_rows_total{connection="acme",sobject="Account"} 200.0' in text
