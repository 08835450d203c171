"""Who gets which partitions, by what we know of our topics instead of what Kafka happens to tell."""

from collections.abc import Iterable, Mapping
from typing import Any

from faust.assignor import PartitionAssignor


class Assignor(PartitionAssignor):  # type: ignore[misc]  # Faust is untyped
    """Faust's assignor, which never takes a topic for missing.

    A broker that has just come back may tell of no topics yet. Stock Faust then assigns nothing to
    anybody, and the whole group rests until its metadata are five minutes old. Ours exist, all with the
    same number of partitions: the worker refuses to start otherwise.
    """

    def _get_copartitioned_groups(
        self, topics: set[str], cluster: Any, subscriptions: Mapping[str, Iterable[str]]
    ) -> Mapping[int, Iterable[set[str]]]:
        del cluster
        return {self.app.conf.topic_partitions: self._group_co_subscribed(topics, subscriptions)}
