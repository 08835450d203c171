"""What topics there are, asked of a broker that makes whatever topic it hears of (Kafka's default)."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from app.kafka.inventory import Found, existing


@dataclass
class ObligingAdmin:
    """Fakes aiokafka's admin client on a broker with `auto.create.topics.enable`."""

    there: list[str] = field(default_factory=list)
    settings_code: int = 0
    """What the broker answers who asks how a topic is set."""

    async def describe_topics(self, topics: list[str] | None = None) -> list[dict[str, Any]]:
        told = [self._topic(name) for name in topics or self.there if name in self.there]
        self.there += [name for name in topics or () if name not in self.there]
        return told

    async def describe_configs(self, asked: list[Any]) -> list[Any]:
        entries = [("cleanup.policy", "delete"), ("min.insync.replicas", "1")]
        told = entries if self.settings_code == 0 else []
        return [SimpleNamespace(resources=[(self.settings_code, None, 2, each.name, told) for each in asked])]

    def _topic(self, name: str) -> dict[str, Any]:
        return {"error_code": 0, "topic": name, "partitions": [{"replicas": [1]}]}


async def test_looking_for_topics_makes_none() -> None:
    admin: Any = ObligingAdmin(["somebody.elses", "ours"])

    found = await existing(admin, ["ours", "not.made.yet"])

    assert found == {"ours": Found("ours", 1, 1, "delete", 1)}
    assert admin.there == ["somebody.elses", "ours"]


async def test_a_topic_that_one_broker_does_not_know_yet_is_not_there_yet() -> None:
    admin: Any = ObligingAdmin(["ours"], UnknownTopicOrPartitionError.errno)

    assert await existing(admin, ["ours"]) == {}


async def test_that_we_may_not_see_how_a_topic_is_set_is_no_missing_topic() -> None:
    admin: Any = ObligingAdmin(["ours"], TopicAuthorizationFailedError.errno)

    with pytest.raises(TopicAuthorizationFailedError):
        await existing(admin, ["ours"])
