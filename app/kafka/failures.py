"""What can be wrong with Kafka; each says the mend.

Unreachable
└── KafkaAway        no broker answers, or not as it should

Misconfigured        Kafka answers; the start stops
├── TopicMissing     a topic of ours does not exist
├── TopicRefused     Kafka will not create a topic of ours
├── TopicsDisagree   a topic exists with other partitions or another cleanup than ours need
├── OffsetOutOfRange the group stands where the log no longer, or not yet, is
└── GroupAlive       the group's offsets cannot be moved while a member is left
"""

from streams.domain.errors import Misconfigured, Unreachable


class KafkaAway(Unreachable):
    """No broker answers, or none acknowledges what is written."""

    mend = "see that Kafka runs, and that the FRESHFORCE_KAFKA… settings say where it is and who we are"

    def __init__(self, why: str) -> None:
        super().__init__("Kafka", why)


class TopicMissing(Misconfigured):
    """A topic of ours does not exist."""

    code = "topic-missing"
    mend = "freshforce topics create"

    def __init__(self, topic: str) -> None:
        super().__init__(f"the topic {topic} does not exist")


class TopicRefused(Misconfigured):
    """Kafka will not create a topic of ours."""

    code = "topic-refused"
    mend = (
        "have as many brokers as FRESHFORCE_REPLICATION says (3 unless it is set), "
        "and let our Kafka user create topics"
    )

    def __init__(self, topic: str, why: str) -> None:
        super().__init__(f"Kafka will not create the topic {topic}: {why}")


class TopicsDisagree(Misconfigured):
    """Topics exist, but not as we need them; the message lists each difference."""

    code = "topics-disagree"
    mend = "set FRESHFORCE_PARTITIONS to what the topics have; never add partitions to keyed topics"


class OffsetOutOfRange(Misconfigured):
    """A committed offset lies outside the log: commits would stand still for ever, silently."""

    code = "offset-out-of-range"
    mend = (
        "find out why (retention? another cluster?), then stop the workers: `freshforce topics clamp --apply`"
    )


class GroupAlive(Misconfigured):
    """Kafka moves no offsets of a group that has members."""

    code = "group-alive"
    mend = "stop every worker, then try again"

    def __init__(self, group: str) -> None:
        super().__init__(f"the group {group} still has members; nothing was moved")
