from dataclasses import replace

import pytest

from app.kafka.failures import TopicsDisagree
from app.kafka.inventory import Found
from app.kafka.topics import Wanted, refuse_differences, wanted
from app.settings import load

DAY = 24 * 60 * 60 * 1000


def as_wanted(topic: Wanted) -> Found:
    return Found(topic.name, topic.partitions, topic.replication, topic.config["cleanup.policy"], 1)


def test_every_topic_and_table_has_the_same_number_of_partitions() -> None:
    assert {topic.partitions for topic in wanted(load(partitions=6))} == {6}


def test_logs_are_kept_as_declared_and_never_compacted() -> None:
    topics = {topic.name: topic.config for topic in wanted(load())}

    assert topics["freshforce.events"]["retention.ms"] == "-1"
    assert topics["freshforce.commands"]["retention.ms"] == str(30 * DAY)
    assert topics["freshforce.records"]["cleanup.policy"] == "delete"


def test_tables_and_grants_are_compacted() -> None:
    topics = {topic.name: topic.config for topic in wanted(load())}

    assert topics["freshforce-ledger-changelog"]["cleanup.policy"] == "compact"
    assert topics["freshforce.grants"]["cleanup.policy"] == "compact"


def test_a_dead_letter_fits_where_its_original_fitted() -> None:
    topics = {topic.name: topic.config for topic in wanted(load())}

    assert int(topics["freshforce.deadletters"]["max.message.bytes"]) > 1_048_588 * 4 / 3 + 4096


def test_replicas_in_sync_follow_the_settings() -> None:
    topics = list(wanted(load(kafka="k:1")))

    assert {(topic.replication, topic.config["min.insync.replicas"]) for topic in topics} == {(3, "2")}


def test_topics_as_they_should_be_are_accepted() -> None:
    topics = tuple(wanted(load()))

    refuse_differences(topics, {topic.name: as_wanted(topic) for topic in topics})


def test_topics_that_do_not_exist_yet_are_no_disagreement() -> None:
    refuse_differences(tuple(wanted(load())), {})


def test_another_number_of_partitions_is_refused_by_name_and_both_numbers() -> None:
    topics = tuple(wanted(load()))
    found = {topic.name: as_wanted(topic) for topic in topics}
    found["freshforce.records"] = replace(found["freshforce.records"], partitions=8)

    with pytest.raises(
        TopicsDisagree, match=r"^freshforce.records has 8 partitions, FRESHFORCE_PARTITIONS says 4$"
    ):
        refuse_differences(topics, found)


def test_a_log_that_somebody_compacted_is_refused() -> None:
    topics = tuple(wanted(load()))
    found = {topic.name: as_wanted(topic) for topic in topics}
    found["freshforce.records"] = replace(found["freshforce.records"], cleanup="compact")

    with pytest.raises(
        TopicsDisagree, match=r"freshforce.records has cleanup.policy=compact, it must be delete"
    ):
        refuse_differences(topics, found)
