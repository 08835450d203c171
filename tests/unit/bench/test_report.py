import json
from io import StringIO

from rich.console import Console

from app.bench.report import Report, Row, at_least, at_most

ROWS = (
    Row("ours", "rate", 12_345.6, "1/s"),
    Row("ours", "p99", 4.5678, "ms"),
    Row("peer", "rate", 900.0, "1/s"),
)


def test_a_report_as_json_has_the_agreed_keys() -> None:
    report = Report("ingress", ROWS, [at_least("rate", 0.8, 0.9)])

    said = json.loads(json.dumps(report.as_json()))

    assert {"name", "machine", "versions", "rows", "goals"} <= set(said)
    assert said["rows"][0] == {"system": "ours", "metric": "rate", "value": 12345.6, "unit": "1/s"}
    assert said["goals"] == [{"metric": "rate", "goal": "≥ 0.8", "value": 0.9, "met": True}]
    assert said["versions"]["aiokafka"]
    assert said["machine"]


def test_all_goals_must_be_met() -> None:
    met, missed = at_least("rate", 1, 1), at_most("p99", 50, 50.1, " ms")

    assert Report("x", ROWS, [met]).met
    assert not Report("x", ROWS, [met, missed]).met
    assert missed.goal == "≤ 50 ms"


def test_a_person_sees_every_figure_and_every_verdict() -> None:
    console = Console(record=True, width=120, file=StringIO())

    Report("ingress", ROWS, [at_least("rate", 1, 0.5)], remarks=["how it was taken"]).show(console)

    shown = console.export_text()
    for text in ("12,346", "4.57", "900", "peer", "≥ 1", "no", "how it was taken", "python"):
        assert text in shown
