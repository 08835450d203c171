"""Figures for Prometheus: one list, and everything that names one is held against it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson
import pytest
import yaml

from app.cli import freshforce
from app.measures import MEASURES, Label, Sort

BOARD: dict[str, Any] = orjson.loads(Path("dashboards/freshforce.json").read_bytes())
ALERTS: dict[str, Any] = yaml.safe_load(Path("dashboards/alerts.yml").read_text())
SERIES = {each.series: each for each in MEASURES.values()}
NAMED = re.compile(r"freshforce_[a-z_]+")
BY = re.compile(r"by \(([^)]*)\)|\{([^}]*)\}")
COMMAND = re.compile(r"freshforce ([\w ]+)")
MAKERS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}


def table() -> Iterator[str]:
    """Yield the lines of the table in docs/metrics.md."""
    yield "| figure | sort | unit | labels | meaning | when to look |"
    yield "|---|---|---|---|---|---|"
    for it in MEASURES.values():
        look = f"`{it.alarm.expression}` for {it.alarm.lasts}: {it.alarm.mend}" if it.alarm else ""
        labels = ", ".join(it.labels)
        yield f"| `{it.series}` | {it.sort} | {it.unit} | {labels} | {it.says} | {look} |"


def queries() -> Iterator[str]:
    for panel in BOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def wrong(expression: str) -> list[str]:
    """Return what an expression names that the list does not have."""
    names = NAMED.findall(expression)
    known = {label.value for name in names if name in SERIES for label in SERIES[name].labels}
    said = [
        word
        for by, having in BY.findall(expression)
        for word in re.findall(r"\w+(?=\s*[=,]|$)", by or having)
    ]
    return [*(name for name in names if name not in SERIES), *(word for word in said if word not in known)]


def made_elsewhere(source: str) -> list[str]:
    """Return what a file takes from the client library to make figures of its own."""
    return [
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client")
        for alias in node.names
        if alias.name in MAKERS or alias.name.endswith("MetricFamily")
    ]


def no_commands(mend: str) -> list[str]:
    """Return what a text takes for commands of ours, and nobody can type."""
    return [words for words in COMMAND.findall(mend) if not typed(words.split())]


def typed(words: list[str]) -> bool:
    """Tell whether words begin with a whole command."""
    command: click.Command | None = freshforce
    for word in words:
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), word)
    return command is not None and not isinstance(command, click.Group)


@pytest.mark.parametrize("query", sorted({*queries()}))
def test_the_board_asks_for_nothing_that_is_not_measured(query: str) -> None:
    assert NAMED.findall(query)
    assert wrong(query) == []


def test_a_query_with_a_name_or_a_label_of_nobody_is_found() -> None:
    assert wrong("sum by (client) (rate(freshforce_lag[5m]))") == ["client"]
    assert wrong('freshforce_gone{step="fetch"}') == ["freshforce_gone", "step"]


def test_every_figure_is_on_the_board() -> None:
    assert {name for query in queries() for name in NAMED.findall(query)} == set(SERIES)


def test_the_alerts_are_the_alarms_of_the_list() -> None:
    (group,) = ALERTS["groups"]
    found = {
        rule["alert"]: (rule["expr"], rule["for"], rule["annotations"]["mend"]) for rule in group["rules"]
    }

    alarms = [each.alarm for each in MEASURES.values() if each.alarm]
    assert found == {it.name: (it.expression, it.lasts, it.mend) for it in alarms}
    assert [wrong(it.expression) for it in alarms] == [[]] * len(alarms)


@pytest.mark.parametrize(
    ("mend", "found"),
    [
        *((it.alarm.mend, []) for it in MEASURES.values() if it.alarm),
        ("freshforce connect NAME once more", ["connect NAME once more"]),
        ("see freshforce deadleters list", ["deadleters list"]),
    ],
)
def test_the_mend_of_an_alarm_names_no_command_that_there_is_not(mend: str, found: list[str]) -> None:
    assert no_commands(mend) == found


def test_the_table_for_people_is_the_list() -> None:
    lines = Path("docs/metrics.md").read_text().splitlines()

    assert [line for line in lines if line.startswith("|")] == [*table()]


def test_no_figure_is_made_beside_the_list() -> None:
    paths = [path for path in Path("app").rglob("*.py") if path != Path("app/metrics.py")]

    assert {str(path): found for path in paths if (found := made_elsewhere(path.read_text()))} == {}
    assert made_elsewhere("from prometheus_client import Counter") == ["Counter"]


def test_no_label_can_tell_of_a_person() -> None:
    """A label is one of a few words; whoever adds one says here that its values are ours alone."""
    assert {*Label} == {
        Label.BEHIND,
        Label.CONNECTION,
        Label.KIND,
        Label.MEANING,
        Label.OUTCOME,
        Label.SOBJECT,
        Label.STEP,
        Label.TABLE,
        Label.TOPIC,
        Label.VERDICT,
    }
    assert all(len(set(each.labels)) == len(each.labels) for each in MEASURES.values())
    assert all(not each.name.endswith("_total") for each in MEASURES.values() if each.sort is Sort.COUNTER)
