"""schemas/topics.toml is the declaration; streams/topics.py and app/kafka/topics.py must say the same."""

import re
import tomllib
from pathlib import Path

import pytest

from app.kafka.topics import KEPT, wanted
from app.settings import load
from streams.domain.audit import Step
from streams.topics import TABLES, TOPICS, Topic

DECLARED = tomllib.loads(Path("schemas/topics.toml").read_text())
STEPS = {step.value for step in Step}


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "compacted"
    return f"P{KEPT[topic].days}D" if topic in KEPT else "for ever"


def test_the_same_topics_exist_in_the_declaration_and_in_code() -> None:
    assert [topic.name for topic in TOPICS] == list(DECLARED["topics"])


def test_the_same_tables_exist_in_the_declaration_and_in_code_on_the_same_input() -> None:
    assert {t.name: t.of.name for t in TABLES} == {n: d["of"] for n, d in DECLARED["tables"].items()}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_is_kept_as_declared(topic: Topic) -> None:
    assert DECLARED["topics"][topic.name]["kept"] == _kept(topic)


def test_kafka_is_asked_for_what_is_declared_and_nothing_else() -> None:
    asked = {topic.name: topic.config for topic in wanted(load())}

    assert set(asked) == set(DECLARED["topics"]) | {table.changelog for table in TABLES}
    for name, declared in DECLARED["topics"].items():
        days = re.fullmatch(r"P(\d+)D", declared["kept"])
        policy = "compact" if declared["kept"] == "compacted" else "delete"
        assert asked[name]["cleanup.policy"] == policy
        if policy == "delete":
            assert asked[name]["retention.ms"] == (str(int(days[1]) * 86_400_000) if days else "-1")


@pytest.mark.parametrize("name", DECLARED["topics"])
def test_every_topic_says_why_it_exists_and_who_writes_it(name: str) -> None:
    declared = DECLARED["topics"][name]

    assert set(declared) == {"key", "value", "writers", "purpose", "kept"}
    assert len(declared["purpose"]) > 20
    assert declared["writers"]
    assert set(declared["writers"]) <= STEPS


def test_every_value_has_one_topic() -> None:
    values = [value for topic in TOPICS for value in topic.values]

    assert len(values) == len(set(values))
    assert {value.model_fields["kind"].default for value in values} <= {
        *(declared["value"] for declared in DECLARED["topics"].values()),
        "refresh-asked",
        "verifier-offered",
    }
