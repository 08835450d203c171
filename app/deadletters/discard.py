"""Discarding dead letters: a person says that nothing needs to come of them, and why."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.deadletters.said import By, said
from app.kafka.producer import produce, producing
from app.view.letters import Letter
from streams.domain.audit import Verdict


async def discard(options: Mapping[str, Any], told: Iterable[Letter], by: By) -> None:
    """Say in the audit that the letters are done with; they stay in Kafka, and may be tried again still.

    Raises:
        KafkaAway: Kafka did not take everything; doing it again does no harm.
    """
    async with producing(options) as producer:
        await produce(producer, [said(letter, Verdict.DISCARDED, by) for letter in told])
