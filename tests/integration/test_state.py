"""Time travel at a real terminal: rows as they were, and what changed between two moments."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import orjson

from app.kafka.producer import produce, producing
from streams.domain.identity import ConnectionName
from streams.domain.record import Record
from tests.builders.records import A_CONNECTION, a_client, a_record, an_invoice
from tests.builders.terminal import Terminal


async def test_rows_are_shown_as_of_a_moment_and_compared(kafka: str, tmp_path: Path) -> None:
    shell = await Terminal.opened(tmp_path, kafka)
    name = ConnectionName(f"past-{token_hex(4)}")
    async with producing({"bootstrap_servers": kafka}) as producer:
        connection = A_CONNECTION.model_copy(update={"name": name})
        await produce(producer, [connection, of(name, a_record(a_client(7)))])
        await asyncio.sleep(1.1)
        then = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")  # noqa: TID251 - Kafka's clock is this one
        await asyncio.sleep(1.1)
        later = [a_record(an_invoice(client=7), at=1), a_record(a_client(7, organization="Renamed"), at=2)]
        await produce(producer, [of(name, each) for each in later])

    code, out, err = await shell.run("state", name, "client", "7", "--as-of", then, "--json")
    assert code == 0, out + err
    account, *_ = orjson.loads(out)
    assert (account["object"], account["fields"]["Name"]) == ("Account", "Acme")

    code, out, err = await shell.run("state", name, "client", "7", "--as-of", then, "--diff", "2999-01-01")
    assert code == 0, out + err
    assert "Account p7rQW5:7: changed" in out
    assert "Name: 'Acme' → 'Renamed'" in out

    code, _, err = await shell.run("state", name, "client", "8", "--as-of", "2026-11-29")
    assert code == 1
    assert "Nothing was known of client 8" in err
    assert "by 2026-11-29 00:00:00 (UTC)" in err
    assert (await shell.run("state", name, "client", "7", "--diff", "2020-01-01"))[0] == 2


def of(name: ConnectionName, record: Record) -> Record:
    return record.model_copy(update={"connection": name})
