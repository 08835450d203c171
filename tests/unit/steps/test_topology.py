"""The pipeline as drawn is the pipeline as declared and as built."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from streams.domain.audit import Step
from streams.topics import TABLES, TOPICS
from streams.topology import FLOWS, stages
from tests.builders.records import SETTINGS
from tests.fakes.books import FakeBooks
from tests.fakes.org import FakeOrg

DECLARED = tomllib.loads((Path(__file__).parents[3] / "schemas/topics.toml").read_text())
BUILT = stages(FakeBooks(lambda: datetime(2026, 11, 2, tzinfo=UTC)), FakeOrg(), SETTINGS)


def test_each_topic_is_written_by_those_that_it_declares() -> None:
    drawn = {topic.name: {flow.step.value for flow in FLOWS if topic in flow.writes} for topic in TOPICS}

    assert drawn == {name: set(topic["writers"]) for name, topic in DECLARED["topics"].items()}


def test_everybody_who_writes_is_drawn_once() -> None:
    assert sorted(flow.step for flow in FLOWS) == sorted(Step)


def test_each_table_is_kept_by_one_step_that_reads_its_topic() -> None:
    keepers = {table: [flow for flow in FLOWS if table in flow.tables] for table in TABLES}

    assert [(len(flows), flows[0].reads) for flows in keepers.values()] == [(1, it.of) for it in TABLES]


def test_what_is_built_is_what_is_drawn() -> None:
    drawn = {flow.step: (flow.reads, flow.tables) for flow in FLOWS}

    assert [(stage.reads, stage.kept) for stage in BUILT] == [drawn[stage.step] for stage in BUILT]


def test_a_step_is_made_from_its_tables_alone() -> None:
    made = [stage.make(*({} for _ in stage.tables)) for stage in BUILT]

    assert [type(step).__name__ for step in made] == ["Fetch", "Translate", "Deliver"]
