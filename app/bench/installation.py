"""A small Freshforce for measuring: keys, a Kafka with our topics, one connection with many callbacks."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiokafka.admin import NewTopic
from pydantic import SecretStr

from app.kafka.client import client_options
from app.kafka.inventory import administering, await_leaders
from app.kafka.topics import create
from app.registry import open_registry
from app.settings import Settings
from app.vault.grants import Callback, WebhooksGrant
from app.vault.keys import add
from streams.domain.connection import Connection
from streams.domain.grant import Side
from streams.domain.identity import AccountId, ConnectionName

NAME: Final = ConnectionName("bench")
ACCOUNT: Final = AccountId("p7rQW5")
VERIFIER: Final = "scADVVi5QuKuj5qTjVkbJNYQe7V7USpGd"
"""Of every callback: it guards made-up figures."""
SHARED_KEY: Final = b"made up for benches and tests ..".ljust(32)
"""Roles refuse to start where a grant does not open: so all installations on one Kafka have one key."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it is and how a role of it is told."""

    home: Path
    kafka: str
    ingress: int
    paths: tuple[str, ...]
    copies: int = 1
    """Brokers that keep each record."""

    @property
    def in_sync(self) -> int:
        """Brokers that must have a record before it counts as kept."""
        return min(self.copies, 2)

    def environment(self) -> Mapping[str, str]:
        """Return the environment for a role's process."""
        ours = {
            "HOME": str(self.home),
            "KAFKA": self.kafka,
            "REPLICATION": str(self.copies),
            "MIN_INSYNC": str(self.in_sync),
            "LISTEN": f"127.0.0.1:{self.ingress}",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FRESHFORCE_")}
        return kept | {f"FRESHFORCE_{name}": value for name, value in ours.items()}


async def set_up(it: Installation, *peers: str) -> None:
    """Make the key, our topics and those of `peers`, the connection and its callbacks, all verified."""
    settings = Settings(home=it.home, kafka=it.kafka, replication=it.copies, min_insync=it.in_sync)
    add(settings.key_file, SHARED_KEY)
    async with administering(client_options(settings)) as admin:
        await create(admin, settings)
        if peers:
            await admin.create_topics([NewTopic(name, settings.partitions, 1) for name in peers])
            await await_leaders(admin, peers)
    connection = Connection(name=NAME, freshbooks_account_id=ACCOUNT)
    callbacks = tuple(_callback(number, path) for number, path in enumerate(it.paths, start=1))
    async with open_registry(settings, _now, os.urandom) as registry:
        await registry.write(connection)
        await registry.replace(connection, WebhooksGrant(callbacks=callbacks), Side.WEBHOOKS, "made up")


def _callback(number: int, path: str) -> Callback:
    return Callback(
        path=path,
        event="client",
        uri=f"https://hooks.example.com/webhooks/freshbooks/{path}",
        callback_id=number,
        verifier=SecretStr(VERIFIER),
        verified=True,
    )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a benchmark is its own composition root
