"""The statements as PostgreSQL gets them: there is no server here, so their text is looked at."""

from sqlalchemy import Insert, Table
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from app.view.store import move_on, without_repeats
from app.view.tables import ENTRIES, METADATA, POSITIONS

POSTGRESQL = dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy has it


def spelled(statement: Insert) -> str:
    return " ".join(str(statement.compile(dialect=POSTGRESQL)).split())


def created(table: Table) -> str:
    return str(CreateTable(table).compile(dialect=POSTGRESQL))


def test_a_repeat_of_an_id_is_dropped_by_the_database() -> None:
    said = spelled(without_repeats("postgresql"))

    assert said.startswith('INSERT INTO entries (id, partition, "offset", at, ')
    assert said.endswith("ON CONFLICT (id) DO NOTHING")


def test_a_position_replaces_the_one_before() -> None:
    assert spelled(move_on("postgresql")).endswith(
        "ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset"
    )


def test_the_tables_hold_what_kafka_and_both_vendors_count() -> None:
    assert created(ENTRIES).count("BIGINT") == 4
    assert "next_offset BIGINT NOT NULL" in created(POSITIONS)
    assert "partition INTEGER NOT NULL" in created(POSITIONS)
    assert "SERIAL" not in created(POSITIONS)


def test_every_index_can_be_made() -> None:
    made = [
        str(CreateIndex(index).compile(dialect=POSTGRESQL))
        for table in METADATA.tables.values()
        for index in table.indexes
    ]

    assert len(made) == 5
    assert all(each.startswith("CREATE INDEX by_") for each in made)
