"""The SQL tables of the audit view. They hold nothing that the topic does not: drop and rebuild at will."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
)

METADATA: Final = MetaData()

ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("id", String(32), primary_key=True, comment="deterministic: a repeat in the topic is one row"),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False, comment="Kafka timestamp, milliseconds since 1970"),
    Column("connection", String(63), nullable=False),
    Column("client", BigInteger),
    Column("step", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("cause", String(64), nullable=False),
    Column("object", String(16)),
    Column("object_id", BigInteger),
    Column("sobject", String(40)),
    Column("external_id", String(255)),
    Column("salesforce_id", String(18)),
    Column("entry", Text, nullable=False, comment="the whole entry as JSON"),
    Index("by_object", "connection", "object", "object_id"),
    Index("by_client", "connection", "client"),
    Index("by_cause", "cause"),
    Index("by_verdict", "verdict", "connection"),
    Index("by_time", "at", "connection", "step", "verdict"),
)


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column so that no index of it is used.

    Told of some hundred messages and of a verdict, SQLite would rather go through all of that verdict.
    """
    return func.coalesce(column, "")


POSITIONS: Final = Table(
    "positions",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
    comment="written in the transaction of the entries before it: exactly once into the database",
)

LINKS: Final = Table(
    "links",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False),
    comment="the hash chain (app/view/chain.py): its newest link per partition, and every 256th for good",
)
