"""A mapping is put in force once it was found to work, and who did so is noted."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.mapping.setting import set_mapping, version_of
from app.registry import NoConnection, Registry
from app.vault.access import Grants
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from streams.domain.message import Value
from streams.mapping.flaws import BadMapping
from streams.mapping.rules import Rules
from streams.topics import Topic
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME
from tests.builders.vault import a_sealer
from tests.fakes.grants_view import GrantsView


@dataclass
class Kept:
    """A registry whose writes are kept."""

    written: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        grants = Grants(GrantsView(), a_sealer())
        connections: dict[str, Connection] = {ACME: A_CONNECTION}
        self.registry = Registry(
            connections, grants, self.write, lambda: datetime(2026, 11, 2, tzinfo=UTC), os.urandom, self.erase
        )

    async def write(self, *values: Value) -> None:
        self.written += values

    async def erase(self, topic: Topic, *keys: str) -> None:
        raise AssertionError(topic, keys)


async def test_a_mapping_is_written_and_noted_with_the_version_of_its_commands() -> None:
    kept, text = Kept(), a_mapping(account="X__c = 1")

    after = await set_mapping(kept.registry, ACME, text)

    connection, entry = kept.written
    assert connection == after == A_CONNECTION.model_copy(update={"mapping": text})
    assert isinstance(entry, AuditEntry)
    assert (entry.verdict, entry.rule) == (Verdict.CONFIGURED, "mapping set")
    assert entry.details == {"mapping": Rules.of(after).version}


async def test_a_mapping_that_cannot_work_changes_nothing() -> None:
    kept = Kept()

    with pytest.raises(BadMapping):
        await set_mapping(kept.registry, ACME, a_mapping(account="X__c = []"))

    assert kept.written == []


async def test_a_stored_mapping_stays_in_force_though_it_fails_for_made_up_records_of_a_later_release() -> (
    None
):
    kept, text = Kept(), a_mapping(account='X__c = "{{ 1 / sums.open_count }}"')
    stored = A_CONNECTION.model_copy(update={"mapping": text})

    assert Rules.of(stored).mapping.account.sources.keys() >= {"X__c"}

    with pytest.raises(BadMapping, match="division by zero"):
        await set_mapping(kept.registry, ACME, text)


async def test_the_same_mapping_again_is_no_change() -> None:
    kept = Kept()

    await set_mapping(kept.registry, ACME, "")

    assert kept.written == []


async def test_there_must_be_such_a_connection() -> None:
    with pytest.raises(NoConnection):
        await set_mapping(Kept().registry, ConnectionName("nobody"), "")


def test_a_connection_that_reads_no_account_yet_has_no_version() -> None:
    assert version_of(Connection(name=ACME)) == ""
    assert version_of(A_CONNECTION) == Rules.of(A_CONNECTION).version
